"""A computer is signed in by a phone that scans its code."""

import asyncio

import pytest

from junzi.client import Client, Refused
from tests.chat.talk import later
from tests.support.house import Running

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


async def test_the_browser_that_showed_the_code_is_signed_in_once(served: Running) -> None:
    phone, desktop, thief = await served.person("anna"), served.device(), served.device()
    shown = (await desktop.raw("POST", "/api/sign-ins", headers={"user-agent": CHROME})).json()
    assert shown["url"] == f"{served.url}/q/{shown['code']}"
    assert shown["svg"].startswith("<svg")
    assert await desktop.get("/api/sign-ins/current") == {"state": "waiting", "name": None}
    with pytest.raises(Refused, match="sign-in-over"):
        await desktop.post("/api/sign-ins/current/session")

    asking = await phone.get(f"/api/sign-ins/{shown['code']}")

    assert (asking["device"], asking["address"]) == ("Chrome · Windows", "127.0.0.1")
    assert await desktop.get("/api/sign-ins/current") == {"state": "seen", "name": "Anna"}
    await phone.post(f"/api/sign-ins/{shown['code']}/approval")
    await phone.post(f"/api/sign-ins/{shown['code']}/approval")
    assert (await desktop.get("/api/sign-ins/current"))["state"] == "approved"
    # Whoever saw the picture has not the browser's secret.
    for call in (thief.get("/api/sign-ins/current"), thief.post("/api/sign-ins/current/session")):
        with pytest.raises(Refused, match="not-found"):
            await call
    assert (await desktop.post("/api/sign-ins/current/session"))["handle"] == "anna"
    assert (await desktop.get("/api/me"))["handle"] == "anna"
    assert len((await phone.get("/api/sessions"))["sessions"]) == 2
    with pytest.raises(Refused, match="not-found"):
        await desktop.post("/api/sign-ins/current/session")
    with pytest.raises(Refused, match="sign-in-over"):
        await phone.post(f"/api/sign-ins/{shown['code']}/approval")


async def test_only_whoever_looked_first_decides(served: Running) -> None:
    anna, bela, desktop = await served.person("anna"), await served.person("bela"), served.device()
    code = (await desktop.post("/api/sign-ins"))["code"]
    await anna.get(f"/api/sign-ins/{code}")
    for call in (bela.get(f"/api/sign-ins/{code}"), bela.post(f"/api/sign-ins/{code}/approval")):
        with pytest.raises(Refused, match="sign-in-over"):
            await call
    await anna.delete(f"/api/sign-ins/{code}")
    assert (await desktop.get("/api/sign-ins/current"))["state"] == "refused"
    for call in (anna.post(f"/api/sign-ins/{code}/approval"), desktop.post("/api/sign-ins/current/session")):
        with pytest.raises(Refused, match="sign-in-over"):
            await call


async def test_a_code_is_over_after_two_minutes(served: Running) -> None:
    anna, desktop = await served.person("anna"), served.device()
    code = (await desktop.post("/api/sign-ins"))["code"]
    with later(minutes=2):
        assert (await desktop.get("/api/sign-ins/current"))["state"] == "over"
        with pytest.raises(Refused, match="sign-in-over"):
            await anna.get(f"/api/sign-ins/{code}")
    with pytest.raises(Refused, match="sign-in-over"):
        await anna.get("/api/sign-ins/x")


async def test_waiting_is_answered_as_soon_as_the_phone_decides(served: Running) -> None:
    anna, desktop = await served.person("anna"), served.device()
    code = (await desktop.post("/api/sign-ins"))["code"]

    async def waited(client: Client) -> str:
        return str((await client.get("/api/sign-ins/current?wait_s=9"))["state"])

    waiting = asyncio.create_task(waited(desktop))
    await anna.get(f"/api/sign-ins/{code}")
    assert await waiting == "seen"
    waiting = asyncio.create_task(waited(desktop))
    await anna.post(f"/api/sign-ins/{code}/approval")
    assert await waiting == "approved"


async def test_one_address_asks_for_a_bounded_number_of_codes(served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.people.sign_in_code.MOST_OF_AN_ADDRESS", 2)
    desktop = served.device()
    for _ in range(2):
        await desktop.post("/api/sign-ins")
    with pytest.raises(Refused, match="too-many-attempts"):
        await desktop.post("/api/sign-ins")
