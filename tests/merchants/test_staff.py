"""Staff: asked by exact handle, working once they accepted; what a cashier may, what not, and what ends with their work."""

from typing import Any

import pytest

from junzi.client import Client
from junzi.merchants import rules
from junzi.merchants.model import MOST_STAFF, Deed, Role
from tests.support.market import Market, at_once, key, refusal, refused_as


async def employed(market: Market) -> tuple[Client, Client, dict[str, Any]]:
    """A keeper, a cashier who accepted, and the shop."""
    keeper, cashier = await market.person("guifang"), await market.person("azhe")
    shop = await market.shop(keeper)
    await keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": "azhe"})
    await cashier.post(f"/api/shops/{shop['id']}/staff/acceptance")
    return keeper, cashier, shop


async def test_who_is_asked_works_there_only_after_accepting(market: Market) -> None:
    keeper, cashier = await market.person("guifang", "吴桂芳"), await market.person("azhe")
    shop = await market.shop(keeper)
    path = f"/api/shops/{shop['id']}"
    asked = await keeper.post(f"{path}/staff", {"handle": " AZHE "})
    assert (asked["person"]["handle"], asked["role"], asked["state"]) == ("azhe", "cashier", "invited")
    assert await keeper.post(f"{path}/staff", {"handle": "azhe"}) == asked
    assert await refused_as(cashier.get(f"{path}/takings")) == "not-found"
    assert (await cashier.get("/api/shops"))["shops"] == []
    [invitation] = (await cashier.get("/api/shops/invitations"))["invitations"]
    assert (invitation["shop"]["id"], invitation["role"]) == (shop["id"], "cashier")
    [told] = await market.told(cashier, "staff.invited")
    assert (told["shop_name"], told["from_name"]) == ("山脚面馆", "吴桂芳")
    seen = await cashier.post(f"{path}/staff/acceptance")
    assert await cashier.post(f"{path}/staff/acceptance") == seen
    assert (seen["id"], seen["role"], seen["code"]) == (shop["id"], "cashier", shop["code"])
    assert (await cashier.get("/api/shops"))["shops"] == [seen]
    assert (await cashier.get("/api/shops/invitations"))["invitations"] == []
    assert [one["state"] for one in (await keeper.get(f"{path}/staff"))["staff"]] == ["active"]


async def test_what_a_cashier_may_and_may_not(market: Market) -> None:
    keeper, cashier, shop = await employed(market)
    buyer = await market.shopper("xiaoman", balance_minor=1_000)
    payment = await market.pay(buyer, await market.order(buyer, shop, 300))
    path = f"/api/shops/{shop['id']}"
    assert (await cashier.get(f"{path}/takings"))["today"] == {"count": 1, "amount_minor": 300}
    assert (await cashier.get(f"{path}/figures"))["amount_minor"] == 300
    charge = await cashier.post(f"{path}/charges", {"amount_minor": 200}, idempotency_key=key())
    assert (await cashier.get(f"{path}/charges/{charge['id']}"))["state"] == "open"
    refund = {"amount_minor": 100, "reason": ""}
    for forbidden in (
        cashier.get(f"{path}/statement.csv"),
        cashier.request("PATCH", path, {"state": "closed"}),
        cashier.get(f"{path}/staff"),
        cashier.post(f"{path}/code", idempotency_key=key()),
        cashier.post(f"{path}/staff", {"handle": "xiaoman"}),
        cashier.request("DELETE", f"{path}/staff/{keeper.me['id']}"),
        cashier.get(f"{path}/payments/{payment['id']}"),
        cashier.post(f"{path}/payments/{payment['id']}/refunds", refund, idempotency_key=key()),
    ):
        assert await refused_as(forbidden) == "not-allowed"
    assert (await keeper.get(path))["state"] == "open"


async def test_a_cashiers_own_phone_hears_each_payment_until_the_work_ends(market: Market) -> None:
    keeper, cashier, shop = await employed(market)
    buyer = await market.shopper("xiaoman", balance_minor=1_000)
    await market.settle()
    [conversation] = [
        one for one in (await cashier.get("/api/conversations"))["conversations"] if one["kind"] == "shop"
    ]
    assert (
        conversation["id"]
        == (await cashier.get(f"/api/shops/{shop['id']}"))["conversation_id"]
        != shop["conversation_id"]
    )
    await market.pay(buyer, await market.order(buyer, shop, 300))
    for listener in (keeper, cashier):
        assert [told["amount_minor"] for told in await market.told(listener, "payment.received")] == [300]
    await keeper.request("DELETE", f"/api/shops/{shop['id']}/staff/{cashier.me['id']}")
    await market.pay(buyer, await market.order(buyer, shop, 200))
    assert [told["amount_minor"] for told in await market.told(keeper, "payment.received")] == [300, 200]
    assert [told["amount_minor"] for told in await market.told(cashier, "payment.received")] == [300]
    for path in ("", "/takings", "/figures"):
        assert await refused_as(cashier.get(f"/api/shops/{shop['id']}{path}")) == "not-found"
    charge = cashier.post(f"/api/shops/{shop['id']}/charges", {"amount_minor": 1}, idempotency_key=key())
    assert await refused_as(charge) == "not-found"


async def test_everybody_may_decline_or_leave_and_nobody_else_may_meddle(market: Market) -> None:
    keeper, cashier, shop = await employed(market)
    other = await market.person("laowu")
    path = f"/api/shops/{shop['id']}/staff"
    for meddling in (
        other.get(path),
        other.post(path, {"handle": "laowu"}),
        other.post(f"{path}/acceptance"),
        other.request("DELETE", f"{path}/{cashier.me['id']}"),
        other.request("DELETE", f"{path}/{other.me['id']}"),
    ):
        assert await refused_as(meddling) == "not-found"
    await cashier.request("DELETE", f"{path}/{cashier.me['id']}")
    assert (await keeper.get(path))["staff"] == []
    assert await refused_as(cashier.post(f"{path}/acceptance")) == "not-found"
    assert await refused_as(keeper.post(path, {"handle": "nobody_there"})) == "not-found"
    itself = await refusal(keeper.post(path, {"handle": "guifang"}))
    assert (itself.slug, itself.problem["errors"][0]["field"]) == ("invalid-request", "handle")


async def test_a_race_for_the_last_place_has_one_winner(market: Market) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    late = [await market.person(f"late{number}") for number in range(3)]
    for _ in range(MOST_STAFF - 1):
        await market.row(
            "insert into merchants.staff (shop_id, person_id, role, state, since)"
            " values ($1, gen_random_uuid(), 'cashier', 'invited', clock_timestamp())",
            shop["id"],
        )
    answers = await at_once(
        *[keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": one.me["handle"]}) for one in late]
    )
    assert sorted(one if isinstance(one, str) else "asked" for one in answers) == [
        "asked",
        "too-many-staff",
        "too-many-staff",
    ]


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("deed", Deed)
def test_the_whole_table_of_who_may_what(role: Role | None, deed: Deed) -> None:
    allowed = role is Role.OWNER or (role is Role.CASHIER and deed in (Deed.LOOK, Deed.CHARGE))
    try:
        rules.check_may(role, deed)
    except Exception as refused:
        assert not allowed
        assert type(refused).__name__ == ("NotFound" if role is None else "NotAllowed")
    else:
        assert allowed
