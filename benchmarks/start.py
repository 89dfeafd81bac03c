"""Start: how long until the first and the next start serve, how long Ctrl-C takes, and what memory a town at rest takes.

Everything is measured from outside, on the program as it is shipped: `junzi up --demo` on a folder of its own, asked at
/readyz. Memory is the sum of proportional set sizes (PSS) of all its processes, PostgreSQL and the sandbox bank included.
"""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from junzi.cli.bench import Row, at_most
from junzi.cli.listening import free_loopback_port
from junzi.cli.people_file import PeopleFile

SECOND_START_GOAL_S = 3.0
STOP_GOAL_S = 3.0
MEMORY_GOAL_MB = 250.0
IDLE_S = 10.0
PATIENCE_S = 600.0


def measure(quick: bool) -> list[Row]:
    if sys.platform != "linux":
        raise SystemExit("This benchmark reads /proc and needs Linux.")
    parent = Path(tempfile.mkdtemp(prefix="junzi-bench-"))
    # PostgreSQL runs as another account when root measures.
    parent.chmod(0o711)
    try:
        return _measure(parent / "data", restarts=3 if quick else 5)
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def _measure(data: Path, restarts: int) -> list[Row]:
    starts, stops, memory = [], [], 0.0
    for number in range(1 + restarts):
        running = _Running(data)
        try:
            starts.append(running.wait_until_ready())
            if number == restarts:
                time.sleep(IDLE_S)
                memory = sum(_pss_mb(pid) for pid in _tree(running.process.pid))
                _check_books(data, running.url)
            stops.append(running.stop())
        finally:
            running.process.kill()
            running.process.wait()
    return [
        Row(case="first start, empty folder", ours=starts[0], unit="s"),
        at_most("next start, median", median(starts[1:]), "s", SECOND_START_GOAL_S),
        at_most("stop with sockets open, slowest", max(stops), "s", STOP_GOAL_S),
        at_most("memory at rest, demo town loaded", memory, "MB", MEMORY_GOAL_MB),
    ]


class _Running:
    def __init__(self, data: Path) -> None:
        self.port = free_loopback_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.began = time.monotonic()
        command = [sys.executable, "-m", "junzi.cli", "up", "--demo", "--host", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def wait_until_ready(self) -> float:
        while time.monotonic() - self.began < PATIENCE_S:
            if self.process.poll() is not None:
                raise RuntimeError(f"junzi up ended: {self.process.stdout.read().decode()}")  # type: ignore[union-attr]
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False).is_success:
                    return time.monotonic() - self.began
            except httpx.HTTPError:
                pass
            time.sleep(0.02)
        raise TimeoutError(f"not ready after {PATIENCE_S} s")

    def stop(self) -> float:
        """Ctrl-C while one connection is kept alive and another has sent half a request."""
        with socket.create_connection(("127.0.0.1", self.port)) as half, httpx.Client(trust_env=False) as kept:
            half.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
            kept.get(f"{self.url}/healthz")
            began = time.monotonic()
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
            took = time.monotonic() - began
        if self.process.returncode != 0:
            raise RuntimeError(f"junzi up ended with exit code {self.process.returncode}")
        return took


def _check_books(data: Path, url: str) -> None:
    """After all restarts the town is the one that was made at the first start: its people still get in."""
    people = PeopleFile(data).people()
    if not people:
        raise AssertionError("the demo town has nobody to sign in as")
    for person in people:
        answer = httpx.post(
            f"{url}/api/sessions",
            json={"handle": person.handle, "password": person.password},
            headers={"Origin": url},
            trust_env=False,
        )
        if answer.status_code != 201:
            raise AssertionError(f"{person.handle} can't sign in after the restarts: {answer.text}")


def _tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
