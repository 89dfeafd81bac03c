"""`junzi up --demo` as a process of its own, with a folder of its own.

Filling a town takes longer than most of what is asked of one, so a test run fills one, by a first start like any. What that start
showed is written down for the tests of a first start; all others start on copies of what it left.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec

from junzi.cli.people_file import DemoPerson, PeopleFile
from tests.support.ports import free_port
from tests.support.postgres import RUN_VARIABLE
from tests.support.until import until_blocking

TOWN, SHOWN = "town", "shown.json"


class Up:
    """A running `junzi up --demo` and what it has printed."""

    def __init__(self, data: Path, *options: str) -> None:
        self.port = free_port()
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
        return httpx.post(
            f"{self.url}/api/sessions", json=body, headers={"Origin": self.url}, trust_env=False, timeout=60
        )

    def processes(self) -> list[int]:
        """This process and all below it."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found


class FirstStart(msgspec.Struct, frozen=True):
    """What this run's first start showed while it ran. signed_in: what each resident's password was answered with; inside, and of
    that open_to_others: paths in the data folder"""

    port: int
    printed: str
    signed_in: dict[str, int]
    inside: list[str]
    open_to_others: list[str]


Starter = Callable[..., Up]


def first_start() -> FirstStart:
    """Of this run: it is done by whoever asks first, while the others wait at the lock."""
    folder = Path(os.environ[RUN_VARIABLE]) / TOWN
    folder.mkdir(mode=0o711, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / SHOWN).exists():
            shutil.rmtree(folder / "data", ignore_errors=True)
            (folder / SHOWN).write_bytes(msgspec.json.encode(_first_start(folder / "data")))
        return msgspec.json.decode((folder / SHOWN).read_bytes(), type=FirstStart)


def copy_town(data_folder: Path) -> None:
    """Make the folder what the first start left: a filled town that was stopped."""
    first_start()
    # Unlike shutil, it keeps whose files they are: PostgreSQL may run as another account.
    subprocess.run(["cp", "-a", str(Path(os.environ[RUN_VARIABLE]) / TOWN / "data"), str(data_folder)], check=True)


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


def _first_start(data: Path) -> FirstStart:
    up = Up(data)
    try:
        until_blocking(up.ready, timeout_s=300)
        inside = [*data.iterdir(), *(data / "keys").iterdir()]
        return FirstStart(
            port=up.port,
            printed=up.printed(),
            signed_in={person.handle: up.sign_in(person).status_code for person in PeopleFile(data).people()},
            inside=[str(path.relative_to(data)) for path in inside],
            open_to_others=[str(path.relative_to(data)) for path in inside if path.stat().st_mode & 0o077],
        )
    finally:
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(60) == 0, up.printed()
