"""Killing a PostgreSQL the hard way: the server and all its processes at once, with no time to write anything down."""

import contextlib
import os
import signal
from pathlib import Path

from junzi.kit.embedded_postgres import EmbeddedPostgres


def kill_hard(server: EmbeddedPostgres) -> None:
    """SIGKILL to the server and its children; `server.start()` afterwards recovers."""
    # Stopped first: a child that it starts meanwhile would stay behind, perhaps waiting for ever for what a killed one held.
    os.kill(server.pid, signal.SIGSTOP)
    family = [server.pid, *_children(server.pid)]
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.stop()


def _children(parent: int) -> list[int]:
    return [int(pid) for path in Path(f"/proc/{parent}/task").glob("*/children") for pid in path.read_text().split()]
