"""Paying by card: every way in which a bank may answer, or not."""

import asyncio
from typing import Any

import pytest

from junzi.client import Client
from tests.issuer.bank import BLOCKED, CUT_AFTER, CUT_BEFORE, INSUFFICIENT, LIMITED, SILENT, SLOW, TWICE, WORKS
from tests.support.market import Market, Time, refused_as
from tests.support.until import until

AMOUNT_MINOR, COUPON_MINOR = 60_000, 1_000
WORD_STORED = """
select count(*) from kit.outbox
where type = 'bank.debit_answered' and payload->>'debit_id' in (select id::text from bank.debits)
"""
"""Word of debits of this house; the bank may still be sending word to the houses of other tests."""


class Purchase:
    """A buyer with one card and one coupon of 10.00, at a shop."""

    def __init__(self, market: Market, buyer: Client, keeper: Client, shop: dict[str, Any]) -> None:
        self.market = market
        self.buyer = buyer
        self.keeper = keeper
        self.shop = shop

    async def pay(self) -> tuple[dict[str, Any], dict[str, Any]]:
        order = await self.market.order(self.buyer, self.shop, AMOUNT_MINOR)
        return order, await self.market.by_card(self.buyer, order, coupon_ids=order["best_coupon_ids"])

    async def happened_once(self) -> None:
        """The money moved once, in every place that tells of it, whatever is repeated."""
        market = self.market
        await market.settle()
        await market.sweep("checkout.pay")
        assert await market.balance(self.buyer) == 0, "a payment by card leaves the balance alone"
        takings = await self.keeper.get(f"/api/shops/{self.shop['id']}/takings")
        assert takings["today"] == {"count": 1, "amount_minor": AMOUNT_MINOR}
        [bill] = (await self.buyer.get("/api/bills"))["bills"]
        assert (bill["amount_minor"], bill["discount_minor"]) == (COUPON_MINOR - AMOUNT_MINOR, COUPON_MINOR)
        assert len(await market.coupons(self.buyer, "redeemed")) == 1
        [made] = await market.told(self.buyer, "payment.made")
        assert (made["funding"], made["card_last4"]) == (
            "card",
            (await self.buyer.get("/api/cards"))["cards"][0]["last4"],
        )
        assert len(await market.told(self.keeper, "payment.received")) == 1
        debit = await market.row("select id, amount_minor, state from bank.debits")
        assert (debit["amount_minor"], debit["state"]) == (AMOUNT_MINOR - COUPON_MINOR, "succeeded")
        assert (await market.ask_bank("GET", f"/v1/debits/{debit['id']}"))["state"] == "succeeded"
        await market.books_are_right()


async def purchase(market: Market, card_number: str) -> Purchase:
    await market.campaign((COUPON_MINOR, 0))
    keeper = await market.served.person("guifang")
    buyer = await market.shopper("xiaoman", card_number=card_number)
    await market.settle()
    return Purchase(market, buyer, keeper, await market.shop(keeper))


@pytest.mark.parametrize("card_number", [WORKS, SLOW, TWICE])
async def test_a_card_that_answers_pays_once(market: Market, card_number: str) -> None:
    shopping = await purchase(market, card_number)
    order, payment = await shopping.pay()
    assert (payment["state"], payment["funding"], payment["card"]["last4"]) == ("paid", "card", card_number[-4:])
    assert (await shopping.buyer.get(f"/api/orders/{order['id']}"))["state"] == "paid"
    await shopping.happened_once()


@pytest.mark.parametrize(
    ("card_number", "reason"),
    [(INSUFFICIENT, "insufficient-funds"), (BLOCKED, "card-blocked"), (LIMITED, "limit-exceeded")],
)
async def test_what_the_bank_declines_leaves_order_and_coupon_as_they_were(
    market: Market, card_number: str, reason: str
) -> None:
    shopping = await purchase(market, card_number)
    order, refused = await shopping.pay()
    assert (refused["state"], refused["reason"]) == ("refused", reason)
    shown = await shopping.buyer.get(f"/api/orders/{order['id']}")
    assert (shown["state"], shown["payment"], shown["coupons"]) == ("open", None, order["coupons"])
    assert (await shopping.keeper.get(f"/api/shops/{shopping.shop['id']}/takings"))["takings"] == []
    assert (await shopping.buyer.get("/api/bills"))["bills"] == []
    await market.books_are_right()

    other_card = await market.bind(shopping.buyer, WORKS)
    paid = await market.pay(
        shopping.buyer, order, funding="card", card_id=other_card["id"], coupon_ids=order["best_coupon_ids"]
    )
    assert (paid["state"], paid["coupon_minor"]) == ("paid", COUPON_MINOR)
    assert (await shopping.buyer.get(f"/api/payments/{refused['id']}"))["state"] == "refused"
    await market.books_are_right()


@pytest.mark.parametrize("card_number", [SILENT, CUT_AFTER, CUT_BEFORE])
@pytest.mark.parametrize("by", ["looking", "the sweep"])
async def test_without_an_answer_it_is_processing_until_it_is_asked_about(
    market: Market, time: Time, card_number: str, by: str
) -> None:
    shopping = await purchase(market, card_number)
    order, begun = await shopping.pay()
    assert (begun["state"], begun["reason"]) == ("processing", None)
    shown = await shopping.buyer.get(f"/api/orders/{order['id']}")
    assert (shown["state"], shown["payment"]["id"]) == ("processing", begun["id"])
    assert [(one["usable"], one["reason"]) for one in shown["coupons"]] == [(False, "reserved")]
    assert await refused_as(market.by_card(shopping.buyer, order)) == "order-processing"
    another = await market.order(shopping.buyer, shopping.shop, AMOUNT_MINOR)
    assert (
        await refused_as(market.by_card(shopping.buyer, another, coupon_ids=order["best_coupon_ids"]))
        == "coupon-not-usable"
    )
    if by == "the sweep":
        assert await market.sweep("checkout.pay") == 0, "not at once"
        time.pass_by(seconds=16)
        assert await market.sweep("checkout.pay") == 1
        assert await market.value("select state from checkout.payments") == "paid"
    assert (await shopping.buyer.get(f"/api/payments/{begun['id']}"))["state"] == "paid"
    await shopping.happened_once()


@pytest.mark.parametrize("card_number", [SILENT, CUT_AFTER])
async def test_without_an_answer_it_is_processing_until_the_bank_sends_word(market: Market, card_number: str) -> None:
    shopping = await purchase(market, card_number)
    _, begun = await shopping.pay()
    assert begun["state"] == "processing"
    await until(lambda: market.value(WORD_STORED))
    await market.settle()
    assert await market.value("select state from checkout.payments") == "paid"
    await shopping.happened_once()


async def test_looking_sweeping_and_word_at_once_settle_it_once(market: Market, time: Time) -> None:
    shopping = await purchase(market, CUT_AFTER)
    _, begun = await shopping.pay()
    await until(lambda: market.value(WORD_STORED))
    time.pass_by(seconds=16)
    looks = [shopping.buyer.get(f"/api/payments/{begun['id']}") for _ in range(6)]
    await asyncio.gather(*looks, market.sweep("checkout.pay"), market.settle())
    await shopping.happened_once()


async def test_a_coupon_behind_a_silent_bank_outlives_its_time(market: Market, time: Time) -> None:
    """What the bank may have taken was a price with the coupon in it."""
    shopping = await purchase(market, SILENT)
    _, begun = await shopping.pay()
    time.pass_by(days=31)
    assert await market.sweep("coupons.expire") == 0
    assert (await shopping.buyer.get(f"/api/payments/{begun['id']}"))["state"] == "paid"
    assert len(await market.coupons(shopping.buyer, "redeemed")) == 1
    await market.books_are_right()
