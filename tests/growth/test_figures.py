"""Every figure equals a recount, whatever the order of the events and however often each is delivered."""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from junzi.growth import actions
from junzi.growth.model import Day, Figures, Kind
from junzi.kit import clock, ids
from junzi.kit.clock import SimulatedClock
from junzi.kit.database import Database
from tests.support.examples import examples

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)

RECOUNT = """
select (at at time zone 'Asia/Shanghai')::date as date,
    count(*) filter (where kind = 'people.signed_up') as sign_ups,
    count(distinct person_id) filter (where kind = 'people.active') as actives,
    count(*) filter (where kind = 'bank.card_bound') as cards_bound,
    count(*) filter (where kind = 'checkout.code_scanned') as scans,
    count(*) filter (where kind = 'checkout.payment_made') as payments,
    coalesce(sum(amount_minor) filter (where kind = 'checkout.payment_made'), 0)::bigint as payments_minor,
    count(*) filter (where kind = 'checkout.payment_refunded') as refunds,
    coalesce(sum(amount_minor) filter (where kind = 'checkout.payment_refunded'), 0)::bigint as refunds_minor,
    coalesce(sum(pieces) filter (where kind = 'coupons.given'), 0)::bigint as coupons_given,
    coalesce(sum(amount_minor) filter (where kind = 'coupons.given'), 0)::bigint as coupons_given_minor,
    count(*) filter (where kind = 'checkout.payment_made' and coupon_minor > 0) as coupons_redeemed,
    coalesce(sum(coupon_minor) filter (where kind = 'checkout.payment_made'), 0)::bigint as coupons_redeemed_minor
from growth.facts group by 1 order by 1
"""

RECOUNT_HOURS = """
select (at at time zone 'Asia/Shanghai')::date as date, extract(hour from at at time zone 'Asia/Shanghai')::int as hour,
    count(*) filter (where kind = 'checkout.payment_made') as payments,
    coalesce(sum(amount_minor) filter (where kind = 'checkout.payment_made'), 0)::bigint as amount_minor,
    count(*) filter (where kind = 'checkout.code_scanned') as scans,
    count(*) filter (where kind = 'bank.card_bound') as cards_bound
from growth.facts where kind in ('checkout.payment_made', 'checkout.code_scanned', 'bank.card_bound') group by 1, 2 order by 1, 2
"""


class Told(msgspec.Struct, frozen=True):
    """An event as the outbox delivers it."""

    event_id: UUID
    kind: Kind
    person_id: UUID
    at: datetime
    amount_minor: int = 0
    coupon_minor: int = 0
    pieces: int = 0


PEOPLE = [UUID(int=number << 8) for number in range(1, 6)]
# Three business days, both sides of midnight in Shanghai (16:00 UTC) included.
MOMENTS = st.one_of(
    st.integers(0, 3 * 86_400 - 1).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    st.sampled_from([datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC), datetime(2026, 3, 10, 16, 0, tzinfo=UTC)]),
)
AMOUNTS = st.integers(1, 10**12)


@st.composite
def events(draw: st.DrawFn) -> Told:
    kind = draw(st.sampled_from(list(Kind)))
    facts: dict[str, int] = {}
    if kind in (Kind.PAYMENT_MADE, Kind.PAYMENT_REFUNDED):
        facts = {"amount_minor": draw(AMOUNTS), "coupon_minor": draw(st.one_of(st.just(0), AMOUNTS))}
    elif kind is Kind.COUPONS_GIVEN:
        facts = {"amount_minor": draw(AMOUNTS), "pieces": draw(st.integers(1, 20))}
    return Told(draw(st.uuids()), kind, draw(st.sampled_from(PEOPLE)), draw(MOMENTS), **facts)


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[Told]]:
    """Two relays that deliver the same events, each in an order of its own, some of them again."""
    told = draw(st.lists(events(), min_size=1, max_size=20, unique_by=lambda event: event.event_id))
    again = draw(st.lists(st.sampled_from(told), max_size=6))
    return [draw(st.permutations(told + again)), draw(st.permutations(told))]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(relays=deliveries())
async def test_random_events_in_any_order_and_repeated_equal_the_recount(
    database: Database, relays: list[list[Told]]
) -> None:
    async with database.transaction() as tx:
        await tx.execute("truncate growth.facts, growth.actives, growth.days, growth.hours")

    await asyncio.gather(*(_deliver(database, relay, at_once=number) for number, relay in enumerate(relays, start=1)))

    kept = await _kept(database)
    assert kept == await _recount(database, RECOUNT)
    assert kept == _counted_by_hand(relays[1])
    async with database.read() as reader:
        hours = await reader.fetch(
            "select business_date as date, hour, payments, amount_minor, scans, cards_bound from growth.hours"
            " order by 1, 2"
        )
        assert [dict(row) for row in hours] == [dict(row) for row in await reader.fetch(RECOUNT_HOURS)]


async def test_an_event_delivered_again_changes_nothing(database: Database) -> None:
    payment = Told(ids.new_id(), Kind.PAYMENT_MADE, PEOPLE[0], NOON, amount_minor=2_500, coupon_minor=500)
    await _deliver(database, [payment])
    once = await _kept(database)
    await _deliver(database, [payment, payment])
    assert await _kept(database) == once
    assert once == [
        Day(date=date(2026, 3, 10), payments=1, payments_minor=2_500, coupons_redeemed=1, coupons_redeemed_minor=500)
    ]


async def test_a_person_is_one_active_a_day_and_again_the_next_day(database: Database) -> None:
    for at in (NOON, NOON + timedelta(hours=2), NOON + timedelta(hours=12)):
        await actions.record(database, [actions.fact(ids.new_id(), "people.active", PEOPLE[0], at)])
    await actions.record(database, [actions.fact(ids.new_id(), "people.active", PEOPLE[1], NOON)])
    assert [(day.date.day, day.actives) for day in await _kept(database)] == [(10, 2), (11, 1)]


async def test_the_day_turns_at_midnight_of_the_operator(database: Database) -> None:
    midnight = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
    for at in (midnight - timedelta(microseconds=1), midnight):
        await actions.record(database, [actions.fact(ids.new_id(), Kind.CODE_SCANNED, PEOPLE[0], at)])
    async with database.read() as reader:
        rows = await reader.fetch("select business_date, hour, scans from growth.hours order by 1")
    assert [tuple(row) for row in rows] == [(date(2026, 3, 10), 23, 1), (date(2026, 3, 11), 0, 1)]


async def test_the_day_that_an_event_names_is_the_one_that_counts(database: Database) -> None:
    named = date(2026, 3, 9)
    await actions.record(database, [actions.fact(ids.new_id(), Kind.ACTIVE, PEOPLE[0], NOON, business_date=named)])
    assert await _kept(database) == [Day(date=named, actives=1)]


async def test_a_kind_that_does_not_count_is_a_defect(database: Database) -> None:
    with pytest.raises(ValueError, match=r"people\.renamed"):
        await actions.record(database, [actions.fact(ids.new_id(), "people.renamed", PEOPLE[0], NOON)])


async def test_today_shows_every_hour_and_the_whole_day_before(database: Database) -> None:
    yesterday = NOON - timedelta(days=1)
    await actions.record(database, [actions.fact(ids.new_id(), Kind.PAYMENT_MADE, PEOPLE[0], NOON, amount_minor=1_200)])
    await actions.record(database, [actions.fact(ids.new_id(), Kind.CODE_SCANNED, PEOPLE[0], NOON)])
    given = actions.fact(ids.new_id(), Kind.COUPONS_GIVEN, PEOPLE[0], yesterday, amount_minor=1_500, pieces=3)
    await actions.record(database, [given])
    clock.use(SimulatedClock(NOON + timedelta(hours=3)))
    try:
        async with database.read() as reader:
            today = await actions.today(reader)
            days = await actions.days(reader, *actions.span(None, 3))
    finally:
        clock.use(None)
    assert today.date == date(2026, 3, 10)
    assert today.figures == Figures(payments=1, payments_minor=1_200, scans=1)
    assert today.yesterday == Figures(coupons_given=3, coupons_given_minor=1_500)
    assert [hour.hour for hour in today.hours] == list(range(24))
    assert [(hour.hour, hour.payments, hour.amount_minor, hour.scans) for hour in today.hours if hour.scans] == [
        (12, 1, 1_200, 1)
    ]
    assert [day.date for day in days] == [date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 10)]
    assert days[0] == Day(date=date(2026, 3, 8))
    assert days[2].payments_minor == 1_200


async def _deliver(database: Database, relay: list[Told], *, at_once: int = 1) -> None:
    facts = []
    for event in relay:
        told = msgspec.structs.asdict(event)
        facts.append(
            actions.fact(told.pop("event_id"), told.pop("kind"), told.pop("person_id"), told.pop("at"), **told)
        )
    for start in range(0, len(facts), at_once):
        await actions.record(database, facts[start : start + at_once])


async def _kept(database: Database) -> list[Day]:
    """The figures as they were kept while the events came."""
    async with database.read() as reader:
        rows = await reader.fetch("select * from growth.days order by business_date")
    return [_day(row["business_date"], row) for row in rows]


async def _recount(database: Database, query: str) -> list[Day]:
    async with database.read() as reader:
        return [_day(row["date"], row) for row in await reader.fetch(query)]


def _day(day: date, row: Any) -> Day:
    return Day(date=day, **{name: row[name] for name in Figures.__struct_fields__})


def _counted_by_hand(told: list[Told]) -> list[Day]:
    """The third count: in Python, from what was told, knowing nothing of the tables."""
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    active: dict[date, set[UUID]] = defaultdict(set)
    for event in told:
        day = event.at.astimezone(SHANGHAI).date()
        count = sums[day]
        if event.kind == "people.active":
            active[day].add(event.person_id)
        elif event.kind == "checkout.payment_made":
            count.update(payments=1, payments_minor=event.amount_minor)
            if event.coupon_minor:
                count.update(coupons_redeemed=1, coupons_redeemed_minor=event.coupon_minor)
        elif event.kind == "checkout.payment_refunded":
            count.update(refunds=1, refunds_minor=event.amount_minor)
        elif event.kind == "coupons.given":
            count.update(coupons_given=event.pieces, coupons_given_minor=event.amount_minor)
        elif event.kind in ("people.signed_up", "bank.card_bound", "checkout.code_scanned"):
            figure = {
                "people.signed_up": "sign_ups",
                "bank.card_bound": "cards_bound",
                "checkout.code_scanned": "scans",
            }
            count.update({figure[event.kind]: 1})
    return [Day(date=day, actives=len(active[day]), **sums[day]) for day in sorted(sums)]
