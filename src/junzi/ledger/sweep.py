"""Account rows with their balances, written behind the posting in rounds over all accounts, at a bounded pace.

Each round passes every place once and writes what changed there since the round before. So recovery needs what happened since the
place that comes next was passed last, which is one round ago, whatever its place.
"""

import asyncio
from collections import deque

from junzi.kit.database import Database
from junzi.ledger import store
from junzi.ledger.books import Accounts
from junzi.ledger.post import Writer
from junzi.ledger.rules import Missing
from junzi.ledger.session import Session

SWEEP_S = 5.0
"""How long a round over many changed accounts takes, or longer where they are too many; recovery adds what came meanwhile."""
_FEW = 8_000
"""Rounds over fewer changed accounts are shorter, in proportion."""
_TAKEN_AT_ONCE, _ROWS_AT_ONCE = 1_000, 250
_LOADED_AT_ONCE = 1_000
_SAY_EVERY_S = 0.5


class Sweep:
    """side: connections for what need not be flushed"""

    def __init__(self, writer: Writer, side: Database) -> None:
        self._writer = writer
        self._side = side
        self._working = asyncio.Lock()
        self._hurried = 0

    async def write_now(self) -> None:
        """Write all that has changed by now, without pauses."""
        self._hurried += 1
        try:
            await self.write_round()
        finally:
            self._hurried -= 1

    async def write_round(self) -> None:
        async with self._working:
            session = self._writer.session()
            if session is None:
                return
            await self._load_tail(session)
            await self._write_all(session, session.books.accounts)
            # Its accounts were all loaded, and are written.
            session.books.tail = None

    async def _write_all(self, session: Session, accounts: Accounts) -> None:
        # Nothing is known of the round before if this one fails.
        before, accounts.passed = accounts.passed, deque()
        passed: deque[tuple[int, int]] = deque()
        changed = accounts.changed.count(1)
        pace = _Pace(SWEEP_S * min(changed, _FEW) / _FEW, changed)
        width = max(_TAKEN_AT_ONCE, len(accounts) * _TAKEN_AT_ONCE // max(changed, 1))
        place, said_at = 0, pace.began
        while not passed or place < len(accounts):
            place, timestamp = await self._write_some(session, accounts, place, width, pace)
            passed.append((place, timestamp))
            while before and before[0][0] <= place:
                before.popleft()
            if before and pace.now() - said_at > _SAY_EVERY_S:
                await self._say(session, before[0][1])
                said_at = pace.now()
        accounts.passed = passed
        await self._say(session, passed[0][1])

    async def _write_some(
        self, session: Session, accounts: Accounts, start: int, width: int, pace: "_Pace"
    ) -> tuple[int, int]:
        """Pass so many places at most; returns where that ended, and up to which timestamp their rows contain what happened."""
        await session.decided()
        places, stop = accounts.take_changed(start, width, _TAKEN_AT_ONCE)
        balances = [(accounts.id(place), accounts.balances(place)) for place in places]
        timestamp, written = session.last_change, 0
        try:
            if places:
                # A row never holds what might still be lost.
                await session.settled()
            while written < len(places):
                began = pace.now()
                async with self._side.transaction(durable=False) as tx:
                    await store.write_balances(tx, dict(balances[written : written + _ROWS_AT_ONCE]), timestamp)
                written += _ROWS_AT_ONCE
                if not self._hurried:
                    await pace.rest(began, _ROWS_AT_ONCE)
        except BaseException:
            # Whatever ends this early.
            for place in places[written:]:
                if place < len(accounts):
                    accounts.changed[place] = 1
            raise
        return stop, timestamp

    async def _say(self, session: Session, timestamp: int) -> None:
        """All rows contain what happened up to this timestamp."""
        if timestamp > session.applied:
            # The timestamp of what is decided and might still be lost could be given again after the clock was set back.
            await session.settled()
            async with self._side.transaction(durable=False) as tx:
                await store.set_applied(tx, timestamp)
            session.applied = timestamp

    async def _load_tail(self, session: Session) -> None:
        """Load the accounts that a former writer did not write, so that they are written with the others."""
        tail = session.books.tail
        waiting = tail.accounts if tail is not None else []
        for start in range(0, len(waiting), _LOADED_AT_ONCE):
            await session.decided()
            here = set(waiting[start : start + _LOADED_AT_ONCE]) - session.books.accounts.places.keys()
            async with self._side.read() as reader:
                await store.load(reader, session.books, Missing(here, set()))


class _Pace:
    """Spreads a round over the time it is to last. changed: how many rows it will write, about"""

    def __init__(self, lasts_s: float, changed: int) -> None:
        self.now = asyncio.get_running_loop().time
        self.began = self.now()
        self._each_s = lasts_s / max(changed, 1)
        self._written = 0

    async def rest(self, since: float, count: int) -> None:
        """After so many rows, begun at that time. Late or not, a part of the time is left to who posts."""
        self._written += count
        now = self.now()
        await asyncio.sleep(max(self.began + self._each_s * self._written - now, (now - since) / 2))
