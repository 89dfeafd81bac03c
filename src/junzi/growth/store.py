"""The queries of growth, typed."""

import datetime
from uuid import UUID

import msgspec

from junzi.growth.model import Day, Fact, Figures, Hour
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.growth")


async def insert_fact(tx: Transaction, fact: Fact) -> bool:
    """Store a fact; False when this event was stored before."""
    return bool(await _q.insert_fact(tx, **msgspec.structs.asdict(fact)))


async def insert_active(tx: Transaction, business_date: datetime.date, person_id: UUID) -> bool:
    """Mark a person active on a day; False when they were already."""
    return bool(await _q.insert_active(tx, business_date=business_date, person_id=person_id))


async def add_to_day(tx: Transaction, business_date: datetime.date, added: Figures) -> None:
    await _q.add_to_day(tx, business_date=business_date, **msgspec.structs.asdict(added))


async def add_to_hour(tx: Transaction, business_date: datetime.date, added: Hour) -> None:
    await _q.add_to_hour(tx, business_date=business_date, **msgspec.structs.asdict(added))


async def days(reader: Reader, first: datetime.date, last: datetime.date) -> list[Day]:
    """The days that have figures, oldest first."""
    return [sql.struct(Day, row) async for row in _q.days(reader, first=first, last=last)]


async def days_with_hours(
    reader: Reader, first: datetime.date, last: datetime.date
) -> dict[datetime.date, tuple[Figures, list[Hour]]]:
    """The days that have figures, each with the hours that have some."""
    return {
        row["date"]: (sql.struct(Figures, row), msgspec.convert(row["hours"] or [], list[Hour]))
        async for row in _q.days_with_hours(reader, first=first, last=last)
    }
