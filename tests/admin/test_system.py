"""Alive, ready, measured."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack

import asyncpg
import httpx
import msgspec
import pytest

from junzi.app import House, asgi
from tests.support.postgres import SharedServer
from tests.support.until import until


async def test_a_server_that_can_work_is_alive_and_ready(visitor: httpx.AsyncClient) -> None:
    alive = await visitor.get("/healthz")
    assert (alive.status_code, alive.json()["state"]) == (200, "alive")
    await ready(visitor)


@pytest.mark.parametrize("engine", ["ledger", "messages"])
async def test_without_the_connection_of_an_engine_it_is_alive_and_not_ready(
    house: House, visitor: httpx.AsyncClient, engine: str
) -> None:
    await getattr(house, engine).close()

    async def says_so() -> httpx.Response | None:
        answer = await visitor.get("/readyz")
        return answer if answer.json().get("missing") == [engine] else None

    answer = await until(says_so)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await visitor.get("/healthz")).status_code == 200


async def test_it_is_ready_again_when_a_lost_connection_of_an_engine_is_made_again(
    house: House, visitor: httpx.AsyncClient, postgres_server: SharedServer
) -> None:
    outside = await asyncpg.connect(postgres_server.admin_url)
    async with house.database.read() as reader:
        database = await reader.fetchval("select current_database()")
    await outside.execute(f"alter database {database} allow_connections false")
    ended = await outside.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'junzi ledger'",
        database,
    )
    assert len(ended) == 1
    await until(lambda: says(visitor, 503))
    await outside.execute(f"alter database {database} allow_connections true")
    await ready(visitor)
    await outside.close()


async def test_when_every_connection_is_taken_it_is_not_ready(house: House, visitor: httpx.AsyncClient) -> None:
    async with AsyncExitStack() as taken:
        for _ in range(house.settings.pool_size):
            await taken.enter_async_context(house.database.read())
        answer = await visitor.get("/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])
    await ready(visitor)


async def test_a_database_that_froze_does_not_freeze_the_answer(house: House, visitor: httpx.AsyncClient) -> None:
    async with house.database.read() as reader:
        backend = await reader.fetchval("select pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    try:
        async with asyncio.timeout(10):
            answer = await visitor.get("/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])
    finally:
        os.kill(backend, signal.SIGCONT)
    await ready(visitor)


async def test_measurements_are_in_the_text_format_of_prometheus(visitor: httpx.AsyncClient) -> None:
    await visitor.get("/healthz")
    answer = await visitor.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert "# TYPE junzi_http_seconds histogram" in lines
    assert any(
        line.startswith('junzi_http_seconds_count{method="GET",route="/healthz",status="200"}') for line in lines
    )


async def test_another_machine_reads_the_measurements_only_with_the_token(house: House) -> None:
    with_token = msgspec.structs.replace(
        house, settings=msgspec.structs.replace(house.settings, metrics_token="rosebud")
    )
    for served, authorization, status in (
        (house, "", 403),
        (house, "Bearer ", 403),
        (with_token, "", 403),
        (with_token, "Bearer tulip", 403),
        (with_token, "Bearer rosebud", 200),
    ):
        transport = httpx.ASGITransport(asgi(served), client=("192.0.2.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as stranger:
            answer = await stranger.get("/metrics", headers={"authorization": authorization})
        assert answer.status_code == status, (authorization, answer.text)


async def ready(visitor: httpx.AsyncClient) -> None:
    """It asks its database for a second each time; on a busy machine that may be too short for once."""

    async def is_ready() -> bool:
        answer = await visitor.get("/readyz")
        return (answer.status_code, answer.json().get("state")) == (200, "ready")

    await until(is_ready)


async def says(visitor: httpx.AsyncClient, status: int) -> bool:
    return (await visitor.get("/readyz")).status_code == status
