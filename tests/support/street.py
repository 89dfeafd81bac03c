"""A town with everything of its own: a database, an operator with a campaign, the sandbox bank, and a server to talk to."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.issuer.bank import KEY, Bank
from tests.issuer.operator import Operator
from tests.support.ports import free_port
from tests.support.served import Served


@dataclass(frozen=True)
class Street:
    """`served` is not started yet: a test decides how it lives."""

    database_url: str
    served: Served
    bank: Bank


@asynccontextmanager
async def street_of(database_url: str, issuer_database_url: str, folder: Path) -> AsyncIterator[Street]:
    _make(folder)
    port = free_port()
    public_url = f"http://localhost:{port}/sandbox-bank"
    async with Bank(issuer_database_url, _Told(port=port), folder, public_url=public_url) as bank:
        served = Served(database_url, folder, issuer_url=bank.url, issuer_key=KEY, port=port)
        try:
            yield Street(database_url, served, bank)
        finally:
            await served.stop()


async def found(database_url: str, folder: Path, *, die_at: str = "") -> int:
    """Found the operator and start the welcome campaign, in a process of its own; returns its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.found", database_url, str(folder)),
        env={**os.environ, "JUNZI_DIE_AT": die_at},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(process.wait(), 30)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)


class _Told(Operator):
    """Where the bank sends word: the server under test."""

    @property
    def notify_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/bank/notifications"
