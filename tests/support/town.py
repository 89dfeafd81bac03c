"""An operator in Shanghai on a database that has every migration."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from junzi.kit import town
from junzi.kit.database import Database, open_database


async def found_town(database_url: str) -> None:
    async with _founded(database_url, pool_size=1):
        pass


@asynccontextmanager
async def opened_town(database_url: str, *, pool_size: int) -> AsyncIterator[Database]:
    """The database, with the operator loaded, for tests of rooms that need no house around them."""
    async with _founded(database_url, pool_size=pool_size) as database:
        async with database.read() as reader:
            await town.load(reader)
        yield database


@asynccontextmanager
async def _founded(database_url: str, *, pool_size: int) -> AsyncIterator[Database]:
    database = await open_database(database_url, size=pool_size)
    try:
        async with database.transaction() as tx:
            await town.found(tx, name="Test Town", demo=False)
        yield database
    finally:
        await database.close()
