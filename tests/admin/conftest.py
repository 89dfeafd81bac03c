"""The whole application under an operator in Shanghai, asked without a network; and the bank where a test needs it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from junzi.app import House, asgi, open_house
from junzi.kit import clock
from junzi.kit.config import Settings
from tests.issuer.bank import KEY, Bank
from tests.support.town import found_town

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> Iterator[None]:
    """The clock goes on from noon in Shanghai, so that no test meets midnight."""
    begun = datetime.now(UTC)
    clock.use(lambda: NOON + (datetime.now(UTC) - begun))
    yield
    clock.use(None)


@pytest_asyncio.fixture
async def house(noon: None, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with _opened(Settings(database_url=database_url, data=tmp_path, pool_size=4)) as house:
        yield house


@pytest_asyncio.fixture
async def visitor(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody in particular."""
    async with client_of(house) as client:
        yield client


@pytest_asyncio.fixture
async def house_with_bank(noon: None, database_url: str, tmp_path: Path, bank: Bank) -> AsyncIterator[House]:
    settings = Settings(database_url=database_url, data=tmp_path, issuer_url=bank.url, issuer_key=KEY)
    async with _opened(settings) as house:
        yield house


def client_of(house: House) -> httpx.AsyncClient:
    """A browser of its own, signed in as nobody."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(asgi(house)), base_url="http://town.test")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[House]:
    await found_town(settings.database_url)
    async with open_house(settings) as house:
        yield house
