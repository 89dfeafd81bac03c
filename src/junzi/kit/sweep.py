"""Go on with intents that were interrupted, or that wait for somebody who did not answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog

from junzi.kit import clock
from junzi.kit.database import Database, Reader, Transaction

FIRST = timedelta(seconds=15)
"""How long a flow is left to whoever began it."""
AGAIN = timedelta(seconds=10)
MOST = 50
AT_ONCE = 8
"""How many flows of one sweep run at a time: those that wait for somebody slow do not keep all others waiting."""

_log = structlog.get_logger("sweep")


class Due(Protocol):
    """A store's function: the intents whose time has come, the longest overdue first."""

    def __call__(self, reader: Reader, *, at: datetime, most: int) -> Awaitable[list[UUID]]: ...


class Postpone(Protocol):
    """A store's function: when an intent is to be looked at again."""

    def __call__(self, tx: Transaction, *, id: UUID, try_at: datetime) -> Awaitable[None]: ...


async def sweep(database: Database, due: Due, postpone: Postpone, run: Callable[[UUID], Awaitable[Any]]) -> int:
    """Run the flow of every due intent once more; returns how many. One that fails does not keep the others waiting."""
    now = clock.now()
    async with database.read() as reader:
        intents = await due(reader, at=now, most=MOST)

    async def tried(intent_id: UUID) -> None:
        async with database.transaction() as tx:
            await postpone(tx, id=intent_id, try_at=now + AGAIN)
        await run(intent_id)

    return await each(intents, tried)


async def each(intents: Sequence[UUID], run: Callable[[UUID], Awaitable[Any]]) -> int:
    """Run the flow of each of these; returns how many. One that fails is written down and does not keep the others waiting."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(intent_id: UUID) -> None:
        async with turns:
            try:
                await run(intent_id)
            except Exception as failure:
                _log.error("flow failed", intent=str(intent_id), exc_info=failure)

    await asyncio.gather(*map(one, intents))
    return len(intents)
