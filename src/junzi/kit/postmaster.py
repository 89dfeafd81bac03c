"""A running PostgreSQL seen from outside: what its pid file says, whether it lives, and how it is ended."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

TELL_EVERY_S = 5.0


def ending_with_parent(command: list[str]) -> list[str]:
    """The command such that Linux interrupts it when the thread that started it ends, even by SIGKILL.

    Where there is no `setpriv` the command is unchanged: what stays behind is then stopped at the next start.
    """
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "INT", *command] if setpriv else command


def stop_leftover(data: Path, *, say: Callable[[str], None] = lambda text: None) -> None:
    """Stops a server that runs on this data folder without anybody who answers for it."""
    cluster = data.resolve() / "postgres"
    lines = pid_file(cluster)
    if not lines or not lines[0].isdigit():
        return
    pid = int(lines[0])
    if not _alive(pid) or not _is_postgres_of(pid, cluster):
        # Left by a machine that went down: PostgreSQL would mistake another process with this number for itself.
        if _alive(pid):
            (cluster / "postmaster.pid").unlink(missing_ok=True)
        return
    say("Stopping a PostgreSQL that an earlier start left behind …")
    _signal(pid, signal.SIGINT)
    began = time.monotonic()
    told = began
    while _alive(pid) and _is_postgres_of(pid, cluster):
        if time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            say(f"PostgreSQL is still stopping … {told - began:.0f} s")
        time.sleep(0.02)


def pid_file(cluster: Path) -> list[str]:
    """The lines of postmaster.pid: process id first, status eighth; empty if there is no such file."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except OSError:
        return []


def _is_postgres_of(pid: int, cluster: Path) -> bool:
    command_line = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            arguments = command_line.read_bytes().split(b"\0")
        except OSError:
            return False
        return b"postgres" in arguments[0] and os.fsencode(cluster) in arguments
    shown = subprocess.run(
        ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
    return "postgres" in shown and str(cluster) in shown


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
