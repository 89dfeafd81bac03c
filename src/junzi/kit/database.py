"""Transactions and reads on one connection pool.

A step takes a `Transaction`; a flow takes the `Database`. Engines refuse to be called while a transaction is open in the same
task: pooled connections that wait for an engine which waits for pooled connections would hang for good.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import msgspec

from junzi.kit import clock, ids, sql
from junzi.kit.gathered import Gathered, Key, Value

PATIENCE_S = 15.0
"""How long anybody waits for a free connection; `TimeoutError` after that, which the door answers as busy."""

_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)
_q = sql.queries("junzi.kit")


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened, told to whoever listens. Every event is a subclass with `tag="room.what_happened"`."""


class Reader:
    """Reads on one connection, outside any transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __dir__(self) -> tuple[str, ...]:
        # aiosql looks here at every query, for a pool's `acquire`; to list all that an object has is slow.
        return ()

    async def fetch(self, query: str, *arguments: object) -> list[Any]:
        return await self._connection.fetch(query, *arguments)  # type: ignore[no-any-return]

    async def fetchrow(self, query: str, *arguments: object) -> Any:
        return await self._connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: object) -> Any:
        return await self._connection.fetchval(query, *arguments)


class Transaction(Reader):
    """One open transaction; refuses to work once it is finished."""

    _events: int

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._events = 0

    async def execute(self, query: str, *arguments: object) -> str:
        return await self._connection.execute(query, *arguments)  # type: ignore[no-any-return]

    async def executemany(self, query: str, rows: list[tuple[object, ...]]) -> None:
        await self._connection.executemany(query, rows)

    async def emit(self, event: Event, *, id: UUID | None = None) -> UUID:
        """Store the event in this transaction; it is delivered after the commit, at least once. Returns its id."""
        at = clock.now()
        event_id = id or ids.new_id()
        await _q.store_event(
            self, id=event_id, day=at.date(), type=type(event).__struct_config__.tag, payload=event, at=at
        )
        self._events += 1
        return event_id

    async def emit_all(self, events: Sequence[tuple[UUID, Event]]) -> None:
        """Store several events, each under its id, in one statement."""
        if not events:
            return
        at = clock.now()
        await _q.store_events(
            self,
            ids=[id for id, _ in events],
            types=[type(event).__struct_config__.tag for _, event in events],
            payloads=[event for _, event in events],
            day=at.date(),
            at=at,
        )
        self._events += len(events)

    def _finish(self) -> None:
        self._connection = _Finished()


class Database:
    """A pool of connections to one PostgreSQL database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._on_events: list[Callable[[], None]] = []
        self._gathered: dict[Any, Gathered[Any, Any]] = {}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit when the block ends, roll back when it raises."""
        async with self._pool.acquire(timeout=PATIENCE_S) as connection:
            depth = _open_transactions.get()
            token = _open_transactions.set(depth + 1)
            tx = Transaction(connection)
            try:
                async with connection.transaction():
                    yield tx
            finally:
                _open_transactions.reset(token)
                tx._finish()
        if tx._events:
            for told in self._on_events:
                told()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """Read committed data without holding a transaction open."""
        async with self._pool.acquire(timeout=PATIENCE_S) as connection:
            yield Reader(connection)

    async def together(
        self, read: Callable[[Reader, list[Key]], Awaitable[Mapping[Key, Value]]], key: Key
    ) -> Value | None:
        """What `read` finds for the key, in one query with all who ask for theirs at the same time; None for nothing."""
        gathered = self._gathered.get(read)
        if gathered is None:

            async def read_all(keys: list[Key]) -> Mapping[Key, Value]:
                async with self.read() as reader:
                    return await read(reader, keys)

            gathered = self._gathered[read] = Gathered(read_all)
        found: Value | None = await gathered.get(key)
        return found

    def on_events(self, told: Callable[[], None]) -> None:
        """Call `told` after every commit in this process that stored events."""
        self._on_events.append(told)

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), timeout=3)
        except TimeoutError:
            self._pool.terminate()


async def open_database(url: str, *, size: int = 10, settings: dict[str, str] | None = None) -> Database:
    """Open a pool of at most `size` connections. Raises `OSError` or `asyncpg.PostgresError` when nobody answers.

    settings:  PostgreSQL settings of its sessions
    """
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        init=prepare_connection,
        command_timeout=30,
        max_inactive_connection_lifetime=60,
        server_settings=settings,
        connection_class=_Connection,
    )
    return Database(pool)


async def prepare_connection(connection: Any) -> None:
    """Let a connection speak JSON as plain Python values. Its UUIDs are asyncpg's own, a quick subclass of `uuid.UUID`."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        # The first byte is the version of the format.
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda stored: msgspec.json.decode(stored[1:]),
    )


def refuse_inside_transaction() -> None:
    """Engines call this first: waiting for an engine inside a transaction can hang for good, so it is a defect."""
    if _open_transactions.get():
        raise AssertionError("an engine was called inside an open transaction")


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """Goes back to the pool as it is: no setting, lock or cursor of ours outlives its transaction, and to wipe them each time
    would be every fourth statement that the database gets."""

    def get_reset_query(self) -> str:
        return ""


class _Finished:
    _message: ClassVar[str] = "this transaction is finished"

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(self._message)
