"""What growth does: record an event that counts, and read the figures."""

import datetime
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.growth import rules, store
from junzi.growth.model import Day, Fact, Figures, Hour, Kind, Today
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction


async def record(
    database: Database,
    event_id: UUID,
    kind: Kind | str,
    person_id: UUID | None,
    at: datetime.datetime,
    *,
    amount_minor: int = 0,
    coupon_minor: int = 0,
    pieces: int = 0,
    subject_id: UUID | None = None,
    business_date: datetime.date | None = None,
) -> None:
    """Count an event; one that was counted before changes nothing. Raises `ValueError` for an unknown kind.

    business_date: the day that the event itself names, which then counts; None lets `at` decide
    """
    fact = Fact(
        event_id=event_id,
        kind=Kind(kind),
        person_id=person_id,
        at=at,
        business_date=business_date or town.business_date(at),
        hour=at.astimezone(ZoneInfo(town.current().time_zone)).hour,
        amount_minor=amount_minor,
        coupon_minor=coupon_minor,
        pieces=pieces,
        subject_id=subject_id,
    )
    async with database.transaction() as tx:
        await _count(tx, fact)


async def today(reader: Reader) -> Today:
    """The day so far and the day before it. One query."""
    at = clock.now()
    date = town.business_date(at)
    before = date - timedelta(days=1)
    found = await store.days_with_hours(reader, before, date)
    figures, counted = found.get(date, (Figures(), []))
    by_hour = {hour.hour: hour for hour in counted}
    return Today(
        date=date,
        figures=figures,
        yesterday=found.get(before, (Figures(), []))[0],
        hours=[by_hour.get(hour, Hour(hour=hour)) for hour in range(24)],
        at=at,
    )


async def days(reader: Reader, count: int) -> list[Day]:
    """The last `count` business days, oldest first, today the last of them. One query."""
    last = town.business_date(clock.now())
    first = last - timedelta(days=count - 1)
    found = {day.date: day for day in await store.days(reader, first, last)}
    wanted = [first + timedelta(days=number) for number in range(count)]
    return [found.get(date, Day(date=date)) for date in wanted]


async def _count(tx: Transaction, fact: Fact) -> None:
    """Store the fact and add it to its figures.

    The order of the writes is the same for every fact: fact, active, day, hour. Two processes that count at once wait
    for each other at the day's row and never in a circle.
    """
    if not await store.insert_fact(tx, fact):
        return
    new_active = False
    if fact.person_id is not None and rules.shows_activity(fact):
        new_active = await store.insert_active(tx, fact.business_date, fact.person_id)
    await store.add_to_day(tx, fact.business_date, rules.added_to_day(fact, new_active=new_active))
    hour = rules.added_to_hour(fact)
    if hour is not None:
        await store.add_to_hour(tx, fact.business_date, hour)
