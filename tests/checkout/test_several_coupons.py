"""Paying with several coupons at once: what they take off, what the books say, what is refused, what goes back."""

from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.coupons import accounts
from junzi.coupons.model import Stacking
from junzi.kit import ids
from tests.issuer.bank import SILENT
from tests.support.market import Market, Time, at_once, key, refusal, refused_as

GROUPS = [Stacking.HOUSE, Stacking.SHOP, Stacking.CARD, Stacking.EVENT, Stacking.PACKET]
WORTHS = {"house": 300, "shop": 200, "card": 150, "event": 100, "packet": 77, "": 500}


class Purse:
    """A buyer with a coupon of each group and one that stands alone, and a shop."""

    def __init__(self, market: Market, buyer: Client, keeper: Client, shop: dict[str, Any]) -> None:
        self.market = market
        self.buyer = buyer
        self.keeper = keeper
        self.shop = shop

    async def coupon_ids(self, *groups: str) -> list[str]:
        held = {one["limits"]["stacking"]: one["id"] for one in await self.market.coupons(self.buyer)}
        return [held[group] for group in groups]

    async def order(self, amount_minor: int) -> dict[str, Any]:
        return await self.market.order(self.buyer, self.shop, amount_minor)

    async def refund(self, payment: dict[str, Any], amount_minor: int) -> dict[str, Any]:
        path = f"/api/shops/{self.shop['id']}/payments/{payment['id']}/refunds"
        done: dict[str, Any] = await self.keeper.post(path, {"amount_minor": amount_minor}, idempotency_key=key())
        return done

    async def money(self, group: str) -> tuple[int, int]:
        """A group's campaign: what is in its budget, and what is outstanding."""
        campaign_id = await self.market.value(
            "select id from coupons.campaigns where terms->'limits'->>'stacking' = $1", group
        )
        wanted = [accounts.budget_id(campaign_id), accounts.outstanding_id(campaign_id)]
        found = {one.id: one for one in await self.market.house.ledger.lookup_accounts(wanted)}
        budget, outstanding = (found[id].credits_posted - found[id].debits_posted for id in wanted)
        return budget, outstanding


async def purse_of(market: Market, balance_minor: int = 20_000) -> Purse:
    for group in [*GROUPS, Stacking.ALONE]:
        days = 3 if group is Stacking.PACKET else 30
        await market.campaign((WORTHS[group], 0), budget_minor=1_000, stacking=group, valid_days=days)
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=balance_minor)
    await market.settle()
    return Purse(market, buyer, keeper, await market.shop(keeper))


@pytest.fixture
async def purse(market: Market) -> Purse:
    return await purse_of(market)


async def test_five_coupons_pay_together_in_one_chain_and_are_shown_one_by_one(purse: Purse) -> None:
    market, order = purse.market, await purse.order(3_000)
    assert order["best_saves_minor"] == 827
    assert order["coupons"][0]["coupon"]["limits"]["stacking"] == "packet"
    [alone] = [one for one in order["coupons"] if not one["chosen"]]
    assert (alone["saves_minor"], alone["unused"]) == (500, "not-together")
    payment = await market.pay(purse.buyer, order, coupon_ids=order["best_coupon_ids"])
    assert (payment["state"], payment["coupon_minor"], payment["paid_minor"]) == ("paid", 827, 2_173)
    assert [one["coupon_id"] for one in payment["coupons"]] == order["best_coupon_ids"]
    assert payment["coupons"][0]["saved_minor"] == 77
    assert await market.balance(purse.buyer) == 20_000 - 2_173
    parts = "select count(*) from ledger.transfers where user_data_128 = $1"
    assert await market.value(parts, UUID(order["id"])) == 1 + 5 + 5
    assert len(await market.coupons(purse.buyer, "redeemed")) == 5
    assert (await purse.buyer.get("/api/wallet"))["saved_this_month_minor"] == 827
    for group in GROUPS:
        assert await purse.money(group) == (1_000 - WORTHS[group], 0)
    await market.books_are_right()


async def test_what_a_coupon_is_cut_by_goes_back_to_its_budget(purse: Purse) -> None:
    ids_of = await purse.coupon_ids("house", "shop")
    order = await purse.order(400)
    payment = await purse.market.pay(purse.buyer, order, coupon_ids=ids_of)
    assert (payment["coupon_minor"], payment["paid_minor"]) == (400, 0)
    assert sorted(one["saved_minor"] for one in payment["coupons"]) in ([100, 300], [200, 200])
    house, shop = await purse.money("house"), await purse.money("shop")
    assert (house[0] + shop[0], house[1], shop[1]) == (700 + 800 + 100, 0, 0)
    await purse.market.books_are_right()


async def test_what_does_not_go_together_is_refused_and_nothing_is_held(purse: Purse, market: Market) -> None:
    order, stranger = await purse.order(3_000), await market.shopper("luming")
    await market.settle()
    [house, shop, alone] = await purse.coupon_ids("house", "shop", "")
    theirs = (await market.coupons(stranger))[0]["id"]

    async def refused(coupon_ids: list[str]) -> tuple[str, Any, Any]:
        found = await refusal(market.pay(purse.buyer, order, coupon_ids=coupon_ids))
        return found.slug, found.problem.get("reason"), found.problem.get("coupon_id")

    assert (await refused([house, alone]))[:2] == ("coupon-not-usable", "not-together")
    assert await refused([house, theirs]) == ("coupon-not-usable", "not-yours", theirs)
    unknown = str(ids.new_id())
    assert await refused([unknown]) == ("coupon-not-usable", "not-yours", unknown)
    for bad in ([house, house], [str(ids.new_id()) for _ in range(6)], None, "x", [None], house):
        paying = market.pay(purse.buyer, order, coupon_ids=bad)
        assert await refused_as(paying) == "invalid-request", bad
    small = await purse.order(150)
    ends_first = await market.value(
        "select id from coupons.coupons where id = any($1) order by expires_at, id", [house, shop]
    )
    needless = await refusal(market.pay(purse.buyer, small, coupon_ids=[house, shop]))
    assert (needless.problem["reason"], needless.problem["coupon_id"] != str(ends_first)) == ("not-needed", True)
    assert await market.value("select count(*) from checkout.payments") == 0
    assert await market.value("select count(*) from coupons.coupons where state <> 'available'") == 0
    assert (await market.pay(purse.buyer, order, coupon_ids=[house, shop]))["state"] == "paid"
    again = await purse.order(3_000)
    assert await refused([house]) == ("order-already-paid", None, None)
    used = await refusal(market.pay(purse.buyer, again, coupon_ids=[alone, house]))
    assert (used.problem["reason"], used.problem["coupon_id"]) == ("used", house)
    await market.books_are_right()


async def test_a_declined_payment_lets_every_coupon_go(purse: Purse) -> None:
    market, order = purse.market, await purse.order(30_000)
    refused = await refused_as(market.pay(purse.buyer, order, coupon_ids=order["best_coupon_ids"]))
    assert refused == "insufficient-balance"
    card = await market.bind(purse.buyer, SILENT)
    waiting = await market.pay(
        purse.buyer, order, coupon_ids=order["best_coupon_ids"], funding="card", card_id=card["id"]
    )
    assert waiting["state"] == "processing"
    held = [one["state"] for one in await market.coupons(purse.buyer)]
    assert (held.count("reserved"), held.count("available")) == (5, 1)
    await market.books_are_right()


async def test_parts_of_a_refund_come_to_every_coupons_cents(purse: Purse) -> None:
    market, order = purse.market, await purse.order(3_000)
    payment = await market.pay(purse.buyer, order, coupon_ids=order["best_coupon_ids"])
    first = await purse.refund(payment, 1_001)
    assert (first["payer_minor"], first["coupon_minor"], first["coupons_back"]) == (725, 276, 0)
    await market.books_are_right()
    for amount_minor in (1, 1, 2, 500):
        await purse.refund(payment, amount_minor)
    last = await purse.refund(payment, 1_495)
    assert last["state"] == "done"
    assert await market.balance(purse.buyer) == 20_000
    for group in GROUPS:
        assert await purse.money(group) == (1_000, 0), group
    assert len(await market.coupons(purse.buyer)) == 1, "a coupon goes back only with the whole payment at once"
    await market.books_are_right()


async def test_a_whole_refund_gives_back_what_was_spent_whole_and_the_rest_to_its_budget(purse: Purse) -> None:
    market, order = purse.market, await purse.order(400)
    payment = await market.pay(purse.buyer, order, coupon_ids=await purse.coupon_ids("house", "shop"))
    cut = payment["coupons"][-1]["coupon_id"]
    refund = await purse.refund(payment, 400)
    assert (refund["payer_minor"], refund["coupon_minor"], refund["coupons_back"]) == (0, 400, 1)
    states = {one["id"]: one["state"] for one in await market.coupons(purse.buyer)}
    assert states[payment["coupons"][0]["coupon_id"]] == "available"
    assert cut not in states
    await market.books_are_right()
    again = await purse.order(400)
    kept = [one["coupon_id"] for one in payment["coupons"] if one["coupon_id"] in states]
    assert (await market.pay(purse.buyer, again, coupon_ids=kept))["state"] == "paid"
    await market.books_are_right()


async def test_a_packet_whose_days_are_over_goes_to_its_budget_and_the_others_back(purse: Purse, time: Time) -> None:
    market, order = purse.market, await purse.order(3_000)
    payment = await market.pay(purse.buyer, order, coupon_ids=order["best_coupon_ids"])
    time.pass_by(days=4)
    assert (await purse.refund(payment, 3_000))["coupons_back"] == 4
    assert await purse.money("packet") == (1_000, 0)
    assert await purse.money("house") == (700, 300)
    await market.books_are_right()


async def test_coupons_that_many_payments_want_at_once_serve_one(purse: Purse) -> None:
    market = purse.market
    [house, shop, card] = await purse.coupon_ids("house", "shop", "card")
    orders = [await purse.order(1_000) for _ in range(9)]
    sets = [[house, shop, card], [card, house], [shop, house]] * 3
    answers = await at_once(
        *[market.pay(purse.buyer, order, coupon_ids=coupon_ids) for order, coupon_ids in zip(orders, sets, strict=True)]
    )
    states = [answer if isinstance(answer, str) else answer["state"] for answer in answers]
    assert states.count("paid") == 1
    assert set(states) == {"paid", "coupon-not-usable"}
    await market.books_are_right()
