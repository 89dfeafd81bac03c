"""HTTP of contacts: the list, search by exact handle, requests and their acceptance."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from junzi.contacts import actions
from junzi.contacts.model import NewRequest, Relation, Request
from junzi.kit.bus import Bus
from junzi.kit.database import Database
from junzi.people.actions import person_by_handle, person_of, persons_of
from junzi.people.model import Person, SignedIn


class Contact(msgspec.Struct, frozen=True):
    person: Person
    since: datetime


class Contacts(msgspec.Struct, frozen=True):
    contacts: list[Contact]


class Found(msgspec.Struct, frozen=True):
    """request_id: the open request between the two, if there is one."""

    person: Person
    relation: Relation
    request_id: UUID | None


class ShownRequest(msgspec.Struct, frozen=True):
    """person: the other one."""

    id: UUID
    person: Person
    greeting: str
    created_at: datetime


class Requests(msgspec.Struct, frozen=True):
    incoming: list[ShownRequest]
    outgoing: list[ShownRequest]


class Blocks(msgspec.Struct, frozen=True):
    people: list[Person]


@get("/api/contacts", summary="My friends", tags=["contacts"])
async def list_contacts(database: Database, person: SignedIn) -> Contacts:
    async with database.read() as reader:
        friendships = await actions.friends_of(reader, person.person_id)
        persons = await persons_of(reader, [one.friend_id for one in friendships])
    return Contacts([Contact(persons[one.friend_id], one.since) for one in friendships if one.friend_id in persons])


@get("/api/contacts/search", summary="Find somebody by exact handle", tags=["contacts"])
async def search(database: Database, person: SignedIn, handle: Annotated[str, Parameter(max_length=200)]) -> Found:
    async with database.read() as reader:
        found = await person_by_handle(reader, handle)
        relation, request_id = await actions.relation(reader, person.person_id, found.id)
    return Found(found, relation, request_id)


@get("/api/contacts/requests", summary="Open requests to me and from me", tags=["contacts"])
async def list_requests(database: Database, person: SignedIn) -> Requests:
    async with database.read() as reader:
        incoming, outgoing = await actions.requests_of(reader, person.person_id)
        others = [one.from_id for one in incoming] + [one.to_id for one in outgoing]
        persons = await persons_of(reader, others)
    return Requests(
        [_shown(one, persons[one.from_id]) for one in incoming if one.from_id in persons],
        [_shown(one, persons[one.to_id]) for one in outgoing if one.to_id in persons],
    )


@post("/api/contacts/requests", summary="Ask somebody to be friends", tags=["contacts"])
async def ask(database: Database, person: SignedIn, data: NewRequest) -> ShownRequest:
    request = await actions.ask(database, person.person_id, data.person_id, data.greeting)
    async with database.read() as reader:
        return _shown(request, await person_of(reader, data.person_id))


@post("/api/contacts/requests/{request_id:uuid}/acceptance", summary="Accept a request", tags=["contacts"])
async def accept(database: Database, person: SignedIn, request_id: UUID) -> Contact:
    friendship = await actions.accept(database, person.person_id, request_id)
    async with database.read() as reader:
        return Contact(await person_of(reader, friendship.friend_id), friendship.since)


@get("/api/blocks", summary="Whom I take nothing from", tags=["contacts"])
async def list_blocks(database: Database, person: SignedIn) -> Blocks:
    async with database.read() as reader:
        ids = await actions.blocked_by(reader, person.person_id)
        persons = await persons_of(reader, ids)
    return Blocks([persons[id] for id in ids if id in persons])


@put("/api/blocks/{person_id:uuid}", summary="Take nothing more from somebody", tags=["contacts"], status_code=204)
async def block(database: Database, bus: Bus, person: SignedIn, person_id: UUID) -> None:
    await actions.block(database, bus, person.person_id, person_id)


@delete("/api/blocks/{person_id:uuid}", summary="Take from them again", tags=["contacts"])
async def unblock(database: Database, bus: Bus, person: SignedIn, person_id: UUID) -> None:
    await actions.unblock(database, bus, person.person_id, person_id)


def _shown(request: Request, other: Person) -> ShownRequest:
    return ShownRequest(request.id, other, request.greeting, request.created_at)


ROUTES = [list_contacts, search, list_requests, ask, accept, list_blocks, block, unblock]
