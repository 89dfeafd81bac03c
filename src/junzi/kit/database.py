"""Transactions and reads on one connection pool.

A step takes a `Transaction`; a flow takes the `Database`. What many ask for at the same moment shares a query (`together`) or a
transaction (`carry`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from junzi.kit import clock, ids, open_transactions, sql
from junzi.kit.errors import Busy, Refusal
from junzi.kit.gathered import Gathered, Key, Value
from junzi.kit.group_commit import GroupCommit, Request, Result
from junzi.kit.leased_connection import is_outage

Answer = TypeVar("Answer")

PATIENCE_S = 15.0
"""How long anybody waits for a free connection; `TimeoutError` after that, which the door answers as busy."""
CONNECT_S = 10.0
MOST_CARRIED, MOST_WAITING = 256, 4_096
"""Requests that one transaction carries, and that wait for the next ones."""
MOST_AT_HAND = 4
"""Connections that stay with a database between one use and the next."""
MOST_TRIES = 8
"""How often a step begins anew that others overtake."""

_BEGIN_NOT_DURABLE = "begin; set local synchronous_commit to off"

_q = sql.queries("junzi.kit")


class Overtaken(Exception):
    """Somebody else wrote what this transaction was about to: it has to begin again with what stands there now.

    A step for many that holds no lock while it decides finds out at its writes whether what it knew is still true: unique rows
    have the last word. If not, all of it is rolled back and decided anew.
    """


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened, told to whoever listens. Every event is a subclass with `tag="room.what_happened"`."""


class Reader:
    """Reads on one connection, outside any transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __dir__(self) -> tuple[str, ...]:
        # aiosql looks here at every query, for a pool's `acquire`; to list all that an object has is slow.
        return ()

    @property
    def lost(self) -> bool:
        """Whether there is nobody on the other end any more."""
        return _is_closed(self._connection)

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
        self._gathered = Gathered(self.read)
        self._carrying: dict[Any, GroupCommit[Any, Any]] = {}
        self._at_hand: list[Any] = []
        self._looking = 0
        self._closing = False

    @asynccontextmanager
    async def transaction(self, *, durable: bool = True) -> AsyncIterator[Transaction]:
        """Commit when the block ends, roll back when it raises.

        durable: whether the end waits until a crash of the machine could not undo it any more
        """
        async with self._connection() as connection:
            tx = Transaction(connection)
            try:
                with open_transactions.counted():
                    await connection.execute("begin" if durable else _BEGIN_NOT_DURABLE)
                    try:
                        yield tx
                    except BaseException:
                        await connection.execute("rollback")
                        raise
                    await connection.execute("commit")
            finally:
                tx._finish()
        if tx._events:
            for told in self._on_events:
                told()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """Read committed data without holding a transaction open."""
        async with self._connection() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """One of the pool's. Where nobody waits for one it is kept at hand for whoever comes next, since to give one back to the
        pool and to fetch one costs as much as a statement."""
        while self._at_hand:
            connection = self._at_hand.pop()
            if not _is_closed(connection):
                break
            await self._pool.release(connection)
        else:
            self._looking += 1
            try:
                connection = await self._pool.acquire(timeout=PATIENCE_S)
            finally:
                self._looking -= 1
        try:
            yield connection
        except BaseException:
            await self._pool.release(connection)
            raise
        if self._looking or self._closing or len(self._at_hand) >= MOST_AT_HAND or _is_closed(connection):
            await self._pool.release(connection)
        else:
            self._at_hand.append(connection)

    async def together(
        self, read: Callable[[Reader, list[Key]], Awaitable[Mapping[Key, Value]]], key: Key
    ) -> Value | None:
        """What `read` finds for the key, in one query with all who ask for theirs at the same time; None for nothing."""
        return await self._gathered.get(read, key)

    async def carry(
        self,
        step: Callable[[Transaction, list[Request]], Awaitable[Sequence[Result | Refusal]]],
        request: Request,
        *,
        durable: bool = True,
    ) -> Result:
        """What a step for many answers to this request, after the commit of the one transaction that carries all who ask at the
        same time. Raises the answer if it is a refusal, or `Busy`.

        durable: as for a transaction, and the same for everybody who takes the step
        """
        group = self._carrying.get(step)
        if group is None:

            async def write(requests: list[Request]) -> Sequence[Result | Refusal]:
                return await self.unless_overtaken(lambda tx: step(tx, requests), durable=durable)

            group = self._carrying[step] = GroupCommit(
                f"{step.__module__}.{step.__name__}".removeprefix("junzi."),
                write,
                is_outage=lambda failure: isinstance(failure, Busy | TimeoutError) or is_outage(failure),
                most_in_batch=MOST_CARRIED,
                most_waiting=MOST_WAITING,
            )
        answer: Result | Refusal = await group.submit(request)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def unless_overtaken(
        self, step: Callable[[Transaction], Awaitable[Answer]], *, durable: bool = True
    ) -> Answer:
        """Run a step in a transaction of its own, anew when it was `Overtaken`. Raises `Busy` after too many times."""
        for _ in range(MOST_TRIES):
            try:
                async with self.transaction(durable=durable) as tx:
                    return await step(tx)
            except Overtaken:
                continue
        raise Busy

    def on_events(self, told: Callable[[], None]) -> None:
        """Call `told` after every commit in this process that stored events."""
        self._on_events.append(told)

    async def close(self) -> None:
        """Answer what waits, then let go of the connections."""
        for group in self._carrying.values():
            await group.stop()
        self._closing = True
        while self._at_hand:
            await self._pool.release(self._at_hand.pop())
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
        timeout=CONNECT_S,
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


def _is_closed(connection: Any) -> bool:
    """Of a connection that came from a pool, and that the pool has taken back by itself when it ended."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """Goes back to the pool as it is: no setting, lock or cursor of ours outlives its transaction, and to wipe them each time
    would be every fourth statement that the database gets."""

    def get_reset_query(self) -> str:
        return ""


class _Finished:
    _message: ClassVar[str] = "this transaction is finished"

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(self._message)
