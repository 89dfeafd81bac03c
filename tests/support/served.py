"""A Junzi in a process of its own, which a test may kill at a named point or at any moment and start again."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from junzi.kit.points import DIES_AT
from tests.support.ports import free_port
from tests.support.until import until

START_PATIENCE_S = 240.0
"""Three that start at once on a busy machine take their time."""


class Served:
    """`junzi serve` on a database. deaths: how many of its lives ended, at a point or otherwise"""

    def __init__(
        self,
        database_url: str,
        data: Path,
        *,
        issuer_url: str = "",
        issuer_key: str = "",
        port: int | None = None,
        nats_url: str = "",
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = data / (f"served-{self.port}.log" if nats_url else "served.log")
        self._environment = {
            **os.environ,
            "JUNZI_DATABASE_URL": database_url,
            "JUNZI_DATA": str(data),
            "JUNZI_PORT": str(self.port),
            "JUNZI_PUBLIC_URL": f"http://localhost:{self.port}",
            "JUNZI_ISSUER_URL": issuer_url,
            "JUNZI_ISSUER_KEY": issuer_key,
            "JUNZI_ISSUER_PROXY": "1" if issuer_url else "",
            "JUNZI_NATS_URL": nats_url,
            "JUNZI_SWEEP_EVERY_S": "0.3",
            "JUNZI_BRIEF_HOUR": "24",
        }
        self._process: asyncio.subprocess.Process | None = None
        self._die_at: Sequence[str] = ()
        self.deaths = 0

    @property
    def said(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def died_at(self) -> list[str]:
        """The points at which its lives ended."""
        return [line.removeprefix(DIES_AT) for line in self.said.splitlines() if line.startswith(DIES_AT)]

    async def start(self, *, die_at: Sequence[str] = ()) -> None:
        """die_at: points at each of which one of its lives ends, in the order in which they are come to"""
        self._die_at = die_at
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "junzi.cli", "serve"),
                env={**self._environment, "JUNZI_DIE_AT": ",".join(set(die_at) - set(self.died_at))},
                stdout=log,
                stderr=log,
            )
        try:
            await until(self._is_ready_or_dead, timeout_s=START_PATIENCE_S)
        except AssertionError as late:
            late.add_note(self.said[-5000:])
            raise

    async def keep_alive(self) -> None:
        """Start it again if it died."""
        if self._process is not None and self._process.returncode is not None:
            self.deaths += 1
            await self.start(die_at=self._die_at)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    async def kill_and_wait(self) -> None:
        self.kill()
        if self._process is not None:
            await self._process.wait()

    def freeze(self) -> None:
        """Stop it as it is: its connections stay, and nobody is at them."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), 15)
        except TimeoutError:
            self._process.kill()
            raise

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _is_ready_or_dead(self) -> bool:
        if not self.lives:
            return True
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5, verify=False) as client:
                return (await client.get(f"{self.url}/readyz")).status_code == 200
        except (httpx.HTTPError, AttributeError):
            # The last when it closes the connection in the moment in which it was made.
            return False
