"""Rivals' moves and our launches stand on the calendar with what was before and after them, and a move is answered by two."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junzi.client import Client
from junzi.growth import actions, around
from junzi.growth.model import Kind
from junzi.kit import clock, ids, town
from tests.coupons.desk import FIVE_OFF, opened_desk
from tests.support.market import Market, Time, key, refused_as

ANSWER = {
    "title": {"zh": "今天就减", "en": "Off today"},
    "trigger": "claim",
    "offers": [FIVE_OFF],
    "budget_minor": 100_000,
    "budget_pieces": 1_000,
    "valid_days": 2,
}


async def rival(operator: Client, name: str = "Blue Wallet") -> dict[str, Any]:
    return await operator.post("/api/ops/rivals", {"name": name, "code_starts": []}, idempotency_key=key())  # type: ignore[no-any-return]


async def moved(operator: Client, rival_id: str, idempotency_key: str = "", **more: Any) -> dict[str, Any]:
    wanted = {
        "rival_id": rival_id,
        "kind": "packet",
        "face_minor": 1_800,
        "threshold_minor": 0,
        "burn_minor": 5_000_000,
        "starts_at": clock.now().isoformat(),
        "source": "门店海报",
        **more,
    }
    return await operator.post("/api/ops/moves", wanted, idempotency_key=idempotency_key or key())  # type: ignore[no-any-return]


async def flags(operator: Client, count: int = 28) -> list[dict[str, Any]]:
    return (await operator.get(f"/api/ops/calendar?count={count}"))["flags"]  # type: ignore[no-any-return]


async def test_a_move_is_answered_by_two_within_minutes(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    blue = await rival(desk.drafter)
    move = await moved(desk.drafter, blue["id"])
    time.pass_by(minutes=4)
    path, again = f"/api/ops/moves/{move['id']}/answers", key()
    answer = await desk.drafter.post(path, ANSWER, idempotency_key=again)
    assert (answer["live_at"], answer["reaction_s"]) == (None, None)
    assert await desk.drafter.post(path, ANSWER, idempotency_key=again) == answer, "once, however often it is sent"
    assert await market.value("select count(*) from coupons.campaigns") == 1

    assert await market.told(desk.drafter, "ops.approval_asked") == [], "who drafted it cannot approve it"
    [asked] = await market.told(desk.approver, "ops.approval_asked")
    assert (asked["campaign_id"], asked["rival"], asked["move"], asked["drafted_by"]) == (
        answer["campaign_id"],
        "Blue Wallet",
        "packet",
        "Yuan",
    )
    campaign = {"id": answer["campaign_id"]}
    assert await refused_as(desk.do(campaign, "approvals")) == "four-eyes"
    time.pass_by(minutes=2)
    await desk.do(campaign, "approvals", by=desk.approver)
    await market.settle()
    theirs, ours = await flags(desk.drafter)
    assert (theirs["whose"], theirs["rival"], theirs["move"]["face_minor"]) == ("rival", "Blue Wallet", 1_800)
    [first] = theirs["answers"]
    assert 360 <= first["reaction_s"] < 600
    assert (ours["whose"], ours["launch"]["turn"], ours["launch"]["move_id"]) == ("ours", "started", move["id"])


async def test_what_becomes_of_a_campaign_stands_on_the_calendar(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run()
    for what in ("pauses", "resumptions"):
        await desk.do(campaign, what)
    await desk.raise_to(campaign, budget_minor=200_000)
    await desk.do(campaign, "ends")
    dropped = await desk.draft()
    await desk.do(dropped, "ends")
    await market.settle()
    turns = [flag["launch"]["turn"] for flag in await flags(desk.drafter)]
    assert turns == ["started", "paused", "resumed", "raised", "ended"], "a draft that was dropped never ran"


async def test_figures_are_shown_before_and_after(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    at_noon(time)
    now = clock.now()
    for ago, scans in ((5, 9), (4, 3), (3, 6), (2, 12), (1, 18), (0, 100)):
        at = now - timedelta(days=ago)
        facts = [actions.fact(ids.new_id(), Kind.CODE_SCANNED, ids.new_id(), at) for _ in range(scans)]
        await actions.record(market.house.database, facts)
    blue = await rival(desk.drafter)
    await moved(desk.drafter, blue["id"], starts_at=(now - timedelta(days=2)).isoformat())
    [flag] = await flags(desk.drafter)
    assert flag["date"] == str(town.business_date(now - timedelta(days=2)))
    by_day = {one["figure"]: (one["before"], one["after"]) for one in flag["days"]}
    assert by_day["scans"] == ((9 + 3 + 6) / 3, (12 + 18) / 2), "today is not over"
    [row] = csv.DictReader(io.StringIO((await csv_of(desk.drafter, "calendar")).removeprefix("\ufeff")))
    assert (row["name"], row["face"], row["estimated_burn"]) == ("Blue Wallet", "18.00", "50000.00")
    assert (row["scans a day, 3_days before"], row["scans a day, 3_days after"]) == ("6.00", "15.00")


async def test_a_move_is_recorded_once_and_may_be_taken_off(market: Market) -> None:
    desk = await opened_desk(market)
    blue = await rival(desk.drafter)
    again = key()
    wanted = {"starts_at": clock.now().isoformat()}
    move = await moved(desk.drafter, blue["id"], again, **wanted)
    assert await moved(desk.drafter, blue["id"], again, **wanted) == move
    assert len(await flags(desk.drafter)) == 1
    for _ in range(2):
        await desk.approver.delete(f"/api/ops/moves/{move['id']}")
    assert await flags(desk.drafter) == []
    path = f"/api/ops/moves/{move['id']}/answers"
    assert await refused_as(desk.drafter.post(path, ANSWER, idempotency_key=key())) == "not-found"
    said = await market.value("select count(*) from operators.audit_trail where action like 'growth.move_%'")
    assert said == 2


async def test_what_cannot_be_is_refused(market: Market) -> None:
    desk = await opened_desk(market)
    blue, stranger = await rival(desk.drafter), await market.person("stranger")
    now = clock.now()
    for wrong in (
        {"rival_id": str(ids.new_id())},
        {"starts_at": now.replace(tzinfo=None).isoformat()},
        {"starts_at": (now - timedelta(days=401)).isoformat()},
        {"starts_at": (now + timedelta(days=91)).isoformat()},
        {"ends_at": now.isoformat(), "starts_at": now.isoformat()},
        {"source": " "},
        {"face_minor": 0},
        {"kind": "war"},
    ):
        asked = moved(desk.drafter, **{"rival_id": blue["id"], **wrong})
        assert await refused_as(asked) == "invalid-request", wrong
    assert await refused_as(moved(stranger, blue["id"])) == "not-an-operator"
    one, other = await moved(desk.drafter, blue["id"]), await moved(desk.drafter, blue["id"])
    again = key()
    await desk.drafter.post(f"/api/ops/moves/{one['id']}/answers", ANSWER, idempotency_key=again)
    second = desk.drafter.post(f"/api/ops/moves/{other['id']}/answers", ANSWER, idempotency_key=again)
    assert await refused_as(second) == "idempotency-key-reused"
    for path in ("calendar", "calendar.csv", "hours", "hours.csv"):
        assert await refused_as(stranger.get(f"/api/ops/{path}")) == "not-an-operator"
    for query in ("calendar?count=0", "calendar?last=0001-01-01", "hours?count=93", "hours?last=tomorrow"):
        assert await refused_as(desk.drafter.get(f"/api/ops/{query}")) == "invalid-request", query


async def test_hours_are_those_of_the_operators_clock(market: Market) -> None:
    desk = await opened_desk(market)
    at = clock.now()
    counted = [(Kind.CODE_SCANNED, {}), (Kind.CARD_BOUND, {}), (Kind.PAYMENT_MADE, {"amount_minor": 2_500})]
    await actions.record(
        market.house.database,
        [actions.fact(ids.new_id(), kind, ids.new_id(), at, **more) for kind, more in counted],
    )
    local = clock.local(at, town.current().time_zone)
    [hour] = (await desk.drafter.get("/api/ops/hours"))["hours"]
    expected = {"date": str(local.date()), "hour": local.hour, "scans": 1, "cards_bound": 1, "payments": 1}
    assert hour == {**expected, "amount_minor": 2_500}
    lines = (await csv_of(desk.drafter, "hours")).splitlines()
    assert lines[-1] == f"{local.date()},{local.hour},1,1,1,25.00"
    [*_, day] = csv.DictReader(io.StringIO((await csv_of(desk.drafter, "days")).removeprefix("\ufeff")))
    assert (day["date"], day["scans"], day["payments"], day["cards_bound"]) == (str(local.date()), "1", "1", "1")
    assert day["payments_amount"] == "25.00"


def at_noon(time: Time) -> None:
    """No day of the operator's ends soon."""
    time.pass_by(hours=(12 - clock.local(clock.now(), town.current().time_zone).hour) % 24)


async def csv_of(operator: Client, name: str) -> str:
    answer = await operator.raw("GET", f"/api/ops/{name}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    return str(answer.text)


@given(
    values=st.dictionaries(st.integers(0, 30), st.integers(0, 9), max_size=12),
    at=st.integers(0, 30),
    first=st.integers(0, 30),
    until=st.integers(0, 30),
)
def test_means_are_those_of_what_is_over_and_known(values: dict[int, float], at: int, first: int, until: int) -> None:
    before, after = around.before_and_after(values, at, each=3, first=first, until=until)
    for mean, places in ((before, range(at - 3, at)), (after, range(at, at + 3))):
        counted = [values.get(place, 0) for place in places if first <= place < until]
        if counted:
            assert mean == pytest.approx(sum(counted) / len(counted))
        else:
            assert mean is None
