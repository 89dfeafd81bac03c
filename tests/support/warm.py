"""A database that many tests use one after another, and connections to it that stay open in between.

A new database, with new connections that have to look up, parse and plan everything for the first time, costs more than what most
tests do with it. What a test can see is the same as in a new one: after each test every row, sequence, lock and connection that
it left behind is gone. A database whose tables a test has changed, or whose connections it has broken, is thrown away instead.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO
from unittest import mock
from weakref import WeakSet

import asyncpg
import uvloop

from junzi.kit.waits import waits
from tests.support.admin_connection import AdminConnection

MOST_TESTS = 100
"""For so many tests in a row, since what was deleted still takes up room."""

PATIENCE_MS = 5_000
TASKS_PATIENCE_S = 5.0

# What PostgreSQL comes with itself has lower numbers.
_SHAPE = """
select format('%s %s %s %s %s %s',
    (select sum(xmin::text::bigint) from pg_class),
    (select sum(xmin::text::bigint) from pg_attribute where attrelid >= 16384),
    (select sum(xmin::text::bigint) from pg_constraint), (select sum(xmin::text::bigint) from pg_trigger),
    (select sum(xmin::text::bigint) from pg_proc where oid >= 16384),
    (select count(*) from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase and d.datname = current_database()))
"""
"""Another text after every change to a table, its columns, keys or triggers, a function, or what its sessions begin with."""

_MAKE_EMPTY_AGAIN = """
do $$
declare
    one record;
    is_filled boolean;
    empty_again text := '';
begin
    for one in
        select oid::regclass::text as name, row_number() over (order by oid) as number from pg_class
        where relkind in ('r', 'p') and not relispartition and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    loop
        empty_again := empty_again || format('delete from %s;', one.name);
        execute format('select exists (select from %s)', one.name) into is_filled;
        if is_filled then
            execute format('create temp table kept_%s as table %s', one.number, one.name);
            empty_again := empty_again || format('insert into %s select * from kept_%s;', one.name, one.number);
        end if;
    end loop;
    for one in
        select format('%I.%I', schemaname, sequencename) as name, coalesce(last_value, start_value) as value,
            last_value is not null as is_called
        from pg_sequences
    loop
        empty_again := empty_again || format('perform setval(%L, %s, %L);', one.name, one.value, one.is_called);
    end loop;
    execute format(
        'create function pg_temp.make_empty_again() returns void language plpgsql as %L', 'begin ' || empty_again || ' end'
    );
end
$$
"""
"""Every row that a table has now is put back, every other is deleted, whatever keys and triggers say to it."""

_OTHERS = """
select pid from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""


class WarmDatabase:
    """url: of a database that has just been made. `make_empty_again` ends a test.

    What is closed in a test waits until it ends, and is lent to later ones: who still used it then would be found out.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._tests = 0
        self._admin = AdminConnection(url)
        self._admin.execute(f"set lock_timeout = {PATIENCE_MS}; set session_replication_role = replica")
        self._admin.execute(_MAKE_EMPTY_AGAIN)
        self._shape = self._admin.value(_SHAPE)
        self._lent: list[tuple[str, LentPool | LentConnection]] = []
        self._idle: defaultdict[str, list[asyncpg.Pool | LentConnection]] = defaultdict(list)
        self._connections: WeakSet[asyncpg.Connection] = WeakSet()
        _warm[url] = self

    async def pool(self, **options: Any) -> "LentPool":
        key = _key(options)
        lent = LentPool(self._idle[key].pop() if self._idle[key] else await self._new_pool(options))
        self._lent.append((key, lent))
        return lent

    async def _new_pool(self, options: dict[str, Any]) -> asyncpg.Pool:
        async def connect(*arguments: Any, **more: Any) -> asyncpg.Connection:
            connection = await _connect(*arguments, **more)
            self._connections.add(connection)
            return connection

        return await _create_pool(self.url, connect=connect, **options)

    async def connection(self, **options: Any) -> "LentConnection":
        key = _key(options)
        alive = [one for one in self._idle[key] if not _is_gone(one)]
        if alive:
            connection = alive.pop()
            connection.is_put_away = False
        else:
            connection = await _connect(self.url, connection_class=LentConnection, **options)
            self._connections.add(connection)
        self._idle[key] = alive
        self._lent.append((key, connection))
        return connection

    def make_empty_again(self) -> bool:
        """False if it can't be: it is to be dropped."""
        self._tests += 1
        try:
            return self._tests < MOST_TESTS and self._is_empty_again()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    def _is_empty_again(self) -> bool:
        if not all(lent.is_put_away for _, lent in self._lent):
            return False
        for key, lent in self._lent:
            self._idle[key].append(lent.pool if isinstance(lent, LentPool) else lent)
        self._lent.clear()
        pids = {one.get_server_pid() for one in self._connections if not _is_gone(one)}
        others = set(self._admin.column(_OTHERS))
        if not pids <= others:
            return False
        # What belongs to nobody any more may still be about to write.
        for pid in others - pids:
            self._admin.execute(f"select pg_terminate_backend({pid}, {PATIENCE_MS})")
        if others - pids and set(self._admin.column(_OTHERS)) != pids:
            return False
        self._admin.execute("select pg_temp.make_empty_again()")
        return bool(self._admin.value(_SHAPE) == self._shape)

    def close(self) -> None:
        del _warm[self.url]
        pools = [lent.pool for _, lent in self._lent if isinstance(lent, LentPool)]
        pools += [one for idle in self._idle.values() for one in idle if isinstance(one, asyncpg.Pool)]
        # A pool first: it would put another in the place of a connection that is gone.
        for one in [*pools, *self._connections]:
            one.terminate()
        self._admin.close()


class LentPool:
    """A pool as the house sees it: open until it closes it. The connections in it stay open for the next."""

    is_put_away = False

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._is_closed = False

    def acquire(self, *, timeout: float | None = None) -> Any:
        if self._is_closed:
            raise asyncpg.InterfaceError("pool is closed")
        return self.pool.acquire(timeout=timeout)

    async def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        if self.pool.get_idle_size() == self.pool.get_size():
            self.is_put_away = True
        else:
            await self.pool.close()

    def terminate(self) -> None:
        self._is_closed = True
        self.is_put_away = False
        self.pool.terminate()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)


class LentConnection(asyncpg.Connection):
    """Put away when it is closed, if it can be made as new; until it is lent again it says that it is closed."""

    is_put_away = False

    def is_closed(self) -> bool:
        return self.is_put_away or super().is_closed()

    def get_reset_query(self) -> str:
        return f"{super().get_reset_query()}\ndiscard temp;"

    def add_termination_listener(self, callback: Any) -> None:
        self._told = [*getattr(self, "_told", ()), callback]
        super().add_termination_listener(callback)

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as it is called
        if self.is_put_away:
            return
        try:
            await self.reset(timeout=timeout or 2)
        except Exception:
            await super().close(timeout=timeout)
        else:
            for callback in self.__dict__.pop("_told", ()):
                self.remove_termination_listener(callback)
            self.is_put_away = True


@contextmanager
def connections_kept() -> Iterator[None]:
    """Within the block, a connection to a warm database that a test closes is lent to a later one that opens one like it."""

    async def create_pool(url: str, **options: Any) -> Any:
        return await (_warm[url].pool(**options) if _is_kept(url) else _create_pool(url, **options))

    async def connect(url: str, **options: Any) -> Any:
        # One without a name of its own may be told to read values in another way, which nothing undoes.
        is_named = "application_name" in options.get("server_settings", {})
        return await (_warm[url].connection(**options) if is_named and _is_kept(url) else _connect(url, **options))

    with mock.patch.object(asyncpg, "create_pool", create_pool), mock.patch.object(asyncpg, "connect", connect):
        yield


def new_loop() -> asyncio.AbstractEventLoop:
    """A loop of the kind that a real server runs on, and of those that live long enough for connections to be kept."""
    _loops.append(uvloop.new_event_loop())
    return _loops[-1]


@contextmanager
def tests_share_what_runs() -> Iterator[None]:
    """Within the block, what runs on the present loop may outlive a test: a house that all tests of a module live in."""
    loop = asyncio.get_running_loop()
    _shared.append(loop)
    try:
        yield
    finally:
        _shared.remove(loop)


@contextmanager
def tasks_kept() -> Iterator[None]:
    """What the block begins on the running loop may outlive its test."""
    before = asyncio.all_tasks()
    yield
    _kept.update(asyncio.all_tasks() - before)


@contextmanager
def told_if_longer(limit_s: float, told: TextIO) -> Iterator[None]:
    """A block that lasts longer than this has what its tasks wait for written there, by a thread: its loop may stand still."""

    def tell() -> None:
        tasks = [task for loop in _loops if not loop.is_closed() for task in asyncio.all_tasks(loop)]
        print(f"after {limit_s:.0f} s:", *map(waits, tasks), sep="\n  ", file=told, flush=True)

    timer = threading.Timer(limit_s, tell)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def end_tasks_left() -> list[str]:
    """What still runs although its test is over, and does not end by itself at once; cancelled."""
    left: list[str] = []
    for loop in _loops:
        if loop not in _shared and not loop.is_closed() and (tasks := asyncio.all_tasks(loop).difference(_kept)):
            _, pending = loop.run_until_complete(asyncio.wait(tasks, timeout=TASKS_PATIENCE_S))
            left += map(repr, pending)
            for task in pending:
                task.cancel()
            if pending:
                loop.run_until_complete(asyncio.wait(pending, timeout=TASKS_PATIENCE_S))
    return left


def _is_kept(url: str) -> bool:
    return url in _warm and asyncio.get_running_loop() in _loops


def _is_gone(connection: asyncpg.Connection) -> bool:
    return asyncpg.Connection.is_closed(connection)


def _key(options: dict[str, Any]) -> str:
    return f"{id(asyncio.get_running_loop())} {sorted(options.items())}"


_create_pool, _connect = asyncpg.create_pool, asyncpg.connect
_loops: list[asyncio.AbstractEventLoop] = []
_shared: list[asyncio.AbstractEventLoop] = []
_kept: WeakSet["asyncio.Task[Any]"] = WeakSet()
_warm: dict[str, WarmDatabase] = {}
