"""Scans and orders have a pace: beyond it the answer says when to go on, in the body and in Retry-After."""

from datetime import datetime

import pytest

from junzi.kit import clock
from tests.support.market import Market, Time, at_once, key, refusal

MOST = 20


@pytest.fixture(autouse=True)
def fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.checkout.http.MOST_SCANS", MOST)
    monkeypatch.setattr("junzi.checkout.http.MOST_ORDERS", MOST)


async def test_who_scans_faster_than_hands_can_is_told_when_to_go_on(market: Market, time: Time) -> None:
    buyer, other = await market.person("xiaoman"), await market.person("azhe")
    at_a_minutes_beginning(time)
    body = {"text": "S0000000000" + "0"}
    answers = await at_once(*[buyer.post("/api/scans", body) for _ in range(MOST + 5)])
    assert answers.count("too-many-requests") == 5, "also what is refused is counted: codes are not to be guessed"
    response = await buyer._http.post("/api/scans", json=body)
    assert response.status_code == 429
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert datetime.fromisoformat(response.json()["retry_at"]) > clock.now()
    assert (await refusal(other.post("/api/scans", body))).slug != "too-many-requests", (
        "everybody has a pace of their own"
    )
    time.pass_by(seconds=60)
    assert (await refusal(buyer.post("/api/scans", body))).slug != "too-many-requests"


async def test_orders_have_a_pace_too(market: Market, time: Time) -> None:
    buyer, keeper = await market.person("xiaoman"), await market.person("guifang")
    shop = await market.shop(keeper)
    at_a_minutes_beginning(time)
    wanted = {"code": shop["code"]["code"], "amount_minor": 100}
    answers = await at_once(*[buyer.post("/api/orders", wanted, idempotency_key=key()) for _ in range(MOST + 3)])
    assert answers.count("too-many-requests") == 3
    assert await market.value("select count(*) from checkout.orders") == MOST


def at_a_minutes_beginning(time: Time) -> None:
    time.pass_by(seconds=61 - clock.now().second)
