"""Work that goes on in the background: loops that survive their own failures and end together."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger("jobs")


class Background:
    """The tasks of one process. `stop` cancels them and waits until they are gone."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run something that never ends; when it fails, start it again after a second."""
        self._tasks.append(asyncio.create_task(_kept(name, run), name=name))

    def every(self, period_s: float, name: str, run: Callable[[], Awaitable[object]]) -> None:
        """Run something now and then, the first time after one period."""
        self._tasks.append(asyncio.create_task(_repeated(period_s, name, run), name=name))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _kept(name: str, run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except Exception as failure:
            _log.error("background work failed", job=name, exc_info=failure)
        await asyncio.sleep(1)


async def _repeated(period_s: float, name: str, run: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(period_s)
        try:
            await run()
        except Exception as failure:
            _log.error("background work failed", job=name, exc_info=failure)
