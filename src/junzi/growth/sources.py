"""Where people come from: codes in links that open the app, and how far those came whom each brought.

Where somebody came from is kept with them once, when they sign up, and shown as a count to the operator's staff alone.
"""

import secrets
import string
from datetime import date
from uuid import UUID

from junzi.field import store as field_store
from junzi.growth import actions, sources_store
from junzi.growth.model import Kind
from junzi.growth.sources_model import (
    CODE_CHARACTERS,
    LONGEST_NAME,
    MOST_POSTERS,
    NewSource,
    Opening,
    Source,
    SourceKind,
    Step,
    TooManySources,
)
from junzi.kit import clock, idempotency, ids
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.outbox import Delivery
from junzi.kit.text import one_line, refused
from junzi.operators import actions as operators
from junzi.people import actions as people
from junzi.people.model import PersonSignedUp

_SIGNS = string.ascii_lowercase + string.digits
_KINDS = {"opened": Kind.OPENED, "installed": Kind.INSTALLED}


async def make(database: Database, *, operator_id: UUID, key: str, new: NewSource) -> Source:
    """A code for a poster or a promoter; a promoter has one, however often it is asked for.

    Raises `InvalidRequest`, `TooManySources`.
    """
    if bool(new.name) == bool(new.handle):
        raise refused("name", "Give a poster's name or a promoter's handle.")
    async with database.transaction() as tx:
        source_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="growth.source", body=new, intent_id=source_id
        )
        if claimed != source_id and (earlier := await sources_store.source(tx, claimed)) is not None:
            return earlier
        if new.handle:
            return await _of_promoter(tx, operator_id, new.handle)
        name = one_line(new.name, field="name", least=1, most=LONGEST_NAME)
        if await sources_store.count(tx, SourceKind.POSTER) >= MOST_POSTERS:
            raise TooManySources
        made = await _insert(tx, source_id, SourceKind.POSTER, name, None, operator_id)
        await operators.audit(tx, operator_id, "growth.source_made", {"source_id": made.id, "name": name})
        return made


async def invitation(database: Database, person_id: UUID) -> Source:
    """The code with which a person invites; it is theirs from the first time they ask for it."""
    async with database.transaction() as tx:
        known = await sources_store.source_of(tx, person_id, SourceKind.INVITATION)
        return known or await _insert(tx, ids.new_id(), SourceKind.INVITATION, "", person_id, person_id)


async def access_source(reader: Reader, source_id: UUID) -> Source:
    """Raises `NotFound`, also for an invitation, which is its person's own."""
    found = await sources_store.source(reader, source_id)
    if found is None or found.kind is SourceKind.INVITATION:
        raise NotFound
    return found


async def opened(database: Database, opening: Opening) -> None:
    """A device opened the app for the first time, or installed it; told twice it counts once."""
    async with database.read() as reader:
        source_id = await sources_store.id_of(reader, opening.source)
    event_id = ids.derived(opening.id, opening.what)
    await actions.record(
        database, [actions.fact(event_id, _KINDS[opening.what], None, clock.now(), subject_id=source_id)]
    )


async def on_signed_up(database: Database, delivery: Delivery) -> None:
    """Somebody signed up, and where they came from."""
    event: PersonSignedUp = delivery.event
    async with database.read() as reader:
        source_id = await sources_store.id_of(reader, event.source)
    fact = actions.fact(delivery.id, Kind.SIGNED_UP, event.person_id, delivery.at, subject_id=source_id)
    await actions.record(database, [fact])


async def funnel(reader: Reader, first: date, last: date) -> list[Step]:
    """Of every source, how far those came who signed up on these business days. One query."""
    return await sources_store.funnel(reader, first, last)


async def _of_promoter(tx: Transaction, operator_id: UUID, handle: str) -> Source:
    try:
        person = await people.person_by_handle(tx, handle)
    except NotFound:
        raise refused("handle", "Nobody has this handle.") from None
    team = {id for id, _ in await field_store.promoters(tx, most=MOST_POSTERS)}
    if person.id not in team:
        raise refused("handle", "This is none of the offline team.")
    known = await sources_store.source_of(tx, person.id, SourceKind.PROMOTER)
    if known is not None:
        return known
    made = await _insert(tx, ids.new_id(), SourceKind.PROMOTER, person.name, person.id, operator_id)
    await operators.audit(tx, operator_id, "growth.source_made", {"source_id": made.id, "person_id": person.id})
    return made


async def _insert(
    tx: Transaction, source_id: UUID, kind: SourceKind, name: str, owner_id: UUID | None, by_id: UUID
) -> Source:
    while True:
        code = "".join(secrets.choice(_SIGNS) for _ in range(CODE_CHARACTERS))
        source = Source(source_id, code, kind, name, owner_id, clock.now())
        if await sources_store.insert(tx, source, by_id=by_id):
            return source
        if owner_id is not None and (known := await sources_store.source_of(tx, owner_id, kind)) is not None:
            return known
