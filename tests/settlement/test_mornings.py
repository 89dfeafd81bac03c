"""Every morning what a shop has goes to its bank: once a business day, whatever is restarted, and only where it is wanted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from junzi.bank import accounts as bank_accounts
from junzi.kit import clock, ids
from junzi.kit.clock import SimulatedClock
from junzi.ledger.model import Transfer
from junzi.merchants import accounts as merchant_accounts
from junzi.settlement import rules
from junzi.settlement.model import LEAST_MINOR
from tests.issuer.bank import BLOCKED, CUT_AFTER, WORKS
from tests.settlement.till import Till, till_of
from tests.support.market import Market, at_once

DAY = timedelta(days=1)
BEFORE_SIX = datetime(2030, 3, 4, 21, 59, tzinfo=UTC)
"""05:59 on 5 March in Shanghai."""


@pytest.fixture
def clock_at() -> Any:
    """The clock, a minute before a morning."""
    simulated = SimulatedClock(BEFORE_SIX)
    clock.use(simulated)
    yield simulated
    clock.use(None)


async def at(till: Till) -> list[tuple[str, int, bool]]:
    """A shop's payouts, the oldest first."""
    payouts = (await till.money())["payouts"]
    return [(one["state"], one["amount_minor"], one["automatic"]) for one in reversed(payouts)]


async def test_a_mornings_payout_happens_once_and_takes_all_there_is(market: Market, clock_at: SimulatedClock) -> None:
    till = await till_of(market, sold_minor=5_000)
    await till.choose()
    assert await market.sweep("settlement.morning") == 0, "the account was chosen after the last morning"
    clock_at.advance(timedelta(minutes=1))
    assert await market.sweep("settlement.morning") == 1
    assert await at(till) == [("done", 5_000, True)]
    await till.sell(700)
    for _ in range(3):
        clock_at.advance(timedelta(hours=5))
        assert await market.sweep("settlement.morning") == 0, "the next one is tomorrow's"
    clock_at.advance(timedelta(hours=9))
    assert await market.sweep("settlement.morning") == 1
    assert await at(till) == [("done", 5_000, True), ("done", 700, True)]
    assert (await till.has(), await till.arrived()) == (0, 5_700)
    assert [one["automatic"] for one in await market.told(till.keeper, "shop.paid_out")] == [True, True]
    await market.books_are_right()


async def test_a_morning_that_is_looked_at_by_many_at_once_pays_out_once(
    market: Market, clock_at: SimulatedClock
) -> None:
    till = await till_of(market, sold_minor=5_000)
    await till.choose()
    clock_at.advance(DAY)
    await at_once(*[market.sweep("settlement.morning") for _ in range(8)])
    assert await at(till) == [("done", 5_000, True)]
    assert await till.arrived() == 5_000


async def test_a_server_that_slept_over_days_pays_out_once_for_them(market: Market, clock_at: SimulatedClock) -> None:
    till = await till_of(market, sold_minor=5_000)
    await till.choose()
    clock_at.advance(4 * DAY + timedelta(hours=7))
    assert await market.sweep("settlement.morning") == 1
    assert await market.sweep("settlement.morning") == 0
    assert await at(till) == [("done", 5_000, True)]


async def test_too_little_waits_for_the_next_morning(market: Market, clock_at: SimulatedClock) -> None:
    till = await till_of(market, sold_minor=LEAST_MINOR - 1)
    await till.choose()
    clock_at.advance(DAY)
    assert await market.sweep("settlement.morning") == 1
    await till.sell(1)
    assert await market.sweep("settlement.morning") == 0, "what comes in during the day is the next morning's"
    clock_at.advance(DAY)
    await market.sweep("settlement.morning")
    assert await at(till) == [("done", LEAST_MINOR, True)]


async def test_a_shop_that_wants_it_by_hand_keeps_its_money_until_it_says_otherwise(
    market: Market, clock_at: SimulatedClock
) -> None:
    till = await till_of(market, sold_minor=5_000)
    await till.choose()
    await till.set_automatic(False)
    clock_at.advance(3 * DAY)
    assert await market.sweep("settlement.morning") == 0
    await till.set_automatic(True)
    assert await market.sweep("settlement.morning") == 0, "a morning that is over is not made up for"
    clock_at.advance(DAY)
    assert await market.sweep("settlement.morning") == 1
    assert await at(till) == [("done", 5_000, True)]


async def test_a_declined_mornings_payout_is_tried_the_next_morning(market: Market, clock_at: SimulatedClock) -> None:
    till = await till_of(market, card_number=BLOCKED, sold_minor=5_000)
    await till.choose()
    clock_at.advance(DAY)
    await market.sweep("settlement.morning")
    assert await market.sweep("settlement.morning") == 0
    assert (await at(till), await till.has()) == ([("returned", 5_000, True)], 5_000)
    await till.choose((await market.bind(till.keeper, WORKS))["id"])
    clock_at.advance(DAY)
    await market.sweep("settlement.morning")
    assert (await at(till))[1:] == [("done", 5_000, True)]
    await market.books_are_right()


async def test_what_a_faster_refund_left_is_paid_out_the_same_morning(
    market: Market, clock_at: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await till_of(market, sold_minor=5_000)
    await till.choose()
    clock_at.advance(DAY)
    look, ledger = merchant_accounts.balance_minor, market.house.ledger

    async def look_and_lose(*arguments: Any) -> int:
        """Between the look at the balance and the payout, some of it goes elsewhere."""
        there_was = await look(*arguments)
        monkeypatch.setattr(merchant_accounts, "balance_minor", look)
        [result] = await ledger.create_transfers(
            [
                Transfer(
                    id=ids.new_id(),
                    debit_account_id=merchant_accounts.balance_id(arguments[1]),
                    credit_account_id=bank_accounts.BANK,
                    amount=1_500,
                    ledger=156,
                    code=2,
                )
            ]
        )
        assert result.stands
        return there_was

    monkeypatch.setattr(merchant_accounts, "balance_minor", look_and_lose)
    assert await market.sweep("settlement.morning") == 1
    assert await at(till) == [("refused", 5_000, True)]
    assert await market.sweep("settlement.morning") == 1
    assert await market.sweep("settlement.morning") == 0
    assert sorted(await at(till)) == [("done", 3_500, True), ("refused", 5_000, True)]
    assert (await till.has(), await till.arrived()) == (0, 3_500)


async def test_an_interrupted_mornings_payout_is_finished_by_the_sweep(
    market: Market, clock_at: SimulatedClock
) -> None:
    till = await till_of(market, card_number=CUT_AFTER, sold_minor=5_000)
    await till.choose()
    clock_at.advance(DAY)
    await market.sweep("settlement.morning")
    assert await at(till) == [("processing", 5_000, True)]
    clock_at.advance(timedelta(seconds=20))
    assert await market.sweep("settlement.payout") == 1
    assert await at(till) == [("done", 5_000, True)]
    assert await till.arrived() == 5_000


async def test_a_removed_card_takes_the_bank_account_with_it_and_the_owner_is_told(
    market: Market, clock_at: SimulatedClock
) -> None:
    till = await till_of(market, sold_minor=5_000)
    await till.choose()
    await till.keeper.request("DELETE", f"/api/cards/{till.keeper.me['card_id']}")
    clock_at.advance(DAY)
    assert await market.sweep("settlement.morning") == 1
    assert await market.sweep("settlement.morning") == 0
    money = await till.money()
    assert (money["bank_account"], money["payouts"], money["balance_minor"]) == (None, [], 5_000)
    [told] = await market.told(till.keeper, "shop.bank_account_lost")
    assert told["last4"] == WORKS[-4:]
    changes = await market.rows("select card_id, by_id from settlement.bank_account_changes order by id")
    assert tuple(changes[-1]) == (None, None)


@pytest.mark.parametrize(
    ("local", "morning"),
    [
        (datetime(2030, 3, 5, 5, 59, 59), date(2030, 3, 4)),
        (datetime(2030, 3, 5, 6), date(2030, 3, 5)),
        (datetime(2030, 3, 5, 23, 59, 59), date(2030, 3, 5)),
        (datetime(2030, 3, 6, 0, 0, 1), date(2030, 3, 5)),
        (datetime(2030, 1, 1, 0, 0), date(2029, 12, 31)),
    ],
)
def test_a_morning_is_the_last_ones_until_six(local: datetime, morning: date) -> None:
    assert rules.latest_morning(local) == morning
