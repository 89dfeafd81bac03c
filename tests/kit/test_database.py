"""Connections that stay at hand between one use and the next."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from junzi.kit.database import Database, open_database

SIZE = 2


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await open_database(database_url, size=SIZE)
    yield database
    await database.close()


async def backend(database: Database) -> int:
    async with database.read() as reader:
        return int(await reader.fetchval("select pg_backend_pid()"))


async def test_many_share_few_connections_and_nobody_waits_for_good(database: Database) -> None:
    async with asyncio.timeout(20):
        pids = await asyncio.gather(*[backend(database) for _ in range(50)])
    assert 1 <= len(set(pids)) <= SIZE


async def test_what_was_broken_off_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await tx.execute("create table public.left_behind ()")
            raise ZeroDivisionError
    async with database.read() as reader:
        assert await reader.fetchval("select to_regclass('public.left_behind')") is None
        # Outside any transaction each statement has an id of its own.
        assert await reader.fetchval("select pg_current_xact_id()") != await reader.fetchval(
            "select pg_current_xact_id()"
        )


async def test_a_connection_that_was_ended_is_not_handed_out_again(database: Database) -> None:
    first = await backend(database)
    with pytest.raises(asyncpg.PostgresError):
        async with database.read() as reader:
            await reader.fetchval("select pg_terminate_backend($1)", await reader.fetchval("select pg_backend_pid()"))
    assert await backend(database) != first


@pytest.mark.new_database
async def test_a_connection_that_ended_while_it_was_at_hand_is_nobody_s_trouble(
    database: Database, database_url: str
) -> None:
    pids = set(await asyncio.gather(*[backend(database) for _ in range(10)]))
    watcher = await asyncpg.connect(database_url)
    await watcher.execute("select pg_terminate_backend(pid, 5000) from unnest($1::int[]) pid", list(pids))
    await watcher.close()
    found = await asyncio.gather(*[backend(database) for _ in range(10)])
    assert pids.isdisjoint(found)
    async with database.transaction() as tx:
        assert await tx.fetchval("select 1") == 1


@pytest.mark.new_database
async def test_nothing_stays_open_when_it_is_closed(database_url: str) -> None:
    database = await open_database(database_url, size=SIZE)
    pid = await backend(database)
    await database.close()
    watcher = await asyncpg.connect(database_url)
    try:
        assert await watcher.fetchval("select count(*) from pg_stat_activity where pid = $1", pid) == 0
    finally:
        await watcher.close()
