"""The one writer: loads the books, lets the rules decide, writes and commits, for all requests that gathered meanwhile.

It keeps two numbers in memory, both reloaded with every connection: the last timestamp given, and when the next pending
transfer runs out.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from junzi.kit import clock
from junzi.kit.leased_connection import BY_KEY, LeasedConnection, is_outage
from junzi.ledger import rules, store
from junzi.ledger.books import Decision, Outcome, Request

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Writer:
    """Holds the ledger's lease and the connection that commits."""

    def __init__(self, url: str) -> None:
        self._link = LeasedConnection(url, "ledger", self._load, settings=BY_KEY)
        self._last_timestamp = 0
        self._next_expiry: int | None = None

    async def open(self) -> None:
        """Raises `EngineTaken`, or what asyncpg raises when PostgreSQL does not answer."""
        await self._link.open()

    @property
    def up(self) -> bool:
        return self._link.up

    def expiry_is_due(self) -> bool:
        return self._next_expiry is not None and self._next_expiry <= _now()

    async def write(self, requests: list[Request]) -> list[Outcome]:
        """Carry all requests in one transaction; their outcomes in order. Raises with no effect, unless in an outage."""
        connection = self._link.current()
        try:
            async with connection.transaction():
                timestamp = max(self._last_timestamp + 1, _now())
                is_due = self._next_expiry is not None and self._next_expiry <= timestamp
                due = await store.due_pendings(connection, timestamp) if is_due else []
                books = await store.load_books(connection, requests, due)
                decision = rules.decide(books, due, requests, timestamp)
                await store.write(connection, decision)
                next_expiry = await store.next_expiry(connection) if is_due else self._earlier_expiry(decision)
        except Exception as failure:
            if is_outage(failure):
                # Whether the commit counted is unknown, and so is what is kept in memory: start from the tables again.
                self._link.drop()
            raise
        self._last_timestamp = decision.timestamp
        self._next_expiry = next_expiry
        return decision.outcomes

    async def close(self) -> None:
        await self._link.close()

    async def _load(self, connection: Any) -> None:
        self._last_timestamp = await store.last_timestamp(connection)
        self._next_expiry = await store.next_expiry(connection)

    def _earlier_expiry(self, decision: Decision) -> int | None:
        """The next expiry at the earliest: one that was resolved since costs a look in vain, and is forgotten then."""
        known = [] if self._next_expiry is None else [self._next_expiry]
        return min(
            known + [pending.expires_at for pending in decision.new_pendings if pending.expires_at], default=None
        )


def _now() -> int:
    """Nanoseconds since 1970 by the house's clock."""
    return (clock.now() - _EPOCH) // _MICROSECOND * 1000
