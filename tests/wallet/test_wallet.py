"""The wallet's first page, the bills, and whose they are."""

from typing import Any
from uuid import UUID

from tests.support.market import Market, Time, key, refused_as


async def test_the_wallet_shows_everything_at_a_glance(market: Market) -> None:
    person = await market.shopper("xiaoman", balance_minor=1_234)
    wallet = await person.get("/api/wallet")
    code = wallet["code"]
    assert wallet == {
        "balance_minor": 1_234,
        "currency": "CNY",
        "has_pin": True,
        "pin_locked_until": None,
        "cards": (await person.get("/api/cards"))["cards"],
        "saved_this_month_minor": 0,
        "code": {
            "code": code["code"],
            "url": f"{market.served.url}/c/{code['code']}",
            "svg": f"/api/codes/{code['code']}/image.svg",
        },
    }
    assert (await person.get("/api/wallet"))["code"] == code, "a code is for ever"


async def test_a_new_person_has_nothing_and_no_pin(market: Market) -> None:
    wallet = await (await market.served.person("xiaoman")).get("/api/wallet")
    assert (wallet["balance_minor"], wallet["has_pin"], wallet["cards"]) == (0, False, [])


async def test_a_locked_pin_is_shown_until_when(market: Market) -> None:
    person = await market.shopper("xiaoman")
    wrong = {"card_id": person.me["card_id"], "amount_minor": 100, "pin": "000000"}
    slugs = [await refused_as(person.post("/api/topups", wrong, idempotency_key=key())) for _ in range(6)]
    assert slugs == ["wrong-pin"] * 4 + ["pin-locked"] * 2
    assert (await person.get("/api/wallet"))["pin_locked_until"] is not None


async def test_bills_are_turned_page_by_page_newest_first(market: Market) -> None:
    person = await market.shopper("xiaoman")
    ids = [(await market.top_up(person, amount))["id"] for amount in (100, 200, 300, 400, 500)]
    whole = await person.get("/api/bills")
    assert [bill["amount_minor"] for bill in whole["bills"]] == [500, 400, 300, 200, 100]
    assert whole["more"] is False
    assert len(set(ids)) == 5
    first = await person.get("/api/bills?limit=2")
    second = await person.get(f"/api/bills?limit=2&before={first['bills'][-1]['id']}")
    third = await person.get(f"/api/bills?limit=2&before={second['bills'][-1]['id']}")
    assert first["bills"] + second["bills"] + third["bills"] == whole["bills"]
    assert [page["more"] for page in (first, second, third)] == [True, True, False]
    exact = await person.get("/api/bills?limit=5")
    assert (len(exact["bills"]), exact["more"]) == (5, False)


async def test_a_page_that_there_is_not_is_refused(market: Market) -> None:
    person = await market.served.person("xiaoman")
    for query in ("limit=0", "limit=101", "limit=x", "before=yesterday", "before=1", "limit=1e3"):
        assert await refused_as(person.get(f"/api/bills?{query}")) == "invalid-request", query


async def test_what_coupons_saved_is_counted_by_the_month(market: Market, time: Time) -> None:
    await market.campaign((500, 0), valid_days=300)
    buyer, keeper = await market.shopper("xiaoman", balance_minor=5_000), await market.person("guifang")
    await market.settle()
    [coupon] = await market.coupons(buyer)
    await market.pay(buyer, await market.order(buyer, await market.shop(keeper), 800), coupon_ids=[coupon["id"]])
    assert (await buyer.get("/api/wallet"))["saved_this_month_minor"] == 500
    time.pass_by(days=32)
    assert (await buyer.get("/api/wallet"))["saved_this_month_minor"] == 0


async def test_a_refund_takes_what_was_saved_from_the_month_of_its_payment(market: Market, time: Time) -> None:
    await market.campaign((500, 0), (700, 0), valid_days=300)
    buyer, keeper = await market.shopper("xiaoman", balance_minor=5_000), await market.person("guifang")
    await market.settle()
    shop = await market.shop(keeper)
    worth = {one["amount_minor"]: one["id"] for one in await market.coupons(buyer)}
    first = await market.pay(buyer, await market.order(buyer, shop, 1_000), coupon_ids=[worth[500]])
    time.pass_by(days=32)
    buyer, keeper = [await market.served.second_device(one) for one in (buyer, keeper)]
    second = await market.pay(buyer, await market.order(buyer, shop, 1_000), coupon_ids=[worth[700]])

    async def saved_after(payment: dict[str, Any], amount_minor: int) -> int:
        path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
        await keeper.post(path, {"amount_minor": amount_minor}, idempotency_key=key())
        return int((await buyer.get("/api/wallet"))["saved_this_month_minor"])

    assert await saved_after(first, 1_000) == 700
    assert await saved_after(second, 100) == 630
    assert await saved_after(second, 900) == 0


async def test_a_top_up_and_bills_are_their_owners_alone(market: Market) -> None:
    owner, other = await market.shopper("xiaoman", balance_minor=100), await market.person("azhe")
    topup_id = await market.value("select id from wallet.topups")
    assert await refused_as(other.get(f"/api/topups/{topup_id}")) == "not-found"
    assert await refused_as(other.get(f"/api/topups/{UUID(int=1)}")) == "not-found"
    assert (await other.get("/api/bills"))["bills"] == []
    bill_id = (await owner.get("/api/bills"))["bills"][0]["id"]
    assert (await other.get(f"/api/bills?before={bill_id}"))["bills"] == []
