"""A shop's photo: shown wherever its picture is, to whoever may see the shop, and to nobody else."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from junzi.client import Client
from junzi.media import actions as media
from tests.chat.talk import later, picture
from tests.merchants.test_profile import change, proposal, reviewed
from tests.standing.office import Office
from tests.support.market import Market, key, refusal, refused_as

Shop = dict[str, Any]


async def uploaded(keeper: Client) -> str:
    return str((await keeper.upload("picture", picture(400, 300), "front.jpg"))["id"])


async def opened(keeper: Client, photo_id: str | None, name: str = "山脚面馆") -> Shop:
    wanted = {"name": name, "trade": "noodles", "place": "南门街 12 号", "picture": "🍜", "photo_id": photo_id}
    shop: Shop = await keeper.post("/api/shops", wanted, idempotency_key=key())
    return shop


def at(photo_id: str) -> str:
    return f"/api/shops/photos/{photo_id}"


async def test_who_pays_sees_the_photo_from_the_scan_to_the_bill(market: Market) -> None:
    keeper = await market.person("guifang")
    buyer = await market.shopper("xiaoman", balance_minor=2_000)
    photo_id = await uploaded(keeper)
    shop = await opened(keeper, photo_id)
    face = f"🍜/{photo_id}"
    assert shop["picture"] == face
    assert (await buyer.post("/api/scans", {"text": shop["code"]["url"]}))["shop"]["picture"] == face
    order = await market.order(buyer, shop, 700)
    paid = await market.pay(buyer, order)
    await market.settle()
    [bill, *_] = (await buyer.get("/api/bills"))["bills"]
    assert {order["shop"]["picture"], paid["shop"]["picture"], bill["counterparty"]["picture"]} == {face}
    answer = await buyer.raw("GET", at(photo_id))
    shown = Image.open(BytesIO(answer.content))
    assert (shown.format, shown.size) == ("WEBP", (320, 240))
    assert "private" in answer.headers["cache-control"]
    assert await refused_as(buyer.raw("GET", f"{at(photo_id)}?size=original")) == "not-found"
    assert await refused_as(buyer.get(f"/api/media/{photo_id}")) == "not-found", "it is shown by the shop alone"
    nobody = market.served.device()
    assert await refused_as(nobody.raw("GET", at(photo_id))) == "not-signed-in"


async def test_only_a_picture_of_ones_own_becomes_a_photo_and_nothing_is_opened_with_another(market: Market) -> None:
    keeper, other = await market.person("guifang"), await market.person("xiaoman")
    theirs = await uploaded(other)
    file = str((await keeper.upload("file", b"%PDF-1.7 a menu", "menu.pdf"))["id"])
    for wrong in (theirs, file, str(uuid4())):
        refused = await refusal(opened(keeper, wrong))
        assert (refused.slug, refused.problem["errors"][0]["field"]) == ("invalid-request", "photo_id"), refused.problem
    assert (await keeper.get("/api/shops"))["shops"] == []
    assert await market.value("select count(*) from media.readings") == 0
    shop = await opened(keeper, None)
    assert (await refusal(change(keeper, shop, photo_id=theirs))).slug == "invalid-request"
    assert await refused_as(keeper.raw("GET", at(theirs))) == "not-found"
    assert (await keeper.raw("GET", at(await uploaded(keeper)))).status_code == 200, "who uploaded it sees it before"


async def test_a_new_shop_changes_its_photo_at_once_and_the_former_one_is_forgotten(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    first, second = await uploaded(keeper), await uploaded(keeper)
    shop = await opened(keeper, first)
    assert (await change(keeper, shop, photo_id=second))["picture"] == f"🍜/{second}"
    assert (await change(keeper, shop, place="北门街 1 号"))["picture"] == f"🍜/{second}", "what is left out stays"
    assert await refused_as(buyer.raw("GET", at(first))) == "not-found"
    assert (await buyer.raw("GET", at(second))).status_code == 200
    with later(hours=25):
        assert await media.forget_unread(market.house.database, market.house.blobs) == 1
    assert (await buyer.raw("GET", at(second))).status_code == 200
    assert await refused_as(keeper.raw("GET", at(first))) == "not-found"
    assert (await change(keeper, shop, photo_id=None))["picture"] == "🍜"
    assert await refused_as(buyer.raw("GET", at(second))) == "not-found"


async def test_a_reviewed_shops_photo_waits_for_a_look_and_is_seen_by_the_desk_alone(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.person("xiaoman")
    shop = await opened(office.keeper, first := await uploaded(office.keeper))
    await office.do(shop, "reviews", {"tier": "small"})
    second = await uploaded(office.keeper)
    assert (await change(office.keeper, shop, photo_id=second))["picture"] == f"🍜/{first}"
    waits = await proposal(office.keeper, shop)
    assert waits and waits["photo_id"] == second
    await market.settle()
    [line] = (await office.operator.get("/api/ops/shops?queue=waiting"))["shops"]
    assert (line["picture"], line["change"]["photo_id"]) == (f"🍜/{first}", second)
    assert (await office.operator.raw("GET", at(second))).status_code == 200
    assert await refused_as(buyer.raw("GET", at(second))) == "not-found"
    with later(hours=25):
        assert await media.forget_unread(market.house.database, market.house.blobs) == 0, "it is wanted yet"
    made = await office.do(shop, "changes", {"made": True})
    assert made["picture"] == f"🍜/{second}"
    assert (await buyer.raw("GET", at(second))).status_code == 200
    assert await refused_as(buyer.raw("GET", at(first))) == "not-found"

    third = await uploaded(office.keeper)
    await change(office.keeper, shop, photo_id=third)
    await office.do(shop, "changes", {"made": False})
    assert await refused_as(office.operator.raw("GET", at(third))) == "not-found"
    assert (await office.keeper.get(f"/api/shops/{shop['id']}"))["picture"] == f"🍜/{second}"
    assert (await change(office.keeper, shop, photo_id=None))["picture"] == "🍜", "the drawn picture needs no look"
    assert await proposal(office.keeper, shop) is None


async def test_asking_for_no_photo_drops_the_one_that_waits(market: Market) -> None:
    keeper = await market.person("guifang")
    shop = await opened(keeper, None)
    await reviewed(market, shop)
    await change(keeper, shop, photo_id=await uploaded(keeper))
    assert await proposal(keeper, shop)
    await change(keeper, shop, photo_id=None)
    assert await proposal(keeper, shop) is None
    assert await market.value("select count(*) from media.readings") == 0


async def test_a_discreet_shops_photo_is_for_its_keepers_and_who_looked_it_up(market: Market) -> None:
    office, buyer, clerk = await Office.opened(market), await market.person("xiaoman"), await market.person("clerk")
    shop = await opened(office.keeper, photo_id := await uploaded(office.keeper))
    await office.keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": "clerk"})
    await clerk.post(f"/api/shops/{shop['id']}/staff/acceptance")
    await office.keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    assert await refused_as(buyer.raw("GET", at(photo_id))) == "not-found"
    for keeper in (office.keeper, clerk):
        assert (await keeper.get(f"/api/shops/{shop['id']}"))["picture"] == f"🍜/{photo_id}"
        assert (await keeper.raw("GET", at(photo_id))).status_code == 200
    assert photo_id not in str(await office.operator.get(f"/api/ops/shops/{shop['id']}"))
    assert (await office.do(shop, "lookups"))["picture"] == f"🍜/{photo_id}"
    assert (await office.operator.raw("GET", at(photo_id))).status_code == 200
    await office.keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "own"})
    assert (await buyer.raw("GET", at(photo_id))).status_code == 200


async def test_a_store_opens_with_the_photo_of_the_first(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop = await opened(keeper, photo_id := await uploaded(keeper))
    wanted = {"branch": "东门店", "place": "东门街 3 号"}
    store = await keeper.post(f"/api/shops/{shop['id']}/stores", wanted, idempotency_key=key())
    assert store["picture"] == f"🍜/{photo_id}"
    await change(keeper, shop, photo_id=None)
    assert (await buyer.raw("GET", at(photo_id))).status_code == 200, "the store shows it still"
    seen = (await keeper.get(f"/api/shops/{shop['id']}/stores"))["stores"]
    assert [one["shop"]["picture"] for one in seen] == ["🍜", f"🍜/{photo_id}"]


@pytest.mark.parametrize("wrong", ["x", "", 3])
async def test_an_id_that_is_none_is_refused(market: Market, wrong: object) -> None:
    keeper = await market.person("guifang")
    shop = await opened(keeper, None)
    assert await refused_as(change(keeper, shop, photo_id=wrong)) == "invalid-request"
