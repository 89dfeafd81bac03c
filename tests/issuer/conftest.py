"""What there is beside the `bank` that all tests share: its books, somebody who listens to it, and a bank of the test's own.

A test needs a bank of its own if it kills it, refuses its notifications, corrupts its books or takes all that a card holds.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from tests.issuer.bank import PUBLIC_URL, Bank
from tests.issuer.operator import Operator
from tests.support.issuer import SharedBank


@pytest.fixture
async def books(shared_bank: SharedBank) -> AsyncIterator[asyncpg.Connection]:
    """A look into the shared bank's database from outside. Others have been there before; nobody is while a test runs."""
    connection = await asyncpg.connect(shared_bank.database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def listener(shared_bank: SharedBank) -> AsyncIterator[Operator]:
    """Somebody who takes the shared bank's notifications, late ones to others included."""
    operator = Operator(port=shared_bank.house_port)
    await operator.listen()
    yield operator
    await operator.close()


@pytest.fixture
async def operator() -> AsyncIterator[Operator]:
    """Somebody who takes the notifications of a bank of the test's own."""
    operator = Operator()
    await operator.listen()
    yield operator
    await operator.close()


@pytest.fixture
def make_bank(postgres_url: str, operator: Operator, tmp_path: Path) -> Callable[..., Bank]:
    """A bank that is not started yet, with times in milliseconds by their environment variables."""

    def make(public_url: str = PUBLIC_URL, **times: str) -> Bank:
        return Bank(postgres_url, operator, tmp_path, times=times, public_url=public_url)

    return make


@pytest.fixture
async def own_bank(make_bank: Callable[..., Bank]) -> AsyncIterator[Bank]:
    async with make_bank() as bank:
        yield bank


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A look into the database of a bank of the test's own."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()
