"""Deliver stored events to those who listen.

An event is a row written in the transaction of what happened, so it is neither lost nor told of something that was rolled back.
Delivery is at least once: a listener that is called again for the same event id must do nothing new. A listener that fails is
tried again, later and later.

Events are told in the order in which they were stored, but for those that come in rushes, such as payments: of such a kind all
are told at once that stand before the next event which is told by itself.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from prometheus_client import Counter, Gauge

from junzi.kit import clock, sql
from junzi.kit.bus import Subject
from junzi.kit.database import Database, Event, Reader

BATCH = 500
SLOWEST_RETRY_S = 3600
KEPT_DAYS = 35
STORED = Subject("outbox.stored", type(None))
"""Another process stored an event."""

_q = sql.queries("junzi.kit")
_log = structlog.get_logger("outbox")
_delivered = Counter("junzi_events_delivered_total", "Stored events that every listener took", ["type"])
_failed = Counter("junzi_event_failures_total", "Deliveries that will be tried again", ["type"])
_waiting = Gauge("junzi_events_waiting", "Stored events not yet delivered")


class Delivery(msgspec.Struct, frozen=True):
    """One event as a listener gets it: its id is the listener's key against doing things twice."""

    id: UUID
    at: datetime
    event: Any


Listener = Callable[[Delivery], Awaitable[None]]


class Together(msgspec.Struct, frozen=True):
    """A listener that takes several events of its kind at once, oldest first, all or none of them."""

    listen: Callable[[Sequence[Delivery]], Awaitable[None]]


Listeners = Mapping[type[Event], Sequence[Listener] | Together]


class Relay:
    """Takes due events from the outbox, oldest first, and hands each to its listeners."""

    def __init__(self, database: Database, listeners: Listeners) -> None:
        self._database = database
        self._kinds = {kind.__struct_config__.tag: kind for kind in listeners}
        self._listeners = listeners
        self._wake = asyncio.Event()
        database.on_events(self.wake)

    def wake(self) -> None:
        """There is something to deliver."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver for ever; a commit in this process wakes it, what another process forgets to tell is seen within a second."""
        while True:
            self._wake.clear()
            if await self.deliver() < BATCH:
                # Not `wait_for`: until Python 3.12 it forgets that it was cancelled when woken at the same moment.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._wake.wait()

    async def drain(self) -> None:
        """Deliver until nothing is due, whatever the listeners themselves cause included."""
        while await self.deliver():
            pass

    async def deliver(self) -> int:
        """Deliver one batch; returns how many events were taken up."""
        async with self._database.read() as reader:
            rows = [row async for row in _q.pending_events(reader, at=clock.now(), most=BATCH)]
        done: list[tuple[date, int]] = []
        for batch in self._batches(rows):
            done += [(row["day"], row["seq"]) for row in await self._told(batch)]
        if done:
            days, seqs = zip(*done, strict=True)
            async with self._database.transaction() as tx:
                await _q.mark_delivered(tx, days=list(days), seqs=list(seqs), at=clock.now())
        return len(rows)

    def _batches(self, rows: Sequence[Any]) -> Iterator[list[Any]]:
        """The events as they are told: each by itself, but those that are told together up to the next that stands alone."""
        gathered: dict[str, list[Any]] = {}
        for row in rows:
            if self._is_told_together(row["type"]):
                gathered.setdefault(row["type"], []).append(row)
            else:
                yield from gathered.values()
                gathered = {}
                yield [row]
        yield from gathered.values()

    def _is_told_together(self, type: str) -> bool:
        return isinstance(self._listeners.get(self._kinds.get(type, Event)), Together)

    async def _told(self, rows: list[Any]) -> list[Any]:
        """Tell events of one kind; those that every listener took. What fails is halved until the culprit stands alone."""
        type = rows[0]["type"]
        kind = self._kinds.get(type)
        try:
            if kind is not None:
                deliveries = [Delivery(row["id"], row["at"], msgspec.convert(row["payload"], kind)) for row in rows]
                listeners = self._listeners[kind]
                if isinstance(listeners, Together):
                    await listeners.listen(deliveries)
                else:
                    for listener in listeners:
                        await listener(deliveries[0])
        except Exception as failure:
            if len(rows) > 1:
                middle = len(rows) // 2
                return await self._told(rows[:middle]) + await self._told(rows[middle:])
            await self._postpone(rows[0], failure)
            return []
        _delivered.labels(type).inc(len(rows))
        return rows

    async def _postpone(self, row: Any, failure: Exception) -> None:
        _failed.labels(row["type"]).inc()
        _log.warning(
            "listener failed", type=row["type"], event_id=str(row["id"]), attempts=row["attempts"], exc_info=failure
        )
        due = clock.now() + timedelta(seconds=min(2 ** row["attempts"], SLOWEST_RETRY_S))
        async with self._database.transaction() as tx:
            await _q.postpone_event(tx, day=row["day"], seq=row["seq"], due_at=due)


async def keep_days(database: Database) -> None:
    """Make room for the days ahead and forget what is older than 35 days. Run at start and several times a day.

    Both want locks that whoever stores an event would wait behind. While somebody reads the whole table, as a backup does, they
    are left for the next time: there is room for a week ahead, and for other days without any of their own.
    """
    today = clock.now().date()
    try:
        async with database.transaction() as tx:
            await _q.wait_briefly(tx)
            await _q.keep_days_alone(tx)
            for ahead in range(-1, 8):
                await _q.open_outbox_day(tx, day=today + timedelta(days=ahead))
            await _q.drop_outbox_before(tx, day=today - timedelta(days=KEPT_DAYS))
    except asyncpg.LockNotAvailableError:
        _log.warning("days of the outbox are in use, kept as they are")


async def latest_event_at(database: Database) -> datetime | None:
    """When the newest stored event happened; `None` when nothing happened yet."""
    async with database.read() as reader:
        found: datetime | None = await _q.latest_event_at(reader)
    return found


async def refused_count(reader: Reader) -> int:
    """How many events a listener refused, which are tried again."""
    return int(await _q.refused_count(reader))


async def measure(database: Database) -> None:
    """Set the gauge of waiting events."""
    async with database.read() as reader:
        _waiting.set(await _q.undelivered_count(reader))
