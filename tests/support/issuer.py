"""One sandbox issuer for many tests: a process of its own that sends word to one fixed port, where a test serves its house.

What tests do there cannot meet: every card number works for everybody, references are drawn by chance, and nobody takes so much
from a card that it runs dry.
"""

import contextlib
import os
import random
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.issuer.bank import KEY, PUBLIC_URL, QUICK_TIMES, Bank
from tests.issuer.operator import Operator
from tests.support.until import until_blocking

NOTIFICATIONS = "/api/bank/notifications"
TIMES = {"ISSUER_DELAY_MS": "100", "ISSUER_TIMEOUT_MS": "150"}


@dataclass(frozen=True)
class SharedBank:
    """port: where the issuer listens; house_port: where it sends word."""

    process: "subprocess.Popen[str]"
    database_url: str
    folder: Path
    port: int
    house_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self) -> Bank:
        """The same one as its operator asks it; to be closed, which does not stop it."""
        nobody = Operator(port=1)
        return Bank(self.database_url, nobody, self.folder, port=self.port)

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=10)


def start(database_url: str, folder: Path) -> SharedBank:
    """Returns when it listens."""
    house_port = _quiet_port()
    key_file = folder / "issuer.key"
    key_file.write_text(f"{KEY}\n")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "junzi_issuer.cli", "serve", "--port", "0"),
            *("--database-url", database_url, "--key-file", str(key_file)),
            *("--public-url", PUBLIC_URL),
            *("--notify-url", f"http://127.0.0.1:{house_port}{NOTIFICATIONS}"),
        ],
        env=os.environ | QUICK_TIMES | TIMES,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("junzi-issuer listens on "), line
    bank = SharedBank(process, database_url, folder, int(line.rpartition(":")[2]), house_port)
    until_blocking(lambda: _answers(bank), timeout_s=20)
    return bank


def _quiet_port() -> int:
    """A free port below those that outgoing connections are given, so that nothing takes it between two tests."""
    for port in random.sample(range(15_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("a hundred ports were taken")


def _answers(bank: SharedBank) -> bool:
    try:
        return httpx.get(f"{bank.url}/healthz", trust_env=False, verify=False).status_code == 200
    except httpx.TransportError:
        return False
