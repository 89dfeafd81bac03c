"""Commission: promised within a budget, due by days or by different payers, paid once to the promoter's balance."""

from typing import Any

import pytest

from junzi.client import Client
from tests.field.street import Street, opened_street
from tests.field.test_sign_ups import agreed, asked
from tests.support.market import Market, Time, key, refused_as

BY_PAYERS: dict[str, Any] = {"amount_minor": 500, "budget_minor": 1_000, "payers": 2}
BY_DAYS: dict[str, Any] = {"amount_minor": 500, "budget_minor": 1_000, "after_days": 7}


async def set_rule(street: Street, rule: dict[str, Any]) -> None:
    await street.operator.post("/api/ops/commissions", rule, idempotency_key=key())


async def signed_up(street: Street, number: int = 1) -> tuple[Client, dict[str, Any]]:
    """An owner and their shop, which the promoter signed up; everything that follows from it was told."""
    place = await street.place(f"place {number}", str(number))
    owner = await street.market.person(f"owner_{number}")
    await agreed(owner, await asked(street, place))
    await street.market.settle()
    return owner, (await owner.get("/api/shops"))["shops"][0]


async def bought(market: Market, shop: dict[str, Any], buyer: Client) -> None:
    await market.pay(buyer, await market.order(buyer, shop, 100))
    await market.settle()


async def mine(street: Street) -> list[dict[str, Any]]:
    return (await street.promoter.get("/api/field/commissions"))["commissions"]  # type: ignore[no-any-return]


async def test_two_different_payers_make_it_due_and_it_is_paid_once(market: Market) -> None:
    street = await opened_street(market)
    await set_rule(street, BY_PAYERS)
    _, shop = await signed_up(street)
    first, second = [await market.shopper(name, balance_minor=1_000) for name in ("first", "second")]
    for buyer in (first, first):
        await bought(market, shop, buyer)
    assert [one["state"] for one in await mine(street)] == ["promised"]
    await bought(market, shop, second)
    await bought(market, shop, second)
    [paid] = await mine(street)
    assert (paid["state"], paid["shop"], paid["amount_minor"]) == ("paid", "老张面馆", 500)
    assert await market.balance(street.promoter) == 500
    assert await market.sweep("field.commission") == 0
    [bill] = (await street.promoter.get("/api/bills"))["bills"]
    assert (bill["kind"], bill["amount_minor"], bill["note"]) == ("commission", 500, "老张面馆")
    [rule] = (await street.operator.get("/api/ops/commissions"))["rules"]
    assert (rule["promised_minor"], rule["paid_minor"]) == (500, 500)
    await market.books_are_right()


async def test_owner_and_promoter_are_no_payers(market: Market) -> None:
    street = await opened_street(market)
    await set_rule(street, {**BY_PAYERS, "payers": 1})
    await street.promoter.request("PUT", "/api/me/payment-pin", {"pin": "258036"})
    street.promoter.me["card_id"] = (await market.bind(street.promoter))["id"]
    _, shop = await signed_up(street)
    await market.by_card(street.promoter, await market.order(street.promoter, shop, 100))
    await market.settle()
    assert [one["state"] for one in await mine(street)] == ["promised"]


async def test_friends_of_the_promoter_are_no_payers(market: Market) -> None:
    street = await opened_street(market)
    await set_rule(street, {**BY_PAYERS, "payers": 1})
    _, shop = await signed_up(street)
    friend = await market.shopper("friend", balance_minor=1_000)
    wanted = {"person_id": friend.me["id"], "greeting": "hello"}
    request = await street.promoter.post("/api/contacts/requests", wanted)
    await friend.post(f"/api/contacts/requests/{request['id']}/acceptance")
    await bought(market, shop, friend)
    assert [(one["state"], one["paid_there"]) for one in await mine(street)] == [("promised", 0)]
    await bought(market, shop, await market.shopper("stranger", balance_minor=1_000))
    assert [(one["state"], one["paid_there"]) for one in await mine(street)] == [("paid", 1)]


async def test_a_payment_that_was_refunded_counts_no_more(market: Market) -> None:
    street = await opened_street(market)
    await set_rule(street, BY_PAYERS)
    owner, shop = await signed_up(street)
    first, second, third = [await market.shopper(name, balance_minor=1_000) for name in ("first", "second", "third")]
    payment = await market.pay(first, await market.order(first, shop, 100))
    path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
    await owner.post(path, {"amount_minor": 1, "reason": "少了一份"}, idempotency_key=key())
    await market.settle()
    await bought(market, shop, second)
    assert [(one["state"], one["paid_there"]) for one in await mine(street)] == [("promised", 1)]
    await bought(market, shop, third)
    assert [(one["state"], one["paid_there"]) for one in await mine(street)] == [("paid", 2)]
    await market.books_are_right()


async def test_a_shop_that_stands_for_its_days_is_paid_for_by_the_sweep(market: Market, time: Time) -> None:
    street = await opened_street(market)
    await set_rule(street, BY_DAYS)
    await signed_up(street)
    time.pass_by(days=6)
    assert await market.sweep("field.commission") == 0
    time.pass_by(days=1)
    assert await market.sweep("field.commission") == 1
    assert await market.sweep("field.commission") == 0
    assert await market.balance(street.promoter) == 500
    await market.books_are_right()


async def test_no_more_is_promised_than_the_budget_and_none_without_a_rule(market: Market) -> None:
    street = await opened_street(market)
    await signed_up(street, 1)
    assert await mine(street) == []
    await set_rule(street, BY_DAYS)
    for number in (2, 3, 4):
        await signed_up(street, number)
    assert [one["state"] for one in await mine(street)] == ["over_budget", "promised", "promised"]
    await street.operator.request("DELETE", "/api/ops/commissions")
    await signed_up(street, 5)
    assert len(await mine(street)) == 3
    assert await refused_as(street.operator.request("DELETE", "/api/ops/commissions")) == "no-commission-rule"


async def test_a_closed_shop_earns_nothing_and_a_code_that_was_taken_back_waits(market: Market, time: Time) -> None:
    street = await opened_street(market)
    await set_rule(street, BY_DAYS)
    closer, closed = await signed_up(street, 1)
    _, taken = await signed_up(street, 2)
    await closer.request("PATCH", f"/api/shops/{closed['id']}", {"state": "closed"})
    path = f"/api/ops/shops/{taken['id']}"
    await street.operator.post(f"{path}/withdrawals", {"reason": "owners-wish"}, idempotency_key=key())
    time.pass_by(days=8)
    await market.sweep("field.commission")
    assert sorted(one["state"] for one in await mine(street)) == ["due", "lapsed"]
    await street.operator.post(f"{path}/reinstatements", idempotency_key=key())
    time.pass_by(days=2)
    await market.sweep("field.commission")
    assert sorted(one["state"] for one in await mine(street)) == ["lapsed", "paid"]
    assert await market.balance(street.promoter) == 500


async def test_a_discreet_shop_stands_under_its_neutral_name(market: Market) -> None:
    street = await opened_street(market)
    await set_rule(street, BY_DAYS)
    owner, shop = await signed_up(street)
    await owner.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    told = [*(await street.operator.get("/api/ops/commissions"))["commissions"], *await mine(street)]
    assert len(told) == 2 and not any("老张" in one["shop"] for one in told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": 500, "budget_minor": 1_000},
        {**BY_DAYS, "budget_minor": 499},
        {**BY_DAYS, "after_days": 0},
        {**BY_PAYERS, "payers": 1_001},
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    street = await opened_street(market)
    assert await refused_as(set_rule(street, wrong)) == "invalid-request"
