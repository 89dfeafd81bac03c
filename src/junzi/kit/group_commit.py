"""Group commit: requests gather while the last transaction is being flushed, and the next one carries them all.

The cost of durability is shared: one transaction serves hundreds of requests, each is answered after the commit that carries it.
The queue is bounded and says "busy" when it is full. One failing request does not fail its neighbours: a batch that fails is
halved until the culprit stands alone.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

import structlog
from prometheus_client import Histogram

from junzi.kit.errors import Busy
from junzi.kit.open_transactions import refuse_inside_transaction

Request = TypeVar("Request")
Result = TypeVar("Result")

_log = structlog.get_logger("group_commit")
batch_size = Histogram(
    "junzi_group_commit_batch", "Requests a transaction carries", ["engine"], buckets=(1, 4, 16, 64, 256, 1024, 4096)
)


class GroupCommit(Generic[Request, Result]):
    """One queue in front of one writer.

    write:     carries a list of requests in one transaction and returns their results in order, or raises with no effect
    is_outage: says of an exception that the database is gone; halving would be pointless, and the whole batch is answered "busy"
    weigh:     how much a request brings to a batch; the two limits count weight. A request heavier than a batch travels alone
    lanes:     how many batches are carried at a time, where `write` can stand beside itself
    """

    def __init__(
        self,
        engine: str,
        write: Callable[[list[Request]], Awaitable[Sequence[Result]]],
        *,
        is_outage: Callable[[Exception], bool],
        weigh: Callable[[Request], int] = lambda request: 1,
        most_in_batch: int = 1024,
        most_waiting: int = 20_000,
        lanes: int = 1,
    ) -> None:
        self._engine = engine
        self._write = write
        self._is_outage = is_outage
        self._weigh = weigh
        self._most_in_batch = most_in_batch
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Request, asyncio.Future[Result]]] = deque()
        self._weight_waiting = 0
        self._lanes = lanes
        self._running: set[asyncio.Task[None]] = set()
        self._sizes = batch_size.labels(engine)

    async def stop(self) -> None:
        """Write what waits; from now on everybody is told "busy"."""
        self._most_waiting = 0
        await asyncio.gather(*self._running)

    async def submit(self, request: Request) -> Result:
        """The request's result, after the commit that carries it. Raises `Busy` when the queue is full, with nothing done."""
        return await self.put(request)

    def put(self, request: Request) -> "asyncio.Future[Result]":
        """The same for who goes on putting in more before waiting."""
        refuse_inside_transaction()
        weight = self._weigh(request)
        if self._weight_waiting + weight > self._most_waiting:
            raise Busy
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        self._weight_waiting += weight
        if len(self._running) < self._lanes:
            # It begins a turn of the loop from here, so that whoever became ready together is written together.
            self._running.add(asyncio.get_running_loop().create_task(self._run(), context=Context()))
        return answer

    async def _run(self) -> None:
        try:
            while batch := self._take_batch():
                self._sizes.observe(len(batch))
                await self._carry(batch)
        finally:
            # In the same breath as finding nothing more, so that nobody counts on a lane that has ended.
            self._running.discard(asyncio.current_task())

    def _take_batch(self) -> list[tuple[Request, "asyncio.Future[Result]"]]:
        batch: list[tuple[Request, asyncio.Future[Result]]] = []
        batch_weight = 0
        while self._waiting:
            weight = self._weigh(self._waiting[0][0])
            if batch and batch_weight + weight > self._most_in_batch:
                break
            batch.append(self._waiting.popleft())
            batch_weight += weight
        self._weight_waiting -= batch_weight
        return batch

    async def _carry(self, batch: list[tuple[Request, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._write([request for request, _ in batch])
        except Exception as failure:
            if self._is_outage(failure):
                _log.warning("database out of reach", engine=self._engine, requests=len(batch), exc_info=failure)
                for _, answer in batch:
                    _fail(answer, Busy())
            elif len(batch) == 1:
                _fail(batch[0][1], failure)
            else:
                middle = len(batch) // 2
                await self._carry(batch[:middle])
                await self._carry(batch[middle:])
            return
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():
                answer.set_result(result)


def _fail(answer: "asyncio.Future[Result]", failure: Exception) -> None:
    if not answer.done():
        answer.set_exception(failure)
