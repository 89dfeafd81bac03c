"""Work that takes much memory or processor time, such as a file of many lines: a few at a time, others wait, and not without end.

Such work runs in threads (`asyncio.to_thread`), so that the event loop goes on. Its memory has a bound since few run at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from junzi.kit.errors import Busy

AT_ONCE, MOST_WAITING = 3, 30


class _Turns:
    def __init__(self) -> None:
        self.free = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Wait for a turn and have it until the block ends. Raises `Busy` when too many wait already."""
    turns = _of_loops.setdefault(asyncio.get_running_loop(), _Turns())
    if turns.waiting >= MOST_WAITING:
        raise Busy
    turns.waiting += 1
    try:
        await turns.free.acquire()
    finally:
        turns.waiting -= 1
    try:
        yield
    finally:
        turns.free.release()
