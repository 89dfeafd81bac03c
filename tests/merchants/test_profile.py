"""What a shop says of itself is changed by its owner: at once while nobody has looked at it, else after an operator's look."""

from typing import Any
from uuid import UUID

from junzi.client import Client
from junzi.merchants.profile_model import MOST_CHANGES_A_DAY
from junzi.standing.model import Tier
from junzi.standing.review import review_step
from tests.coupons.desk import opened_desk
from tests.merchants.test_areas import OLD_TOWN
from tests.standing.office import Office
from tests.support.market import Market, at_once, key, refusal, refused_as

Shop = dict[str, Any]


async def change(keeper: Client, shop: Shop, **wanted: Any) -> Shop:
    return await keeper.request("PATCH", f"/api/shops/{shop['id']}", wanted)  # type: ignore[no-any-return]


async def proposal(keeper: Client, shop: Shop) -> dict[str, Any] | None:
    return (await keeper.get(f"/api/shops/{shop['id']}/profile"))["proposal"]  # type: ignore[no-any-return]


async def reviewed(market: Market, shop: Shop) -> None:
    async with market.house.database.transaction() as tx:
        await review_step(tx, shop_id=UUID(shop["id"]), operator_id=None, tier=Tier.SMALL)


def said(shop: Shop) -> tuple[str, ...]:
    return shop["name"], shop["trade"], shop["place"], shop["picture"]


async def test_a_new_shop_changes_at_once_and_everybody_meets_it_as_it_is_now(market: Market) -> None:
    keeper, cashier, buyer = [await market.person(handle) for handle in ("guifang", "daniel", "xiaoman")]
    shop = await market.shop(keeper)
    await keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": "daniel"})
    await cashier.post(f"/api/shops/{shop['id']}/staff/acceptance")
    await market.settle()
    changed = await change(keeper, shop, name=" 山脚书屋 ", trade="books", place="北门街 1 号", picture="📚")
    assert said(changed) == ("山脚书屋", "books", "北门街 1 号", "📚")
    assert changed["code"] == shop["code"], "what is printed still leads there"
    scanned = await buyer.post("/api/scans", {"text": shop["code"]["code"]})
    assert said(scanned["shop"]) == said(changed)
    assert "5942" in (await buyer.get(f"/api/codes/{shop['code']['code']}/emv"))["text"]
    await market.settle()
    for person in (keeper, cashier):
        titles = [one.get("title") for one in (await person.get("/api/conversations"))["conversations"]]
        assert "山脚书屋" in titles, titles
    assert await proposal(keeper, shop) is None
    assert await market.value("select count(*) from merchants.profile_changes where state = 'made'") == 1
    await change(keeper, shop, name="山脚书屋", place="北门街 1 号")
    assert await market.value("select count(*) from merchants.profile_changes") == 1, "nothing new is nothing to note"


async def test_a_reviewed_shop_waits_for_a_look_with_name_trade_and_area_alone(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    await office.do(shop, "reviews", {"tier": "small"})
    changed = await change(office.keeper, shop, name="市政厅收费处", trade="books", place="北门街 1 号", picture="🥟")
    assert said(changed) == ("山脚面馆", "noodles", "北门街 1 号", "🥟")
    waits = await proposal(office.keeper, shop)
    assert waits and (waits["name"], waits["trade"], waits["leaves_area"]) == ("市政厅收费处", "books", False)
    await market.settle()
    [line] = (await office.operator.get("/api/ops/shops?queue=waiting"))["shops"]
    assert (line["id"], line["tier"], line["change"]) == (shop["id"], "small", waits)

    declined = await office.do(shop, "changes", {"made": False})
    assert (declined["name"], declined["review"], declined["change"]) == ("山脚面馆", "reviewed", None)
    assert len(await market.told(office.keeper, "shop.change_declined")) == 1
    await change(office.keeper, shop, name="山脚大面馆")
    made = await office.do(shop, "changes", {"made": True})
    assert (made["name"], made["trade"]) == ("山脚大面馆", "noodles")
    assert len(await market.told(office.keeper, "shop.change_made")) == 1
    assert await refused_as(office.do(shop, "changes", {"made": True})) == "not-found"
    assert (await office.actions())[:2] == ["standing.change_decided"] * 2


async def test_asking_again_takes_the_place_of_what_waits_and_asking_for_what_holds_drops_it(market: Market) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    await reviewed(market, shop)
    await change(keeper, shop, name="一")
    first = await proposal(keeper, shop)
    await change(keeper, shop, name="一")
    assert await proposal(keeper, shop) == first
    await change(keeper, shop, place="别处")
    assert await proposal(keeper, shop) == first, "what needs no look leaves alone what waits for one"
    await change(keeper, shop, name="二")
    assert (await proposal(keeper, shop) or {})["name"] == "二"
    await change(keeper, shop, name="山脚面馆")
    assert await proposal(keeper, shop) is None
    states = await market.rows("select state from merchants.profile_changes order by asked_at, id")
    assert [row["state"] for row in states] == ["dropped", "made", "dropped"]


async def test_a_tier_that_is_given_meanwhile_leaves_the_change_in_the_queue(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    await reviewed(market, shop)
    await change(office.keeper, shop, name="新名字")
    line = await office.do(shop, "reviews", {"tier": "large"})
    assert (line["review"], line["tier"], line["change"]["name"]) == ("waiting", "large", "新名字")


async def test_of_a_discreet_shop_the_desk_learns_what_it_wants_by_a_look_up_alone(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    await reviewed(market, shop)
    await office.keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    await change(office.keeper, shop, name="悄悄书屋", trade="books")
    await market.settle()
    [line] = (await office.operator.get("/api/ops/shops?queue=waiting"))["shops"]
    assert (line["change"]["name"], line["change"]["trade"]) == (None, None)
    seen = await office.operator.post(f"/api/ops/shops/{shop['id']}/lookups")
    assert (seen["change"]["name"], seen["change"]["trade"]) == ("悄悄书屋", "books")
    await office.do(shop, "changes", {"made": True})
    async with market.house.database.read() as reader:
        trail = str([row async for row in _audited(reader)])
    assert "悄悄" not in trail


async def test_a_coupon_of_an_area_counts_from_the_moment_the_shop_is_in_it(market: Market) -> None:
    desk = await opened_desk(market)
    area = await desk.drafter.post("/api/ops/areas", OLD_TOWN, idempotency_key=key())
    campaign = await desk.run(terms={"limits": {"area_ids": [area["id"]]}})
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=9_000)
    coupon = (await desk.claim(buyer, campaign))["coupons"][0]["id"]
    shop = await market.shop(keeper)
    order = await market.order(buyer, shop, 2_000)
    assert (await refusal(market.pay(buyer, order, coupon_ids=[coupon]))).problem["reason"] == "elsewhere"
    await reviewed(market, shop)
    await change(keeper, shop, area_id=area["id"])
    assert (await refusal(market.pay(buyer, order, coupon_ids=[coupon]))).problem["reason"] == "elsewhere", "not yet"
    path = f"/api/ops/shops/{shop['id']}/changes"
    await desk.drafter.post(path, {"made": True}, idempotency_key=key())
    assert (await market.pay(buyer, order, coupon_ids=[coupon]))["state"] == "paid"
    await change(keeper, shop, area_id=None)
    assert (await proposal(keeper, shop) or {})["leaves_area"] is True
    await market.books_are_right()


async def test_what_cannot_be_said_is_refused_and_others_change_nothing(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    for wanted in (
        {"name": " "},
        {"name": "x" * 41},
        {"name": "a\nb"},
        {"trade": "piracy"},
        {"place": "x" * 81},
        {"picture": ""},
        {"area_id": shop["id"]},
        {},
    ):
        assert await refused_as(change(office.keeper, shop, **wanted)) == "invalid-request", wanted
    assert await refused_as(change(office.other, shop, name="x")) == "not-found"
    assert await refused_as(office.other.get(f"/api/shops/{shop['id']}/profile")) == "not-found"
    path = f"/api/ops/shops/{shop['id']}/changes"
    assert await refused_as(office.keeper.post(path, {"made": True}, idempotency_key=key())) == "not-an-operator"


async def test_a_shop_changes_so_often_a_day_and_not_more(market: Market) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    answers = await at_once(*[change(keeper, shop, place=f"{number} 号") for number in range(MOST_CHANGES_A_DAY + 3)])
    assert sorted(one for one in answers if isinstance(one, str)) == ["too-many-changes"] * 3


async def _audited(reader: Any) -> Any:
    for row in await reader.fetch("select facts from operators.audit_trail"):
        yield row["facts"]
