"""Who is in the offline team. The role stands beside those of the operator's staff, so that it opens none of their doors."""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.field import store, visit_store
from junzi.field.model import NotAPromoter
from junzi.kit import clock
from junzi.kit.database import Database, Reader
from junzi.operators import actions as operators
from junzi.people.actions import person_by_handle, person_of, persons_of
from junzi.people.model import Person

MOST_LISTED = 1_000


class Promoter(msgspec.Struct, frozen=True):
    """A signed-in person who is in the team."""

    person_id: UUID


class TeamMember(msgspec.Struct, frozen=True):
    person: Person
    since: datetime


async def access_promoter(reader: Reader, person_id: UUID) -> Promoter:
    """The person as a member of the team. Raises `NotAPromoter`."""
    if not await store.is_promoter(reader, person_id):
        raise NotAPromoter
    return Promoter(person_id)


async def is_promoter(reader: Reader, person_id: UUID) -> bool:
    return await store.is_promoter(reader, person_id)


async def take_in(database: Database, *, operator_id: UUID, handle: str) -> TeamMember:
    """Somebody is in the team from now on; harmless to repeat. Raises `NotFound`."""
    async with database.transaction() as tx:
        person = await person_by_handle(tx, handle)
        if await store.insert_promoter(tx, person.id, at=clock.now(), by_id=operator_id):
            await operators.audit(tx, operator_id, "field.promoter_taken_in", {"person_id": person.id})
        since = next(since for id, since in await store.promoters(tx, most=MOST_LISTED) if id == person.id)
    return TeamMember(person, since)


async def let_go(database: Database, *, operator_id: UUID, person_id: UUID) -> None:
    """Somebody is in the team no more; harmless to repeat. Raises `NotFound` for somebody who does not exist."""
    async with database.transaction() as tx:
        await person_of(tx, person_id)
        if await store.end_promoter(tx, person_id, at=clock.now()):
            await visit_store.drop_assignments(tx, person_id)
            await operators.audit(tx, operator_id, "field.promoter_let_go", {"person_id": person_id})


async def team(reader: Reader) -> list[TeamMember]:
    """Who is in it, the latest last."""
    listed = await store.promoters(reader, most=MOST_LISTED)
    people = await persons_of(reader, [id for id, _ in listed])
    return [TeamMember(people[id], since) for id, since in listed if id in people]
