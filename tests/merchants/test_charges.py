"""A till's charge: one amount, one payer, one payment, ten minutes."""

from typing import Any

import pytest

from junzi.client import Client
from tests.support.market import Market, Time, at_once, key, refusal, refused_as


async def charged(keeper: Client, shop: dict[str, Any], amount_minor: int, note: str = "") -> dict[str, Any]:
    wanted = {"amount_minor": amount_minor, "note": note}
    return await keeper.post(f"/api/shops/{shop['id']}/charges", wanted, idempotency_key=key())  # type: ignore[no-any-return]


async def state(keeper: Client, shop: dict[str, Any], charge: dict[str, Any]) -> str:
    return (await keeper.get(f"/api/shops/{shop['id']}/charges/{charge['id']}"))["state"]  # type: ignore[no-any-return]


async def test_a_charge_is_scanned_ordered_and_paid_once(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(keeper)
    charge = await charged(keeper, shop, 1_850, " 两碗面 ")
    code = charge["code"]["code"]
    assert (charge["state"], charge["note"], charge["payment_id"], code[0]) == ("open", "两碗面", None, "O")
    assert charge["code"]["url"] == f"{market.served.url}/c/{code}"
    scanned = await buyer.post("/api/scans", {"text": charge["code"]["url"]})
    seen = {name: shop[name] for name in ("id", "name", "trade", "place", "picture")}
    expected = {"kind": "charge", "code": code, "shop": seen, "amount_minor": 1_850, "note": "两碗面", "away": None}
    assert scanned == expected
    order = await market.order(buyer, {"code": charge["code"]}, 1_850)
    assert await state(keeper, shop, charge) == "taken"
    payment = await market.pay(buyer, order)
    assert payment["state"] == "paid"
    shown = await keeper.get(f"/api/shops/{shop['id']}/charges/{charge['id']}")
    assert (shown["state"], shown["payment_id"]) == ("paid", payment["id"])
    again = await market.order(buyer, {"code": charge["code"]}, 1_850)
    assert (again["id"], again["state"]) == (order["id"], "paid")
    assert await refused_as(market.pay(buyer, again)) == "order-already-paid"
    assert await market.balance(buyer) == 5_000 - 1_850
    await market.settle()
    await market.books_are_right()


async def test_the_amount_is_the_tills(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop = await market.shop(keeper)
    charge = await charged(keeper, shop, 1_850)
    no = await refusal(market.order(buyer, {"code": charge["code"]}, 185))
    assert (no.slug, no.problem["errors"][0]["field"]) == ("invalid-request", "amount_minor")
    assert await state(keeper, shop, charge) == "open"


async def test_a_race_for_a_charge_has_one_winner_who_may_ask_again(market: Market) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    charge = await charged(keeper, shop, 500)
    buyers = [await market.person(f"buyer{number}") for number in range(5)]
    answers = await at_once(*[market.order(buyer, {"code": charge["code"]}, 500) for buyer in buyers for _ in range(3)])
    orders = {answer["id"] for answer in answers if not isinstance(answer, str)}
    assert len(orders) == 1
    assert [answer for answer in answers if isinstance(answer, str)] == ["charge-over"] * 12
    assert await market.value("select count(*) from checkout.orders") == 1
    no = await refusal((await market.person("late")).post("/api/scans", {"text": charge["code"]["code"]}))
    assert (no.slug, no.problem["reason"]) == ("charge-over", "taken")


async def test_every_key_of_the_one_who_holds_it_leads_to_the_same_order(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop = await market.shop(keeper)
    charge = await charged(keeper, shop, 500)
    wanted = {"code": charge["code"]["code"], "amount_minor": 500}
    first, second = key(), key()
    order = await buyer.post("/api/orders", wanted, idempotency_key=first)
    for again in (second, second, first):
        assert (await buyer.post("/api/orders", wanted, idempotency_key=again))["id"] == order["id"]


async def test_after_ten_minutes_it_is_over(market: Market, time: Time) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop = await market.shop(keeper)
    charge = await charged(keeper, shop, 500)
    time.pass_by(minutes=9, seconds=50)
    assert (await buyer.post("/api/scans", {"text": charge["code"]["code"]}))["kind"] == "charge"
    time.pass_by(seconds=11)
    assert await state(keeper, shop, charge) == "expired"
    no = await refusal(buyer.post("/api/scans", {"text": charge["code"]["code"]}))
    assert (no.slug, no.problem["reason"]) == ("charge-over", "expired")
    assert await refused_as(market.order(buyer, {"code": charge["code"]}, 500)) == "charge-over"


async def test_a_charge_is_the_shops_own_and_needs_it_open(market: Market) -> None:
    keeper, other = await market.person("guifang"), await market.person("azhe")
    shop, others = await market.shop(keeper), await market.shop(other, "Elsewhere")
    charge = await charged(keeper, shop, 500)
    assert await refused_as(charged(other, shop, 500)) == "not-found"
    assert await refused_as(other.get(f"/api/shops/{shop['id']}/charges/{charge['id']}")) == "not-found"
    assert await refused_as(other.get(f"/api/shops/{others['id']}/charges/{charge['id']}")) == "not-found"
    assert await refused_as(keeper.post("/api/scans", {"text": charge["code"]["code"]})) == "own-code"
    assert await refused_as(market.order(keeper, {"code": charge["code"]}, 500)) == "own-code"
    await keeper.request("PATCH", f"/api/shops/{shop['id']}", {"state": "closed"})
    assert await refused_as(charged(keeper, shop, 500)) == "shop-closed"
    assert await refused_as(market.order(other, {"code": charge["code"]}, 500)) == "shop-closed"


@pytest.mark.parametrize("amount_minor", [0, -1, 10**12 + 1])
async def test_an_amount_out_of_bounds_is_refused(market: Market, amount_minor: int) -> None:
    keeper = await market.person("guifang")
    assert await refused_as(charged(keeper, await market.shop(keeper), amount_minor)) == "invalid-request"


async def test_a_charge_in_the_form_of_other_wallets_has_its_amount(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    charge = await charged(keeper, await market.shop(keeper), 1_850)
    text = (await buyer.get(f"/api/codes/{charge['code']['code']}/emv"))["text"]
    assert "010212" in text
    assert "540518.50" in text
    assert (await buyer.post("/api/scans", {"text": text}))["amount_minor"] == 1_850
    huge = await charged(keeper, await market.shop(keeper, "Big"), 10**12)
    assert await refused_as(buyer.get(f"/api/codes/{huge['code']['code']}/emv")) == "invalid-request"


async def test_an_order_that_is_closed_lets_its_charge_go(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    other = await market.shopper("azhe", balance_minor=2_000)
    shop = await market.shop(keeper)
    charge = await charged(keeper, shop, 1_850)
    held = await market.order(buyer, {"code": charge["code"]}, 1_850)
    await buyer.request("DELETE", f"/api/orders/{held['id']}")
    assert await state(keeper, shop, charge) == "open"
    assert (await market.pay(other, await market.order(other, {"code": charge["code"]}, 1_850)))["state"] == "paid"
    await keeper.post(
        f"/api/shops/{shop['id']}/payments/{(await refundable(keeper, shop, charge))}/refunds",
        {"amount_minor": 1_850},
        idempotency_key=key(),
    )
    assert await state(keeper, shop, charge) == "paid", "a refund does not let it be paid again"
    await market.books_are_right()


async def refundable(keeper: Client, shop: dict[str, Any], charge: dict[str, Any]) -> str:
    return str((await keeper.get(f"/api/shops/{shop['id']}/charges/{charge['id']}"))["payment_id"])
