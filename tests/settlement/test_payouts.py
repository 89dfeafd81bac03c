"""Bringing a shop's money to the bank by hand: every way in which a bank may answer, races, repeats, and who may."""

from typing import Any

import pytest

from junzi.settlement.model import LEAST_MINOR
from tests.issuer.bank import BLOCKED, CUT_AFTER, CUT_BEFORE, INSUFFICIENT, LIMITED, SILENT, SLOW, TWICE, WORKS
from tests.settlement.till import Till, till_of
from tests.support.market import PIN, Market, Time, at_once, key, refusal, refused_as
from tests.support.until import until

SOLD_MINOR = 61_234
WORD_STORED = """
select count(*) from kit.outbox
where type = 'bank.credit_answered' and payload->>'credit_id' in (select id::text from bank.credits)
"""


async def arrived_once(till: Till, amount_minor: int = SOLD_MINOR) -> None:
    """The money moved once, in every place that tells of it, whatever is repeated."""
    market = till.market
    await market.settle()
    await market.sweep("settlement.payout")
    assert await till.has() == SOLD_MINOR - amount_minor
    assert await till.arrived() == amount_minor
    [told] = await market.told(till.keeper, "shop.paid_out")
    assert (told["amount_minor"], told["automatic"]) == (amount_minor, False)
    money = await till.money()
    assert money["balance_minor"] == SOLD_MINOR - amount_minor
    assert [(one["state"], one["amount_minor"], one["reason"]) for one in money["payouts"]] == [
        ("done", amount_minor, None)
    ]
    await market.books_are_right()


@pytest.mark.parametrize("card_number", [WORKS, SLOW, TWICE, INSUFFICIENT, LIMITED])
async def test_a_card_that_takes_money_has_all_of_it_once(market: Market, card_number: str) -> None:
    """Also one that declines debits for want of money, or beyond a limit: nothing is taken from it."""
    till = await till_of(market, card_number=card_number, sold_minor=SOLD_MINOR)
    account = await till.choose()
    assert (account["card"]["last4"], account["automatic"]) == (card_number[-4:], True)
    done = await till.pay_out()
    assert (done["state"], done["amount_minor"], done["automatic"]) == ("done", SOLD_MINOR, False)
    assert done["card"]["last4"] == card_number[-4:]
    await arrived_once(till)


async def test_a_part_is_paid_out_and_the_rest_stays(market: Market) -> None:
    till = await till_of(market, sold_minor=SOLD_MINOR)
    await till.choose()
    assert (await till.pay_out(1_000))["state"] == "done"
    await arrived_once(till, 1_000)


@pytest.mark.parametrize("card_number", [SILENT, CUT_AFTER, CUT_BEFORE])
@pytest.mark.parametrize("by", ["looking", "the sweep"])
async def test_without_an_answer_it_is_processing_until_it_is_asked_about(
    market: Market, time: Time, card_number: str, by: str
) -> None:
    till = await till_of(market, card_number=card_number, sold_minor=SOLD_MINOR)
    await till.choose()
    begun = await till.pay_out()
    assert (begun["state"], begun["finished_at"]) == ("processing", None)
    assert await till.has() == 0, "it is set aside, so that nothing else spends it"
    assert await refused_as(till.pay_out()) == "payout-too-small"
    if by == "the sweep":
        assert await market.sweep("settlement.payout") == 0, "not at once"
        time.pass_by(seconds=16)
        assert await market.sweep("settlement.payout") == 1
        assert await market.value("select state from settlement.payouts") == "done"
    assert (await till.keeper.get(f"{till.path}/payouts/{begun['id']}"))["state"] == "done"
    await arrived_once(till)


@pytest.mark.parametrize("card_number", [SILENT, CUT_AFTER])
async def test_without_an_answer_it_is_processing_until_the_bank_sends_word(market: Market, card_number: str) -> None:
    till = await till_of(market, card_number=card_number, sold_minor=SOLD_MINOR)
    await till.choose()
    assert (await till.pay_out())["state"] == "processing"
    await until(lambda: market.value(WORD_STORED))
    await market.settle()
    assert await market.value("select state from settlement.payouts") == "done"
    await arrived_once(till)


async def test_what_the_bank_declines_is_the_shops_again(market: Market) -> None:
    till = await till_of(market, card_number=BLOCKED, sold_minor=SOLD_MINOR)
    await till.choose()
    once = key()
    returned = await till.pay_out(once=once)
    assert (returned["state"], returned["reason"]) == ("returned", "card-blocked")
    assert (await till.has(), await till.arrived()) == (SOLD_MINOR, 0)
    again = await till.pay_out(once=once)
    assert (again["id"], again["state"]) == (returned["id"], "returned")
    assert await till.has() == SOLD_MINOR
    [told] = await market.told(till.keeper, "shop.payout_returned")
    assert (told["amount_minor"], told["reason"]) == (SOLD_MINOR, "card-blocked")
    assert await market.told(till.keeper, "shop.paid_out") == []
    await market.books_are_right()

    await till.choose((await market.bind(till.keeper, WORKS))["id"])
    assert (await till.pay_out())["state"] == "done"
    assert (await till.has(), await till.arrived()) == (0, SOLD_MINOR)
    await market.books_are_right()


async def test_payouts_at_once_do_not_overdraw_the_shop(market: Market) -> None:
    till = await till_of(market, sold_minor=SOLD_MINOR)
    await till.choose()
    answers = await at_once(*[till.pay_out() for _ in range(8)])
    done = [answer for answer in answers if not isinstance(answer, str) and answer["state"] == "done"]
    others = [answer if isinstance(answer, str) else answer["state"] for answer in answers if answer not in done]
    assert len(done) == 1
    assert set(others) <= {"refused", "payout-too-small"}
    assert (await till.has(), await till.arrived()) == (0, SOLD_MINOR)
    await market.books_are_right()


async def test_a_payout_and_refunds_at_once_leave_nothing_negative(market: Market) -> None:
    """Whoever is first has the money; the others are refused, and nothing of theirs moved."""
    till = await till_of(market)
    payments = [await till.sell(1_000) for _ in range(6)]
    await till.choose()
    answers: list[Any] = await at_once(
        *[till.refund(payment, 1_000) for payment in payments[:3]],
        *[till.pay_out(2_000) for _ in range(3)],
        *[till.refund(payment, 1_000) for payment in payments[3:]],
    )
    refunded = sum(
        1_000 for one in answers if not isinstance(one, str) and one["state"] == "done" and "payer_minor" in one
    )
    paid_out = sum(2_000 for one in answers if not isinstance(one, str) and one["state"] == "done" and "card" in one)
    assert refunded + paid_out <= 6_000
    assert await till.has() == 6_000 - refunded - paid_out
    assert await till.arrived() == paid_out + refunded, "the buyer paid by card"
    await market.books_are_right()


async def test_what_cannot_be_paid_out_is_refused(market: Market) -> None:
    till = await till_of(market)
    assert await refused_as(till.pay_out()) == "bank-account-missing"
    await till.choose()
    nothing = await refusal(till.pay_out())
    assert (nothing.slug, nothing.problem["least_minor"]) == ("payout-too-small", LEAST_MINOR)
    await till.sell(LEAST_MINOR)
    assert await refused_as(till.pay_out(LEAST_MINOR - 1)) == "payout-too-small"
    too_much = await refusal(till.pay_out(LEAST_MINOR + 1))
    assert (too_much.slug, too_much.problem["balance_minor"]) == ("shop-balance-too-small", LEAST_MINOR)
    assert await refused_as(till.pay_out(pin="000000")) == "wrong-pin"
    assert await market.value("select count(*) from settlement.payouts") == 0
    await till.keeper.request("DELETE", f"/api/cards/{till.keeper.me['card_id']}")
    assert await refused_as(till.pay_out()) == "card-not-found"
    assert await till.has() == LEAST_MINOR


async def test_a_card_that_is_removed_while_the_bank_is_silent_still_takes_what_it_took(
    market: Market, time: Time
) -> None:
    till = await till_of(market, card_number=CUT_AFTER, sold_minor=SOLD_MINOR)
    await till.choose()
    begun = await till.pay_out()
    await till.keeper.request("DELETE", f"/api/cards/{till.keeper.me['card_id']}")
    assert (await till.keeper.get(f"{till.path}/payouts/{begun['id']}"))["state"] == "done"
    await arrived_once(till)


async def test_nobody_but_the_owner_sees_or_moves_the_shops_money(market: Market) -> None:
    till = await till_of(market, sold_minor=SOLD_MINOR)
    await till.choose()
    done = await till.pay_out(1_000)
    cashier, stranger = await market.shopper("cashier"), await market.shopper("stranger")
    await till.keeper.post(f"{till.path}/staff", {"handle": "cashier"})
    await cashier.post(f"{till.path}/staff/acceptance")
    for client, slug in ((cashier, "not-allowed"), (stranger, "not-found")):
        asked = [
            client.get(f"{till.path}/money"),
            client.get(f"{till.path}/payouts"),
            client.get(f"{till.path}/payouts/{done['id']}"),
            till.choose(client.me["card_id"], client=client),
            client.request("PATCH", f"{till.path}/bank-account", {"automatic": False}),
            till.pay_out(client=client),
        ]
        assert [await refused_as(one) for one in asked] == [slug] * len(asked)
        assert await market.told(client, "shop.paid_out") == []
    assert (await till.money())["bank_account"]["automatic"]
    assert await till.has() == SOLD_MINOR - 1_000
    another = await market.shop(till.keeper, "Another")
    assert await refused_as(till.keeper.get(f"/api/shops/{another['id']}/payouts/{done['id']}")) == "not-found"


async def test_the_bank_account_is_changed_with_the_pin_alone_on_record_and_told(market: Market) -> None:
    till = await till_of(market)
    assert (await till.money())["bank_account"] is None
    assert await refused_as(till.set_automatic(False)) == "bank-account-missing"
    assert await refused_as(till.choose(pin="000000")) == "wrong-pin"
    assert await refused_as(till.choose(till.buyer.me["card_id"])) == "card-not-found"
    assert (await till.money())["bank_account"] is None
    await till.choose()
    await till.choose()
    other = await market.bind(till.keeper, TWICE)
    await till.set_automatic(False)
    assert (await till.choose(other["id"]))["automatic"] is False, "changing the card leaves the mornings as they were"
    assert (await till.money())["bank_account"]["card"]["id"] == other["id"]
    changes = await market.rows("select card_id, by_id from settlement.bank_account_changes order by id")
    assert [(str(one["card_id"]), str(one["by_id"])) for one in changes] == [
        (till.keeper.me["card_id"], till.keeper.me["id"]),
        (other["id"], till.keeper.me["id"]),
    ]
    told = await market.told(till.keeper, "shop.bank_account_set")
    assert [one["last4"] for one in told] == [WORKS[-4:], TWICE[-4:]]


async def test_payouts_are_listed_by_pages_the_newest_first(market: Market) -> None:
    till = await till_of(market, sold_minor=SOLD_MINOR)
    await till.choose()
    made = [(await till.pay_out(1_000 + number))["id"] for number in range(5)]
    first = await till.keeper.get(f"{till.path}/payouts?limit=3")
    rest = await till.keeper.get(f"{till.path}/payouts?limit=3&before={first['payouts'][-1]['id']}")
    assert (first["more"], rest["more"]) == (True, False)
    assert [one["id"] for one in first["payouts"] + rest["payouts"]] == made[::-1]


async def test_a_repeat_is_the_same_payout_and_asks_for_no_pin(market: Market) -> None:
    till = await till_of(market, sold_minor=SOLD_MINOR)
    await till.choose()
    once = key()
    first = await till.pay_out(once=once)
    await till.sell(500)
    again = await till.pay_out(once=once, pin="000000" if PIN != "000000" else "111111")
    assert (again["id"], again["amount_minor"]) == (first["id"], SOLD_MINOR)
    assert await refused_as(till.pay_out(500, once=once)) == "idempotency-key-reused"
    assert await till.has() == 500
