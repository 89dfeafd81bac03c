"""What the browser's tests share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.browser import close_lent


@pytest_asyncio.fixture(scope="session", autouse=True)
async def _browser_ends_with_the_run() -> AsyncIterator[None]:
    yield
    await close_lent()
