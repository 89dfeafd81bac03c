"""The issuer's PostgreSQL: the pool, and the schema brought up to what this program knows."""

from importlib.resources import files
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from junzi_issuer import clock, store
from junzi_issuer.model import CURRENCY

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

# A database at version n has had the first n files.
SCHEMA_FILES = ("schema.sql",)
_MIGRATION_LOCK = 0x6A7A6973


class SchemaTooNew(Exception):
    """The database was brought up by a newer program than this one."""


async def open_pool(url: str) -> Pool:
    """A small pool: no request keeps a connection while it waits on purpose."""
    return await asyncpg.create_pool(
        url, min_size=1, max_size=8, command_timeout=60, server_settings={"application_name": "junzi-issuer"}
    )


async def migrate(pool: Pool) -> None:
    """Brings the schema up, and opens the bank's own accounts; harmless to repeat. Raises SchemaTooNew."""
    async with pool.acquire() as connection, connection.transaction():
        await store.lock_migration(connection, _MIGRATION_LOCK)
        version = await store.read_version(connection)
        if version > len(SCHEMA_FILES):
            raise SchemaTooNew(f"The database is at version {version}, this program knows {len(SCHEMA_FILES)}.")
        for number, name in enumerate(SCHEMA_FILES[version:], start=version + 1):
            await connection.execute(files(__package__).joinpath(name).read_text(encoding="utf-8"))
            await store.add_version(connection, number, clock.now())
        await store.add_bank_account(connection, "capital", CURRENCY)
        await store.add_bank_account(connection, "settlement", CURRENCY)
