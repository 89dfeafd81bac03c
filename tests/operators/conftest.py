"""A database for operators, under an operator in Shanghai."""

from collections.abc import AsyncIterator

import pytest_asyncio

from junzi.kit.database import Database
from tests.support.town import opened_town


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened_town(database_url, pool_size=4) as database:
        yield database
