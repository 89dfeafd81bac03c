"""Who comes and comes again equals a slow recount from the facts, whatever their order, however late and however often told."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from junzi.growth import actions, audience, bits, sources_store
from junzi.growth.audience_model import By, Cohort, CouponDay, Span
from junzi.growth.model import Fact, Kind
from junzi.growth.sources_model import Source, SourceKind, Step
from junzi.kit import clock
from junzi.kit.clock import SimulatedClock
from junzi.kit.database import Database
from tests.support.examples import examples

TODAY = date(2026, 3, 10)
DAYS = 70
KINDS = (
    Kind.ACTIVE,
    Kind.SPOKE,
    Kind.PAYMENT_MADE,
    Kind.CODE_SCANNED,
    Kind.CARD_BOUND,
    Kind.SIGNED_UP,
    Kind.OPENED,
    Kind.INSTALLED,
)
SOURCES = [UUID(int=1), UUID(int=2), None]

_facts = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 6), st.integers(0, DAYS - 1), st.sampled_from([0, 0, 300])),
    max_size=60,
)
FROM_SOMEWHERE = (Kind.SIGNED_UP, Kind.OPENED, Kind.INSTALLED)
Told = tuple[Kind, int, int, int]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    clock.use(SimulatedClock(datetime(2026, 3, 10, 4, 0, tzinfo=UTC)))
    yield
    clock.use(None)


def fact(number: int, told: Told) -> Fact:
    kind, person, ago, coupon_minor = told
    is_payment = kind is Kind.PAYMENT_MADE
    return actions.fact(
        UUID(int=number + 1),
        kind,
        None if kind in (Kind.OPENED, Kind.INSTALLED) else UUID(int=person << 64),
        datetime(2026, 3, 10, 4, 0, tzinfo=UTC) - timedelta(days=ago),
        amount_minor=1_000 if is_payment else 0,
        coupon_minor=coupon_minor if is_payment else 0,
        subject_id=SOURCES[person % 3] if kind in FROM_SOMEWHERE else None,
        business_date=TODAY - timedelta(days=ago),
    )


@given(first=_facts, late=_facts, again=st.integers(0, 60))
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_count_is_that_of_the_facts(
    database: Database, first: list[Told], late: list[Told], again: int
) -> None:
    await emptied(database)
    facts = [fact(number, told) for number, told in enumerate([*first, *late])]
    await actions.record(database, facts[: len(first)])
    await audience.roll_up(database)
    # What comes late, and what is told twice.
    await actions.record(database, [*facts[len(first) :], *facts[:again]])
    while await audience.roll_up(database):
        pass
    async with database.read() as reader:
        for by, count in ((By.DAY, 40), (By.WEEK, 8), (By.MONTH, 3)):
            assert await audience.spans(reader, by, count) == recount(facts, by, count), by
        assert await audience.coupon_days(reader, DAYS) == recounted_coupons(facts)
        assert await audience.cohorts(reader, 8) == recounted_cohorts(facts, 8)
        for first, last in (
            (TODAY - timedelta(days=DAYS), TODAY),
            (TODAY - timedelta(days=20), TODAY - timedelta(days=5)),
        ):
            steps = {one.id: counts_of(one) for one in await sources_store.funnel(reader, first, last)}
            assert {id: counts for id, counts in steps.items() if any(counts)} == recounted_funnel(facts, first, last)


async def test_a_day_is_rolled_up_anew_only_when_something_was_added(database: Database) -> None:
    await actions.record(database, [fact(0, (Kind.ACTIVE, 1, 3, 0))])
    assert [await audience.roll_up(database) for _ in range(2)] == [1, 0]
    await actions.record(database, [fact(0, (Kind.ACTIVE, 1, 3, 0))])
    assert await audience.roll_up(database) == 0, "it was counted before"
    await actions.record(database, [fact(1, (Kind.ACTIVE, 1, 5, 0))])
    assert await audience.roll_up(database) == 1
    assert await audience.roll_up(database) == 1, "on the later day they are new no more"


def test_bits() -> None:
    assert bits.unpack(bits.pack([0, 9, 17])) == 1 | 1 << 9 | 1 << 17
    assert bits.unpack(bits.pack([])) == 0
    assert bits.at_least_three([0b111, 0b011, 0b001, 0b101]) == 0b001
    assert bits.at_least_three([0b11, 0b11, 0b10, 0b01]) == 0b11
    assert bits.union([0b01, 0b10]) == 0b11


async def emptied(database: Database) -> None:
    async with database.transaction() as tx:
        tables = ("facts", "actives", "days", "hours", "people", "marks", "coupon_days", "source_days", "sources")
        await tx.execute("truncate " + ", ".join(f"growth.{table}" for table in tables))
        for number, source_id in enumerate(SOURCES[:2]):
            source = Source(source_id, f"source0{number}", SourceKind.POSTER, str(number), None, clock.now())  # type: ignore[arg-type]
            await sources_store.insert(tx, source, by_id=UUID(int=9))


def recount(facts: list[Fact], by: By, count: int) -> list[Span]:
    """Slow, and obvious."""
    on: dict[str, dict[date, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for one in facts:
        on["any"][one.business_date].add(one.person_id)
        on[one.kind][one.business_date].add(one.person_id)

    def during(kind: str, first: date, last: date) -> set[Any]:
        return {person for day, people in on[kind].items() if first <= day <= last for person in people}

    def first_day(person: Any) -> date:
        return min(day for day, people in on["any"].items() if person in people)

    spans, last = list[tuple[date, date]](), TODAY
    while len(spans) <= count:
        first = last
        while by is not By.DAY and (first.weekday() if by is By.WEEK else first.day - 1):
            first -= timedelta(days=1)
        spans.insert(0, (first, last))
        last = first - timedelta(days=1)
    found = []
    for (earlier_first, earlier_last), (first, last) in pairwise(spans):
        active, before = during(Kind.ACTIVE, first, last), during(Kind.ACTIVE, earlier_first, earlier_last)
        new = {person for person in active if first <= first_day(person) <= last}
        sticks = []
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            month = during(Kind.ACTIVE, day - timedelta(days=29), day)
            sticks.append(len(on[Kind.ACTIVE][day]) / len(month) if month else 0.0)
        week = [on[Kind.CODE_SCANNED][last - timedelta(days=ago)] for ago in range(7)]
        found.append(
            Span(
                first=first,
                last=last,
                actives=len(active),
                new=len(new),
                kept=len(active & before),
                returned=len(active - new - before),
                lost=len(before - active),
                chat_actives=len(during(Kind.SPOKE, first, last)),
                pay_actives=len(during(Kind.PAYMENT_MADE, first, last)),
                stickiness=sum(sticks) / len(sticks),
                habit=sum(sum(person in day for day in week) >= 3 for person in set().union(*week)),
            )
        )
    return found


def recounted_coupons(facts: list[Fact]) -> list[CouponDay]:
    payments = [one for one in facts if one.kind is Kind.PAYMENT_MADE]
    found = []
    for number in range(DAYS):
        day = TODAY - timedelta(days=DAYS - 1 - number)
        of_day = [one for one in payments if one.business_date == day]
        had_one = {one.person_id for one in payments if one.coupon_minor and one.business_date < day}
        found.append(
            CouponDay(
                date=day,
                coupon_minor=sum(one.coupon_minor for one in of_day),
                sales_minor=sum(one.amount_minor for one in of_day if one.coupon_minor),
                bare=sum(not one.coupon_minor for one in of_day),
                bare_after=sum(not one.coupon_minor and one.person_id in had_one for one in of_day),
            )
        )
    return found


def recounted_cohorts(facts: list[Fact], weeks: int) -> list[Cohort]:
    monday = TODAY - timedelta(days=TODAY.weekday())
    firsts = [monday - timedelta(weeks=weeks - 1 - number) for number in range(weeks)]

    def during(kind: Kind, first: date) -> set[Any]:
        return {
            one.person_id
            for one in facts
            if one.kind is kind and first <= one.business_date < first + timedelta(weeks=1)
        }

    return [
        Cohort(
            week=first,
            size=len(joined := during(Kind.SIGNED_UP, first)),
            active=[len(joined & during(Kind.ACTIVE, later)) for later in firsts if later >= first],
            paying=[len(joined & during(Kind.PAYMENT_MADE, later)) for later in firsts if later >= first],
        )
        for first in firsts
    ]


def recounted_funnel(facts: list[Fact], first: date, last: date) -> dict[Any, tuple[int, ...]]:
    """A person's source is that of the earliest telling that they signed up."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0] * 5)
    for one in facts:
        if one.kind in (Kind.OPENED, Kind.INSTALLED) and first <= one.business_date <= last:
            found[one.subject_id][one.kind is Kind.INSTALLED] += 1
    did = {(one.kind, one.person_id) for one in facts}
    joined = {
        one.person_id: one
        for one in sorted(facts, key=lambda one: (one.at, one.event_id), reverse=True)
        if one.kind is Kind.SIGNED_UP
    }
    for person, one in joined.items():
        if first <= one.business_date <= last:
            steps = found[one.subject_id]
            steps[2] += 1
            steps[3] += (Kind.CARD_BOUND, person) in did
            steps[4] += (Kind.CODE_SCANNED, person) in did
    return {id: tuple(counts) for id, counts in found.items()}


def counts_of(step: Step) -> tuple[int, ...]:
    return (step.opened, step.installed, step.signed_up, step.bound, step.scanned)
