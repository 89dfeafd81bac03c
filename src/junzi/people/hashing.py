"""Slow hashes of passwords and PINs (argon2id), computed beside the event loop by few threads at a time.

The cost is what OWASP's password storage guide asks for at least: 19 MiB, two passes, one lane.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from junzi.kit.errors import Busy
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.people.model import PinKey

T = TypeVar("T")

AT_ONCE = 2
MOST_WAITING = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="argon2")
_waiting = 0


def refuse_when_full() -> None:
    """Raise `Busy` while too many hashes are waited for. Flows ask before they write anything."""
    if _waiting >= MOST_WAITING:
        raise Busy


async def password_hash(password: str) -> str:
    return await _beside(partial(_hasher.hash, password))


async def password_matches(stored: str | None, password: str) -> bool:
    """Whether it is the password; nobody's password (`None`) takes as long as anybody's."""
    return await _beside(partial(_verified, stored, password))


async def pin_hash(key: PinKey, person_id: UUID, pin: str) -> str:
    return await _beside(partial(_hasher.hash, _keyed(key, person_id, pin)))


async def pin_matches(stored: str, key: PinKey, person_id: UUID, pin: str) -> bool:
    return await _beside(partial(_verified, stored, _keyed(key, person_id, pin)))


async def _beside(work: Callable[[], T]) -> T:
    global _waiting
    refuse_inside_transaction()
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1


def _verified(stored: str | None, secret: str | bytes) -> bool:
    try:
        return _hasher.verify(stored or _nobody(), secret) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")


def _keyed(key: PinKey, person_id: UUID, pin: str) -> bytes:
    return hmac.digest(key.secret, person_id.bytes + pin.encode(), hashlib.sha256)
