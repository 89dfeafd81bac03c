"""Idempotency keys: a money request that is sent twice has one effect and one answer.

A key is bound, in the transaction that writes the intent row, to that intent's id. A repeat finds the intent, and the flow
goes on from where it stands.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import msgspec

from junzi.kit import clock, sql
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import Refusal

KEPT = timedelta(days=400)

_q = sql.queries("junzi.kit")


class IdempotencyKeyReused(Refusal):
    slug, status, title = "idempotency-key-reused", 409, "This Idempotency-Key was used for a different request."


async def claim(tx: Transaction, *, person_id: UUID, key: str, action: str, body: object, intent_id: UUID) -> UUID:
    """Bind `key` to `intent_id`, or return the intent that the same person bound it to earlier.

    body: what the request asked for, secrets left out. Raises `IdempotencyKeyReused` when it differs from the first time.
    """
    body_hash = hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()
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


async def check_once(database: Database, *, person_id: UUID, key: str, check: Callable[[], Awaitable[None]]) -> None:
    """Run `check`, which may ask for a PIN, unless the request is a repeat. Raises what `check` raises.

    A repeat that is sent while the first is under way may look before the first is written and check after it took effect: then
    the balance is spent and the order is paid by nobody but itself, which is no reason to refuse it.
    """
    if await _is_known(database, person_id, key):
        return
    try:
        await check()
    except Refusal:
        if not await _is_known(database, person_id, key):
            raise


async def forget_old(database: Database) -> None:
    """Drop keys that nobody repeats any more."""
    async with database.transaction() as tx:
        await _q.forget_keys(tx, before=clock.now() - KEPT)


async def _is_known(database: Database, person_id: UUID, key: str) -> bool:
    async with database.read() as reader:
        return await _q.key_holder(reader, person_id=person_id, key=key) is not None
