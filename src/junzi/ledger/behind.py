"""What is written behind the posting, at a bounded rate: account rows with their balances, entries by account, and seals.

None of it is needed to answer anybody: balances are told from memory, recovery adds what came after a row, and what has no entry
yet is found among the newest transfers.
"""

import asyncio

import structlog

from junzi.kit.database import Database
from junzi.kit.errors import Busy
from junzi.ledger import store
from junzi.ledger.model import MOST_EVENTS
from junzi.ledger.post import Writer
from junzi.ledger.rules import Missing
from junzi.ledger.session import Session

ROWS_EVERY_S = 0.5
SWEEP_S = 8.0
"""All that changed is written within about this time, the more the faster; recovery adds what a sweep leaves out."""
PAUSE_S, PATIENCE_S = 0.5, 5.0
_ROWS_AT_ONCE = 1_000
_ENTER_AT_ONCE = 2_000
_log = structlog.get_logger("ledger")


class Behind:
    """side: connections for what need not be flushed"""

    def __init__(self, writer: Writer, side: Database) -> None:
        self._writer = writer
        self._side = side
        self._sealing = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._entering = asyncio.Lock()
        writer.write_rows = lambda: self.write_rows(sweep_s=0)

    async def write_rows(self, *, sweep_s: float | None = None) -> int:
        """Write the balances of all accounts that changed since they were written; returns how many those are."""
        async with self._writing:
            session = self._writer.session()
            if session is None:
                return 0
            await self._load_tail(session)
            await session.decided()
            accounts = session.books.accounts
            places, applied = accounts.take_changed(), session.last_change
            pause_s = (SWEEP_S if sweep_s is None else sweep_s) * _ROWS_AT_ONCE / max(len(places), 8 * _ROWS_AT_ONCE)
            written = 0
            try:
                while written < len(places):
                    await self._write_some(session, places[written : written + _ROWS_AT_ONCE])
                    written += _ROWS_AT_ONCE
                    await asyncio.sleep(pause_s)
            finally:
                # Whatever ends this early, even while it pauses.
                for place in places[written:]:
                    if place < len(accounts):
                        accounts.changed[place] = 1
            if applied > session.applied:
                async with self._side.transaction(durable=False) as tx:
                    await store.set_applied(tx, applied)
                session.applied = applied
            # Its accounts were all loaded, and are written.
            session.books.tail = None
            return len(places)

    async def _load_tail(self, session: Session) -> None:
        """Load the accounts that a former writer did not write, so that they are written with the others."""
        tail = session.books.tail
        waiting = tail.accounts if tail is not None else []
        for start in range(0, len(waiting), _ROWS_AT_ONCE):
            await session.decided()
            here = set(waiting[start : start + _ROWS_AT_ONCE]) - session.books.accounts.places.keys()
            async with self._side.read() as reader:
                await store.load(reader, session.books, Missing(here, set()))

    async def enter(self, *, all_of_it: bool = False) -> int:
        """Enter transfers with their accounts until none is left; returns how many."""
        loop = asyncio.get_running_loop()
        entered, began = 0, loop.time()
        async with self._entering:
            while True:
                asked_at = loop.time()
                async with self._side.transaction(durable=False) as tx:
                    count = await store.enter(tx, _ENTER_AT_ONCE)
                entered += count
                if count < _ENTER_AT_ONCE:
                    return entered
                if all_of_it:
                    continue
                late_s = loop.time() - began
                if self._writer.pressed and late_s < PATIENCE_S:
                    # What is to be posted comes first, for a while.
                    await asyncio.sleep(PAUSE_S)
                elif late_s < 2 * PATIENCE_S:
                    await self._rest(asked_at)

    async def seal(self) -> int:
        """Cover the transfers that no seal covers yet with the next seals; returns how many."""
        sealed = 0
        async with self._sealing:
            while True:
                asked_at = asyncio.get_running_loop().time()
                async with self._side.transaction(durable=False) as tx:
                    count = await store.seal(tx, MOST_EVENTS)
                sealed += count
                if count < MOST_EVENTS:
                    return sealed
                await self._rest(asked_at)

    async def _rest(self, since: float) -> None:
        """As long as the work since then took, so that it never has more than half a processor while others wait for theirs."""
        await asyncio.sleep(asyncio.get_running_loop().time() - since)

    async def finish(self) -> None:
        """Leave nothing for the next writer to recover, as far as PostgreSQL is there."""
        try:
            await self.write_rows(sweep_s=0)
        except Exception as failure:
            _log.warning("balances are left to the next writer", exc_info=failure)

    async def _write_some(self, session: Session, places: list[int]) -> None:
        await session.decided()
        accounts = session.books.accounts
        # An account may have been taken back with its chain.
        balances = {accounts.id(place): accounts.balances(place) for place in places if place < len(accounts)}
        applied = session.last_change
        # A row never holds what might still be lost.
        await session.settled()
        if session.over:
            raise Busy
        async with self._side.transaction(durable=False) as tx:
            await store.write_balances(tx, balances, applied)
