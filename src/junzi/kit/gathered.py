"""One query for all who ask the same kind of thing at the same time.

While a query is under way, whoever asks gathers for the next one: what is read was committed before it was asked for or later,
never earlier, as if everybody had asked alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MOST = 1_000
"""Keys that one query takes."""


class Gathered(Generic[Key, Value]):
    """read: the values of several keys at once; what there is not is missing from its answer."""

    def __init__(self, read: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._read = read
        self._waiting: dict[Key, asyncio.Future[Any]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Value | None:
        """The key's value, or `None`. Raises what the query raises."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        # Who stops waiting does not stop the others who wait for the same.
        found: Value | None = await asyncio.shield(answer)
        return found

    async def _run(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:MOST]
                batch = {key: self._waiting.pop(key) for key in keys}
                try:
                    found = await self._read(keys)
                except Exception as failure:
                    for answer in batch.values():
                        answer.set_exception(failure)
                        # Nobody may be waiting any more, which is no defect.
                        answer.exception()
                else:
                    for key, answer in batch.items():
                        answer.set_result(found.get(key))
        finally:
            self._task = None
