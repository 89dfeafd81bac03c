"""Work that goes on in the background: loops that survive their own failures and end together."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Gauge

OFTEN = 3
"""Once may be a network or a database that was away for a moment."""

_log = structlog.get_logger("jobs")
_failures = Gauge("junzi_background_failures", "How often in a row a background job has failed by now", ["job"])
_in_a_row: Counter[str] = Counter()


def failing() -> list[str]:
    """The jobs of this process that failed often, every time since they last succeeded."""
    return sorted(name for name, times in _in_a_row.items() if times >= OFTEN)


class Background:
    """The tasks of one process. `stop` cancels them and waits until they are gone."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run something that never ends; when it fails, start it again after a second."""
        self._tasks.append(asyncio.create_task(_kept(name, run), name=name))

    def every(
        self, period_s: float, name: str, run: Callable[[], Awaitable[object]], *, first_s: float | None = None
    ) -> None:
        """Run something now and then, the first time after `first_s`, or else after one period."""
        first_s = period_s if first_s is None else first_s
        self._tasks.append(asyncio.create_task(_repeated(period_s, first_s, name, run), name=name))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for task in self._tasks:
            _note(task.get_name(), 0)


async def _kept(name: str, run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except Exception as failure:
            _failed(name, failure)
        await asyncio.sleep(1)


async def _repeated(period_s: float, first_s: float, name: str, run: Callable[[], Awaitable[object]]) -> None:
    await asyncio.sleep(first_s)
    while True:
        try:
            await run()
        except Exception as failure:
            _failed(name, failure)
        else:
            _note(name, 0)
        await asyncio.sleep(period_s)


def _failed(name: str, failure: Exception) -> None:
    _log.error("background work failed", job=name, exc_info=failure)
    _note(name, _in_a_row[name] + 1)


def _note(name: str, times: int) -> None:
    if times:
        _in_a_row[name] = times
        _failures.labels(name).set(times)
    elif _in_a_row.pop(name, 0):
        _failures.labels(name).set(0)
