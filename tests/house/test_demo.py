"""The demo town: filled by real deeds with days of history, once, also when it was interrupted."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from junzi.app import open_house
from junzi.audit import audit
from junzi.cli import demo_life, demo_rival, demo_street, demo_town
from junzi.cli.people_file import PeopleFile
from junzi.kit.config import Settings
from junzi.kit.errors import Refusal
from junzi.worker import sweeps
from tests.house.fill import fill
from tests.issuer.bank import KEY
from tests.support.issuer import SharedBank
from tests.support.until import until

pytestmark = pytest.mark.slow

PAYMENTS = "select count(*) from checkout.payments where state = 'paid'"

SAID = "select count(*) from messages.log where kind = 'text'"

TIMES = """
select format('select %L as place, min(%I) as first, max(%I) as last from %s', table_name || '.' || column_name,
    column_name, column_name, table_schema || '.' || table_name)
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where data_type = 'timestamp with time zone' and table_schema not in ('pg_catalog', 'information_schema')
    and column_name not in ('expires_at', 'try_at', 'ask_at', 'due_at') and table_type = 'BASE TABLE'
"""
"""A query for each column that says when something happened, which those that say when something is due do not."""


async def test_the_town_is_filled_with_a_past_and_only_once(
    database_url: str, tmp_path: Path, shared_bank: SharedBank
) -> None:
    begun = datetime.now(UTC)
    await fill(database_url, tmp_path, shared_bank.url)
    assert await audit(database_url) == []
    assert await value(database_url, "select count(*) from people.persons") == len(demo_town.RESIDENTS) == 10
    assert await value(database_url, "select count(*) from merchants.shops where state = 'open'") == 3
    assert await value(database_url, "select count(*) from coupons.campaigns where state = 'running'") == 2
    assert await value(database_url, "select count(*) from field.places where shop_id is not null") == 3
    # The sixth who would pay there waits to be one of five.
    assert await value(database_url, "select count(*) from field.wishes") == sum(demo_street.WISHED.values())
    assert await value(database_url, "select count(*) from field.surveys where closed_at is not null") == 2
    assert await value(database_url, "select count(*) from growth.moves") == len(demo_rival.PUSHES)
    assert await value(database_url, "select count(*) from field.visits") == len(demo_street.VISITED)
    assert await value(database_url, "select count(*) from operators.staff") == len(demo_town.ADMINISTRATORS)
    assert await value(database_url, "select count(distinct business_date) from merchants.takings") >= 4
    assert await value(database_url, "select count(distinct business_date) from growth.days where payments > 0") >= 4
    assert await value(database_url, "select count(*) from messages.log where kind = 'text'") >= 10
    assert await value(database_url, "select count(*) from coupons.coupons where state = 'redeemed'") >= 1
    assert await value(database_url, "select count(*) from checkout.payments where state <> 'paid'") == 0
    assert await value(database_url, "select count(distinct shop_id) from settlement.payouts where state = 'done'") == 3
    assert await value(database_url, "select count(*) from settlement.payouts where state <> 'done'") == 0
    assert await value(database_url, "select count(*) from checkout.payments where fee_minor > 0") >= 1
    assert await value(database_url, "select count(*) from kit.outbox where delivered_at is null") == 0
    assert await value(database_url, "select count(*) from people.sessions") == 0
    await every_time_is_past(database_url, begun)

    before = await everything(database_url)
    await fill(database_url, tmp_path, shared_bank.url)
    assert await everything(database_url) == before

    said = await value(database_url, SAID)
    paid = await value(database_url, PAYMENTS)
    await live_a_day(database_url, tmp_path, shared_bank.url)
    assert await value(database_url, SAID) > said
    assert await value(database_url, PAYMENTS) > paid
    assert await value(database_url, "select count(*) from people.sessions") == 0
    assert await audit(database_url) == []


async def test_a_filling_that_was_killed_is_completed_by_the_next(
    database_url: str, tmp_path: Path, shared_bank: SharedBank
) -> None:
    begun = datetime.now(UTC)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.house.fill", database_url, str(tmp_path), shared_bank.url),
        env={**os.environ},
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    await until(lambda: has_begun_to_pay(database_url), timeout_s=60)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    made = await value(database_url, PAYMENTS)
    assert await value(database_url, "select demo_filled_at from kit.town") is None

    await fill(database_url, tmp_path, shared_bank.url)
    await finish_what_was_cut(database_url, tmp_path, shared_bank.url)
    assert await audit(database_url) == []
    assert await value(database_url, "select demo_filled_at from kit.town") is not None
    assert await value(database_url, "select count(*) from people.persons") == len(demo_town.RESIDENTS)
    assert await value(database_url, "select count(*) from merchants.shops") == 3
    assert await value(database_url, "select count(*) from coupons.campaigns") == 2
    assert await value(database_url, PAYMENTS) > made
    assert await value(database_url, "select count(*) from checkout.payments where state = 'processing'") == 0
    assert await value(database_url, "select count(distinct business_date) from merchants.takings") >= 4
    await every_time_is_past(database_url, begun)


async def live_a_day(database_url: str, data: Path, issuer_url: str) -> None:
    """What happens while somebody looks at the town, as many deeds as make each kind of them all but certain."""
    settings = Settings(database_url=database_url, data=data, issuer_url=issuer_url, issuer_key=KEY)
    async with open_house(settings) as house, demo_life.day(house, PeopleFile(data)) as deed:
        for _ in range(80):
            with suppress(Refusal):
                await deed()
        await house.relay.drain()


async def has_begun_to_pay(database_url: str) -> bool:
    return bool(await value(database_url, PAYMENTS) >= 8)


async def finish_what_was_cut(database_url: str, data: Path, issuer_url: str) -> None:
    """What a server does in its first seconds with the flows that nobody goes on with."""
    settings = Settings(database_url=database_url, data=data, issuer_url=issuer_url, issuer_key=KEY)
    async with open_house(settings) as house:
        for sweep in sweeps(house.database, house.ledger, house.issuer).values():
            await sweep()
        await house.relay.drain()


async def every_time_is_past(database_url: str, begun: datetime) -> None:
    """Nothing happened later than now, and nothing earlier than the town's first day."""
    connection = await asyncpg.connect(database_url)
    try:
        asked = [row[0] for row in await connection.fetch(TIMES)]
        assert len(asked) > 20
        for row in [await connection.fetchrow(query) for query in asked]:
            if row["first"] is not None:
                assert row["last"] <= datetime.now(UTC), row["place"]
                assert (begun - row["first"]).days <= demo_town.DAYS, row["place"]
    finally:
        await connection.close()


async def everything(database_url: str) -> dict[str, Any]:
    """How many rows each table has, and who is in the town's book of passwords."""
    tables = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace::regnamespace::text !~ '^(pg_|info)'"
    connection = await asyncpg.connect(database_url)
    try:
        names = [row[0] for row in await connection.fetch(tables)]
        return {name: await connection.fetchval(f"select count(*) from {name}") for name in names}
    finally:
        await connection.close()


async def value(database_url: str, query: str) -> Any:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
