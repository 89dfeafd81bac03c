"""The queries of growth, typed."""

import datetime
from collections.abc import Sequence
from uuid import UUID

import msgspec

from junzi.growth.audience_model import CouponDay
from junzi.growth.model import Day, Fact, Figures, Hour, Kind
from junzi.growth.third_model import Override
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


async def days_to_roll(reader: Reader, most: int) -> list[datetime.date]:
    return [row["business_date"] async for row in _q.days_to_roll(reader, most=most)]


async def begin_to_roll(tx: Transaction, date: datetime.date) -> bool:
    """False when somebody else has rolled the day up."""
    return bool(await _q.begin_to_roll(tx, business_date=date))


async def number_people(tx: Transaction, date: datetime.date) -> None:
    """Give everybody of the day a number, and days on which they were first there and first used a coupon; days that follow from
    what is now known to have been earlier are to be rolled up again."""
    await _q.number_people(tx, business_date=date)
    async for _ in _q.make_earlier(tx, business_date=date):
        pass
    async for _ in _q.make_coupon_earlier(tx, business_date=date, paid=Kind.PAYMENT_MADE):
        pass
    await _q.note_firsts(tx, business_date=date, bound=Kind.CARD_BOUND, scanned=Kind.CODE_SCANNED)
    await _q.note_sources(tx, business_date=date, signed_up=Kind.SIGNED_UP)


async def numbers_of_day(tx: Transaction, date: datetime.date) -> dict[str, list[int]]:
    """By mark."""
    rows = _q.numbers_of_day(
        tx,
        business_date=date,
        spoke=Kind.SPOKE,
        paid=Kind.PAYMENT_MADE,
        scanned=Kind.CODE_SCANNED,
        signed_up=Kind.SIGNED_UP,
    )
    return {row["mark"]: row["numbers"] async for row in rows}


async def set_rolled_up(tx: Transaction, date: datetime.date, bits: dict[str, bytes]) -> None:
    await _q.set_marks(tx, business_date=date, marks=list(bits), bits=list(bits.values()))
    await _q.set_coupon_day(tx, business_date=date, paid=Kind.PAYMENT_MADE)
    await _q.set_source_day(tx, business_date=date, opened=Kind.OPENED, installed=Kind.INSTALLED)


async def marks(reader: Reader, first: datetime.date, last: datetime.date) -> dict[tuple[str, datetime.date], bytes]:
    return {(row["mark"], row["business_date"]): row["bits"] async for row in _q.marks(reader, first=first, last=last)}


async def coupon_days(reader: Reader, first: datetime.date, last: datetime.date) -> list[CouponDay]:
    return [sql.struct(CouponDay, row) async for row in _q.coupon_days(reader, first=first, last=last)]


async def override(reader: Reader, campaign_id: UUID) -> Override | None:
    return sql.maybe(Override, await _q.override(reader, campaign_id=campaign_id))


async def overrides(reader: Reader, campaign_ids: list[UUID]) -> dict[UUID, Override]:
    """By campaign."""
    rows = _q.overrides(reader, campaign_ids=campaign_ids)
    return {row["campaign_id"]: sql.struct(Override, row) async for row in rows}


async def insert_override(
    tx: Transaction, campaign_id: UUID, *, reason: str, by_id: UUID, at: datetime.datetime
) -> None:
    await _q.insert_override(tx, campaign_id=campaign_id, reason=reason, by_id=by_id, at=at)


async def agree_to_override(tx: Transaction, campaign_id: UUID, *, by_id: UUID, at: datetime.datetime) -> None:
    await _q.agree_to_override(tx, campaign_id=campaign_id, by_id=by_id, at=at)
