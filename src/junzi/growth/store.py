"""The queries of growth, typed."""

import datetime
from collections.abc import Sequence
from uuid import UUID

import msgspec

from junzi.growth.model import Day, Fact, Figures, Hour
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.growth")


async def insert_facts(tx: Transaction, facts: Sequence[Fact]) -> set[UUID]:
    """Store facts; the events of those that were not stored before."""
    rows = _q.insert_facts(
        tx,
        event_ids=[fact.event_id for fact in facts],
        kinds=[fact.kind for fact in facts],
        person_ids=[fact.person_id for fact in facts],
        ats=[fact.at for fact in facts],
        business_dates=[fact.business_date for fact in facts],
        hours=[fact.hour for fact in facts],
        amounts_minor=[fact.amount_minor for fact in facts],
        coupons_minor=[fact.coupon_minor for fact in facts],
        pieces=[fact.pieces for fact in facts],
        subject_ids=[fact.subject_id for fact in facts],
    )
    return {row["event_id"] async for row in rows}


async def insert_actives(
    tx: Transaction, actives: Sequence[tuple[datetime.date, UUID]]
) -> set[tuple[datetime.date, UUID]]:
    """Mark people active on days; those who were not already."""
    rows = _q.insert_actives(tx, business_dates=[one[0] for one in actives], person_ids=[one[1] for one in actives])
    return {(row["business_date"], row["person_id"]) async for row in rows}


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
