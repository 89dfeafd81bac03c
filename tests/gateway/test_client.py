"""The client for programs, before servers that are not well."""

import asyncio
import base64
import contextlib
import hashlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import pytest_asyncio
from picows import WSError

from junzi.client import Client, Unreachable
from junzi.client.socket import connect

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server mixes into its answer to an upgrade (RFC 6455)."""


@pytest_asyncio.fixture
async def hangs_up() -> AsyncIterator[str]:
    """A server that takes what it is asked and ends without a word, as one does that is killed meanwhile."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.fixture
def upgrades_and_resets() -> Iterator[str]:
    """A server that lets everybody in and is gone in the next moment, with what was sent to it unread."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(3) as several:
        for _ in range(3):
            several.submit(serve_and_reset, listener)
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)


def serve_and_reset(listener: socket.socket) -> None:
    """Until it is shut down."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            asked = connection.recv(4096).split(b"\r\n")
            key = next((line.split(b": ")[1] for line in asked if line.lower().startswith(b"sec-websocket-key")), b"")
            accepted = base64.b64encode(hashlib.sha1(key + MAGIC, usedforsecurity=False).digest())
            upgrade = b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            connection.sendall(upgrade + accepted + b"\r\n\r\n\x81\x02{}")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def test_a_server_that_hangs_up_is_not_waited_for(hangs_up: str) -> None:
    client = Client(hangs_up, timeout_s=60)
    async with asyncio.timeout(20):
        with pytest.raises(OSError, match="hung up"):
            await client.connect()
        with pytest.raises(Unreachable):
            await client.get("/api/people/me")
        await client.close()


async def test_a_connection_that_was_given_up_leaves_no_trace(upgrades_and_resets: str) -> None:
    async def device(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(400):
            try:
                async with asyncio.timeout(chance.choice((0.0005, 0.002, 1))):
                    opened = await connect(upgrades_and_resets, {})
                    opened.send_raw(b"x" * 100_000)
                    await asyncio.sleep(chance.choice((0, 0.001)))
                opened.abort()
            # Anything else would be the loop's own trouble, and stay with it.
            except (OSError, TimeoutError, WSError):
                continue

    await asyncio.gather(*(device(seed) for seed in range(16)))
