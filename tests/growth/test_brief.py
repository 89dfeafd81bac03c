"""Every morning the operators' group is told of yesterday, once, whatever is interrupted; any past day can be read again."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from junzi.growth import actions, audience, brief, brief_store
from junzi.growth.model import Kind
from junzi.kit import clock, ids, jobs, town
from junzi.kit.jobs import Background
from junzi.operators.actions import make_administrator
from tests.coupons.desk import opened_desk
from tests.field.test_shelter import begun, in_danger
from tests.growth.test_calendar import moved, rival
from tests.support.market import Market, Time, refused_as
from tests.support.until import until

HOUR = 8


def at_hour(time: Time, hour: int) -> date:
    """It is that hour of a day to come; yesterday by then."""
    local = clock.local(clock.now(), town.current().time_zone)
    time.pass_by(hours=24 + hour - local.hour, minutes=-local.minute)
    return town.business_date(clock.now()) - timedelta(days=1)


async def send(market: Market) -> bool:
    return await brief.send_due(market.house.database, market.house.messages, market.database_url, HOUR)


async def scans(market: Market, day: date, count: int) -> None:
    """So many scans and one payment on a day."""
    at = clock.now() - (town.business_date(clock.now()) - day)
    facts = [actions.fact(ids.new_id(), Kind.CODE_SCANNED, ids.new_id(), at) for _ in range(count)]
    facts.append(actions.fact(ids.new_id(), Kind.PAYMENT_MADE, ids.new_id(), at, amount_minor=2_500, coupon_minor=500))
    await actions.record(market.house.database, facts)


async def told(market: Market, client: Any) -> list[dict[str, Any]]:
    return await market.told(client, "ops.brief")


async def test_the_group_is_told_of_yesterday_from_the_hour_on(market: Market, time: Time) -> None:
    desk, stranger = await opened_desk(market), await market.person("stranger")
    await market.settle()
    yesterday = at_hour(time, HOUR - 1)
    for ago, count in ((3, 4), (2, 4), (1, 4), (0, 10)):
        await scans(market, yesterday - timedelta(days=ago), count)
    device = actions.fact(ids.new_id(), Kind.OPENED, None, clock.now() - timedelta(days=1))
    await actions.record(market.house.database, [device])
    await audience.roll_up(market.house.database)
    blue = await rival(desk.drafter)
    await moved(desk.drafter, blue["id"], starts_at=(clock.now() - timedelta(days=1)).isoformat())
    assert not await send(market), "not before the hour"
    time.pass_by(hours=1)
    assert await send(market)
    [first] = await told(market, desk.approver)
    assert await told(market, desk.drafter) == [first]
    assert await told(market, stranger) == []
    lines = {line["figure"]: line for line in first["lines"]}
    assert first["date"] == str(yesterday)
    assert (lines["scans"]["value"], lines["scans"]["before"], lines["scans"]["changed"]) == (10, 4, 1.5)
    assert lines["payments_minor"]["value"] == 2_500
    assert (lines["opened"]["value"], lines["installed"]["value"]) == (1, 0)
    assert (first["since"]["rival"], first["since"]["what"]) == ("Blue Wallet", "packet")
    assert first["incidents"] == [
        {"kind": "survey_old", "count": 0, "name": "Blue Wallet", "title": None, "subject_id": None}
    ]
    assert not await send(market), "once"
    shown = await desk.drafter.get(f"/api/ops/briefs/{yesterday}")
    assert shown["incidents"] == first["incidents"]
    assert {line["figure"]: line for line in shown["lines"]} == lines
    assert shown["sent_at"] is not None
    assert shown["audited_until"] == first["audited_until"] is not None


async def test_a_day_is_told_once_though_the_worker_dies(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await opened_desk(market)
    yesterday = at_hour(time, HOUR)

    async def dies(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as dying:
        dying.setattr(brief_store, "set_sent", dies)
        with pytest.raises(ConnectionError):
            await send(market)
    # What comes meanwhile does not change what was written to be told.
    await scans(market, yesterday, 7)
    assert await send(market)
    [first] = await told(market, desk.drafter)
    assert {line["figure"]: line["value"] for line in first["lines"]}["scans"] == 0
    shown = await desk.drafter.get(f"/api/ops/briefs/{yesterday}")
    assert {line["figure"]: line["value"] for line in shown["lines"]}["scans"] == 7, "as it is known now"
    time.pass_by(days=1)
    await opened_administrator(market, "third")
    assert await send(market)
    assert [one["date"] for one in await told(market, desk.drafter)] == [
        str(yesterday),
        str(yesterday + timedelta(days=1)),
    ]


async def fails() -> None:
    raise RuntimeError("the disk is gone")


async def test_what_is_wrong_is_told(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run()
    await desk.do(campaign, "pauses")
    await market.settle()
    at_hour(time, HOUR)
    await market.row("update coupons.campaigns set budget_minor = budget_minor + 1 returning id")
    await market.row("update kit.outbox set delivered_at = null, attempts = 3, due_at = 'infinity' returning id")
    background = Background()
    background.every(0.001, "sweep coupons.expire", fails)
    await until(jobs.failing)
    assert await send(market)
    await background.stop()
    [first] = await told(market, desk.drafter)
    kinds = {one["kind"]: one for one in first["incidents"]}
    assert set(kinds) == {"books_differ", "events_wait", "work_fails", "campaign_paused"}
    assert kinds["work_fails"]["name"] == "sweep coupons.expire"
    assert kinds["campaign_paused"]["subject_id"] == campaign["id"]
    assert kinds["books_differ"]["count"] >= 1


async def test_books_that_were_not_checked_are_not_called_so(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await opened_desk(market)
    await market.settle()
    at_hour(time, HOUR)
    monkeypatch.setattr(brief, "AUDIT_PATIENCE_S", 0.0)
    assert await send(market)
    [first] = await told(market, desk.drafter)
    assert first["audited_until"] is None
    assert [one["kind"] for one in first["incidents"]] == ["books_unchecked"]


async def test_a_shop_under_shelter_that_waits_for_a_promoter_is_told_of(market: Market, time: Time) -> None:
    street, place, _, _ = await in_danger(market)
    await opened_administrator(market, "second")
    await begun(street, place)
    await market.settle()
    at_hour(time, HOUR)
    time.pass_by(days=1)
    assert await send(market)
    [first] = await told(market, street.operator)
    kinds = {one["kind"]: one for one in first["incidents"]}
    assert kinds["promoter_late"]["count"] == 1


async def test_only_past_days_and_only_for_operators(market: Market) -> None:
    desk, stranger = await opened_desk(market), await market.person("stranger")
    today = town.business_date(clock.now())
    for day in (today, today + timedelta(days=1), date(1999, 1, 1)):
        assert await refused_as(desk.drafter.get(f"/api/ops/briefs/{day}")) == "not-found"
    past = await desk.drafter.get(f"/api/ops/briefs/{today - timedelta(days=1)}")
    assert (past["incidents"], past["sent_at"]) == (None, None), "nobody was told of it"
    assert await refused_as(stranger.get(f"/api/ops/briefs/{today - timedelta(days=1)}")) == "not-an-operator"


async def opened_administrator(market: Market, handle: str) -> None:
    person = await market.person(handle)
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(person.me["id"]))
