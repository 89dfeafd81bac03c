"""Looks for a survey that a phone sends again have one effect, be the first answer lost or the survey closed meanwhile."""

from datetime import timedelta
from typing import Any

from tests.field.street import Street, opened_street
from tests.support.market import Market, Time, at_once, key, refused_as


async def sent_to(market: Market) -> tuple[Street, str, str]:
    """A survey of one place, with the address at which its promoter says what they saw."""
    street = await opened_street(market)
    place, blue = await street.place(), await street.rival()
    wanted = {"rival_id": blue["id"], "counts": "codes", "places": 5}
    survey = await street.operator.post("/api/ops/surveys", wanted, idempotency_key=key())
    return street, survey["id"], f"/api/field/surveys/{survey['id']}/places/{place['id']}"


async def stands(market: Market) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await market.rows("select ours, rivals, seen_at from field.survey_places")]


async def test_a_look_that_is_sent_twice_has_one_effect(market: Market, time: Time) -> None:
    street, survey_id, path = await sent_to(market)
    seen = {"ours": 1, "rivals": 0}
    await street.promoter.request("PUT", path, seen)
    first = await stands(market)
    time.pass_by(minutes=5)
    for answer in await at_once(*[street.promoter.request("PUT", path, seen) for _ in range(10)]):
        assert answer is None
    assert await stands(market) == first, "not even the time at which it was seen"
    [shown] = (await street.operator.get("/api/ops/surveys"))["surveys"]
    assert (shown["id"], shown["drawn"], shown["seen"]) == (survey_id, 1, 1)


async def test_a_look_that_is_sent_again_after_the_closing_is_answered_as_the_first_time(market: Market) -> None:
    street, survey_id, path = await sent_to(market)
    await street.promoter.request("PUT", path, {"ours": 0, "rivals": 1})
    await street.operator.post(f"/api/ops/surveys/{survey_id}/closings")
    first = await stands(market)
    await street.promoter.request("PUT", path, {"ours": 0, "rivals": 1})
    assert await refused_as(street.promoter.request("PUT", path, {"ours": 1, "rivals": 1})) == "survey-closed"
    assert await stands(market) == first


async def test_another_look_puts_it_right_until_the_closing(market: Market, time: Time) -> None:
    street, _, path = await sent_to(market)
    await street.promoter.request("PUT", path, {"ours": 1, "rivals": 1})
    [(_, _, before)] = await stands(market)
    time.pass_by(hours=1)
    await street.promoter.request("PUT", path, {"ours": 1, "rivals": 1, "gone": True})
    [(ours, rivals, at)] = await stands(market)
    assert (ours, rivals) == (0, 0) and at - before >= timedelta(hours=1)
