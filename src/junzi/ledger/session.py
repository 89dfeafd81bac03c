"""What the writer knows while one connection lasts: the books, and what was decided but is not committed yet."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from junzi.kit.errors import Busy
from junzi.ledger.books import Books, Changes
from junzi.ledger.requests import Outcome

Answer = tuple["asyncio.Future[Outcome]", Outcome]


class Batch:
    """What one transaction carries. timestamp: the last one given in it; beat: the connection is to be tried in any case"""

    def __init__(self) -> None:
        self.changes = Changes()
        self.answers: list[Answer] = []
        self.weight = 0
        self.timestamp = 0
        self.beat = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __bool__(self) -> bool:
        return bool(self.answers) or self.beat

    def answer(self) -> None:
        """Tell everybody what was decided."""
        for future, outcome in self.answers:
            if not future.done():
                future.set_result(outcome)
        self.done.set_result(None)

    def refuse(self) -> None:
        """Whether it was committed is unknown."""
        for future, _ in self.answers:
            if not future.done():
                future.set_exception(Busy())
        self.done.set_exception(Busy())
        # Nobody may be waiting for it, which is no defect.
        self.done.exception()


class Session:
    """Ends with its connection, and all that it knew with it.

    last:        the last timestamp given
    last_change: the last one of a transfer or an expiry
    applied:     every account's row contains what happened up to this timestamp, as far as this session has seen to it
    next_expiry: when the next pending transfer runs out, at the earliest
    reserved:    timestamps up to this one may be given
    heard_at:    the last moment (of the loop's clock) at which the lease was surely held
    open:        what is decided and waits for its turn; `carried` is being committed
    deciding:    while a long request is decided in part
    """

    def __init__(
        self, connection: Any, books: Books, *, last: int, last_change: int, next_expiry: int | None, reserved: int
    ) -> None:
        self.connection = connection
        self.books = books
        self.last = last
        self.last_change = last_change
        self.next_expiry = next_expiry
        self.reserved = reserved
        self.applied = 0
        self.heard_at = asyncio.get_running_loop().time()
        self.open = Batch()
        self.carried: Batch | None = None
        self.deciding: asyncio.Future[None] | None = None
        self.over = False
        self._ended = asyncio.Event()

    async def unless_over(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait for what the connection does, but no longer than it lasts. Raises `Busy` when it does not.

        A COPY whose connection breaks between two of its parts would wait for an answer until its time-out.
        """
        working = asyncio.ensure_future(work)
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait((working, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            if not working.done():
                working.cancel()
                working.add_done_callback(lambda task: task.cancelled() or task.exception())
        if not working.done():
            raise Busy
        await working

    async def decided(self) -> None:
        """Until no request is decided in part."""
        while self.deciding is not None:
            await asyncio.shield(self.deciding)
        if self.over:
            raise Busy

    async def settled(self) -> None:
        """Until all that is decided by now is committed. Raises `Busy` when that fails."""
        await self.decided()
        batch = self.open if self.open else self.carried
        if batch is not None:
            # Who stops waiting does not stop the others who wait for the same.
            await asyncio.shield(batch.done)
        if self.over:
            raise Busy

    def end(self) -> None:
        if not self.over:
            self.over = True
            self._ended.set()
            for batch in (self.carried, self.open):
                if batch is not None:
                    batch.refuse()
