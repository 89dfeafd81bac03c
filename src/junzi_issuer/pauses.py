"""Waiting on purpose, which ends at once when the process is to stop."""

import asyncio


class Pauses:
    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    @property
    def over(self) -> bool:
        return self._stopping.is_set()

    def end(self) -> None:
        """Ends every pause, present and future."""
        self._stopping.set()

    async def wait(self, delay_ms: int) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), delay_ms / 1000)
        except TimeoutError:
            return
