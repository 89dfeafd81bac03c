"""The rows of notices, one typed function a query."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.notices.model import QuietHours, Subscription

_q = sql.queries("junzi.notices")


async def put_subscription(tx: Transaction, subscription: Subscription, at: datetime) -> None:
    await _q.put_subscription(
        tx,
        session_id=subscription.session_id,
        person_id=subscription.person_id,
        endpoint=subscription.endpoint,
        p256dh=subscription.p256dh,
        auth=subscription.auth,
        shows_text=subscription.shows_text,
        at=at,
    )


async def subscription(reader: Reader, session_id: UUID) -> Subscription | None:
    return sql.maybe(Subscription, await _q.subscription(reader, session_id=session_id))


async def subscriptions_of(reader: Reader, person_ids: Sequence[UUID]) -> list[tuple[Subscription, QuietHours | None]]:
    found = []
    async for row in _q.subscriptions_of(reader, person_ids=list(person_ids)):
        hours = None if row["quiet_from"] is None else QuietHours(row["quiet_from"], row["quiet_until"])
        found.append((sql.struct(Subscription, row), hours))
    return found


async def delete_subscriptions(tx: Transaction, session_ids: Sequence[UUID]) -> None:
    await _q.delete_subscriptions(tx, session_ids=list(session_ids))


async def note_push(tx: Transaction, session_id: UUID, *, failed: bool, most_failures: int) -> None:
    await _q.note_push(tx, session_id=session_id, failed=failed, most_failures=most_failures)


async def put_quiet_hours(tx: Transaction, person_id: UUID, quiet_from: time, quiet_until: time) -> None:
    await _q.put_quiet_hours(tx, person_id=person_id, quiet_from=quiet_from, quiet_until=quiet_until)


async def delete_quiet_hours(tx: Transaction, person_id: UUID) -> None:
    await _q.delete_quiet_hours(tx, person_id=person_id)


async def quiet_hours(reader: Reader, person_id: UUID) -> QuietHours | None:
    return sql.maybe(QuietHours, await _q.quiet_hours(reader, person_id=person_id))
