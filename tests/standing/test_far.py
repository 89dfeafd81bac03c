"""A code scanned far from its shop: the payer is told, the desk sees a count, and nobody's position is kept."""

from typing import Any

import pytest

from junzi.standing import rules
from junzi.standing.model import Distance, Position
from tests.standing.office import Office
from tests.support.market import Market, Time, key, refused_as

SHOP = {"latitude_e3": 32_041, "longitude_e3": 118_778}
NEAR = {"latitude_e3": 32_055, "longitude_e3": 118_790}
FAR = {"latitude_e3": 31_230, "longitude_e3": 121_474}


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        ((32_041, 118_778), (31_230, 121_474), 270),
        ((52_520, 13_405), (48_857, 2_352), 877),
        ((0, 179_900), (0, -179_900), 22.24),
        ((0, 0), (0, 180_000), 20_015),
        ((90_000, 0), (-90_000, 90_000), 20_015),
    ],
)
def test_the_distance_between_places_is_that_of_the_atlas(
    one: tuple[int, int], other: tuple[int, int], kilometres: float
) -> None:
    assert rules.kilometres(Position(*one), Position(*other)) == pytest.approx(kilometres, rel=0.01)


def test_what_rounding_hides_makes_no_scan_at_the_counter_far() -> None:
    """A phone anywhere within two kilometres of the shop is never said to be far, wherever on earth the shop is."""
    for latitude in range(-85_000, 85_001, 1_700):
        shop = Position(latitude, 13_337)
        for step in range(-17, 18, 2):
            phone = Position(latitude + step, 13_337 + step)
            if rules.kilometres(shop, phone) <= rules.FAR_KM:
                assert rules.distance(rules.kilometres(shop, rules.coarse(phone))) is None


@pytest.mark.parametrize(
    ("kilometres", "distance"),
    [(0.0, None), (2.8, None), (3.0, Distance.UNDER_10), (10.0, Distance.UNDER_100), (100.0, Distance.OVER_100)],
)
def test_distances_have_three_classes(kilometres: float, distance: Distance | None) -> None:
    assert rules.distance(kilometres) is distance


async def test_a_far_scan_warns_the_payer_and_is_counted_without_them(market: Market, time: Time) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    assert await away(market, buyer, shop, FAR) is None, "a shop that does not say where it is"
    await put(office, shop)
    assert await away(market, buyer, shop, None) is None, "a phone that does not say where it is"
    assert await away(market, buyer, shop, NEAR) is None
    assert await away(market, buyer, shop, FAR) == {"kilometres": 270}
    assert await away(market, buyer, shop, FAR) == {"kilometres": 270}
    charge = await office.keeper.post(f"/api/shops/{shop['id']}/charges", {"amount_minor": 100}, idempotency_key=key())
    scanned = await buyer.post("/api/scans", {"text": charge["code"]["url"], "position": FAR})
    assert scanned["away"] == {"kilometres": 270}
    assert (await market.pay(buyer, await market.order(buyer, shop, 500)))["state"] == "paid", "paying stays possible"
    [line] = (await office.operator.get("/api/ops/far-scans"))["scans"]
    assert (line["shop_id"], line["name"], line["distance"], line["count"]) == (shop["id"], "山脚面馆", "over-100", 3)
    rows = await market.row("select * from standing.far_scans")
    assert set(dict(rows)) == {"shop_id", "business_date", "distance", "count"}
    assert not await market.value("select exists (select from kit.outbox where payload::text ~ '31.?230|121.?474')")
    assert await refused_as(buyer.get("/api/ops/far-scans")) == "not-an-operator"


async def test_a_discreet_shops_place_is_not_told_by_its_distance(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman")
    shop = await market.shop(office.keeper)
    await put(office, shop)
    await office.keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    assert await away(market, buyer, shop, FAR) is None
    [line] = (await office.operator.get("/api/ops/far-scans"))["scans"]
    assert line["name"].startswith("商户 Shop")


async def test_where_a_shop_stands_is_its_owners_to_say_and_to_unsay(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman")
    shop = await market.shop(office.keeper)
    path = f"/api/shops/{shop['id']}/position"
    assert await office.keeper.get(path) == {"position": None}
    await put(office, shop)
    assert await office.keeper.get(path) == {"position": SHOP}
    for asked in (buyer.get(path), buyer.request("PUT", path, SHOP), buyer.request("DELETE", path)):
        assert await refused_as(asked) == "not-found"
    for wrong in ({**SHOP, "latitude_e3": 90_001}, {**SHOP, "longitude_e3": -180_001}, {"latitude_e3": 1}):
        assert await refused_as(office.keeper.request("PUT", path, wrong)) == "invalid-request"
    await office.keeper.request("DELETE", path)
    assert await office.keeper.get(path) == {"position": None}
    assert await away(market, buyer, shop, FAR) is None


async def put(office: Office, shop: dict[str, Any]) -> None:
    await office.keeper.request("PUT", f"/api/shops/{shop['id']}/position", SHOP)


async def away(market: Market, buyer: Any, shop: dict[str, Any], position: dict[str, int] | None) -> Any:
    body = {"text": shop["code"]["url"], **({"position": position} if position else {})}
    return (await buyer.post("/api/scans", body))["away"]
