"""The one connection an engine writes through: whoever holds it holds the engine's lease, so there is one writer at a time.

The lease is an advisory lock of the very session that commits: a session that has lost it cannot commit any more. When
PostgreSQL goes away the connection is made anew, and the lease taken again, without anybody's help; until then every
request is answered "busy".

A lock survives a holder that is stopped. So a holder may promise to use its connection all the time; a challenger that has seen
it silent for longer than was promised ends that session, and takes the lock. Who wakes up then has no session to commit with.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from junzi.kit.errors import Busy
from junzi.kit.lease import LeaseTaken

PATIENCE_S = 1.5
"""How long an opener waits for the lease: the session of a process that was just killed ends a moment after it."""

BY_KEY = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Settings for the sessions of an engine, whose every query names rows by key: with the statistics of a table behind, the
planner would rather read the whole of it."""

_HOLDER = """
select l.pid, a.backend_start, a.state_change, a.state = 'active' and a.wait_event_type is distinct from 'Client' as works
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32 | l.objid::bigint) = $1
"""
_RETRY_S = 0.05
_LONGEST_RETRY_S, _CHALLENGE_EVERY_S = 1.0, 0.25
_DOUBTED_AFTER = 0.4
"""The part of the time a holder may be silent after which a challenger begins to read ahead."""
_log = structlog.get_logger("leased_connection")


class EngineTaken(LeaseTaken):
    """Another process is the writer of this engine on this database; two would corrupt each other's numbering."""

    def __init__(self, engine: str) -> None:
        super().__init__(
            f"the {engine} engine of this database is already run by another process; "
            "stop that one first, one database has one server"
        )


class Unreachable(Exception):
    """There is no connection at the moment."""


class LeasedConnection:
    """A connection with a lease, replaced when it is lost.

    prepare:   called with every new connection that holds the lease, before it is used, to load what the engine remembers
    gained:    called when such a connection is there to be used
    lost:      called when the connection is gone
    settings:  PostgreSQL settings of the session
    stale_after_s:  a holder whose connection was silent for so long has lost its lease; None where holders promise nothing
    foresee:   called with a connection without the lease when a holder has been silent for a while, to read ahead of `prepare`
    foreseen:  what it returned, for `prepare`; None where there is nothing, or the holder spoke again
    """

    def __init__(
        self,
        url: str,
        engine: str,
        prepare: Callable[[Any], Awaitable[None]],
        *,
        gained: Callable[[], None] | None = None,
        lost: Callable[[], None] | None = None,
        settings: dict[str, str] | None = None,
        stale_after_s: float | None = None,
        foresee: Callable[[Any], Awaitable[Any]] | None = None,
    ) -> None:
        self._url = url
        self._engine = engine
        self._prepare = prepare
        self._tell_gained = gained
        self._tell_lost = lost
        self._settings = settings or {}
        self._stale_after_s = stale_after_s
        self._foresee = foresee
        self.foreseen: Any = None
        self._seen: tuple[object, float] = None, 0.0
        self._doubted = False
        self._connection: Any = None
        self._regaining: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self, *, stands_by: bool = False) -> None:
        """Raises `EngineTaken`, or what asyncpg raises when PostgreSQL does not answer.

        stands_by: where another process holds the lease, take its place once it is gone instead of refusing
        """
        if stands_by:
            await self._connect_or_stand_by()
            return
        give_up_at = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            try:
                await self._connect()
                return
            except EngineTaken:
                if asyncio.get_running_loop().time() > give_up_at and not self._doubted:
                    raise
            await asyncio.sleep(_RETRY_S)

    @property
    def up(self) -> bool:
        return self._connection is not None

    def current(self) -> Any:
        """The connection. Raises `Unreachable` while there is none."""
        if self._connection is None:
            raise Unreachable(f"the {self._engine} engine has no connection to PostgreSQL")
        return self._connection

    def drop(self) -> None:
        """Give up a connection that failed, whatever state it is in; a new one is made in the background."""
        if self._connection is not None:
            self._connection.terminate()
            self._lost(self._connection)

    async def close(self) -> None:
        self._closed = True
        if self._regaining is not None:
            self._regaining.cancel()
            await asyncio.gather(self._regaining, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            await _end(connection)

    async def _connect(self) -> None:
        connection = await self._new_connection()
        try:
            await self._take_lease(connection)
        except BaseException:
            await _end(connection)
            raise

    async def _connect_or_stand_by(self) -> None:
        connection = await self._new_connection()
        try:
            await self._take_lease(connection)
        except EngineTaken:
            _log.info("standing by", engine=self._engine)
            self._regaining = asyncio.create_task(self._regain(connection), name=f"{self._engine} stands by")
        except BaseException:
            await _end(connection)
            raise

    async def _new_connection(self) -> Any:
        return await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=30,
            server_settings={"application_name": f"junzi {self._engine}", **self._settings},
        )

    async def _take_lease(self, connection: Any) -> None:
        if not await _lock(connection, self._engine):
            await self._challenge(connection)
        await self._prepare(connection)
        self.foreseen = None
        self._connection = connection
        connection.add_termination_listener(self._lost)
        if self._tell_gained is not None:
            self._tell_gained()

    async def _challenge(self, connection: Any) -> None:
        """Take the lock from a holder that was silent for too long. Raises `EngineTaken` while it was not."""
        if self._stale_after_s is None:
            raise EngineTaken(self._engine)
        holder = await connection.fetchrow(_HOLDER, _lock_number(self._engine))
        now = asyncio.get_running_loop().time()
        sign = None if holder is None or holder["works"] else tuple(holder)
        if sign is None or sign != self._seen[0]:
            self._seen, self._doubted, self.foreseen = (sign, now), False, None
        elif now - self._seen[1] > self._stale_after_s:
            _log.warning("taking over from a holder that is silent", engine=self._engine, pid=holder["pid"])
            await connection.fetchval("select pg_terminate_backend($1)", holder["pid"])
            for _ in range(100):
                if await _lock(connection, self._engine):
                    return
                await asyncio.sleep(0.01)
        elif now - self._seen[1] > self._stale_after_s * _DOUBTED_AFTER and not self._doubted:
            self._doubted = True
            if self._foresee is not None:
                self.foreseen = await self._foresee(connection)
        raise EngineTaken(self._engine)

    def _lost(self, connection: Any) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        if self._tell_lost is not None:
            self._tell_lost()
        if not self._closed:
            _log.warning("connection lost", engine=self._engine)
            self._regaining = asyncio.get_running_loop().create_task(self._regain(), name=f"{self._engine} reconnects")

    async def _regain(self, connection: Any = None) -> None:
        """Try until the lease is held. A connection that only lacks the lease is kept for the next try."""
        pause_s = _RETRY_S
        try:
            while True:
                await asyncio.sleep(pause_s)
                try:
                    connection = connection or await self._new_connection()
                    await self._take_lease(connection)
                except EngineTaken:
                    pause_s = _RETRY_S if self._doubted else _CHALLENGE_EVERY_S
                except Exception as failure:
                    _log.warning(
                        "still no connection", engine=self._engine, reason=str(failure) or type(failure).__name__
                    )
                    if connection is not None:
                        await _end(connection)
                        connection = None
                    pause_s = min(pause_s * 2, _LONGEST_RETRY_S if self._stale_after_s is None else _CHALLENGE_EVERY_S)
                else:
                    _log.info("lease held", engine=self._engine)
                    connection = None
                    return
        finally:
            if connection is not None:
                connection.terminate()


def is_outage(failure: Exception) -> bool:
    """Whether PostgreSQL is gone, going, or out of room, as against something being wrong with one request."""
    if isinstance(failure, asyncpg.InterfaceError):
        # Also raised for values that do not fit their parameter, which are the request's fault.
        return not isinstance(failure, ValueError)
    return isinstance(
        failure,
        Unreachable
        | OSError
        | asyncpg.PostgresConnectionError
        | asyncpg.OperatorInterventionError
        | asyncpg.InsufficientResourcesError
        | asyncpg.ReadOnlySQLTransactionError
        | asyncpg.InternalClientError,
    )


@asynccontextmanager
async def busy_when_unreachable() -> AsyncIterator[None]:
    """Turn an outage inside the block into `Busy`."""
    try:
        yield
    except Exception as failure:
        if is_outage(failure):
            raise Busy from failure
        raise


async def _lock(connection: Any, engine: str) -> bool:
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", _lock_number(engine)))


def _lock_number(engine: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(f"junzi engine {engine}".encode(), digest_size=8).digest(), "big", signed=True
    )


async def _end(connection: Any) -> None:
    try:
        await connection.close(timeout=2)
    except Exception:
        connection.terminate()
