"""The rows of contacts, one typed function a query."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from junzi.contacts.model import Friendship, Request, Tie
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.contacts")


async def insert_request(
    tx: Transaction, *, id: UUID, from_id: UUID, to_id: UUID, greeting: str, at: datetime
) -> Request | None:
    """None when the two have an open request already."""
    row = await _q.insert_request(tx, id=id, from_id=from_id, to_id=to_id, greeting=greeting, at=at)
    return sql.maybe(Request, row)


async def open_request_between(reader: Reader, one_id: UUID, other_id: UUID) -> Request | None:
    return sql.maybe(Request, await _q.open_request_between(reader, one_id=one_id, other_id=other_id))


async def request(reader: Reader, id: UUID) -> Request | None:
    return sql.maybe(Request, await _q.request(reader, id=id))


async def lock_request(tx: Transaction, id: UUID) -> Request | None:
    return sql.maybe(Request, await _q.lock_request(tx, id=id))


async def accept_request(tx: Transaction, id: UUID, at: datetime) -> None:
    await _q.accept_request(tx, id=id, at=at)


async def open_requests_to(reader: Reader, person_id: UUID, most: int) -> list[Request]:
    return [sql.struct(Request, row) async for row in _q.open_requests_to(reader, person_id=person_id, most=most)]


async def open_requests_from(reader: Reader, person_id: UUID, most: int) -> list[Request]:
    return [sql.struct(Request, row) async for row in _q.open_requests_from(reader, person_id=person_id, most=most)]


async def request_after(reader: Reader, person_id: UUID, since: datetime, offset: int) -> datetime | None:
    """When the request was made that is `offset` places behind the newest one since then."""
    row = await _q.request_after(reader, person_id=person_id, since=since, offset=offset)
    return None if row is None else row["created_at"]


async def insert_friendship(tx: Transaction, one_id: UUID, other_id: UUID, at: datetime) -> None:
    await _q.insert_friendship(tx, one_id=one_id, other_id=other_id, at=at)


async def friendship(reader: Reader, person_id: UUID, friend_id: UUID) -> Friendship | None:
    return sql.maybe(Friendship, await _q.friendship(reader, person_id=person_id, friend_id=friend_id))


async def friendships_of(reader: Reader, person_id: UUID) -> list[Friendship]:
    return [sql.struct(Friendship, row) async for row in _q.friendships_of(reader, person_id=person_id)]


async def friends_among(reader: Reader, person_id: UUID, other_ids: Sequence[UUID]) -> set[UUID]:
    rows = _q.friends_among(reader, person_id=person_id, other_ids=list(other_ids))
    return {row["friend_id"] async for row in rows}


async def tie(reader: Reader, one_id: UUID, other_id: UUID) -> Tie:
    return sql.struct(Tie, await _q.tie(reader, one_id=one_id, other_id=other_id))


async def insert_block(tx: Transaction, person_id: UUID, blocked_id: UUID, at: datetime) -> None:
    await _q.insert_block(tx, person_id=person_id, blocked_id=blocked_id, at=at)


async def delete_block(tx: Transaction, person_id: UUID, blocked_id: UUID) -> None:
    await _q.delete_block(tx, person_id=person_id, blocked_id=blocked_id)


async def blocks_of(reader: Reader, person_id: UUID, most: int) -> list[UUID]:
    return [row["blocked_id"] async for row in _q.blocks_of(reader, person_id=person_id, most=most)]


async def blocks_count(reader: Reader, person_id: UUID) -> int:
    return int(await _q.blocks_count(reader, person_id=person_id))


async def blocking(reader: Reader, person_id: UUID, other_ids: Sequence[UUID]) -> set[UUID]:
    rows = _q.blocking(reader, person_id=person_id, other_ids=list(other_ids))
    return {row["person_id"] async for row in rows}
