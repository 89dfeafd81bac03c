"""Areas of the town: drawn and named by the operator, chosen by a shop or for it, and none is fine."""

from uuid import UUID

from junzi.client import Client
from junzi.merchants.model import MOST_AREAS
from junzi.operators.actions import make_administrator
from tests.coupons.desk import opened_desk
from tests.support.market import Market, at_once, key, refusal, refused_as

OLD_TOWN = {"zh": "老城", "en": "Old town"}


async def administrator(market: Market) -> Client:
    yuan = await market.person("yuan")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(yuan.me["id"]))
    return yuan


async def test_an_area_is_drawn_once_renamed_and_chosen(market: Market) -> None:
    yuan, keeper = await administrator(market), await market.person("guifang")
    once = key()
    area = await yuan.post("/api/ops/areas", OLD_TOWN, idempotency_key=once)
    assert await yuan.post("/api/ops/areas", OLD_TOWN, idempotency_key=once) == area
    renamed = await yuan.request("PATCH", f"/api/ops/areas/{area['id']}", {"zh": "旧城", "en": "Old town"})
    assert (await keeper.get("/api/areas"))["areas"] == [renamed]

    wanted = {"name": "山脚面馆", "trade": "noodles", "area_id": area["id"]}
    chosen = await keeper.post("/api/shops", wanted, idempotency_key=key())
    assert chosen["area_id"] == area["id"]
    plain = await market.shop(keeper, "无名小店")
    assert plain["area_id"] is None
    for area_id in (area["id"], None):
        moved = await keeper.request("PATCH", f"/api/shops/{plain['id']}", {"area_id": area_id})
        assert (moved["area_id"], moved["state"]) == (area_id, "open")
    put = await yuan.request("PATCH", f"/api/ops/shops/{plain['id']}", {"area_id": area["id"]})
    assert put["area_id"] == area["id"]


async def test_what_does_not_exist_cannot_be_chosen_and_others_draw_nothing(market: Market) -> None:
    yuan, keeper = await administrator(market), await market.person("guifang")
    shop = await market.shop(keeper)
    for request in (
        keeper.request("PATCH", f"/api/shops/{shop['id']}", {"area_id": shop["id"]}),
        keeper.request("PATCH", f"/api/shops/{shop['id']}", {}),
        keeper.post("/api/shops", {"name": "x", "trade": "noodles", "area_id": shop["id"]}, idempotency_key=key()),
        yuan.request("PATCH", f"/api/ops/shops/{shop['id']}", {"area_id": shop["id"]}),
        yuan.post("/api/ops/areas", {"zh": " ", "en": "x"}, idempotency_key=key()),
    ):
        assert await refused_as(request) == "invalid-request"
    assert await refused_as(yuan.request("PATCH", f"/api/ops/areas/{shop['id']}", OLD_TOWN)) == "not-found"
    assert await refused_as(keeper.post("/api/ops/areas", OLD_TOWN, idempotency_key=key())) == "not-an-operator"


async def test_a_town_has_a_hundred_areas_however_many_are_drawn_at_once(market: Market) -> None:
    yuan = await administrator(market)
    await market.row(
        'insert into merchants.areas (id, name, created_at) select gen_random_uuid(), \'{"zh": "x", "en": "x"}\', now()'
        " from generate_series(1, $1::integer) returning 1",
        MOST_AREAS - 2,
    )
    drawn = await at_once(*[yuan.post("/api/ops/areas", OLD_TOWN, idempotency_key=key()) for _ in range(6)])
    assert sorted(one if isinstance(one, str) else "drawn" for one in drawn) == ["drawn"] * 2 + ["too-many-areas"] * 4
    assert (await refusal(yuan.post("/api/ops/areas", OLD_TOWN, idempotency_key=key()))).status == 409


async def test_a_coupon_counts_in_its_areas_and_nowhere_else(market: Market) -> None:
    desk = await opened_desk(market)
    area = await desk.drafter.post("/api/ops/areas", OLD_TOWN, idempotency_key=key())
    campaign = await desk.run(terms={"limits": {"area_ids": [area["id"]]}})
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=5_000)
    coupon = (await desk.claim(buyer, campaign))["coupons"][0]
    assert coupon["limits"]["area_ids"] == [area["id"]]
    shop = await market.shop(keeper)
    order = await market.order(buyer, shop, 2_000)
    refused = await refusal(market.pay(buyer, order, coupon_ids=[coupon["id"]]))
    assert (refused.slug, refused.problem["reason"]) == ("coupon-not-usable", "elsewhere")
    await desk.drafter.request("PATCH", f"/api/ops/shops/{shop['id']}", {"area_id": area["id"]})
    paid = await market.pay(buyer, order, coupon_ids=[coupon["id"]])
    assert (paid["state"], paid["coupon_minor"]) == ("paid", 500)
    await market.books_are_right()
