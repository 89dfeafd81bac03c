"""`junzi serve` ends when it is asked to, whatever does not close."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest

from junzi.cli.serve import serve_until_stopped
from junzi.kit.migrate import migrate
from tests.support.several import found_town

NEVER_CLOSES = """
import asyncio
from contextlib import asynccontextmanager
from junzi.cli import serve

@asynccontextmanager
async def at_work(house):
    yield
    await asyncio.Event().wait()

serve.at_work, serve.ENDS_WITHIN_S = at_work, 0.2
serve.serve(host="127.0.0.1", port=0)
"""


async def test_a_server_that_cannot_close_ends_and_says_what_it_waits_for(database_url: str, tmp_path: Path) -> None:
    await migrate(database_url)
    await found_town(database_url)
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", NEVER_CLOSES),
        env={**os.environ, "JUNZI_DATABASE_URL": database_url, "JUNZI_DATA": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert server.stdout is not None
    async with asyncio.timeout(60):
        while b"serves" not in (line := await server.stdout.readline()):
            assert line, "it ended"
        server.send_signal(signal.SIGTERM)
        said = (await server.stdout.read()).decode()
        assert await server.wait() == 1
    assert "not closed in time" in said and "_serve" in said


async def test_whoever_asked_it_to_stop_while_it_started_and_was_not_heard_is_heard_then() -> None:
    async def starts() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await serve_until_stopped(cast(Any, None), cast(Any, None), announce=lambda: None)

    starting = asyncio.create_task(starts())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
