"""The queue in front of the writer: what gathered is one batch, and while one is being written the next one is decided.

What is decided ahead stands on what was decided before it. When a batch fails, it and the one decided on it are decided anew, in
their order; one that fails again is halved until the culprit stands alone, so that one failing request does not fail its
neighbours. In an outage all of them are answered `Busy`.
"""

import asyncio
from collections import deque
from contextlib import suppress
from contextvars import Context

import asyncpg
import structlog

from junzi.kit.errors import Busy
from junzi.kit.group_commit import batch_size
from junzi.kit.leased_connection import is_outage
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.messages.rules_model import Outcome, Request
from junzi.messages.writer import Decided, Writer

MOST_IN_BATCH, MOST_WAITING = 1_024, 20_000
ENOUGH = 128
"""With so many waiting the next batch is decided while one is being written; fewer gather until that one is."""
TURNS_TO_SEND = 3
"""Of the event loop, until what is to be written was sent."""
LOOKS_FOR_S = 10.0
"""After a message came that has stood for long, each batch looks for those first, instead of being refused by the index."""

_log = structlog.get_logger("messages")
_batch_size = batch_size.labels("messages")

_Batch = list[tuple[Request, "asyncio.Future[Outcome]"]]


class _Underway:
    """A batch that is being written."""

    def __init__(self, batch: _Batch, decided: Decided, commit: "asyncio.Task[None]") -> None:
        self.batch = batch
        self.decided = decided
        self.commit = commit


class Pipeline:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: deque[tuple[Request, asyncio.Future[Outcome]]] = deque()
        self._most_waiting = MOST_WAITING
        self._running: asyncio.Task[None] | None = None
        self._gathering: asyncio.Future[None] | None = None
        self._looks_until = 0.0

    async def stop(self) -> None:
        """Write what waits; from now on everybody is told "busy"."""
        self._most_waiting = 0
        if self._running is not None:
            await self._running

    async def submit(self, request: Request) -> Outcome:
        """The request's outcome, after the commit that carries it. Raises `Busy` when the queue is full, with nothing done."""
        return await self.put(request)

    def put(self, request: Request) -> "asyncio.Future[Outcome]":
        """The same for who goes on putting in more before waiting."""
        refuse_inside_transaction()
        if len(self._waiting) >= self._most_waiting:
            raise Busy
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((request, answer))
        if self._running is None:
            # It begins a turn of the loop from here, so that whoever became ready together is written together.
            self._running = loop.create_task(self._run(), context=Context())
        elif self._gathering is not None and len(self._waiting) >= ENOUGH:
            self._go_on()
        return answer

    async def _run(self) -> None:
        underway: _Underway | None = None
        try:
            while underway is not None or self._waiting:
                if underway is None:
                    underway = await self._begin(self._take())
                elif await self._is_written_first(underway):
                    await self._end(underway)
                    underway = None
                else:
                    underway = await self._follow(underway, self._take())
        finally:
            # In the same breath as finding nothing more, so that nobody counts on one that has ended.
            self._running = None

    async def _is_written_first(self, underway: _Underway) -> bool:
        """Whether that batch is written before enough has gathered for another."""
        if len(self._waiting) < ENOUGH and not underway.commit.done():
            self._gathering = asyncio.get_running_loop().create_future()
            underway.commit.add_done_callback(lambda _: self._go_on())
            await self._gathering
            self._gathering = None
        return underway.commit.done()

    def _go_on(self) -> None:
        if self._gathering is not None and not self._gathering.done():
            self._gathering.set_result(None)

    def _take(self) -> _Batch:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_BATCH))]

    async def _begin(self, batch: _Batch) -> _Underway | None:
        """Decide it when all before it is settled, and let it be written; None when it is settled already."""
        try:
            decided = await self._writer.decide(_requests(batch), looks=self._looks)
        except Exception as failure:
            await self._again(batch, failure, looked=True)
            return None
        return self._written(batch, decided)

    async def _follow(self, before: _Underway, batch: _Batch) -> _Underway | None:
        """Decide it while the one before it is being written, if that can be, and let it be written after that one."""
        decided = None
        # What a defect makes fail here fails again on its own, where it is found out whose it is.
        with suppress(Exception):
            decided = None if self._looks else self._writer.decide_ahead(_requests(batch))
        await asyncio.wait((before.commit,))
        if decided is None or before.commit.exception() is not None or not self._writer.stands(decided):
            if decided is not None:
                self._writer.give_up(decided)
            await self._end(before)
            return await self._begin(batch)
        underway = self._written(batch, decided)
        # PostgreSQL has it before others hear of the last one.
        for _ in range(TURNS_TO_SEND):
            await asyncio.sleep(0)
        await self._end(before)
        return underway

    def _written(self, batch: _Batch, decided: Decided) -> _Underway:
        _batch_size.observe(len(batch))
        return _Underway(batch, decided, asyncio.create_task(self._writer.commit(decided)))

    async def _end(self, underway: _Underway) -> None:
        """Answer a batch that was written, or see to it anew where that failed."""
        failure = underway.commit.exception()
        if failure is None:
            self._settle(underway.batch, underway.decided)
        elif isinstance(failure, Exception):
            await self._again(underway.batch, failure, looked=underway.decided.looked)
        else:
            raise failure

    async def _again(self, batch: _Batch, failure: Exception, *, looked: bool) -> None:
        if is_outage(failure):
            _log.warning("database out of reach", engine="messages", requests=len(batch), exc_info=failure)
            _fail(batch, Busy())
        elif isinstance(failure, asyncpg.UniqueViolationError) and not looked:
            # Somebody sends again what has stood for long, and they rarely come alone.
            self._looks_until = asyncio.get_running_loop().time() + LOOKS_FOR_S
            await self._alone(batch)
        elif len(batch) == 1:
            _fail(batch, failure)
        else:
            middle = len(batch) // 2
            await self._alone(batch[:middle])
            await self._alone(batch[middle:])

    async def _alone(self, batch: _Batch) -> None:
        """Nothing else is decided until it is settled."""
        looks = self._looks
        try:
            decided = await self._writer.decide(_requests(batch), looks=looks)
            await self._writer.commit(decided)
        except Exception as failure:
            await self._again(batch, failure, looked=looks)
        else:
            self._settle(batch, decided)

    @property
    def _looks(self) -> bool:
        return asyncio.get_running_loop().time() < self._looks_until

    def _settle(self, batch: _Batch, decided: Decided) -> None:
        self._writer.tell(decided)
        for (_, answer), outcome in zip(batch, decided.decision.outcomes, strict=True):
            if not answer.done():
                answer.set_result(outcome)


def _requests(batch: _Batch) -> list[Request]:
    return [request for request, _ in batch]


def _fail(batch: _Batch, failure: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(failure)
