"""Who comes, comes again and stays away; what they do; what coupons move.

Each business day has a bitmap for each thing that people do (`roll_up`), made anew whenever a fact of that day comes, however
late. Everything here is counted from these bitmaps when somebody asks, so that every count of people is exact.
"""

import datetime
from collections.abc import Iterable
from datetime import timedelta

from junzi.growth import bits, store
from junzi.growth.audience_model import By, Cohort, CouponDay, Span
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader

MOST = {By.DAY: 92, By.WEEK: 26, By.MONTH: 12}
"""Spans that are shown at once."""
WINDOW = timedelta(days=29)
"""Before a day, those that its stickiness looks back on."""
HABIT = timedelta(days=6)
MARKS = ("active", "new", "chat", "pay", "scan", "signed_up")
MOST_DAYS = 62
"""Days that are rolled up before anybody else has a turn."""


async def spans(reader: Reader, by: By, count: int) -> list[Span]:
    """The last `count` spans, oldest first, the present one the last of them. One query."""
    today = town.business_date(clock.now())
    wanted = _spans(by, today, count + 1)
    before = min(wanted[0][0], wanted[1][0] - WINDOW)
    stored = await store.marks(reader, before, today)
    sets = {key: bits.unpack(packed) for key, packed in stored.items()}

    def during(mark: str, first: datetime.date, last: datetime.date) -> list[int]:
        return [sets.get((mark, date), 0) for date in _days(first, last)]

    found, earlier = list[Span](), bits.union(during("active", *wanted[0]))
    for first, last in wanted[1:]:
        active = bits.union(during("active", first, last))
        new = bits.union(during("new", first, last)) & active
        kept = active & earlier
        known = [_sticks(sets, date) for date in _days(first, last)]
        found.append(
            Span(
                first=first,
                last=last,
                actives=active.bit_count(),
                new=new.bit_count(),
                kept=kept.bit_count(),
                returned=(active & ~new & ~kept).bit_count(),
                lost=(earlier & ~active).bit_count(),
                chat_actives=bits.union(during("chat", first, last)).bit_count(),
                pay_actives=bits.union(during("pay", first, last)).bit_count(),
                stickiness=sum(known) / len(known),
                habit=bits.at_least_three(during("scan", last - HABIT, last)).bit_count(),
            )
        )
        earlier = active
    return found


async def cohorts(reader: Reader, weeks: int) -> list[Cohort]:
    """The people who signed up in each of the last weeks, and how many of them came and paid in each week since. One query."""
    today = town.business_date(clock.now())
    spans = _spans(By.WEEK, today, weeks)
    stored = await store.marks(reader, spans[0][0], today)
    sets = {key: bits.unpack(packed) for key, packed in stored.items()}

    def during(mark: str, span: tuple[datetime.date, datetime.date]) -> int:
        return bits.union(sets.get((mark, date), 0) for date in _days(*span))

    marks = {mark: [during(mark, span) for span in spans] for mark in ("signed_up", "active", "pay")}
    return [
        Cohort(
            week=first,
            size=signed_up.bit_count(),
            active=[(signed_up & active).bit_count() for active in marks["active"][place:]],
            paying=[(signed_up & pay).bit_count() for pay in marks["pay"][place:]],
        )
        for place, ((first, _), signed_up) in enumerate(zip(spans, marks["signed_up"], strict=True))
    ]


async def coupon_days(reader: Reader, count: int) -> list[CouponDay]:
    """What coupons moved on the last `count` business days, oldest first. One query."""
    last = town.business_date(clock.now())
    first = last - timedelta(days=count - 1)
    known = {day.date: day for day in await store.coupon_days(reader, first, last)}
    return [known.get(date, CouponDay(date=date)) for date in _days(first, last)]


async def roll_up(database: Database) -> int:
    """Make anew what is rolled up of every day to which something was added; returns how many days that were."""
    async with database.read() as reader:
        dates = await store.days_to_roll(reader, MOST_DAYS)
    for date in dates:
        async with database.transaction() as tx:
            if await store.begin_to_roll(tx, date):
                await store.number_people(tx, date)
                numbers = await store.numbers_of_day(tx, date)
                packed = {mark: bits.pack(numbers.get(mark, ())) for mark in MARKS}
                await store.set_rolled_up(tx, date, packed)
    return len(dates)


def _sticks(sets: dict[tuple[str, datetime.date], int], date: datetime.date) -> float:
    month = bits.union(sets.get(("active", one), 0) for one in _days(date - WINDOW, date)).bit_count()
    return sets.get(("active", date), 0).bit_count() / month if month else 0.0


def _spans(by: By, today: datetime.date, count: int) -> list[tuple[datetime.date, datetime.date]]:
    """First and last day of each, oldest first; the last one ends today."""
    found, last = [], today
    for _ in range(count):
        first = {By.DAY: last, By.WEEK: last - timedelta(days=last.weekday()), By.MONTH: last.replace(day=1)}[by]
        found.append((first, last))
        last = first - timedelta(days=1)
    return found[::-1]


def _days(first: datetime.date, last: datetime.date) -> Iterable[datetime.date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
