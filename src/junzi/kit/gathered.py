"""One query for all who ask the same kind of thing at the same time.

While a query is under way, whoever asks gathers for the next one: what is read was committed before it was asked for or later,
never earlier, as if everybody had asked alone. A few connections read all kinds in turn, so that under load a kind's keys gather
while others are read, and nobody fetches a connection for a query of their own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from itertools import islice
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MOST = 1_000
"""Keys that one query takes."""
LANES = 2
"""Queries under way at a time."""

Answers = list["asyncio.Future[Any]"]


class Gathered:
    """reader: opens what queries are read through, for as long as somebody waits"""

    def __init__(self, reader: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._reader = reader
        self._waiting: dict[Any, dict[Any, Answers]] = {}
        self._reading: set[Any] = set()
        self._lanes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, read: Callable[[Any, list[Key]], Awaitable[Mapping[Key, Value]]], key: Key) -> Value | None:
        """The key's value, or `None`. Raises what the query raises.

        read: a kind of query: the values of several keys at once; what there is not is missing from its answer
        """
        answer: asyncio.Future[Value | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(read, {}).setdefault(key, []).append(answer)
        self._begin()
        return await answer

    def _begin(self) -> None:
        if self._lanes < LANES:
            self._lanes += 1
            # A lane serves everybody, so it has nothing of whoever came first.
            task = asyncio.get_running_loop().create_task(self._run(), context=Context())
            # The loop itself holds tasks only weakly.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        is_lane = True
        try:
            async with self._reader() as reader:
                while (taken := self._take()) is not None:
                    await self._read(reader, *taken)
                # Not a lane any more before it waits again: whoever asks while the connection goes back begins another.
                is_lane = False
                self._lanes -= 1
        except Exception as failure:
            # Without a connection nobody is answered; whoever asks from now on may have more luck.
            while is_lane and (taken := self._take()) is not None:
                self._reading.discard(taken[0])
                _fail(taken[1], failure)
        finally:
            if is_lane:
                self._lanes -= 1

    def _take(self) -> tuple[Any, dict[Any, Answers]] | None:
        """The kind that has waited longest and is not being read, with those who wait for it."""
        for read, waiting in self._waiting.items():
            if read in self._reading:
                continue
            if len(waiting) <= MOST:
                taken = self._waiting.pop(read)
            else:
                taken = {key: waiting.pop(key) for key in list(islice(waiting, MOST))}
            self._reading.add(read)
            return read, taken
        return None

    async def _read(self, reader: Any, read: Any, taken: dict[Any, Answers]) -> None:
        try:
            found = await read(reader, list(taken))
        except Exception as failure:
            _fail(taken, failure)
            if reader.lost:
                raise
        else:
            for key, answers in taken.items():
                value = found.get(key)
                for answer in answers:
                    if not answer.done():
                        answer.set_result(value)
        finally:
            self._reading.discard(read)


def _fail(taken: dict[Any, Answers], failure: Exception) -> None:
    for answers in taken.values():
        for answer in answers:
            # Whoever stopped waiting keeps nobody else from hearing.
            if not answer.done():
                answer.set_exception(failure)
