"""Surveys are drawn by chance, looked at whole, and what they show opens the gate, which nothing else does."""

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client, Refused
from junzi.field.model import Size
from junzi.field.survey import sample
from junzi.growth import third
from junzi.kit import ids
from tests.coupons.desk import opened_desk
from tests.field.street import Street, opened_street
from tests.support.market import Market, Time, key, refusal, refused_as

PLACES = 12
CALLS = {"approvals": 3, "resumptions": 4, "pauses": 4, "raise": 1, "override": 1.5, "survey": 1, "days": 1.5}
"""What an operator does with a campaign that follows up, and how often beside the others."""


async def drawn(street: Street, rival: dict[str, Any], places: int = PLACES, counts: str = "codes") -> str:
    wanted = {"rival_id": rival["id"], "counts": counts, "places": places}
    answer = await street.operator.post("/api/ops/surveys", wanted, idempotency_key=key())
    return str(answer["id"])


async def filled(market: Market) -> tuple[Street, dict[str, Any]]:
    """A street of chains and small shops with a rival."""
    street = await opened_street(market)
    sizes = ["chain" if number % 4 == 0 else "small" for number in range(PLACES)]
    rows = [f"{number},店{number},noodles,街 {number} 号,,,,{size}" for number, size in enumerate(sizes)]
    await street.read_in(*rows)
    return street, await street.rival()


async def looked(street: Street, ours: int, rivals: int) -> None:
    """The promoter goes everywhere: ours hang at so many places, the rival's at so many, the first ones."""
    route = (await street.promoter.get("/api/field/looks"))["places"]
    for number, place in enumerate(route):
        seen = {"ours": int(number < ours), "rivals": int(number < rivals)}
        await street.promoter.request(
            "PUT", f"/api/field/surveys/{place['survey_id']}/places/{place['place_id']}", seen
        )


async def close(street: Street, survey_id: str) -> None:
    await street.operator.post(f"/api/ops/surveys/{survey_id}/closings")
    await street.market.settle()


async def gate(operator: Client) -> tuple[bool, str]:
    state = (await operator.get("/api/ops/ratio"))["gate"]
    return state["open"], state["reason"]


async def test_a_complete_count_opens_the_gate_at_a_third_and_it_closes_with_time(market: Market, time: Time) -> None:
    street, blue = await filled(market)
    desk = await opened_desk(market)
    campaign = await desk.draft(follow_up=True)
    assert await gate(street.operator) == (False, "no-survey")
    survey_id = await drawn(street, blue)
    assert (await refusal(street.operator.post(f"/api/ops/surveys/{survey_id}/closings"))).problem["left"] == PLACES
    assert await refused_as(drawn(street, blue)) == "survey-under-way", "no second one to choose from"
    await looked(street, ours=3, rivals=9)
    assert await gate(street.operator) == (False, "no-survey"), "not before it is closed"
    await close(street, survey_id)
    assert await gate(street.operator) == (True, "survey-too-old")
    [found] = (await street.operator.get("/api/ops/ratio"))["ratios"]
    assert (found["ours"], found["rivals"], found["may_claim"]) == (3.0, 9.0, True)
    assert found["ratio"] == found["lower"] == pytest.approx(1 / 3)
    time.pass_by(days=30)
    assert await refused_as(desk.do(campaign, "approvals", by=desk.approver)) == "campaign-gated"
    assert await gate(street.operator) == (False, "survey-too-old")

    again = await drawn(street, blue)
    await looked(street, ours=3, rivals=9)
    await close(street, again)
    past = (await street.operator.get("/api/ops/ratio/history"))["surveys"]
    assert [(one["rival"], one["ratio"]) for one in past] == [("Blue Wallet", pytest.approx(1 / 3))] * 2
    rows = (await street.operator.raw("GET", "/api/ops/ratio.csv")).text.splitlines()
    assert (rows[0].removeprefix("\ufeff"), len(rows)) == ("date,rival,ratio,at_least", 3)
    [waits] = (await street.operator.get("/api/ops/gated"))["campaigns"]
    assert (waits["id"], waits["override"]) == (campaign["id"], None)
    assert (await desk.do(campaign, "approvals", by=desk.approver))["state"] == "running"
    assert (await street.operator.get("/api/ops/gated"))["campaigns"] == []


async def test_below_a_third_or_with_another_rival_it_stays_closed(market: Market) -> None:
    street, blue = await filled(market)
    desk = await opened_desk(market)
    campaign = await desk.draft(follow_up=True)
    await looked_and_closed(street, blue, ours=2, rivals=9)
    assert await gate(street.operator) == (False, "below-a-third")
    [found] = (await street.operator.get("/api/ops/ratio"))["ratios"]
    assert (found["may_claim"], found["more_to_win"]) == (False, 1)
    assert (await refusal(desk.do(campaign, "approvals", by=desk.approver))).problem["reason"] == "below-a-third"
    await looked_and_closed(street, blue, ours=9, rivals=9)
    assert await gate(street.operator) == (True, "survey-too-old")
    red = await street.rival("Red Wallet")
    await third.set_gate(market.house.database)
    assert await refused_as(desk.do(campaign, "approvals", by=desk.approver)) == "campaign-gated", "of every rival"
    await looked_and_closed(street, red, ours=9, rivals=1)
    assert (await desk.do(campaign, "approvals", by=desk.approver))["state"] == "running"


async def looked_and_closed(street: Street, rival: dict[str, Any], *, ours: int, rivals: int) -> None:
    survey_id = await drawn(street, rival)
    await looked(street, ours=ours, rivals=rivals)
    await close(street, survey_id)


async def test_what_was_seen_stands_and_only_where_one_was_sent(market: Market) -> None:
    street, blue = await filled(market)
    survey_id = await drawn(street, blue)
    [place, *_] = (await street.promoter.get("/api/field/looks"))["places"]
    path, nothing = f"/api/field/surveys/{survey_id}/places/{place['place_id']}", {"ours": 0, "rivals": 0}
    for seen, slug in (({"ours": 2, "rivals": 0}, "invalid-request"), ({"ours": 0, "rivals": -1}, "invalid-request")):
        assert await refused_as(street.promoter.request("PUT", path, seen)) == slug
    elsewhere = f"/api/field/surveys/{survey_id}/places/{ids.new_id()}"
    assert await refused_as(street.promoter.request("PUT", elsewhere, nothing)) == "not-found"
    assert await refused_as(street.operator.request("PUT", path, nothing)) == "not-a-promoter"
    await looked(street, ours=0, rivals=PLACES)
    await street.promoter.request("PUT", path, {"ours": 0, "rivals": 1, "gone": True})
    await close(street, survey_id)
    assert await refused_as(street.promoter.request("PUT", path, {"ours": 1, "rivals": 0})) == "survey-closed"
    [found] = (await street.operator.get("/api/ops/ratio"))["ratios"]
    assert (found["rivals"], found["seen"], found["places"]) == (PLACES - 1, PLACES, PLACES)


async def test_an_override_takes_two_and_a_reason(market: Market) -> None:
    desk = await opened_desk(market)
    campaign, plain = await desk.draft(follow_up=True), await desk.draft()
    path = f"/api/ops/campaigns/{campaign['id']}/override"
    why = {"reason": "the rival's codes were taken down over night"}
    assert await refused_as(desk.drafter.request("PUT", path, {"reason": " "})) == "invalid-request"
    assert await refused_as(desk.drafter.request("PUT", f"/api/ops/campaigns/{plain['id']}/override", why)) == (
        "nothing-to-override"
    )
    assert (await desk.drafter.request("PUT", path, why))["agreed_by"] is None
    assert await refused_as(desk.drafter.request("PUT", path, why)) == "four-eyes"
    assert await refused_as(desk.do(campaign, "approvals", by=desk.approver)) == "campaign-gated"
    assert (await desk.approver.request("PUT", path, why))["agreed_by"] == desk.approver.me["id"]
    assert (await desk.do(campaign, "approvals", by=desk.approver))["state"] == "running"
    said = await market.value("select count(*) from operators.audit_trail where action like 'growth.override_%'")
    assert said == 2


@pytest.mark.parametrize("seed", [0, 2])
async def test_no_sequence_of_calls_lets_a_campaign_past_a_closed_gate(market: Market, time: Time, seed: int) -> None:
    """An account of its own is kept of what opens the gate: the newest survey, its age, and who let which campaign pass."""
    chance = Random(seed)
    street, blue = await filled(market)
    desk = await opened_desk(market)
    campaigns = [await desk.draft(follow_up=True) for _ in range(4)]
    states = {one["id"]: "draft" for one in campaigns}
    agreed: dict[str, set[str]] = {one["id"]: set() for one in campaigns}
    days, third_until, began = 0, 0, 0
    for _ in range(100):
        one, by = chance.choice(campaigns), chance.choice((desk.drafter, desk.approver))
        what = chance.choices(list(CALLS), list(CALLS.values()))[0]
        path = f"/api/ops/campaigns/{one['id']}"
        try:
            if what == "days":
                forward = chance.choice((1, 12, 31))
                time.pass_by(days=forward)
                days += forward
            elif what == "survey":
                ours = chance.choice((1, 2, 3, 4))
                await looked_and_closed(street, blue, ours=ours, rivals=9)
                third_until = days + 30 if ours >= 3 else 0
            elif what == "override":
                await by.request("PUT", path + "/override", {"reason": "they were taken down"})
                agreed[one["id"]].add(by.me["id"])
            elif what == "raise":
                await by.request("PATCH", path, {"budget_minor": 200_000, "budget_pieces": 2_000})
            else:
                await desk.do(one, what, by=by)
        except Refused as no:
            assert no.status is not None and no.status < 500, no
        for id, before in states.items():
            states[id] = (await desk.drafter.get(f"/api/ops/campaigns/{id}"))["state"]
            if states[id] == "running" and before != "running":
                began += 1
                assert days < third_until or len(agreed[id]) == 2, (what, days, third_until, agreed[id])
    assert began > 0, "the gate opens, too"


def test_the_sample_is_each_kinds_part_by_the_seed() -> None:
    street = {(Size.SMALL, None): [UUID(int=one) for one in range(200)], (Size.CHAIN, None): [UUID(int=999)]}
    first = sample(street, "seed", 40)
    assert {kind[0]: len(places) for kind, places in first.items()} == {Size.SMALL: 40, Size.CHAIN: 1}
    assert first == sample(street, "seed", 40) != sample(street, "another", 40)
    often = Counter(place for seed in range(300) for place in sample(street, str(seed), 40)[(Size.SMALL, None)])
    assert len(often) == 200 and max(often.values()) < 110, "everybody's chance is a fifth"
