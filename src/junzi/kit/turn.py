"""Background work that one of several processes does at a time: whoever holds the lease, until it is gone."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from junzi.kit.jobs import Background
from junzi.kit.leased_connection import LeasedConnection, Unreachable

BEAT_EVERY_S, STALE_AFTER_S = 1.0, 5.0


class Turn:
    """begin: starts the work. It ends with the lease, and begins anew when it is held again."""

    def __init__(self, url: str, name: str, begin: Callable[[Background], None]) -> None:
        self._begin = begin
        self._link = LeasedConnection(
            url, name, _nothing, gained=self._gained, lost=self._lost, stale_after_s=STALE_AFTER_S
        )
        self._work: Background | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._beating: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Work, or stand by while another process does. Raises what asyncpg raises when PostgreSQL does not answer."""
        await self._link.open(stands_by=True)
        self._beating = asyncio.create_task(self._beat(), name="turn beats")

    async def close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        # The work ends before another process begins with it.
        self._lost()
        await asyncio.gather(*self._ending)
        await self._link.close()

    def _gained(self) -> None:
        self._work = Background()
        self._begin(self._work)

    def _lost(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            ending = asyncio.create_task(work.stop())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            with suppress(Unreachable):
                connection = self._link.current()
                try:
                    await connection.execute("select 1", timeout=STALE_AFTER_S)
                except Exception:
                    self._link.drop()


async def _nothing(_: Any) -> None:
    pass
