"""Visits: noted once however often they are sent, impossible ones refused, photos for team and operator alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from junzi.client import Client, Refused
from junzi.kit import clock, town
from tests.chat.talk import picture
from tests.field.street import opened_street
from tests.support.market import Market, key, refused_as


def path_of(place: dict[str, Any]) -> str:
    return f"/api/field/places/{place['id']}/visits"


async def seen(person: Client, place: dict[str, Any], desk: str = "field/places") -> list[dict[str, Any]]:
    return (await person.get(f"/api/{desk}/{place['id']}/visits"))["visits"]  # type: ignore[no-any-return]


async def test_a_visit_says_when_where_and_what_the_rival_did_to_team_and_operator(market: Market) -> None:
    street = await opened_street(market)
    blue, place = await street.rival(), await street.place()
    made_at = clock.now() - timedelta(hours=2)
    wanted = {
        "outcome": "no",
        "note": "wants to see it next door first",
        "position": {"latitude_e6": 32_041_000, "longitude_e6": 118_780_000},
        "accuracy_m": 12,
        "made_at": made_at.isoformat(),
        "codes": [{"rival_id": blue["id"], "state": "threatened", "how": "report", "seen_at": made_at.isoformat()}],
    }
    noted = await street.promoter.post(path_of(place), wanted, idempotency_key=key())
    assert (noted["away_m"], noted["accuracy_m"], noted["promoter"]["handle"]) == (111, 12, "walker")
    assert noted["made_at"] != noted["recorded_at"]
    assert await seen(street.promoter, place) == await seen(street.operator, place, "ops/street") == [noted]
    assert [code["state"] for code in (await street.seen())[0]["codes"]] == ["threatened"]


async def test_a_visit_that_is_sent_twice_is_noted_once(market: Market) -> None:
    street = await opened_street(market)
    blue, place, once = await street.rival(), await street.place(), key()
    wanted = {"outcome": "shut", "codes": [{"rival_id": blue["id"], "state": "live", "how": "scan"}]}
    first, again = [await street.promoter.post(path_of(place), wanted, idempotency_key=once) for _ in range(2)]
    assert first == again
    assert await market.value("select count(*) from field.visits") == 1
    assert await market.value("select count(*) from field.rival_codes") == 1
    other = {**wanted, "outcome": "no"}
    assert (
        await refused_as(street.promoter.post(path_of(place), other, idempotency_key=once)) == "idempotency-key-reused"
    )


async def test_what_was_noted_on_the_street_stands_when_the_place_is_gone_meanwhile(market: Market) -> None:
    street = await opened_street(market)
    place = await street.place()
    gone = {"name": place["name"], "trade": place["trade"], "state": "gone"}
    await street.operator.request("PUT", f"/api/ops/street/{place['id']}", gone)
    await street.promoter.post(path_of(place), {"outcome": "closed"}, idempotency_key=key())
    assert [one["outcome"] for one in await seen(street.operator, place, "ops/street")] == ["closed"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "back_on"},
        {"outcome": "no", "back_on": "2199-01-01"},
        {"outcome": "back_on", "back_on": "2000-01-01"},
        {"outcome": "back_on", "back_on": "2199-01-01"},
        {"outcome": "no", "made_at": "2000-01-01T00:00:00Z"},
        {"outcome": "no", "made_at": "2199-01-01T00:00:00Z"},
        {"outcome": "no", "made_at": "2026-01-01T00:00:00"},
        {
            "outcome": "no",
            "codes": [{"rival_id": str(uuid4()), "state": "live", "how": "scan", "seen_at": "2026-01-01"}],
        },
        {"outcome": "no", "photo_id": str(uuid4())},
        {"outcome": "no", "codes": [{"rival_id": str(uuid4()), "state": "live", "how": "scan"}]},
        {"outcome": "no", "note": "x" * 201},
        {"outcome": "lost"},
    ],
)
async def test_an_impossible_visit_is_refused_and_leaves_nothing(market: Market, wrong: dict[str, Any]) -> None:
    street = await opened_street(market)
    place = await street.place()
    assert await refused_as(street.promoter.post(path_of(place), wrong, idempotency_key=key())) == "invalid-request"
    assert await market.value("select count(*) from field.visits") == 0
    assert await market.value("select count(*) from field.rival_codes") == 0


async def test_a_sign_up_is_not_claimed_by_a_visit(market: Market) -> None:
    street = await opened_street(market)
    place = await street.place()
    claimed = street.promoter.post(path_of(place), {"outcome": "signed_up"}, idempotency_key=key())
    assert await refused_as(claimed) == "note-it-elsewhere"


async def test_a_visits_photo_is_seen_by_team_and_operator_alone(market: Market) -> None:
    street = await opened_street(market)
    place, photo = await street.place(), await street.promoter.upload("picture", picture())
    person, friend = await market.served.person("person"), await market.served.person("friend")
    await street.operator.post("/api/ops/promoters", {"handle": "friend"})
    assert await refused_as(friend.get(f"/api/field/photos/{photo['id']}")) == "not-found"
    await street.promoter.post(path_of(place), {"outcome": "no", "photo_id": photo["id"]}, idempotency_key=key())
    for who, path, answer in (
        (friend, "/api/field/photos/", 200),
        (street.operator, "/api/ops/street/photos/", 200),
        (street.operator, "/api/field/photos/", 403),
        (friend, "/api/ops/street/photos/", 403),
        (person, "/api/field/photos/", 403),
        (person, "/api/media/", 404),
    ):
        assert await status(who, path + photo["id"]) == answer, path
    taken = friend.post(path_of(place), {"outcome": "no", "photo_id": photo["id"]}, idempotency_key=key())
    assert await refused_as(taken) == "invalid-request", "somebody else's photo is not theirs to show"


async def test_a_place_that_somebody_else_named_is_not_there_to_be_visited(market: Market) -> None:
    street = await opened_street(market)
    person = await market.served.person("person")
    named = await person.post("/api/street", {"name": "New", "trade": "other"}, idempotency_key=key())
    place = {"id": named["place_id"]}
    assert (
        await refused_as(street.promoter.post(path_of(place), {"outcome": "no"}, idempotency_key=key())) == "not-found"
    )
    assert await refused_as(seen(street.promoter, place)) == "not-found"
    assert await refused_as(person.post(path_of(place), {"outcome": "no"}, idempotency_key=key())) == "not-a-promoter"


async def test_after_coming_back_the_day_agreed_on_is_over(market: Market) -> None:
    street = await opened_street(market)
    place = await street.place()
    tomorrow = (town.business_date(clock.now()) + timedelta(days=1)).isoformat()
    wanted = {"outcome": "back_on", "back_on": tomorrow}
    noted = await street.promoter.post(path_of(place), wanted, idempotency_key=key())
    assert noted["back_on"] == tomorrow
    assert (await street.promoter.get("/api/field/route"))["stops"] == []


async def status(person: Client, path: str) -> int:
    """Of the answer that carries a file, or of its refusal."""
    try:
        return (await person.raw("GET", path)).status_code
    except Refused as refused:
        return int(refused.problem["status"])
