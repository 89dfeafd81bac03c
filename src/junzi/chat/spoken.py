"""That somebody wrote to somebody on a business day, told once or a few times, never what or to whom."""

from datetime import date
from uuid import UUID

from junzi.chat.model import PersonSpoke
from junzi.kit import clock, ids, town
from junzi.kit.database import Database, Transaction

_told: set[tuple[UUID, date]] = set()
"""By this process, today."""


async def note(database: Database, person_id: UUID) -> None:
    """Tell it, the first time today. Lost in a crash, the next message tells it."""
    spoke = _today(person_id)
    if spoke in _told:
        return
    if _told and next(iter(_told))[1] != spoke[1]:
        _told.clear()
    await database.carry(_tell, spoke, durable=False)
    _told.add(spoke)


def is_told(person_id: UUID) -> bool:
    """Whether there is nothing to tell any more today."""
    return _today(person_id) in _told


def _today(person_id: UUID) -> tuple[UUID, date]:
    return person_id, town.business_date(clock.now())


async def _tell(tx: Transaction, spoken: list[tuple[UUID, date]]) -> list[None]:
    await tx.emit_all([(ids.new_id(), PersonSpoke(person_id=id, business_date=date)) for id, date in set(spoken)])
    return [None] * len(spoken)
