"""A shop's figures: every payment and refund, to the cent, as the ledger has them."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.merchants import accounts, rules
from junzi.merchants.model import HourSum, Period, Range
from tests.support.examples import examples
from tests.support.market import Market, Time, key, refused_as


async def test_figures_add_up_with_the_ledger(market: Market) -> None:
    await market.campaign((300, 500))
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=10_000)
    shop = await market.shop(keeper)
    await market.settle()
    [coupon] = await market.coupons(buyer)
    await market.pay(buyer, await market.order(buyer, shop, 1_850), coupon_ids=[coupon["id"]])
    await market.pay(buyer, await market.order(buyer, shop, 1))
    await market.by_card(buyer, await market.order(buyer, shop, 299))
    for asked in Range:
        figures = await keeper.get(f"/api/shops/{shop['id']}/figures?range={asked}")
        assert (figures["count"], figures["amount_minor"], figures["coupon_minor"]) == (3, 2_150, 300)
        for part in ("hours", "days"):
            assert sum(one["amount_minor"] for one in figures[part]) == 2_150
            assert sum(one["count"] for one in figures[part]) == 3
        assert [one["hour"] for one in figures["hours"]] == list(range(24))
    [account] = await market.house.ledger.lookup_accounts([accounts.balance_id(UUID(shop["id"]))])
    assert account.credits_posted - account.debits_posted == 2_150


async def test_what_was_given_back_is_taken_off(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=1_000)
    shop = await market.shop(keeper)
    payment = await market.pay(buyer, await market.order(buyer, shop, 1_000))
    path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
    await keeper.post(path, {"amount_minor": 333, "reason": ""}, idempotency_key=key())
    figures = await keeper.get(f"/api/shops/{shop['id']}/figures")
    assert (figures["count"], figures["amount_minor"]) == (1, 667)
    [account] = await market.house.ledger.lookup_accounts([accounts.balance_id(UUID(shop["id"]))])
    assert account.credits_posted - account.debits_posted == 667


async def test_a_new_day_begins_with_nothing(market: Market, time: Time) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=10_000)
    shop = await market.shop(keeper)
    await market.pay(buyer, await market.order(buyer, shop, 100))
    time.pass_by(days=1)
    assert (await keeper.get(f"/api/shops/{shop['id']}/figures"))["amount_minor"] == 0


async def test_they_are_the_keepers_alone(market: Market) -> None:
    keeper, other = await market.person("guifang"), await market.person("azhe")
    shop = await market.shop(keeper)
    assert await refused_as(other.get(f"/api/shops/{shop['id']}/figures")) == "not-found"
    assert await refused_as(keeper.get(f"/api/shops/{shop['id']}/figures?range=year")) == "invalid-request"


@pytest.mark.parametrize(
    ("asked", "first"),
    [(Range.TODAY, date(2026, 11, 22)), (Range.WEEK, date(2026, 11, 16)), (Range.MONTH, date(2026, 11, 1))],
)
def test_the_days_of_a_range(asked: Range, first: date) -> None:
    assert rules.period(asked, date(2026, 11, 22)) == Period(first, date(2026, 11, 22))


@given(
    st.lists(
        st.builds(
            HourSum,
            st.dates(date(2026, 11, 1), date(2026, 11, 30)),
            st.integers(0, 23),
            st.integers(0, 9),
            st.integers(-500, 500),
            st.integers(-50, 50),
        ),
        max_size=30,
    )
)
@settings(max_examples=examples(50))
def test_hours_and_days_come_to_the_same_sum(sums: list[HourSum]) -> None:
    figures = rules.figures(Range.MONTH, Period(date(2026, 11, 1), date(2026, 11, 30)), sums)
    for parts in (figures.hours, figures.days):
        assert sum(part.amount_minor for part in parts) == figures.amount_minor == sum(one.amount_minor for one in sums)
        assert sum(part.count for part in parts) == figures.count == sum(one.count for one in sums)
    assert len(figures.days) == 30
