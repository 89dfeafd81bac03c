"""Ids: UUID version 7 (RFC 9562), ordered by time, whose last byte is free for the legs of a flow.

Time order keeps the unique indexes of the engines small and fast. The last byte of a drawn id is zero; a flow numbers what
it does from its own id (`leg`), so that repeating the flow repeats the ids and nothing is done twice.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from asyncpg.pgproto import pgproto

from junzi.kit import clock

_quick: Callable[[bytes], UUID] = pgproto.UUID
"""asyncpg's subclass of `UUID`: made, hashed and sent to the database in a fraction of the time."""

_last_tick = 0


def new_id() -> UUID:
    """A fresh id, greater than any drawn before it in this process; its last byte is zero."""
    global _last_tick
    # A 60-bit tick: milliseconds in the upper 48 bits, a counter within the millisecond in the lower 12.
    tick = int(clock.now().timestamp() * 1000) << 12
    _last_tick = tick if tick > _last_tick else _last_tick + 1
    milliseconds, counter = _last_tick >> 12, _last_tick & 0xFFF
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(54) << 8
    return _quick(value.to_bytes(16, "big"))


def time_of(id: UUID) -> datetime:
    """When a drawn id was drawn, to the millisecond."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def leg(id: UUID, number: int) -> UUID:
    """The id of the `number`-th thing that belongs to `id` (1 to 255)."""
    if not 1 <= number <= 255:
        raise ValueError("a leg is numbered 1 to 255")
    if id.int & 0xFF:
        raise ValueError("a leg has no legs of its own")
    return _quick((id.int | number).to_bytes(16, "big"))


def derived(id: UUID, purpose: str) -> UUID:
    """An id that follows from another id and a purpose, in the same millisecond's order; its last byte is zero.

    For things that exist once for a thing: a person's conversation with a service, a code of a shop.
    """
    return _headed(id.int >> 64, id, purpose)


def derived_at(at: datetime, id: UUID, purpose: str) -> UUID:
    """The same in the order of that moment, for things that exist once for a thing and a time."""
    return _headed(int(at.timestamp() * 1000) << 16 | 0x7 << 12, id, purpose)


def _headed(head: int, id: UUID, purpose: str) -> UUID:
    digest = int.from_bytes(hashlib.blake2b(id.bytes + purpose.encode(), digest_size=8).digest(), "big")
    return _quick((head << 64 | 0b10 << 62 | (digest & (1 << 54) - 1) << 8).to_bytes(16, "big"))
