"""What growth does: record an event that counts, and read the figures."""

import datetime
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.growth import rules, store
from junzi.growth.model import Day, Fact, Figures, Hour, Kind, Today
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.text import refused


async def record(database: Database, facts: Sequence[Fact]) -> None:
    """Count events; one that was counted before changes nothing."""
    async with database.transaction() as tx:
        await _count(tx, facts)


def fact(
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
) -> Fact:
    """An event as it counts. Raises `ValueError` for an unknown kind.

    business_date: the day that the event itself names, which then counts; None lets `at` decide
    """
    return Fact(
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


async def days(reader: Reader, first: datetime.date, last: datetime.date) -> list[Day]:
    """The business days from `first` to `last`, each of them. One query."""
    found = {day.date: day for day in await store.days(reader, first, last)}
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [found.get(date, Day(date=date)) for date in wanted]


def span(last: datetime.date | None, count: int) -> tuple[datetime.date, datetime.date]:
    """The first and the last of so many business days; without a last one they end today. Raises `InvalidRequest`."""
    if last is not None and not 2000 <= last.year <= 2200:
        raise refused("last", "There are no figures of that day.")
    end = last or town.business_date(clock.now())
    return end - timedelta(days=count - 1), end


async def _count(tx: Transaction, facts: Sequence[Fact]) -> None:
    """Store facts and add them to their figures.

    The order of the writes is the same for everybody: facts, actives, days, hours, each by its key. Two processes that count at
    once wait for each other and never in a circle.
    """
    told = {fact.event_id: fact for fact in facts}
    stored = await store.insert_facts(tx, list(told.values()))
    new = [fact for fact in told.values() if fact.event_id in stored]
    present = sorted(
        {(fact.business_date, fact.person_id) for fact in new if rules.shows_activity(fact) and fact.person_id}
    )
    first = await store.insert_actives(tx, present) if present else set()
    days, hours = dict[datetime.date, Figures](), dict[tuple[datetime.date, int], Hour]()
    for fact in new:
        presence = (fact.business_date, fact.person_id)
        counts = rules.shows_activity(fact) and presence in first
        if counts:
            # Once, also when several facts of this batch speak of it.
            first.remove(presence)  # type: ignore[arg-type]
        added = rules.added_to_day(fact, new_active=counts)
        days[fact.business_date] = rules.summed(days.get(fact.business_date), added)
        hour = rules.added_to_hour(fact)
        if hour is not None:
            key = (fact.business_date, hour.hour)
            hours[key] = rules.summed(hours.get(key), hour)
    for date in sorted(days):
        await store.add_to_day(tx, date, days[date])
    for date, number in sorted(hours):
        await store.add_to_hour(tx, date, hours[date, number])
