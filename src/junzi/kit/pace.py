"""How often one person may do something in a minute. Counted where every process sees it, and forgotten by a crash."""

from datetime import timedelta
from uuid import UUID

from junzi.kit import clock, sql
from junzi.kit.database import Database
from junzi.kit.errors import Refusal

_MINUTE = timedelta(minutes=1)

_q = sql.queries("junzi.kit")


class TooManyRequests(Refusal):
    slug, status, title = "too-many-requests", 429, "This was asked for too often. Wait a moment."


async def keep(database: Database, person_id: UUID, action: str, *, most: int) -> None:
    """Count it, whatever becomes of it. Raises `TooManyRequests` beyond `most` in a minute of the clock; it says until when."""
    minute = clock.now().replace(second=0, microsecond=0)
    async with database.transaction() as tx:
        count: int = await _q.keep_pace(tx, person_id=person_id, action=action, minute=minute)
    if count > most:
        raise TooManyRequests(retry_at=minute + _MINUTE)


async def forget_old(database: Database) -> None:
    """Drop what counts no more."""
    async with database.transaction() as tx:
        await _q.forget_paces(tx, before=clock.now() - _MINUTE)
