"""What a shop may receive a day holds under every race, by balance and by card, and is counted anew after midnight."""

from typing import Any

import pytest

from junzi.client import Client
from junzi.standing import rules
from tests.issuer.bank import INSUFFICIENT, SILENT
from tests.standing.office import Office
from tests.support.market import Market, Time, at_once, key, refusal, refused_as

NEW_MINOR = 2_000
"""A new shop's day, in fen; a hundredth of the real one, so that the bank's card lasts for all tests."""


@pytest.fixture(autouse=True)
def small_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.LADDER, "CNY", (NEW_MINOR, 10 * NEW_MINOR, 100 * NEW_MINOR))


async def test_what_is_over_the_bound_is_refused_before_a_pin_is_asked(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    waiting = await market.order(buyer, shop, 1_500)
    assert (await market.pay(buyer, await market.order(buyer, shop, 1_000)))["state"] == "paid"
    refused = await refusal(market.order(buyer, shop, 1_001))
    assert refused.slug == "shop-limit-reached"
    assert set(refused.problem) == {"type", "title", "status", "detail"}, "what the shop took is told to no payer"
    assert await refused_as(market.pay(buyer, waiting, pin="000000")) == "shop-limit-reached", (
        "not even a wrong PIN counts"
    )
    assert (await market.pay(buyer, await market.order(buyer, shop, 1_000)))["state"] == "paid"
    assert (await office.standing(shop))["left_minor"] == 0
    assert await refused_as(market.order(buyer, shop, 1)) == "shop-limit-reached"
    assert len(await market.told(office.keeper, "shop.limit_reached")) == 1, "a shop is told once a day"
    assert await market.balance(buyer) == 3_000
    await market.books_are_right()


async def test_a_raise_counts_at_once_and_no_bound_is_none(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=40_000)
    shop = await market.shop(office.keeper)
    await market.pay(buyer, await market.order(buyer, shop, NEW_MINOR))
    await office.do(shop, "reviews", {"tier": "small"})
    assert (await office.standing(shop))["left_minor"] == 20_000 - NEW_MINOR
    assert (await market.pay(buyer, await market.order(buyer, shop, 20_000 - NEW_MINOR)))["state"] == "paid"
    assert await refused_as(market.order(buyer, shop, 1)) == "shop-limit-reached"
    await office.do(shop, "reviews", {"tier": "unlimited"})
    assert (await market.pay(buyer, await market.order(buyer, shop, 15_000)))["state"] == "paid"
    await market.books_are_right()


async def test_a_lower_tier_counts_from_the_next_business_day(market: Market, time: Time) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=40_000)
    shop = await market.shop(office.keeper)
    await office.do(shop, "reviews", {"tier": "small"})
    await office.do(shop, "reviews", {"tier": "new"})
    assert (await market.pay(buyer, await market.order(buyer, shop, 10_000)))["state"] == "paid"
    time.pass_by(days=1)
    assert (await office.standing(shop))["left_minor"] == NEW_MINOR
    assert await refused_as(market.order(buyer, shop, NEW_MINOR + 1)) == "shop-limit-reached"
    assert (await market.pay(buyer, await market.order(buyer, shop, NEW_MINOR)))["state"] == "paid"
    await market.books_are_right()


@pytest.mark.parametrize("funding", ["balance", "card"])
async def test_no_race_lets_a_shop_receive_more(market: Market, funding: str) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    buyers = [await market.shopper(f"buyer{number}", balance_minor=600) for number in range(8)]
    orders = [await market.order(buyer, shop, 600) for buyer in buyers]
    pay = market.pay if funding == "balance" else market.by_card
    answers = await at_once(*[pay(buyer, order) for buyer, order in zip(buyers, orders, strict=True)])
    outcomes = sorted(outcome_of(answer) for answer in answers)
    assert outcomes == ["paid"] * 3 + ["shop-limit-reached"] * 5
    assert (await office.keeper.get(f"/api/shops/{shop['id']}/takings"))["today"] == {
        "count": 3,
        "amount_minor": 1_800,
    }
    assert (await office.standing(shop))["left_minor"] == NEW_MINOR - 1_800
    spent = sum([600 - await market.balance(buyer) for buyer in buyers])
    assert spent == (1_800 if funding == "balance" else 0)
    await market.books_are_right()


async def test_a_card_is_asked_for_nothing_that_the_shop_has_no_room_for(market: Market) -> None:
    """The room is gone after it was looked at, so that it shows only where it is taken."""
    office, buyer = await Office.opened(market), await market.shopper("xiaoman")
    shop = await market.shop(office.keeper)
    order = await market.order(buyer, shop, 1_500)
    other = await market.shopper("azhe2", balance_minor=1_000)
    both = await at_once(market.by_card(buyer, order), market.pay(other, await market.order(other, shop, 1_000)))
    assert sorted(map(outcome_of, both)) == ["paid", "shop-limit-reached"]
    debited = await market.value(
        "select coalesce(sum(amount_minor), 0)::bigint from bank.debits where amount_minor = 1500 and state <> 'declined'"
    )
    assert debited == (1_500 if outcome_of(both[0]) == "paid" else 0)
    await market.books_are_right()


async def test_a_payment_that_comes_to_nothing_gives_its_room_back(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    buyer = await market.shopper("xiaoman", card_number=INSUFFICIENT)
    for _ in range(3):
        refused = await market.by_card(buyer, await market.order(buyer, shop, 1_500))
        assert (refused["state"], refused["reason"]) == ("refused", "insufficient-funds")
    assert (await office.standing(shop))["left_minor"] == NEW_MINOR
    await market.books_are_right()


async def test_a_bank_that_keeps_silent_keeps_the_room_of_its_day(market: Market, time: Time) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    buyer = await market.shopper("xiaoman", card_number=SILENT)
    begun = await market.by_card(buyer, await market.order(buyer, shop, 1_500))
    assert begun["state"] == "processing"
    assert (await office.standing(shop))["left_minor"] == NEW_MINOR - 1_500
    assert await refused_as(market.order(buyer, shop, 600)) == "shop-limit-reached"
    time.pass_by(days=1)
    assert (await buyer.get(f"/api/payments/{begun['id']}"))["state"] == "paid"
    assert (await office.standing(shop))["left_minor"] == NEW_MINOR, "it counts for the day on which it began"
    await market.books_are_right()


async def test_a_refund_gives_no_room_back(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=NEW_MINOR)
    shop = await market.shop(office.keeper)
    paid = await market.pay(buyer, await market.order(buyer, shop, NEW_MINOR))
    path = f"/api/shops/{shop['id']}/payments/{paid['id']}/refunds"
    await office.keeper.post(path, {"amount_minor": NEW_MINOR, "reason": ""}, idempotency_key=key())
    assert (await office.standing(shop))["left_minor"] == 0
    await market.books_are_right()


async def test_a_repeat_of_an_order_is_answered_though_the_room_is_gone(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=NEW_MINOR)
    shop = await market.shop(office.keeper)
    wanted, once = {"code": shop["code"]["code"], "amount_minor": NEW_MINOR}, key()
    made = await buyer.post("/api/orders", wanted, idempotency_key=once)
    pay_once = key()
    paid = await market.pay(buyer, made, idempotency_key=pay_once)
    assert (await buyer.post("/api/orders", wanted, idempotency_key=once))["id"] == made["id"]
    assert (await market.pay(buyer, made, idempotency_key=pay_once))["id"] == paid["id"]
    assert await used(buyer) == NEW_MINOR


async def used(buyer: Client) -> int:
    return NEW_MINOR - int((await buyer.get("/api/wallet"))["balance_minor"])


def outcome_of(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    return str(answer["state"] if answer["state"] == "paid" else answer["reason"])
