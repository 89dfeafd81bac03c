"""A shop's figures and its statement: the same rows, to the cent, and what the ledger says."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.client import Client
from junzi.kit import clock
from junzi.kit.errors import InvalidRequest
from junzi.merchants import accounts, rules
from junzi.merchants.model import HourSum, Period, Range
from tests.support.examples import examples
from tests.support.market import Market, Time, key, refused_as


async def test_figures_and_statement_add_up_with_the_ledger(market: Market) -> None:
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
    *lines, total = (await statement(market, keeper, shop))[1:]
    assert [line[4:7] for line in lines] == [
        ["18.50", "15.50", "3.00"],
        ["0.01", "0.01", "0.00"],
        ["2.99", "2.99", "0.00"],
    ]
    assert total == ["", "", "sum", "", "21.50", "18.50", "3.00", "CNY", "", "", ""]
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
    *lines, total = (await statement(market, keeper, shop))[1:]
    assert [(line[2], line[4]) for line in lines] == [("payment", "10.00"), ("refund", "-3.33")]
    assert total[4] == "6.67"
    [account] = await market.house.ledger.lookup_accounts([accounts.balance_id(UUID(shop["id"]))])
    assert account.credits_posted - account.debits_posted == 667


async def test_a_days_statement_has_that_day_alone(market: Market, time: Time) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=10_000)
    shop = await market.shop(keeper)
    sold: dict[date, int] = {}
    for amount in (100, 20, 3):
        sold[clock.business_date(clock.now(), "Asia/Shanghai")] = amount
        await market.pay(buyer, await market.order(buyer, shop, amount))
        time.pass_by(days=1)
    for day, amount in sold.items():
        *lines, total = (await statement(market, keeper, shop, f"?day={day}"))[1:]
        assert [line[0] for line in lines] == [str(day)]
        assert total[4] == f"{amount // 100}.{amount % 100:02}"
    for month in {day.strftime("%Y-%m") for day in sold}:
        *lines, total = (await statement(market, keeper, shop, f"?month={month}"))[1:]
        taken = sum(amount for day, amount in sold.items() if day.strftime("%Y-%m") == month)
        assert round(float(total[4]) * 100) == taken
        assert len(lines) == sum(day.strftime("%Y-%m") == month for day in sold)
    assert (await keeper.get(f"/api/shops/{shop['id']}/figures"))["amount_minor"] == 0


async def test_a_payer_whose_name_begins_a_formula_stays_text(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=100)
    await buyer.request("PATCH", "/api/me", {"name": "=SUM(A1)"})
    shop = await market.shop(keeper)
    await market.pay(buyer, await market.order(buyer, shop, 100))
    assert (await statement(market, keeper, shop))[1][3] == "'=**"


async def test_both_are_the_keepers_alone(market: Market) -> None:
    keeper, other = await market.person("guifang"), await market.person("azhe")
    shop = await market.shop(keeper)
    for path in ("figures", "statement.csv"):
        assert await refused_as(other.get(f"/api/shops/{shop['id']}/{path}")) == "not-found"
    for wrong in ("month=2026-13", "month=", "day=2026-02-30", "day=20260201", "day=2026-02-01&month=2026-02"):
        assert await refused_as(keeper.get(f"/api/shops/{shop['id']}/statement.csv?{wrong}")) == "invalid-request"
    assert await refused_as(keeper.get(f"/api/shops/{shop['id']}/figures?range=year")) == "invalid-request"


@pytest.mark.parametrize(
    ("asked", "first"),
    [(Range.TODAY, date(2026, 11, 22)), (Range.WEEK, date(2026, 11, 16)), (Range.MONTH, date(2026, 11, 1))],
)
def test_the_days_of_a_range(asked: Range, first: date) -> None:
    assert rules.period(asked, date(2026, 11, 22)) == Period(first, date(2026, 11, 22))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_month_holds_all_its_days_and_no_other(day: date) -> None:
    period = rules.statement_period(month=day.strftime("%Y-%m"), day=None, today=date(2026, 1, 1))
    assert period.first.day == 1
    assert period.first <= day <= period.last
    assert (period.last + timedelta(days=1)).day == 1
    assert rules.statement_period(month=None, day=str(day), today=day) == Period(day, day)
    assert rules.statement_period(month=None, day=None, today=day) == period


def test_what_is_no_month_or_day_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidRequest):
        rules.statement_period(month="1999-12", day=None, today=date(2026, 1, 1))


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


async def statement(market: Market, keeper: Client, shop: dict[str, Any], question: str = "") -> list[list[str]]:
    """The statement's rows as a spreadsheet reads them."""
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False) as browser:
        answer = await browser.get(
            f"/api/shops/{shop['id']}/statement.csv{question}", headers={"cookie": f"junzi_session={keeper.token}"}
        )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
