"""A promoter's route: which places are on it and why, whose they are, and what a discreet shop's place looks like there."""

from datetime import timedelta
from typing import Any

from junzi.client import Client
from junzi.kit import clock, town
from tests.field.street import Street, opened_street
from tests.support.market import Market, Time, key, refused_as

START = "latitude_e6=32040000&longitude_e6=118780000"


async def stops(promoter: Client, start: str = START) -> list[dict[str, Any]]:
    return (await promoter.get(f"/api/field/route?{start}"))["stops"]  # type: ignore[no-any-return]


async def names(promoter: Client, start: str = START) -> list[str]:
    return [stop["place"]["name"] for stop in await stops(promoter, start)]


async def visited(street: Street, place: dict[str, Any], outcome: str, **more: Any) -> dict[str, Any]:
    path = f"/api/field/places/{place['id']}/visits"
    answer: dict[str, Any] = await street.promoter.post(path, {"outcome": outcome, **more}, idempotency_key=key())
    return answer


async def row(street: Street, *metres_north: int) -> list[dict[str, Any]]:
    """Places one behind the other, so many metres north of the start."""
    return [
        await street.place(f"at {north}", str(number), latitude=str(32.04 + north / 111_195))
        for number, north in enumerate(metres_north)
    ]


async def test_the_way_goes_from_one_to_the_nearest_and_says_how_far(market: Market) -> None:
    street = await opened_street(market)
    await row(street, 300, 100, 200)
    found = await stops(street.promoter)
    assert [one["place"]["name"] for one in found] == ["at 100", "at 200", "at 300"]
    assert [one["walk_m"] for one in found] == [100, 100, 100]
    assert {one["reason"] for one in found} == {"open"}
    assert await names(street.promoter, "") != []


async def test_a_code_in_danger_comes_first_then_wishes_then_what_is_near(market: Market) -> None:
    street = await opened_street(market)
    near, wished, far = await row(street, 10, 500, 900)
    blue = await street.rival()
    for number in range(5):
        await street.wish(await market.served.person(f"wisher_{number}"), wished)
    assert [one["reason"] for one in await stops(street.promoter)] == ["open", "wished", "open"]
    await street.see(far, blue, "dead")
    found = await stops(street.promoter)
    assert [(one["place"]["id"], one["reason"]) for one in found] == [
        (far["id"], "threatened"),
        (wished["id"], "wished"),
        (near["id"], "open"),
    ]
    assert found[1]["place"]["demand"]["people"] == 5
    await street.see(far, blue, "live")
    assert (await stops(street.promoter))[0]["place"]["id"] == near["id"]


async def test_four_wishes_change_nothing_on_the_route(market: Market) -> None:
    street = await opened_street(market)
    _, second = await row(street, 10, 500)
    before = await stops(street.promoter)
    for number in range(4):
        await street.wish(await market.served.person(f"wisher_{number}"), second)
    assert await stops(street.promoter) == before


async def test_what_takes_ours_is_not_on_it_and_a_discreet_shop_is_like_one_that_does_not(market: Market) -> None:
    street = await opened_street(market)
    first, second = await row(street, 10, 500)
    keeper = await market.served.person("keeper")
    shop = await market.shop(keeper)
    await street.link(first, shop)
    assert await names(street.promoter) == ["at 500"]
    await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    found = await stops(street.promoter)
    assert [one["place"]["id"] for one in found] == [first["id"], second["id"]]
    assert {name: found[0][name] for name in ("reason", "mine", "last")} == {
        "reason": "open",
        "mine": False,
        "last": None,
    }
    assert found[0]["place"]["shop"] is None and found[0]["place"]["wallets"] == "none"


async def test_after_a_visit_nobody_is_sent_again_before_its_time(market: Market, time: Time) -> None:
    street = await opened_street(market)
    shut, agreed = await row(street, 10, 500)
    back_on = town.business_date(clock.now()) + timedelta(days=3)
    await visited(street, shut, "shut")
    await visited(street, agreed, "back_on", back_on=back_on.isoformat())
    assert await names(street.promoter) == []
    time.pass_by(days=1)
    [stop] = await stops(street.promoter)
    assert (stop["place"]["id"], stop["last"]["outcome"], stop["last"]["mine"]) == (shut["id"], "shut", True)
    time.pass_by(days=2)
    assert await names(street.promoter) == ["at 10", "at 500"]


async def test_a_place_that_was_given_to_one_is_on_nobody_elses_route(market: Market) -> None:
    street = await opened_street(market)
    given, _ = await row(street, 10, 500)
    other = await market.served.person("other")
    await street.operator.post("/api/ops/promoters", {"handle": "other"})
    path = f"/api/ops/street/{given['id']}/promoter"
    kept = await street.operator.request("PUT", path, {"promoter_id": other.me["id"]})
    assert kept["promoter_id"] == other.me["id"]
    assert await names(street.promoter) == ["at 500"]
    assert [(one["place"]["name"], one["mine"]) for one in await stops(other)] == [("at 10", True), ("at 500", False)]
    await street.operator.request("DELETE", f"/api/ops/promoters/{other.me['id']}")
    assert await names(street.promoter) == ["at 10", "at 500"], "whoever is let go goes nowhere"
    assert await refused_as(street.operator.request("PUT", path, {"promoter_id": other.me["id"]})) == "not-in-the-team"


async def test_a_territory_gives_all_places_of_an_area_but_those_given_by_themselves(market: Market) -> None:
    street = await opened_street(market)
    area = await street.operator.post("/api/ops/areas", {"zh": "老城", "en": "Old town"}, idempotency_key=key())
    inside, own = [await street.place(name, name, area="老城") for name in ("inside", "own")]
    other = await market.served.person("other")
    await street.operator.post("/api/ops/promoters", {"handle": "other"})
    path = f"/api/ops/territories/{area['id']}"
    await street.operator.request("PUT", path, {"promoter_id": other.me["id"]})
    await street.operator.request(
        "PUT", f"/api/ops/street/{own['id']}/promoter", {"promoter_id": street.promoter.me["id"]}
    )
    assert (await names(street.promoter), await names(other)) == (["own"], ["inside"])
    assert (await street.operator.get("/api/ops/territories"))["territories"] == [
        {"area_id": area["id"], "promoter_id": other.me["id"]}
    ]
    await street.operator.request("PUT", path, {"promoter_id": None})
    assert sorted(await names(street.promoter)) == ["inside", "own"]
    assert inside["id"] in [stop["place"]["id"] for stop in await stops(street.promoter)]
    assert await refused_as(street.operator.request("PUT", f"/api/ops/territories/{key()}", {"promoter_id": None})) == (
        "not-found"
    )


async def test_the_route_is_for_the_team(market: Market) -> None:
    street = await opened_street(market)
    person = await market.served.person("person")
    assert await refused_as(person.get("/api/field/route")) == "not-a-promoter"
    assert await refused_as(street.operator.get("/api/field/route")) == "not-a-promoter"
    for bad in ("latitude_e6=1", "latitude_e6=90000001&longitude_e6=0", "latitude_e6=x&longitude_e6=0"):
        assert await refused_as(street.promoter.get(f"/api/field/route?{bad}")) == "invalid-request"
