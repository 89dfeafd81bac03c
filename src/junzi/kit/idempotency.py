"""Idempotency keys: a money request that is sent twice has one effect and one answer.

A key is bound, in the transaction that writes the intent row, to that intent's id. A repeat finds the intent, and the flow
goes on from where it stands.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from junzi.kit import clock, sql
from junzi.kit.database import Database, Overtaken, Reader, Transaction
from junzi.kit.errors import Refusal

Result = TypeVar("Result")

KEPT = timedelta(days=400)

_q = sql.queries("junzi.kit")


class IdempotencyKeyReused(Refusal):
    slug, status, title = "idempotency-key-reused", 409, "This Idempotency-Key was used for a different request."


async def claim(tx: Transaction, *, person_id: UUID, key: str, action: str, body: object, intent_id: UUID) -> UUID:
    """Bind `key` to `intent_id`, or return the intent that the same person bound it to earlier.

    body: what the request asked for, secrets left out. Raises `IdempotencyKeyReused` when it differs from the first time.
    """
    body_hash = _hash(body)
    row = await _q.claim_key(
        tx, person_id=person_id, key=key, action=action, body_hash=body_hash, intent_id=intent_id, at=clock.now()
    )
    if row is not None:
        return intent_id
    holder = await _q.key_holder(tx, person_id=person_id, key=key)
    if holder["action"] != action or bytes(holder["body_hash"]) != body_hash:
        raise IdempotencyKeyReused
    found: UUID = holder["intent_id"]
    return found


class Keyed(msgspec.Struct, frozen=True):
    """A request under its key. body: what it asks for, secrets left out; intent_id: of the intent it would become."""

    person_id: UUID
    key: str
    action: str
    body: object
    intent_id: UUID


async def held(reader: Reader, requests: Sequence[Keyed]) -> list[UUID | IdempotencyKeyReused | None]:
    """Of each request: the intent its key was bound to earlier, the refusal if that was a different request, or `None`.

    Earlier may be earlier in this very list.
    """
    if not requests:
        return []
    rows: dict[tuple[UUID, str], Any] = {
        (row["person_id"], row["key"]): row
        async for row in _q.key_holders(
            reader, person_ids=list({one.person_id for one in requests}), keys=[one.key for one in requests]
        )
    }
    answers = []
    for one in requests:
        answers.append(_held(one, rows.get((one.person_id, one.key))))
        first = {"action": one.action, "body_hash": _hash(one.body), "intent_id": one.intent_id}
        rows.setdefault((one.person_id, one.key), first)
    return answers


async def once_each(
    tx: Transaction,
    requests: Sequence[Keyed],
    decide: Callable[[list[int]], Awaitable[Sequence[Result | Refusal]]],
    earlier: Callable[[list[UUID]], Awaitable[Mapping[UUID, Result]]],
) -> list[Result | Refusal]:
    """The answer to each request of a batch: what stands under its key already, or what is decided of it now.

    decide:  does what the requests at these places ask for and answers each; called with those whose keys were free
    earlier: what became of requests that came before, by intent

    A key is bound before its request is decided, so that a twin waits for the answer, and is free again after a refusal.
    Raises `Overtaken`.
    """
    bound = await _bind(tx, requests)
    fresh = [place for place, one in enumerate(requests) if one.intent_id in bound]
    others = [one for one in requests if one.intent_id not in bound]
    holders = {one.intent_id: holder for one, holder in zip(others, await held(tx, others), strict=True)}
    decided = {
        requests[place].intent_id: answer
        for place, answer in (zip(fresh, await decide(fresh), strict=True) if fresh else ())
    }
    if refused := [one for one in requests if isinstance(decided.get(one.intent_id), Refusal)]:
        await _q.free_keys(tx, person_ids=[one.person_id for one in refused], keys=[one.key for one in refused])
    # What a key was bound to a moment ago, in this very batch, may have been refused.
    missing = [holder for holder in holders.values() if isinstance(holder, UUID) and holder not in decided]
    known = {**decided, **(await earlier(missing) if missing else {})}
    answers = list[Result | Refusal]()
    for one in requests:
        holder = holders.get(one.intent_id, one.intent_id)
        if holder is None:
            # It was held until a moment ago, and forgotten since.
            raise Overtaken
        answers.append(holder if isinstance(holder, Refusal) else known[holder])
    return answers


async def claim_all(tx: Transaction, requests: Sequence[Keyed]) -> bool:
    """Bind the keys, none of which was held a moment ago. False when somebody else was faster with one: begin again."""
    return not requests or len(await _bind(tx, requests)) == len(requests)


async def are_bound(reader: Reader, requests: Sequence[Keyed]) -> bool:
    """Whether one of these keys, none of which was held a moment ago, is bound by now.

    Asked before a refusal is answered: whoever sent the same request twice at once may have been refused only because its
    twin was faster, and is told what became of that.
    """
    return any(holder is not None for holder in await held(reader, requests))


async def check_once(
    database: Database,
    *,
    person_id: UUID,
    key: str,
    check: Callable[[], Awaitable[None]],
    is_repeat: bool | None = None,
) -> None:
    """Run `check`, which may ask for a PIN, unless the request is a repeat. Raises what `check` raises.

    is_repeat: whether the key was used before, of whoever has looked a moment ago

    A repeat that is sent while the first is under way may look before the first is written and check after it took effect: then
    the balance is spent and the order is paid by nobody but itself, which is no reason to refuse it.
    """
    if is_repeat is None:
        is_repeat = await _is_known_together(database, person_id, key)
    if is_repeat:
        return
    try:
        await check()
    except Refusal:
        if not await _is_known_together(database, person_id, key):
            raise


async def forget_old(database: Database) -> None:
    """Drop keys that nobody repeats any more."""
    async with database.transaction() as tx:
        await _q.forget_keys(tx, before=clock.now() - KEPT)


async def is_known(reader: Reader, person_id: UUID, key: str) -> bool:
    """Whether the person used that key before."""
    return await _q.key_holder(reader, person_id=person_id, key=key) is not None


async def known(reader: Reader, wanted: list[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """Which intents these people's keys are bound to; some of the answers may be of one person and another's key."""
    people, keys = list({person_id for person_id, _ in wanted}), [key for _, key in wanted]
    rows = _q.key_holders(reader, person_ids=people, keys=keys)
    return {(row["person_id"], row["key"]): row["intent_id"] async for row in rows}


async def _is_known_together(database: Database, person_id: UUID, key: str) -> bool:
    return await database.together(known, (person_id, key)) is not None


async def _bind(tx: Transaction, requests: Sequence[Keyed]) -> set[UUID]:
    """Bind the keys that are free, the first of a list that names one twice; the intents they are bound to by it."""
    rows = _q.claim_keys(
        tx,
        person_ids=[one.person_id for one in requests],
        keys=[one.key for one in requests],
        actions=[one.action for one in requests],
        body_hashes=[_hash(one.body) for one in requests],
        intent_ids=[one.intent_id for one in requests],
        at=clock.now(),
    )
    return {row["intent_id"] async for row in rows}


def _hash(body: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()


def _held(request: Keyed, row: Any) -> UUID | IdempotencyKeyReused | None:
    if row is None:
        return None
    if row["action"] != request.action or bytes(row["body_hash"]) != _hash(request.body):
        return IdempotencyKeyReused()
    found: UUID = row["intent_id"]
    return found
