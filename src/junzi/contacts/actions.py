"""Ask somebody to be friends, accept, and tell who is friends with whom."""

from collections.abc import Sequence
from uuid import UUID

from junzi.contacts import rules, store
from junzi.contacts.model import (
    BLOCKS_CHANGED,
    LONGEST_GREETING,
    AlreadyFriends,
    ContactAccepted,
    ContactRequested,
    Friendship,
    Relation,
    Request,
    RequestToSelf,
    Tie,
    TooManyBlocks,
)
from junzi.kit import clock, ids, text
from junzi.kit.bus import Bus
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.people.actions import person_of

MOST_REQUESTS_SHOWN = 200
MOST_BLOCKS = 1000


async def ask(database: Database, from_id: UUID, to_id: UUID, greeting: str = "") -> Request:
    """Ask somebody to be friends. Asking again returns the open request; asking somebody who asked me accepts theirs.

    Raises `NotFound`, `InvalidRequest`, `AlreadyFriends`, `NotAccepted`, or `TooManyAttempts` after fifty requests in a day.
    """
    greeting = text.one_line(greeting, field="greeting", least=0, most=LONGEST_GREETING)
    async with database.transaction() as tx:
        await person_of(tx, to_id)
        rules.check_pair(from_id, to_id, await store.friendship(tx, from_id, to_id))
        rules.check_taken(await store.tie(tx, from_id, to_id))
        request = await store.open_request_between(tx, from_id, to_id)
        if request is None:
            at = clock.now()
            fiftieth_at = await store.request_after(tx, from_id, at - rules.DAY, rules.MOST_REQUESTS_A_DAY - 1)
            rules.check_day(fiftieth_at, at)
            made = await store.insert_request(
                tx, id=ids.new_id(), from_id=from_id, to_id=to_id, greeting=greeting, at=at
            )
            if made is not None:
                await tx.emit(ContactRequested(request_id=made.id, from_id=from_id, to_id=to_id, greeting=greeting))
                return made
            # The other one was faster by a moment, and may have been accepted in it.
            request = await store.open_request_between(tx, from_id, to_id)
            if request is None:
                raise AlreadyFriends
        return await _accepted(tx, from_id, request.id) if request.to_id == from_id else request


async def accept(database: Database, person_id: UUID, request_id: UUID) -> Friendship:
    """Become friends with whoever asked; accepting again changes nothing. Raises `NotFound` unless I was asked."""
    async with database.transaction() as tx:
        request = await _accepted(tx, person_id, request_id)
        friendship = await store.friendship(tx, person_id, request.from_id)
        if friendship is None:
            raise NotFound
        return friendship


async def friends_of(reader: Reader, person_id: UUID) -> list[Friendship]:
    """A person's friends, the oldest friendship first."""
    return await store.friendships_of(reader, person_id)


async def are_friends(reader: Reader, one_id: UUID, other_id: UUID) -> bool:
    return await store.friendship(reader, one_id, other_id) is not None


async def friends_among(reader: Reader, person_id: UUID, other_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are a person's friends and take something from them."""
    friends = await store.friends_among(reader, person_id, other_ids)
    return friends - await store.blocking(reader, person_id, other_ids)


async def tie_between(reader: Reader, one_id: UUID, other_id: UUID) -> Tie:
    """How one person stands to another, in one query."""
    return await store.tie(reader, one_id, other_id)


async def block(database: Database, bus: Bus, person_id: UUID, other_id: UUID) -> None:
    """Take nothing more from somebody; again changes nothing. Raises `NotFound`, `RequestToSelf` or `TooManyBlocks`."""
    if person_id == other_id:
        raise RequestToSelf("That is you.")
    async with database.transaction() as tx:
        await person_of(tx, other_id)
        if await store.blocks_count(tx, person_id) >= MOST_BLOCKS:
            raise TooManyBlocks
        await store.insert_block(tx, person_id, other_id, clock.now())
    bus.publish(BLOCKS_CHANGED, (person_id, other_id))


async def unblock(database: Database, bus: Bus, person_id: UUID, other_id: UUID) -> None:
    """Take from them again; again changes nothing. Raises `NotFound`."""
    async with database.transaction() as tx:
        await person_of(tx, other_id)
        await store.delete_block(tx, person_id, other_id)
    bus.publish(BLOCKS_CHANGED, (person_id, other_id))


async def blocked_by(reader: Reader, person_id: UUID) -> list[UUID]:
    """Whom a person blocks, the latest first."""
    return await store.blocks_of(reader, person_id, MOST_BLOCKS)


async def relation(reader: Reader, me_id: UUID, other_id: UUID) -> tuple[Relation, UUID | None]:
    """How the other stands to me, and the open request between us."""
    friendship = await store.friendship(reader, me_id, other_id)
    open_request = await store.open_request_between(reader, me_id, other_id)
    return rules.relation(me_id, other_id, friendship, open_request)


async def requests_of(reader: Reader, person_id: UUID) -> tuple[list[Request], list[Request]]:
    """Open requests to me and from me, newest first."""
    incoming = await store.open_requests_to(reader, person_id, MOST_REQUESTS_SHOWN)
    outgoing = await store.open_requests_from(reader, person_id, MOST_REQUESTS_SHOWN)
    return incoming, outgoing


async def request_of(reader: Reader, request_id: UUID) -> Request:
    """A request by its id, answered or not. Raises `NotFound`."""
    request = await store.request(reader, request_id)
    if request is None:
        raise NotFound
    return request


async def _accepted(tx: Transaction, person_id: UUID, request_id: UUID) -> Request:
    request = await store.lock_request(tx, request_id)
    if request is None or request.to_id != person_id:
        raise NotFound
    if request.accepted_at is None:
        at = clock.now()
        await store.accept_request(tx, request_id, at)
        await store.insert_friendship(tx, request.from_id, person_id, at)
        await tx.emit(ContactAccepted(request_id=request_id, person_id=person_id, other_id=request.from_id))
    return request
