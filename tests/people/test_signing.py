"""Sign up, sign in, sign out; what goes wrong is said in words and leaves nothing half done."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from junzi.client import Refused
from junzi.kit import clock
from junzi.people import actions
from tests.support.house import PASSWORD, Running


async def test_whoever_signs_up_is_signed_in(served: Running) -> None:
    anna = served.device()
    me = await anna.sign_up("anna_1", "安娜 Anna", PASSWORD, "zh")
    assert (me["handle"], me["name"], me["locale"], me["has_pin"], me["role"]) == (
        "anna_1",
        "安娜 Anna",
        "zh",
        False,
        None,
    )
    assert 0 <= me["avatar"] < 64
    assert await anna.get("/api/me") == me


async def test_a_handle_is_the_same_in_any_case(served: Running) -> None:
    await served.person("Anna")
    again = served.device()
    with pytest.raises(Refused, match="handle-taken"):
        await again.sign_up("ANNA", "Another", PASSWORD)
    assert (await again.sign_in("aNNa", PASSWORD))["handle"] == "anna"


async def test_of_two_who_want_one_handle_at_once_one_gets_it(served: Running) -> None:
    wanting = [served.device() for _ in range(6)]
    outcomes = await asyncio.gather(
        *(device.sign_up("anna", f"Anna {number}", PASSWORD) for number, device in enumerate(wanting)),
        return_exceptions=True,
    )
    made = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    refused = [outcome.slug for outcome in outcomes if isinstance(outcome, Refused)]
    assert (len(made), refused) == (1, ["handle-taken"] * 5)
    assert await served.count("select count(*) from people.persons") == 1
    assert await served.count("select count(*) from people.sessions") == 1
    assert await served.count("select count(*) from kit.outbox where type = 'people.signed_up'") == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"handle": "ab"}, "handle"),
        ({"handle": "a" * 21}, "handle"),
        ({"handle": "anna!"}, "handle"),
        ({"handle": "anna\u0000"}, "handle"),
        ({"handle": "ánna"}, "handle"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": "An\u0000na"}, "name"),
        ({"name": "An\nna"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"locale": "fr"}, "locale"),
        ({"name": 5}, "name"),
    ],
)
async def test_a_field_that_is_wrong_is_named(served: Running, changed: dict[str, object], field: str) -> None:
    wanted = {"handle": "anna", "name": "Anna", "password": PASSWORD, "locale": "zh", **changed}
    with pytest.raises(Refused, match="invalid-request") as caught:
        await served.device().post("/api/people", wanted)
    assert caught.value.status == 400
    assert [error["field"] for error in caught.value.problem["errors"]] == [field]
    assert caught.value.problem["errors"][0]["message"]
    assert await served.count("select count(*) from people.persons") == 0


@pytest.mark.parametrize(
    "body", [b"{", b"", b"handle=anna", b'{"handle":"\xff"}', b"[" * 90_000, b'{"handle":"\\ud800"}', b"[]", b"null"]
)
async def test_a_body_that_is_not_json_is_refused_in_words(served: Running, body: bytes) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        answer = await client.post("/api/people", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
    assert answer.headers["content-type"] == "application/problem+json"
    assert await served.count("select count(*) from people.persons") == 0


async def test_a_body_that_is_too_large_is_refused(served: Running) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        answer = await client.post("/api/people", json={"name": "x" * 2_000_000})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


async def test_a_page_of_another_site_cannot_sign_anybody_up(served: Running) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        wanted = {"handle": "anna", "name": "Anna", "password": PASSWORD, "locale": "zh"}
        answer = await client.post("/api/people", json=wanted, headers={"origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-origin")


async def test_the_cookie_is_for_the_server_alone(served: Running) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        wanted = {"handle": "anna", "name": "Anna", "password": PASSWORD, "locale": "zh"}
        cookie = (await client.post("/api/people", json=wanted)).headers["set-cookie"]
    assert cookie.startswith("junzi_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert await served.count("select count(*) from people.sessions where token_hash = $1", token.encode()) == 0


async def test_a_wrong_password_and_an_unknown_handle_are_the_same_to_whoever_tries(served: Running) -> None:
    await served.person("anna")
    problems = []
    for handle in ("anna", "nobody_here"):
        with pytest.raises(Refused) as caught:
            await served.device().sign_in(handle, "not the password")
        problems.append(caught.value.problem)
    assert problems[0] == problems[1]
    assert problems[0]["type"] == "/problems/wrong-password"


@pytest.mark.parametrize("handle", ["", "a", "anna\u0000", "x" * 150, "安娜"])
async def test_what_cannot_be_a_handle_is_nobodys(served: Running, handle: str) -> None:
    with pytest.raises(Refused, match="wrong-password"):
        await served.device().sign_in(handle, PASSWORD)


async def test_after_five_failures_the_next_try_waits_and_the_wait_grows(
    served: Running, time: clock.SimulatedClock
) -> None:
    await served.person("anna")
    waits = []
    for _ in range(5):
        with pytest.raises(Refused, match="wrong-password"):
            await served.device().sign_in("anna", "not the password")
    for _ in range(3):
        with pytest.raises(Refused, match="too-many-attempts") as caught:
            await served.device().sign_in("anna", PASSWORD)
        retry_at = caught.value.problem["retry_at"]
        waits.append(_moment(retry_at) - time.at)
        time.advance(waits[-1])
        with pytest.raises(Refused, match="wrong-password"):
            await served.device().sign_in("anna", "not the password")
    assert waits == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    time.advance(timedelta(minutes=4))
    await served.device().sign_in("anna", PASSWORD)
    with pytest.raises(Refused, match="wrong-password"):
        await served.device().sign_in("anna", "not the password")


async def test_tries_made_at_once_share_the_five(served: Running) -> None:
    await served.person("anna")
    outcomes = await asyncio.gather(
        *(served.device().sign_in("anna", f"guess number {number}") for number in range(12)), return_exceptions=True
    )
    slugs = sorted(outcome.slug for outcome in outcomes if isinstance(outcome, Refused))
    assert slugs == ["too-many-attempts"] * 7 + ["wrong-password"] * 5


async def test_an_address_bears_fifty_failures(served: Running) -> None:
    for number in range(50):
        with pytest.raises(Refused, match="wrong-password"):
            await served.device().sign_in(f"nobody_{number}", "not the password")
    await served.person("anna")
    with pytest.raises(Refused, match="too-many-attempts"):
        await served.device().sign_in("anna", PASSWORD)


async def test_a_profile_changes_by_what_is_given(served: Running) -> None:
    anna = await served.person("anna", "Anna")
    before = await anna.get("/api/me")
    assert await anna.request("PATCH", "/api/me", {"name": "  Anna of the bakery "}) == {
        **before,
        "name": "Anna of the bakery",
    }
    assert (await anna.request("PATCH", "/api/me", {"avatar": 63, "locale": "en"}))["avatar"] == 63
    for wrong in ({"avatar": 64}, {"avatar": -1}, {"locale": "fr"}, {"name": ""}):
        with pytest.raises(Refused, match="invalid-request"):
            await anna.request("PATCH", "/api/me", wrong)
    assert (await anna.get("/api/me"))["name"] == "Anna of the bakery"


async def test_sessions_are_listed_and_revoked(served: Running) -> None:
    anna = await served.person("anna")
    tablet = await served.second_device(anna)
    listed = (await anna.get("/api/sessions"))["sessions"]
    assert [one["current"] for one in listed].count(True) == 1
    assert len(listed) == 2
    other = next(one for one in listed if not one["current"])
    await anna.request("DELETE", f"/api/sessions/{other['id']}")
    with pytest.raises(Refused, match="not-signed-in") as caught:
        await tablet.get("/api/me")
    assert caught.value.status == 401
    assert len((await anna.get("/api/sessions"))["sessions"]) == 1


async def test_nobody_revokes_the_session_of_somebody_else(served: Running) -> None:
    anna, eve = await served.person("anna"), await served.person("eve")
    (session,) = (await anna.get("/api/sessions"))["sessions"]
    with pytest.raises(Refused, match="not-found"):
        await eve.request("DELETE", f"/api/sessions/{session['id']}")
    await anna.get("/api/me")


async def test_signing_out_ends_this_device_alone(served: Running) -> None:
    anna = await served.person("anna")
    tablet = await served.second_device(anna)
    token = anna.token
    await anna.request("DELETE", "/api/sessions/current")
    assert anna.token == ""
    anna.token = token
    with pytest.raises(Refused, match="not-signed-in"):
        await anna.get("/api/me")
    await tablet.get("/api/me")


@pytest.mark.parametrize("token", ["", "x", "x" * 3000, "ä"])
async def test_a_token_of_nobody_signs_nobody_in(served: Running, token: str) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        answer = await client.get("/api/me", headers={"cookie": f"junzi_session={token}".encode()})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/not-signed-in")


async def test_somebody_is_active_once_a_business_day(served: Running, time: clock.SimulatedClock) -> None:
    anna = await served.person("anna")
    query = "select count(*) from kit.outbox where type = 'people.active'"
    await asyncio.gather(*(anna.get("/api/me") for _ in range(5)))
    assert await served.count(query) == 1
    time.advance(timedelta(minutes=10))
    await anna.get("/api/me")
    assert await served.count(query) == 1
    time.advance(timedelta(days=1))
    await asyncio.gather(*(anna.get("/api/me") for _ in range(5)))
    assert await served.count(query) == 2


async def test_a_device_that_was_not_seen_for_half_a_year_signs_in_again(
    served: Running, time: clock.SimulatedClock
) -> None:
    anna = await served.person("anna")
    await anna.get("/api/me")
    time.advance(timedelta(days=179))
    await anna.get("/api/me")
    time.advance(timedelta(days=181))
    with pytest.raises(Refused, match="not-signed-in"):
        await anna.get("/api/me")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_person_has_no_more_devices_than_a_list_can_show(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_SESSIONS", 3)
    anna = await served.person("anna")
    others = [await served.second_device(anna) for _ in range(3)]
    with pytest.raises(Refused, match="not-signed-in"):
        await anna.get("/api/me")
    assert len((await others[0].get("/api/sessions"))["sessions"]) == 3
