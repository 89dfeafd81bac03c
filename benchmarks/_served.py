"""A server in a process of its own, for benchmarks that ask it from outside."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from benchmarks._wire import wire_to
from junzi.cli.folders import CHECKOUT

SHIPPED = [sys.executable, "-m", "junzi.cli", "serve"]
"""Ours, as it is shipped."""


@asynccontextmanager
async def served(port: int, command: list[str], url: str, data: Path) -> AsyncIterator[int]:
    """Run it on that port until the block ends; its process id."""
    environment = {
        **os.environ,
        "JUNZI_DATABASE_URL": url,
        "JUNZI_DATA": str(data),
        "JUNZI_PORT": str(port),
        "JUNZI_BRIEF_HOUR": "24",
        "JUNZI_ISSUER_KEY": "a key that nobody uses",
    }
    said = data.parent / f"{port}.log"
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, cwd=CHECKOUT, stdout=asyncio.subprocess.DEVNULL, stderr=_opened(said)
    )
    try:
        for _ in range(300):
            try:
                async with wire_to(port):
                    break
            except OSError:
                assert process.returncode is None, said.read_text()[-2000:]
                await asyncio.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _opened(path: Path) -> IO[bytes]:
    return path.open("wb")
