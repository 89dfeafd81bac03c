"""A month of three shops under a clock that the test moves: every statement is what the ledger says, day by day and as a whole.

What is expected is worked out here from the ledger's bare transfers, by nothing that the statements themselves are made with.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from junzi.kit import clock
from junzi.kit.clock import SimulatedClock
from tests.settlement.statements import minor, rows, shown
from tests.settlement.test_agreements import agree, desk_of
from tests.settlement.till import Till
from tests.support.market import Market

pytestmark = pytest.mark.slow

AHEAD = timedelta(hours=8)
"""Shanghai's clocks are so far ahead of UTC, all the year."""
FIRST, DAYS = date(2030, 3, 1), 31
CODES = {
    "sold_minor": (10, 11),
    "paid_minor": (10,),
    "by_operator_minor": (11,),
    "refunded_minor": (13, 14),
    "fees_minor": (17, 18),
    "paid_out_minor": (40, 41),
}
"""What of a statement is the sum of which of the ledger's codes."""


@pytest.fixture
def clock_at() -> Iterator[SimulatedClock]:
    simulated = SimulatedClock(datetime(2030, 2, 28, 3, tzinfo=UTC))
    clock.use(simulated)
    yield simulated
    clock.use(None)


async def test_the_statements_of_a_month_are_the_ledgers(market: Market, clock_at: SimulatedClock) -> None:
    tills = await opened(market)
    await live(market, tills, clock_at)
    assert await market.value("select count(*) from checkout.refunds where state = 'done'") > 20
    assert await market.value("select count(*) from settlement.payouts where state = 'done'") > 25
    assert await market.value("select count(*) from settlement.payouts where asked_by is not null") > 3
    assert await market.value("select count(*) from ledger.transfers where code = 17") > 30
    assert await market.value("select count(*) from ledger.transfers where code = 18") > 3
    for till in tills:
        await is_the_ledgers(market, till)
    await market.settle()
    await market.books_are_right()


async def opened(market: Market) -> list[Till]:
    """Three shops: one that is paid out every morning, one by hand, one that has no bank account."""
    await market.campaign((300, 500), budget_minor=10_000_000, valid_days=90)
    buyer = await market.shopper("xiaoman", balance_minor=2_000_000)
    tills = []
    for number in range(3):
        keeper = await market.shopper(f"keeper{number}")
        tills.append(Till(market, keeper, buyer, await market.shop(keeper, f"Shop {number}")))
    await tills[0].choose()
    await tills[1].choose()
    await tills[1].set_automatic(False)
    return tills


async def live(market: Market, tills: list[Till], clock_at: SimulatedClock) -> None:
    chance, desk = random.Random(3), await desk_of(market)
    sold: list[tuple[Till, dict[str, Any], int]] = []
    for number in range(DAYS + 1):
        day = FIRST + timedelta(days=number)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - AHEAD
        if number == 9:
            await agree(desk, tills[0], 38)
            await agree(desk, tills[1], 125, from_date=str(day + timedelta(days=4)))
        if number == 20:
            await agree(desk, tills[0], 60)
        # The first second of a day and the last one are where a statement that is cut wrongly shows.
        moments = sorted({1, 86_399, 6 * 3600, *(chance.randrange(86_400) for _ in range(3))})
        for second in moments:
            clock_at.advance(max(midnight + timedelta(seconds=second) - clock_at.at, timedelta()))
            await market.sweep("settlement.morning")
            till = chance.choice(tills)
            coupons = await market.coupons(till.buyer) if chance.random() < 0.3 else []
            amount = chance.randrange(500, 9_000)
            chosen = [coupons[0]["id"]] if coupons else []
            sold.append((till, await till.sell(amount, by_card=chance.random() < 0.2, coupon_ids=chosen), amount))
            if chance.random() < 0.3:
                await give_back(chance, sold)
        if number % 7 == 3 and (await tills[1].has()) > 1_000:
            await tills[1].pay_out(chance.choice([None, 1_000]))


async def give_back(chance: random.Random, sold: list[tuple[Till, dict[str, Any], int]]) -> None:
    """All or a part of one of the latest sales, if the shop still has it."""
    place = chance.randrange(max(0, len(sold) - 5), len(sold))
    till, payment, left = sold[place]
    if not left or await till.has() < left:
        return
    amount = left if chance.random() < 0.4 else chance.randint(1, left)
    assert (await till.refund(payment, amount))["state"] == "done"
    sold[place] = (till, payment, left - amount)


async def is_the_ledgers(market: Market, till: Till) -> None:
    account = UUID(int=UUID(till.shop["id"]).int | 1)
    moved: dict[date, list[tuple[int, int]]] = {}
    for row in await market.rows(
        "select credit_account_id = $1 as comes_in, amount, code, timestamp from ledger.transfers"
        " where $1 in (debit_account_id, credit_account_id) order by timestamp",
        account,
    ):
        day = (datetime.fromtimestamp(row["timestamp"] // 10**9, UTC) + AHEAD).date()
        moved.setdefault(day, []).append((row["code"], row["amount"] if row["comes_in"] else -row["amount"]))

    balance, of_days = 0, []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        statement = await shown(till, f"?day={day}")
        assert statement["opening_minor"] == balance, (till.shop["name"], day)
        balance += sum(amount for _, amount in moved.get(day, []))
        assert statement["closing_minor"] == balance, (till.shop["name"], day)
        for name, codes in CODES.items():
            expected = sum(amount for code, amount in moved.get(day, []) if code in codes)
            assert statement["sums"][name] == expected, (till.shop["name"], day, name)
        of_days.append(statement)

    month = await shown(till, f"?month={FIRST:%Y-%m}")
    assert (month["opening_minor"], month["closing_minor"]) == (0, balance)
    for name in month["sums"]:
        assert month["sums"][name] == sum(statement["sums"][name] for statement in of_days), name

    opening, *lines, sums, closing = await rows(till, f"?month={FIRST:%Y-%m}")
    running = minor(opening["balance"])
    for line in lines:
        running += minor(line["net"])
        assert minor(line["balance"]) == running
        parts = ("paid", "coupons_operator", "coupons_shop", "fee")
        if line["kind"] in ("payment", "refund"):
            assert sum(minor(line[part]) for part in parts) == minor(line["net"])
    assert minor(closing["balance"]) == running == balance
    assert minor(sums["net"]) == balance
    in_march = [amounts for day, amounts in moved.items() if day.month == 3]
    assert minor(sums["amount"]) + minor(sums["fee"]) == sum(amount for day in in_march for _, amount in day)

    april = await shown(till, "?month=2030-04")
    assert april["opening_minor"] == balance
    assert april["closing_minor"] == await till.has()
