"""Several stores of one merchant: each a shop of its own, under one name, seen apart and together."""

from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.merchants import open_shop, store
from tests.support.market import Market, Time, at_once, key, refused_as


async def opened(keeper: Client, shop: dict[str, Any], branch: str, place: str = "", **how: str) -> dict[str, Any]:
    wanted = {"branch": branch, "place": place}
    path = f"/api/shops/{shop['id']}/stores"
    return await keeper.post(path, wanted, idempotency_key=how.get("key", key()))  # type: ignore[no-any-return]


async def amounts(person: Client, shop: dict[str, Any], asked: str = "today") -> tuple[dict[str, int], int]:
    seen = await person.get(f"/api/shops/{shop['id']}/stores?range={asked}")
    return {one["shop"]["name"]: one["sum"]["amount_minor"] for one in seen["stores"]}, seen["sum"]["amount_minor"]


async def test_another_store_is_a_shop_of_its_own_under_the_same_name(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(keeper)
    assert await amounts(keeper, shop) == ({"山脚面馆": 0}, 0)
    east = await opened(keeper, shop, " 东门店 ", "东门街 3 号")
    assert (east["name"], east["place"], east["trade"], east["picture"]) == (
        "山脚面馆 · 东门店",
        "东门街 3 号",
        "noodles",
        "🍜",
    )
    assert (east["state"], east["role"]) == ("open", "owner")
    assert east["code"] != shop["code"]
    west = await opened(keeper, east, "西门店")
    assert west["name"] == "山脚面馆 · 西门店"
    await market.settle()

    for one, amount in ((shop, 300), (east, 500), (east, 200)):
        await market.pay(buyer, await market.order(buyer, one, amount))
    for asked in ("today", "week", "month"):
        for seen_from in (shop, east, west):
            assert await amounts(keeper, seen_from, asked) == (
                {"山脚面馆": 300, "山脚面馆 · 东门店": 700, "山脚面馆 · 西门店": 0},
                1_000,
            )
    for one, amount in ((shop, 300), (east, 700), (west, 0)):
        assert (await keeper.get(f"/api/shops/{one['id']}/figures"))["amount_minor"] == amount
    await market.settle()
    await market.books_are_right()


async def test_who_works_at_one_store_sees_that_one_alone(market: Market) -> None:
    keeper, cashier, both = [await market.person(name) for name in ("guifang", "xiaoman", "laowang")]
    shop = await market.shop(keeper)
    east = await opened(keeper, shop, "东门店")
    for handle, person, stores in (("xiaoman", cashier, [east]), ("laowang", both, [shop, east])):
        for one in stores:
            await keeper.post(f"/api/shops/{one['id']}/staff", {"handle": handle})
            await person.post(f"/api/shops/{one['id']}/staff/acceptance")
    assert await amounts(cashier, east) == ({"山脚面馆 · 东门店": 0}, 0)
    assert await refused_as(cashier.get(f"/api/shops/{shop['id']}/stores")) == "not-found"
    assert list((await amounts(both, east))[0]) == ["山脚面馆", "山脚面馆 · 东门店"]
    assert await refused_as(opened(cashier, east, "北门店")) == "not-allowed"
    assert await refused_as(opened(await market.person("stranger"), shop, "北门店")) == "not-found"


async def test_a_repeat_opens_nothing_more_and_other_shops_stay_apart(market: Market) -> None:
    keeper = await market.person("guifang")
    shop, other, same = await market.shop(keeper), await market.shop(keeper, "书店"), key()
    answers = await at_once(*[opened(keeper, shop, "东门店", key=same) for _ in range(4)])
    assert len({answer["id"] for answer in answers}) == 1
    assert len((await amounts(keeper, shop))[0]) == 2
    assert await amounts(keeper, other) == ({"书店": 0}, 0)
    assert await market.value("select count(*) from merchants.stores") == 2


async def test_an_opening_that_was_interrupted_is_finished_as_a_store(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = await market.person("guifang")
    shop, same = await market.shop(keeper), key()

    async def dies(*_: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as broken:
        broken.setattr(open_shop, "finish", dies)
        assert await refused_as(opened(keeper, shop, "东门店", key=same)) == "internal-error"
    assert await amounts(keeper, shop) == ({"山脚面馆": 0}, 0)
    time.pass_by(minutes=1)
    assert await market.sweep("merchants.open") == 1
    assert await amounts(keeper, shop) == ({"山脚面馆": 0, "山脚面馆 · 东门店": 0}, 0)
    assert (await opened(keeper, shop, "东门店", key=same))["state"] == "open"
    assert len((await amounts(keeper, shop))[0]) == 2


async def test_the_name_of_a_store_has_its_bounds(market: Market) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper, "很" * 30)
    for branch in ("", " ", "x" * 21, "a\nb", "长" * 20):
        assert await refused_as(opened(keeper, shop, branch)) == "invalid-request"
    assert await market.value("select count(*) from merchants.stores") == 0


async def test_a_discreet_shops_tills_stores_and_codes_say_no_more_than_its_neutral_name(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop = await market.shop(keeper)
    async with market.house.database.transaction() as tx:
        await store.set_discreet(tx, id=UUID(shop["id"]), discreet=True)
    east = await opened(keeper, shop, "东门店")
    path = f"/api/shops/{shop['id']}/tills"
    till = (await keeper.post(path, {"name": "面馆前台"}, idempotency_key=key()))["tills"][0]
    for code in (shop["code"]["code"], east["code"]["code"], till["code"]["code"]):
        scanned = await buyer.post("/api/scans", {"text": code})
        assert scanned["shop"]["name"].startswith("商户 Shop ") and scanned["till"] is None
        text = (await buyer.get(f"/api/codes/{code}/emv"))["text"]
        assert "5812" not in text and not {*"山脚面馆东门店前台"} & {*text}
    assert await refused_as(keeper.get(f"/api/shops/{shop['id']}/poster")) == "shop-discreet"
    async with market.house.database.transaction() as tx:
        await store.set_withdrawn(tx, id=UUID(shop["id"]), withdrawn=True)
    assert await refused_as(keeper.get(f"/api/shops/{shop['id']}/poster")) == "code-withdrawn"
