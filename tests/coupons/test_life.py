"""A campaign's life: four eyes, a gate, pauses, raises that keep every promise, and the rest back at the end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.coupons import life
from junzi.kit import clock
from tests.coupons.desk import FIVE_OFF, OPS, opened_desk
from tests.support.market import Market, Time, at_once, key, refusal, refused_as


async def test_a_campaign_lives_from_draft_to_end(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.draft()
    assert campaign["state"] == "draft"
    assert campaign["drafted_by"] == desk.drafter.me["id"]
    assert await refused_as(desk.do(campaign, "approvals")) == "four-eyes"
    person = await market.person("xiaoman")
    assert (await person.get("/api/campaigns"))["campaigns"] == []
    assert await refused_as(desk.claim(person, campaign)) == "not-found"
    assert (await desk.do(campaign, "approvals", by=desk.approver))["state"] == "running"
    assert (await desk.books(campaign))["budget"] == (100_000, 1_000)

    [shown] = (await person.get("/api/campaigns"))["campaigns"]
    assert (shown["id"], shown["claimed"], shown["per_person"]) == (campaign["id"], 0, 1)
    claim = await desk.claim(person, campaign, "the-first-claim")
    assert (claim["state"], [one["amount_minor"] for one in claim["coupons"]]) == ("given", [500])
    assert await desk.claim(person, campaign, "the-first-claim") == claim
    again = await refusal(desk.claim(person, campaign))
    assert (again.slug, again.problem["reason"]) == ("campaign-not-claimable", "limit-reached")

    assert (await desk.do(campaign, "pauses"))["state"] == "paused"
    other = await market.person("azhe")
    assert (await refusal(desk.claim(other, campaign))).problem["reason"] == "not-running"
    assert await refused_as(desk.do(campaign, "pauses")) == "campaign-not-ready"
    assert (await desk.do(campaign, "resumptions"))["state"] == "running"
    assert (await desk.claim(other, campaign))["state"] == "given"

    assert (await desk.do(campaign, "ends"))["state"] == "ended"
    assert await desk.books(campaign) == {"budget": (0, 0), "outstanding": (1_000, 2), "used": (0, 0)}
    assert await refused_as(desk.do(campaign, "resumptions")) == "campaign-not-ready"
    assert len(await market.coupons(person)) == 1, "a given coupon outlives its campaign"
    trail = await market.value("select array_agg(action order by id) from operators.audit_trail")
    assert [action for action in trail if action.startswith("coupons.")] == [
        "coupons.campaign_drafted",
        "coupons.campaign_approved",
        "coupons.campaign_paused",
        "coupons.campaign_resumed",
        "coupons.campaign_ended",
    ]
    await market.books_are_right()


async def test_what_comes_back_after_the_end_goes_back_too(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(ends_at=(datetime.now(UTC) + timedelta(days=2)).isoformat())
    person = await market.person("xiaoman")
    await desk.claim(person, campaign)
    time.pass_by(days=2)
    assert await market.sweep("coupons.life") == 1
    assert (await desk.drafter.get(f"{OPS}/{campaign['id']}"))["state"] == "ended"
    assert (await desk.books(campaign))["outstanding"] == (500, 1)
    time.pass_by(days=6)
    await market.sweep("coupons.expire")
    assert await desk.books(campaign) == {"budget": (500, 0), "outstanding": (0, 0), "used": (0, 1)}
    assert await market.sweep("coupons.life") == 1
    assert await desk.books(campaign) == {"budget": (0, 0), "outstanding": (0, 0), "used": (0, 1)}
    time.pass_by(days=1)
    assert await market.sweep("coupons.life") == 0, "nothing more can come back"
    await market.books_are_right()


async def test_a_closed_gate_keeps_a_campaign_from_starting(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.draft()
    for open, expected in ((False, "campaign-gated"), (True, None)):
        async with market.house.database.transaction() as tx:
            await life.set_gate(tx, UUID(campaign["id"]), open=open, reason="under experiment")
        if expected:
            refused = await refusal(desk.do(campaign, "approvals", by=desk.approver))
            assert (refused.slug, refused.problem["reason"]) == (expected, "under experiment")
            assert (await desk.drafter.get(f"{OPS}/{campaign['id']}"))["state"] == "draft"
    assert (await desk.do(campaign, "approvals", by=desk.approver))["state"] == "running"
    await desk.do(campaign, "pauses")
    async with market.house.database.transaction() as tx:
        await life.set_gate(tx, UUID(campaign["id"]), open=False, reason="stop")
    assert await refused_as(desk.do(campaign, "resumptions")) == "campaign-gated"


async def test_what_follows_up_starts_only_while_its_gate_is_open(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    campaign, plain = await desk.draft(follow_up=True), await desk.draft()
    assert campaign["follow_up"] and not plain["follow_up"]
    assert await refused_as(desk.do(campaign, "approvals", by=desk.approver)) == "campaign-gated"
    assert (await desk.do(plain, "approvals", by=desk.approver))["state"] == "running", (
        "whatever else there is may start"
    )
    until = clock.now() + timedelta(days=30)
    async with market.house.database.transaction() as tx:
        await life.set_gate(tx, life.FOLLOW_UPS, open=True, reason="a third", open_until=until)
    time.pass_by(days=30)
    assert await refused_as(desk.do(campaign, "approvals", by=desk.approver)) == "campaign-gated", (
        "the survey is too old"
    )
    async with market.house.database.transaction() as tx:
        await life.set_gate(tx, life.FOLLOW_UPS, open=True, reason="a third", open_until=until + timedelta(days=1))
    assert (await desk.do(campaign, "approvals", by=desk.approver))["state"] == "running"
    await desk.do(campaign, "pauses")
    time.pass_by(days=1)
    assert await refused_as(desk.do(campaign, "resumptions")) == "campaign-gated"
    async with market.house.database.transaction() as tx:
        await life.set_gate(tx, UUID(campaign["id"]), open=True, reason="two people said so")
    assert (await desk.do(campaign, "resumptions"))["state"] == "running", "a gate of its own counts instead"


async def test_a_change_only_ever_promises_more(market: Market) -> None:
    desk = await opened_desk(market)
    ends_at = datetime.now(UTC) + timedelta(days=2)
    campaign = await desk.run(ends_at=ends_at.isoformat(), budget_minor=500, budget_pieces=1)
    path = f"{OPS}/{campaign['id']}"
    one, other = await market.person("xiaoman"), await market.person("azhe")
    assert (await desk.claim(one, campaign))["state"] == "given"
    assert (await desk.claim(other, campaign))["state"] == "refused"
    for smaller in (
        {"budget_minor": 499},
        {"budget_pieces": 0},
        {"ends_at": (ends_at - timedelta(hours=1)).isoformat()},
        {"ends_at": "2030-01-01T00:00:00"},
    ):
        assert await refused_as(desk.drafter.request("PATCH", path, smaller)) == "invalid-request", smaller
    more = {"budget_minor": 1_000, "budget_pieces": 2, "ends_at": (ends_at + timedelta(days=1)).isoformat()}
    for _ in range(2):
        asked = await desk.drafter.request("PATCH", path, more)
        assert (asked["budget_minor"], asked["budget_pieces"]) == (500, 1), "it takes two"
    for by in (desk.approver, desk.approver, desk.drafter):
        changed = await by.request("PATCH", path, more)
        assert (changed["budget_minor"], changed["budget_pieces"], changed["raise_asked"]) == (1_000, 2, None)
    assert (await desk.claim(other, campaign))["state"] == "given", "what was refused does not count against a person"
    assert await desk.books(campaign) == {"budget": (0, 0), "outstanding": (1_000, 2), "used": (0, 0)}
    await desk.do(campaign, "ends")
    assert await refused_as(desk.drafter.request("PATCH", path, more)) == "campaign-not-ready"
    await market.books_are_right()


async def test_whoever_changes_a_draft_cannot_approve_it(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.draft()
    path = f"{OPS}/{campaign['id']}"
    await desk.approver.request("PATCH", path, {"budget_minor": campaign["budget_minor"]})
    assert (await desk.drafter.get(path))["drafted_by"] == desk.drafter.me["id"], "nothing was changed"
    changed = await desk.approver.request("PATCH", path, {"budget_minor": 1_000_000_000})
    assert changed["drafted_by"] == desk.approver.me["id"]
    assert await refused_as(desk.do(campaign, "approvals", by=desk.approver)) == "four-eyes"
    assert (await desk.do(campaign, "approvals", by=desk.drafter))["state"] == "running"


async def test_a_raise_takes_two_who_ask_for_the_same(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(budget_minor=1_000, budget_pieces=2)
    path = f"{OPS}/{campaign['id']}"

    async def asked(by: Client, **whole: int) -> tuple[Any, ...]:
        shown = await by.request("PATCH", path, whole)
        now = shown["raise_asked"] or {}
        return shown["budget_minor"], now.get("budget_minor"), now.get("budget_pieces"), now.get("asked_by")

    one, other = desk.drafter.me["id"], desk.approver.me["id"]
    for _ in range(2):
        assert await asked(desk.drafter, budget_minor=2_000) == (1_000, 2_000, 2, one)
    assert (await desk.approver.get(path))["asker"] == desk.drafter.me["name"]
    assert await asked(desk.approver, budget_minor=3_000) == (1_000, 3_000, 2, other), "another whole, another question"
    assert await asked(desk.drafter, budget_minor=3_000, budget_pieces=4) == (1_000, 3_000, 4, one)
    assert await asked(desk.approver, budget_minor=3_000, budget_pieces=4) == (3_000, None, None, None)
    assert (await desk.books(campaign))["budget"] == (3_000, 4)
    await asked(desk.drafter, budget_minor=9_000)
    await desk.do(campaign, "ends")
    assert (await desk.approver.get(path))["raise_asked"] is None
    trail = await market.value("select array_agg(action order by id) from operators.audit_trail")
    raises = [action.removeprefix("coupons.raise_") for action in trail if action.startswith("coupons.raise_")]
    assert raises == ["asked", "asked", "asked", "approved", "asked"]
    await market.books_are_right()


async def test_raising_at_once_raises_once(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(budget_minor=1_000, budget_pieces=2)
    more = {"budget_minor": 2_000}
    path = f"{OPS}/{campaign['id']}"
    await at_once(*[by.request("PATCH", path, more) for by in (desk.drafter, desk.approver) for _ in range(3)])
    await market.sweep("coupons.life")
    assert (await desk.books(campaign))["budget"] == (2_000, 2)
    await market.books_are_right()


async def test_deciding_at_once_decides_once(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.draft()
    answers = await at_once(*[desk.do(campaign, "approvals", by=desk.approver) for _ in range(6)])
    assert sorted(one if isinstance(one, str) else "done" for one in answers) == ["campaign-not-ready"] * 5 + ["done"]
    ended = await at_once(*[desk.do(campaign, "ends") for _ in range(4)])
    assert sum(not isinstance(one, str) for one in ended) == 1
    assert (await desk.books(campaign))["budget"] == (0, 0)
    await market.books_are_right()


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("title.zh", {"title": {"zh": "  ", "en": "x"}}),
        ("budget_minor", {"budget_minor": 499}),
        ("budget_pieces", {"offers": [FIVE_OFF, FIVE_OFF], "budget_pieces": 1}),
        ("terms.per_day", {"offers": [FIVE_OFF, FIVE_OFF], "terms": {"per_day": 1}}),
        ("offers[0].percent", {"offers": [{"amount_minor": 500, "kind": "percent"}]}),
        ("offers[0].percent", {"offers": [{"amount_minor": 500, "percent": 5}]}),
        ("offers[0].least_minor", {"offers": [{"amount_minor": 500, "kind": "random"}]}),
        ("offers[0].least_minor", {"offers": [{"amount_minor": 500, "kind": "random", "least_minor": 501}]}),
        ("offers[0].least_minor", {"offers": [{"amount_minor": 500, "least_minor": 1}]}),
        ("offers[0]", {"offers": [{"amount_minor": 500, "kind": "packet", "least_minor": 1}], "valid_days": 4}),
        ("ends_at", {"ends_at": "2020-01-01T00:00:00Z"}),
        ("starts_at", {"starts_at": "2020-01-01T00:00:00"}),
        ("terms.limits.until_hour", {"terms": {"limits": {"from_hour": 9, "until_hour": 9}}}),
    ],
)
async def test_a_draft_that_cannot_be_kept_is_refused(market: Market, field: str, wanted: dict[str, Any]) -> None:
    desk = await opened_desk(market)
    refused = await refusal(desk.draft(**wanted))
    assert (refused.slug, refused.problem["errors"][0]["field"]) == ("invalid-request", field)
    assert await market.value("select count(*) from coupons.campaigns") == 0


async def test_campaigns_are_the_staffs(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.draft()
    person = await market.person("xiaoman")
    assert await refused_as(person.get(f"{OPS}/{campaign['id']}")) == "not-an-operator"
    for what in ("approvals", "pauses", "resumptions", "ends"):
        assert await refused_as(desk.do(campaign, what, by=person)) == "not-an-operator"
        assert await refused_as(desk.drafter.post(f"{OPS}/{key()}/{what}")) == "not-found"
