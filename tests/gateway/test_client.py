"""The client for programs, before servers that are not well."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from junzi.client import Client, Unreachable


@pytest_asyncio.fixture
async def hangs_up() -> AsyncIterator[str]:
    """A server that takes what it is asked and ends without a word, as one does that is killed meanwhile."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_server_that_hangs_up_is_not_waited_for(hangs_up: str) -> None:
    client = Client(hangs_up, timeout_s=60)
    async with asyncio.timeout(20):
        with pytest.raises(OSError, match="hung up"):
            await client.connect()
        with pytest.raises(Unreachable):
            await client.get("/api/people/me")
        await client.close()
