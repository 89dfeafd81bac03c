"""Signing up and in, who I am with my role, and the town, through HTTP."""

from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from litestar.di import Provide

from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.web import EXCEPTION_HANDLERS
from junzi.operators import actions, http
from junzi.people.http import provide_person

ZHANG = {"handle": "zhang_wei", "name": "张伟", "password": "a long sentence", "locale": "zh"}


def _client(database: Database) -> httpx.AsyncClient:
    settings = Settings(database_url="", data=Path(), public_url="https://pay.example")
    app = Litestar(
        http.ROUTES,
        dependencies={
            "database": Provide(lambda: database, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "person": Provide(provide_person),
            "operator": Provide(http.provide_operator),
        },
        exception_handlers=EXCEPTION_HANDLERS,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://town.test")


async def test_signing_up_answers_me_and_the_cookie_carries_me_on(database: Database) -> None:
    async with _client(database) as client:
        answer = await client.post("/api/people", json=ZHANG)
        assert answer.status_code == 201
        me = answer.json()
        assert {name: me[name] for name in ("handle", "name", "locale", "has_pin", "role")} == {
            "handle": "zhang_wei",
            "name": "张伟",
            "locale": "zh",
            "has_pin": False,
            "role": None,
        }
        assert set(me) == {"id", "handle", "name", "avatar", "locale", "has_pin", "role", "created_at"}
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("junzi_session=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert (await client.get("/api/me")).json() == me


async def test_signing_in_answers_the_same_me(database: Database) -> None:
    async with _client(database) as client:
        signed_up = (await client.post("/api/people", json=ZHANG)).json()
        client.cookies.clear()
        _refused(await client.get("/api/me"), 401, "not-signed-in")
        answer = await client.post("/api/sessions", json={"handle": "zhang_wei", "password": "a long sentence"})
        assert (answer.status_code, answer.json()) == (201, signed_up)
        assert (await client.get("/api/me")).json() == signed_up


async def test_a_wrong_password_gives_no_session(database: Database) -> None:
    async with _client(database) as client:
        await client.post("/api/people", json=ZHANG)
        client.cookies.clear()
        answer = await client.post("/api/sessions", json={"handle": "zhang_wei", "password": "another sentence"})
        _refused(answer, 403, "wrong-password")
        assert "set-cookie" not in answer.headers


async def test_an_administrator_sees_the_role(database: Database) -> None:
    async with _client(database) as client:
        me = (await client.post("/api/people", json=ZHANG)).json()
        async with database.transaction() as tx:
            await actions.make_administrator(tx, me["id"])
        assert (await client.get("/api/me")).json() == {**me, "role": "administrator"}


async def test_changing_one_thing_of_the_profile_leaves_the_others(database: Database) -> None:
    async with _client(database) as client:
        me = (await client.post("/api/people", json=ZHANG)).json()
        answer = await client.patch("/api/me", json={"name": "Wei", "avatar": 63})
        assert (answer.status_code, answer.json()) == (200, {**me, "name": "Wei", "avatar": 63})
        _refused(await client.patch("/api/me", json={"avatar": 64}), 400, "invalid-request")
        assert (await client.get("/api/me")).json() == {**me, "name": "Wei", "avatar": 63}


async def test_the_town_tells_its_money_and_address_to_everybody(database: Database) -> None:
    async with _client(database) as client:
        answer = await client.get("/api/town")
    assert answer.json() == {
        "name": "Test Town",
        "demo": False,
        "currency": "CNY",
        "decimals": 2,
        "symbol": "¥",
        "time_zone": "Asia/Shanghai",
        "public_url": "https://pay.example",
        "map_tiles_url": "",
    }


def _refused(answer: Any, status: int, slug: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
