"""What an engine is asked in a process that does not hold its lease is handed to the one that does, over the bus.

The holder answers after its commit. While nobody holds the lease, a question waits a moment for the next holder; then it is
`Busy`, as it is when the answer fails to come. What became of it is unknown then: with the same ids it is harmless to ask again.
"""

import asyncio
from collections.abc import Callable

from junzi.kit.bus import Bus, NobodyAnswers, Respond
from junzi.kit.errors import Busy

PATIENCE_S = 2.5
"""Longer than it takes the others to see that a holder is gone, and to take its place."""
_RETRY_S = 0.05


class HandedIn:
    """One engine's questions between processes.

    respond: answers one in the process that holds the lease, after the commit. Raises `Busy`
    """

    def __init__(self, bus: Bus, name: str, respond: Respond) -> None:
        self._bus = bus
        self._name = name
        self._respond = respond
        self._stop: Callable[[], None] | None = None

    @property
    def reaches_holder(self) -> bool:
        """Whether it makes sense to ask."""
        return self._bus.reaches_others and self._bus.up

    def begin(self) -> None:
        """This process holds the lease: answer the others."""
        if self._stop is None:
            self._stop = self._bus.answer(self._name, self._respond)

    def end(self) -> None:
        """It holds it no more."""
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    async def ask(self, question: bytes, *, here: Callable[[], bool]) -> bytes | None:
        """The holder's answer; None when this process has become the holder, and nothing was asked. Raises `Busy`.

        here: whether this process holds the lease
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + PATIENCE_S
        while not here():
            try:
                return await self._bus.ask(self._name, question)
            except NobodyAnswers:
                if loop.time() > give_up_at:
                    raise Busy from None
            await asyncio.sleep(_RETRY_S)
        return None
