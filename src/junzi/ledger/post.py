"""The one writer: decides whatever gathered on the books in memory, commits it in one COPY, answers after the commit.

Deciding and committing overlap: while one batch is being written the next one is decided. What was decided stands on what was
decided before it, so that a batch that fails takes all later ones with it: the books are thrown away and begun anew from
the tables, and everybody who waits is told `Busy`.
"""

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

from junzi.kit.database import Database
from junzi.kit.errors import Busy
from junzi.kit.group_commit import batch_size
from junzi.kit.leased_connection import BY_KEY, LeasedConnection, is_outage
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.ledger import prepare, store
from junzi.ledger.books import Accounts
from junzi.ledger.decide import Asked, decide
from junzi.ledger.model import MOST_EVENTS
from junzi.ledger.prepare import PIECE
from junzi.ledger.requests import Outcome, Request
from junzi.ledger.session import Batch, Session

MOST_WAITING = 8 * MOST_EVENTS
MOST_ACCOUNTS = max(2_000_000, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 8 // 300)
"""Accounts in memory: as many as an eighth of it holds, and at least half a gigabyte. Beyond, all of them are let go."""

BEAT_EVERY_S = 0.4
ENOUGH = 512
"""With so many events waiting the next batch is begun while one is being written; fewer gather until that one is."""
STALE_AFTER_S = 1.2
"""A challenger takes the lease from a holder whose connection has been silent that long."""
_SURE_FOR_S = 0.9
_log = structlog.get_logger("ledger")
_batch_size = batch_size.labels("ledger")


class Writer:
    """Holds the ledger's lease and the connection that commits.

    side:        connections for what is loaded and written beside it
    gained, lost:  called when this process becomes the writer, and when it is none any more
    write_rows:  writes the rows of accounts that changed; set by who does that
    """

    def __init__(
        self,
        url: str,
        side: Database,
        *,
        gained: Callable[[], None] | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self._link = LeasedConnection(
            url,
            "ledger",
            self._load,
            gained=gained,
            lost=self._end,
            settings=BY_KEY,
            stale_after_s=STALE_AFTER_S,
            foresee=store.foresee,
        )
        self._committed: Batch | None = None
        # Asking for the running loop costs a system call, and each request would.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tell_lost = lost
        self._side = side
        self._session: Session | None = None
        self._waiting: deque[Asked] = deque()
        self._events_waiting = 0
        self._most_waiting = MOST_WAITING
        self._arrived = asyncio.Event()
        self._decided = asyncio.Event()
        self._taken = asyncio.Event()
        self._turn = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.write_rows: Callable[[], Awaitable[object]] = _nothing

    async def open(self, *, stands_by: bool = False) -> None:
        """Raises `EngineTaken`, or what asyncpg raises when PostgreSQL does not answer.

        stands_by: where another process is the writer, take its place once it is gone instead of refusing
        """
        self._loop = asyncio.get_running_loop()
        await self._link.open(stands_by=stands_by)
        self._tasks = [
            asyncio.create_task(self._decide_all(), name="ledger decides"),
            asyncio.create_task(self._commit_all(), name="ledger commits"),
            asyncio.create_task(self._beat(), name="ledger beats"),
        ]

    @property
    def up(self) -> bool:
        return self._link.up

    def session(self) -> Session | None:
        """What is known on the present connection; None while there is none."""
        session = self._session
        return None if session is None or session.over else session

    def submit(self, request: Request) -> "asyncio.Future[Any]":
        """The request's outcome, after the commit that carries it. Raises `Busy`: nothing is known to be done."""
        refuse_inside_transaction()
        count, session = len(request.events), self._session
        if not self._tasks or session is None or session.over or self._events_waiting + count > self._most_waiting:
            raise Busy
        assert self._loop is not None
        answer: asyncio.Future[Outcome] = self._loop.create_future()
        self._waiting.append((request, answer))
        self._events_waiting += count
        self._arrived.set()
        if self._events_waiting >= ENOUGH:
            self._turn.set()
        return answer

    async def surely(self) -> Session:
        """The present session, after a word with PostgreSQL if the last one is not quite fresh. Raises `Busy`.

        Who was stopped meanwhile must not tell from memory what another writer may have changed since.
        """
        session = self.session()
        if session is None:
            raise Busy
        if asyncio.get_running_loop().time() - session.heard_at > _SURE_FOR_S:
            session.open.beat = True
            self._decided.set()
            await session.settled()
        return session

    @property
    def pressed(self) -> bool:
        """Whether there is more to post at this moment than is being posted."""
        session = self._session
        return bool(self._waiting) or (session is not None and session.carried is not None and bool(session.open))

    def expiry_is_due(self) -> bool:
        session = self.session()
        return session is not None and session.next_expiry is not None and session.next_expiry <= prepare.now()

    async def drain(self) -> None:
        """Take no more; answer what waits."""
        self._most_waiting = 0
        if self._waiting:
            await asyncio.wait([answer for _, answer in self._waiting])
        session = self.session()
        if session is not None:
            with suppress(Busy):
                await session.settled()

    async def close(self) -> None:
        """Let go of the lease, after `drain`."""
        await self._stop("ledger beats")
        session = self.session()
        if session is not None:
            with suppress(Busy):
                await session.settled()
        await self._stop("ledger decides", "ledger commits")
        self._tasks = []
        if session is not None and not session.over:
            try:
                await store.stop_clock(session.connection, session.last)
            except Exception as failure:
                _log.warning("the clock was not stopped", exc_info=failure)
            session.end()
        self._refuse_waiting()
        await self._link.close()

    async def _stop(self, *names: str) -> None:
        tasks = [task for task in self._tasks if task.get_name() in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(self, connection: Any) -> None:
        """What a new connection begins with."""
        if self._session is not None:
            self._session.end()
        tail = await store.tail(connection, self._link.foreseen)
        last_account, last_change = await store.last_times(connection)
        books = await store.new_books(connection)
        books.tail = tail or None
        self._session = Session(
            connection,
            books,
            last=max(last_account, last_change),
            last_change=last_change,
            next_expiry=await store.next_expiry(connection),
            reserved=await store.reserved(connection),
        )

    async def _decide_all(self) -> None:
        while True:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                # One turn of the loop: whoever became ready together is written together.
                await asyncio.sleep(0)
            session = self.session()
            if session is None:
                self._refuse_waiting()
                continue
            if session.open.weight >= MOST_EVENTS:
                self._taken.clear()
                await self._taken.wait()
                continue
            if session.carried is not None and self._events_waiting < ENOUGH:
                self._turn.clear()
                await self._turn.wait()
                continue
            taken = self._take(self._half() if session.carried is None else PIECE)
            try:
                if len(session.books.accounts) > MOST_ACCOUNTS:
                    await self._forget_accounts(session)
                await decide(self._side, session, taken)
                self._decided.set()
            except Exception as failure:
                self._give_up(session, failure)
                for _, answer in taken:
                    if not answer.done():
                        answer.set_exception(Busy() if is_outage(failure) or len(taken) > 1 else failure)
            if session.carried is None:
                # What is decided begins to be written before more is decided.
                await asyncio.sleep(0)

    def _half(self) -> int:
        """So much while nothing is being written: the others are decided meanwhile, and those who ask again come in two turns."""
        return min(PIECE, max(ENOUGH, self._events_waiting // 2))

    def _take(self, most_weight: int) -> list[Asked]:
        taken: list[Asked] = []
        taken_weight, taken_events = 0, 0
        while self._waiting and taken_weight < most_weight:
            taken.append(self._waiting.popleft())
            request = taken[-1][0]
            taken_weight += prepare.weight(request)
            taken_events += len(request.events)
            if request.dated:
                break
        self._events_waiting -= taken_events
        return taken

    async def _forget_accounts(self, session: Session) -> None:
        """Let all accounts go once their rows are written; those that are still named come back by themselves."""
        await self.write_rows()
        if not any(session.books.accounts.changed) and not session.over:
            session.books.accounts = Accounts()

    async def _commit_all(self) -> None:
        while True:
            session = self.session()
            if session is None or not session.open:
                self._answer()
                self._decided.clear()
                await self._decided.wait()
                continue
            session.carried, session.open = session.open, Batch()
            self._taken.set()
            try:
                await self._commit(session, session.carried)
            except Exception as failure:
                self._give_up(session, failure)
            else:
                self._committed, session.carried = session.carried, None
                self._turn.set()

    async def _commit(self, session: Session, batch: Batch) -> None:
        loop = asyncio.get_running_loop()
        asked_at = loop.time()

        def sent() -> None:
            loop.call_soon(self._answer)

        try:
            if batch.changes:
                # PostgreSQL has this batch to work on while those of the one before are answered, and go on.
                await session.unless_over(store.write(session.connection, batch.changes, sent))
                session.heard_at = asked_at
            elif batch.beat:
                await session.unless_over(session.connection.execute("select 1"))
                session.heard_at = asked_at
        finally:
            self._answer()

    def _answer(self) -> None:
        """Answer what was committed last, once."""
        batch, self._committed = self._committed, None
        if batch is not None:
            _batch_size.observe(len(batch.answers))
            batch.answer()

    async def _beat(self) -> None:
        """Keep the connection from falling silent, so that no challenger takes the writer for stopped."""
        loop = asyncio.get_running_loop()
        while True:
            session = self.session()
            silent_s = 0.0 if session is None else loop.time() - session.heard_at
            if session is not None and silent_s >= BEAT_EVERY_S:
                session.open.beat = True
                self._decided.set()
                silent_s = 0.0
            await asyncio.sleep(BEAT_EVERY_S - silent_s)

    def _give_up(self, session: Session, failure: Exception) -> None:
        """Whether the last commit counted is unknown, and so is what is kept in memory: start from the tables again."""
        _log.warning("the ledger's books are begun anew", exc_info=failure)
        session.end()
        self._turn.set()
        if self._link.up and self._link.current() is session.connection:
            self._link.drop()

    def _end(self) -> None:
        """The connection is gone, and whoever waits is told."""
        if self._tell_lost is not None:
            self._tell_lost()
        if self._session is not None:
            self._session.end()
        self._arrived.set()
        self._decided.set()
        self._taken.set()
        self._turn.set()

    def _refuse_waiting(self) -> None:
        while self._waiting:
            request, answer = self._waiting.popleft()
            self._events_waiting -= len(request.events)
            if not answer.done():
                answer.set_exception(Busy())


async def _nothing() -> None:
    """Where nobody writes rows, no account is ever let go."""
