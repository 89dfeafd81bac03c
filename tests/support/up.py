"""`junzi up --demo` as a process of its own, with a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from junzi.cli.listening import free_loopback_port
from junzi.cli.people_file import DemoPerson
from tests.support.until import until_blocking


class Up:
    """A running `junzi up --demo` and what it has printed."""

    def __init__(self, data: Path, *options: str) -> None:
        self.port = free_loopback_port()
        self.url = f"http://localhost:{self.port}"
        self.output = data.parent / f"output-{self.port}"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "junzi.cli", "up", "--demo", "--host", "127.0.0.1"),
                    *("--data", str(data)),
                    *("--port", str(self.port)),
                    *options,
                ],
                stdout=output,
                stderr=output,
                env=without_database_url(),
            )

    def printed(self) -> str:
        return self.output.read_text()

    def ready(self) -> bool:
        assert self.process.poll() is None, self.printed()
        return "Ctrl-C stops everything" in self.printed()

    def sign_in(self, person: DemoPerson) -> httpx.Response:
        body = {"handle": person.handle, "password": person.password}
        return httpx.post(f"{self.url}/api/sessions", json=body, headers={"Origin": self.url}, trust_env=False)

    def processes(self) -> list[int]:
        """This process and all below it."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found


Starter = Callable[..., Up]


def starting(data_folder: Path) -> Iterator[Starter]:
    """Starts as many as are asked for, on one folder; those that still run in the end are stopped."""
    started: list[Up] = []

    def begin(*options: str) -> Up:
        up = Up(data_folder, *options)
        started.append(up)
        until_blocking(up.ready, timeout_s=300)
        return up

    yield begin
    for up in started:
        if up.process.poll() is None:
            up.process.send_signal(signal.SIGINT)
            up.process.wait(30)


def without_database_url() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("JUNZI_")}
