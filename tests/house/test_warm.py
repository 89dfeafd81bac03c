"""What one test leaves behind no other sees: the databases that tests are lent one after another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import pytest

from junzi.kit.database import open_database
from junzi.kit.embedded_postgres import EmbeddedPostgres
from tests.support import warm
from tests.support.postgres import QUICK, TEMPLATE, SharedServer, shared_server
from tests.support.until import until
from tests.support.warm import WarmDatabase

NAMED = {"server_settings": {"application_name": "junzi test"}}
LEFT_IN_A_CONNECTION = """
select current_setting('work_mem') = '1MB', to_regclass('mine'), nullif(current_setting('junzi.test', true), ''),
    (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())
"""


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=warm.new_loop) as runner:
        yield runner


@pytest.fixture
def lent(runner: asyncio.Runner) -> Iterator[WarmDatabase]:
    server = shared_server(QUICK)
    database = WarmDatabase(server.make_database(template=TEMPLATE))
    yield database
    database.close()
    server.drop_database(database.url)


def test_a_connection_comes_back_without_what_was_left_in_it(lent: WarmDatabase, runner: asyncio.Runner) -> None:
    async def leave() -> int:
        connection = await asyncpg.connect(lent.url, **NAMED)
        await connection.execute("set work_mem = '1MB'; create temp table mine (id int)")
        await connection.execute("select pg_advisory_lock(7), set_config('junzi.test', 'left', false)")
        await connection.execute("begin")
        pid = int(connection.get_server_pid())
        await connection.close()
        with pytest.raises(asyncpg.InterfaceError, match="closed"):
            await connection.fetchval("select 1")
        return pid

    async def look() -> tuple[int, tuple[object, ...]]:
        connection = await asyncpg.connect(lent.url, **NAMED)
        found = tuple(await connection.fetchrow(LEFT_IN_A_CONNECTION))
        await connection.close()
        return int(connection.get_server_pid()), found

    pid = runner.run(leave())
    assert lent.make_empty_again()
    assert runner.run(look()) == (pid, (False, None, None, 0))


def test_rows_and_sequences_are_as_they_were(lent: WarmDatabase, runner: asyncio.Runner) -> None:
    async def asked(query: str) -> tuple[object, ...]:
        connection = await asyncpg.connect(lent.url, **NAMED)
        found = tuple(await connection.fetchrow(query))
        await connection.close()
        return found

    look = "select (select count(*)::int from kit.town), last_value from pg_sequences where sequencename = 'outbox_seq'"
    before = runner.run(asked(look))
    runner.run(
        asked(
            "insert into kit.town values (true, 'Town', 'CNY', 'UTC', false, null, now()) returning nextval('kit.outbox_seq')"
        )
    )
    assert runner.run(asked(look)) != before
    assert lent.make_empty_again()
    assert runner.run(asked(look)) == before


@pytest.mark.parametrize(
    "change",
    [
        "alter table kit.outbox add column mine int",
        "alter table kit.outbox alter column type drop not null",
        "alter table operators.audit_trail disable trigger all",
        "create table kit.mine (id int)",
        "create function kit.mine() returns int language sql as 'select 1'",
    ],
)
def test_a_database_that_was_changed_is_thrown_away(lent: WarmDatabase, runner: asyncio.Runner, change: str) -> None:
    async def make_change() -> None:
        connection = await asyncpg.connect(lent.url)
        await connection.execute(change)
        await connection.close()

    runner.run(make_change())
    assert not lent.make_empty_again()


def test_a_database_with_a_pool_that_nobody_closed_is_thrown_away(lent: WarmDatabase, runner: asyncio.Runner) -> None:
    runner.run(open_database(lent.url))
    assert not lent.make_empty_again()


def test_a_copy_that_stopped_half_way_holds_nobody_up(own_postgres: Callable[..., EmbeddedPostgres]) -> None:
    postgres = own_postgres(durable=False)
    postgres.start()
    server = SharedServer(postgres.url("postgres"), in_memory=False)
    left, dropped = server.make_database(template=None), server.make_database(template=None)

    async def begins_to_copy() -> "asyncio.Task[str]":
        async def lines() -> AsyncIterator[bytes]:
            yield b"one\n"
            await asyncio.Event().wait()

        connection, watching = await asyncpg.connect(left), await asyncpg.connect(left)
        await connection.execute("create table written (line text)")
        copying = asyncio.create_task(connection.copy_to_table("written", source=lines()))
        await until(lambda: watching.fetchval("select exists (select from pg_stat_progress_copy)"))
        await watching.close()
        return copying

    with asyncio.Runner() as standing_still:
        copying = standing_still.run(begins_to_copy())
        with pytest.warns(UserWarning, match='COPY "written"'):
            server.drop_database(dropped, patience_s=0.5)
        assert not copying.done()


def test_a_task_that_is_left_running_is_told_and_ended(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "TASKS_PATIENCE_S", 0.1)

    async def leave() -> "asyncio.Task[None]":
        return asyncio.create_task(asyncio.sleep(3600), name="forgotten")

    task = runner.run(leave())
    [told] = warm.end_tasks_left()
    assert "forgotten" in told
    assert task.cancelled()
    assert warm.end_tasks_left() == []
