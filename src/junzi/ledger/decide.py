"""One step of the writer: what was taken from the queue is decided on the books in memory, once they hold what it names."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias

from junzi.kit.database import Database
from junzi.kit.errors import Busy
from junzi.ledger import prepare, rules, store
from junzi.ledger.books import Changes
from junzi.ledger.prepare import PIECE
from junzi.ledger.requests import Outcome, Request
from junzi.ledger.session import Answer, Session

Asked: TypeAlias = tuple[Request, "asyncio.Future[Outcome]"]


async def decide(side: Database, session: Session, taken: Sequence[Asked]) -> None:
    """What was taken from the queue, into the session's open batch. Raises `Busy` when the session ends meanwhile.

    side:  for what the books lack
    """
    requests = [request for request, _ in taken]
    count = sum([len(request.events) for request in requests]) + 1
    due = await prepare.due(side, session)
    await prepare.load_missing(side, session, requests, due)
    imports = requests[-1].dated
    if imports:
        await session.settled()
        async with side.read() as reader:
            session.books.times = await store.times(reader, requests[-1:])
    timestamp = max(session.last + 1, prepare.now())
    if timestamp + count > session.reserved:
        await prepare.reserve(side, session, timestamp + count)
    if session.over:
        raise Busy
    if due:
        session.last_change = timestamp
    if count > PIECE // 2 and not imports and sum(map(prepare.weight, requests)) > 2 * PIECE:
        await _decide_in_pieces(session, taken, due, timestamp)
        return
    outcomes, next_timestamp = rules.decide(session.books, session.open.changes, due, requests, timestamp)
    session.books.times = None
    _keep(session, list(zip((answer for _, answer in taken), outcomes, strict=True)), next_timestamp, count)


async def _decide_in_pieces(session: Session, taken: Sequence[Asked], due: list[bytes], timestamp: int) -> None:
    """The same with a turn for everybody else in between; nothing of it is committed before all of it is decided."""
    changes = Changes()
    answers: list[Answer] = []
    session.deciding = asyncio.get_running_loop().create_future()
    try:
        for request, answer in taken:
            pieces = prepare.pieces(request)
            results: list[Any] = []
            for piece in pieces:
                outcomes, timestamp = rules.decide(session.books, changes, due, [piece], timestamp)
                due = []
                results.append(outcomes[0])
                await asyncio.sleep(0)
            # Only transfers come in pieces.
            joined = results[0] if len(results) == 1 else [result for part in results for result in part]
            answers.append((answer, joined))
        if session.over:
            raise Busy
        session.open.changes.add(changes)
        _keep(session, answers, timestamp, sum(len(request.events) for request, _ in taken))
    finally:
        session.deciding.set_result(None)
        session.deciding = None


def _keep(session: Session, answers: list[Answer], next_timestamp: int, count: int) -> None:
    batch = session.open
    batch.answers += answers
    batch.weight += count
    session.last = next_timestamp - 1
    session.last_change = max(session.last_change, batch.changes.last_transfer_at)
    pendings = batch.changes.pendings
    if pendings:
        expiries = [expires_at for _, expires_at, _ in pendings.values() if expires_at]
        known = [] if session.next_expiry is None else [session.next_expiry]
        # At the earliest: one that is resolved by then costs a look in vain.
        session.next_expiry = min(known + expiries, default=None)
    session.books.forget(store.bound_id)
