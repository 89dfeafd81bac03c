"""The writer's process and PostgreSQL are killed at random points under load; two writers fight for the lease.

`JUNZI_KILLS=200` is the form for the night.
"""

import asyncio
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate
from junzi.ledger import open_ledger
from tests.ledger.poster import CALLERS
from tests.ledger.posting import Poster, books_agree, some_accounts
from tests.support.killing import kill_hard

KILLS = int(os.environ.get("JUNZI_KILLS", "5"))
KILL_S = 10.0
"""At most, on a busy machine."""

pytestmark = pytest.mark.crash


@contextmanager
def posters() -> Iterator[list[Poster]]:
    """Those that are appended are ended."""
    at_work: list[Poster] = []
    try:
        yield at_work
    finally:
        for poster in at_work:
            poster.kill()


@pytest.mark.lasts(KILLS * KILL_S)
async def test_kills_at_any_point(own_postgres: Callable[..., EmbeddedPostgres]) -> None:
    server = own_postgres(ends_with_parent=False)
    await asyncio.to_thread(server.start)
    server.ensure_database("ledger")
    url = server.url("ledger")
    await migrate(url)
    accounts = await some_accounts(url)
    chance = random.Random(KILLS)
    with posters() as at_work:
        for number in range(KILLS):
            at_work.append(Poster(url, accounts))
            await at_work[-1].goes_on(chance.randrange(50, 600))
            if number % 2:
                await asyncio.to_thread(kill_hard, server)
                await asyncio.to_thread(server.start)
                if chance.random() < 0.5:
                    await at_work[-1].goes_on()
            at_work[-1].kill()
        await books_agree(url, accounts, at_work)


async def test_a_writer_that_was_stopped_loses_its_lease_and_posts_nothing_more(engine_url: str) -> None:
    accounts = await some_accounts(engine_url)
    with posters() as at_work:
        at_work.append(Poster(engine_url, accounts))
        await at_work[0].goes_on()
        at_work.append(Poster(engine_url, accounts))
        for _ in range(3):
            # Both have opened it by the second round, and each goes on whenever the lease is free.
            holder, other = at_work
            await holder.goes_on()
            holder.process.send_signal(signal.SIGSTOP)
            await other.goes_on()
            last = holder.acknowledged
            holder.process.send_signal(signal.SIGCONT)
            await holder.is_busy()
            # What it may still tell was committed before it was stopped.
            assert holder.acknowledged <= last + CALLERS
            assert await _writers(engine_url) == 1
            at_work.reverse()
        for poster in at_work:
            poster.kill()
        await books_agree(engine_url, accounts, at_work)


async def test_the_next_writer_recovers_in_parts(engine_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.ledger.store.MOST_RECOVERED", 7)
    monkeypatch.setattr("junzi.ledger.store.MOST_IN_TAIL", 40)
    accounts = await some_accounts(engine_url)
    with posters() as at_work:
        at_work.append(Poster(engine_url, accounts))
        await at_work[0].goes_on(100)
        at_work[0].kill()
        await books_agree(engine_url, accounts, at_work)


async def test_the_next_writer_goes_on_within_two_seconds(engine_url: str) -> None:
    accounts = await some_accounts(engine_url)
    with posters() as at_work:
        at_work.append(Poster(engine_url, accounts))
        await at_work[0].goes_on()
        at_work[0].process.send_signal(signal.SIGSTOP)
        ledger = await open_ledger(engine_url)
        assert len(await ledger.lookup_accounts(accounts)) == len(accounts)
        await ledger.close()
        at_work[0].process.send_signal(signal.SIGCONT)
        await at_work[0].goes_on()
        at_work[0].kill()
        await books_agree(engine_url, accounts, at_work)


async def _writers(url: str) -> int:
    connection = await asyncpg.connect(url)
    count = await connection.fetchval(
        "select count(*) from pg_locks where locktype = 'advisory' and granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    await connection.close()
    return int(count)
