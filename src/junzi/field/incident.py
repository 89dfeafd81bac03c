"""What was said to a shop, recorded by its people: kept as it was written, added to, withdrawn, or handed to the operator.

Whoever works at the shop records; they read what they recorded themselves, its owner all of it. The operator reads what the
owner handed over and nothing else, under the shop's face: of a discreet shop neither where it is nor who wrote.
See docs/decisions/0042.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from junzi.field import incident_store, rivals, rules, store
from junzi.field.incident_model import (
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_A_DAY,
    MOST_ENTRIES,
    OLDEST,
    Entry,
    EntryKind,
    HandedOver,
    Incident,
    IncidentWithdrawn,
    NewEntry,
    NewIncident,
    ShownEntry,
    ShownIncident,
    TooManyIncidents,
)
from junzi.kit import clock, idempotency, ids, text
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotAllowed, NotFound
from junzi.media import actions as media
from junzi.media.model import Held, Kind
from junzi.merchants import actions as merchant_actions
from junzi.merchants import store as merchants
from junzi.merchants.model import Deed, Shop, card
from junzi.people.actions import persons_of

ROOM = "field.incidents"
"""Under which media knows who reads an incident's photos; apart from visits', which the whole team reads."""
PAGE = 50
DAY = timedelta(days=1)


async def record(database: Database, *, shop_id: UUID, person_id: UUID, key: str, new: NewIncident) -> ShownIncident:
    """What was said to the shop; a repeat with the same key records nothing more.

    Raises `NotFound`, `InvalidRequest`, `TooManyIncidents`.
    """
    async with database.transaction() as tx:
        await merchant_actions.access_shop(tx, shop_id, person_id, Deed.LOOK)
        incident_id, now = ids.new_id(), clock.now()
        body = {"shop_id": shop_id, "incident": new}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="field.incident", body=body, intent_id=incident_id
        )
        if claimed == incident_id:
            await incident_store.hold_incidents_of(tx, shop_id)
            if await incident_store.count_incidents(tx, shop_id, since=now - DAY) >= MOST_A_DAY:
                raise TooManyIncidents
            if new.happened_at > now + rivals.CLOCK_OFF:
                raise text.refused("happened_at", "This is in the future.")
            if new.happened_at < now - OLDEST:
                raise text.refused("happened_at", f"This is more than {OLDEST.days} days ago.")
            if new.rival_id is not None and await store.rival(tx, new.rival_id) is None:
                raise text.refused("rival_id", "There is no such wallet.")
            words, account = (
                text.several_lines(said, field=field, least=0, most=LONGEST_TEXT)
                for field, said in (("words", new.words), ("account", new.account))
            )
            if not words and not account:
                raise text.refused("words", "Say what was said, or what happened.")
            await _show(tx, incident_id, person_id, new.photo_ids, reference=incident_id)
            incident = Incident(
                id=incident_id,
                shop_id=shop_id,
                rival_id=new.rival_id,
                words=words,
                account=account,
                speaker=text.one_line(new.speaker, field="speaker", least=0, most=LONGEST_LINE),
                spot=text.one_line(new.spot, field="spot", least=0, most=LONGEST_LINE),
                happened_at=min(new.happened_at, now),
                photo_ids=new.photo_ids,
                recorded_by=person_id,
                recorded_at=now,
            )
            await incident_store.insert_incident(tx, incident)
        return await _one(tx, claimed)


async def add(
    database: Database, *, shop_id: UUID, incident_id: UUID, person_id: UUID, key: str, new: NewEntry
) -> ShownIncident:
    """More of an incident, written below it; a repeat with the same key writes nothing more.

    Raises `NotFound`, `InvalidRequest`, `IncidentWithdrawn`, `TooManyIncidents`.
    """
    async with database.transaction() as tx:
        _, _, entries = await _access(tx, shop_id, incident_id, person_id)
        entry_id = ids.new_id()
        body = {"incident_id": incident_id, "entry": new}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="field.incident_entry", body=body, intent_id=entry_id
        )
        if claimed == entry_id:
            _check_stands(entries)
            if len(entries) >= MOST_ENTRIES:
                raise TooManyIncidents
            added = text.several_lines(new.text, field="text", least=0, most=LONGEST_TEXT)
            if not added and not new.photo_ids:
                raise text.refused("text", "This may not be empty.")
            await _show(tx, incident_id, person_id, new.photo_ids, reference=entry_id)
            entry = Entry(entry_id, incident_id, EntryKind.ADDED, added, new.photo_ids, person_id, clock.now())
            await incident_store.insert_entry(tx, entry)
        return await _one(tx, incident_id)


async def withdraw(database: Database, *, shop_id: UUID, incident_id: UUID, person_id: UUID) -> ShownIncident:
    """The shop does not stand by it any more; it stays, marked so. Harmless to repeat. Raises `NotFound`."""
    async with database.transaction() as tx:
        _, _, entries = await _access(tx, shop_id, incident_id, person_id)
        await _mark(tx, incident_id, EntryKind.WITHDRAWN, person_id, entries)
        return await _one(tx, incident_id)


async def hand_over(database: Database, *, shop_id: UUID, incident_id: UUID, person_id: UUID) -> ShownIncident:
    """The owner lets the operator read it, with what is added later; what was told stays told. Harmless to repeat.

    Raises `NotFound`, `NotAllowed`, `IncidentWithdrawn`.
    """
    async with database.transaction() as tx:
        shop, _, entries = await _access(tx, shop_id, incident_id, person_id)
        if shop.owner_id != person_id:
            raise NotAllowed("Only the shop's owner can do this.")
        if not _is(entries, EntryKind.HANDED_OVER):
            _check_stands(entries)
            await _mark(tx, incident_id, EntryKind.HANDED_OVER, person_id, entries)
        return await _one(tx, incident_id)


async def of_shop(
    reader: Reader, *, shop_id: UUID, person_id: UUID, before: UUID | None
) -> tuple[list[ShownIncident], bool]:
    """A page, the newest first, and whether more follow: all of them for the owner, one's own for whoever works there.

    Raises `NotFound`.
    """
    shop = await merchant_actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
    found = await incident_store.incidents(
        reader,
        shop_id=shop_id,
        recorded_by=None if shop.owner_id == person_id else person_id,
        before=before,
        most=PAGE + 1,
    )
    return await _shown(reader, found[:PAGE]), len(found) > PAGE


async def handed_over(reader: Reader, *, place_id: UUID | None, before: UUID | None) -> tuple[list[HandedOver], bool]:
    """What the operator reads, the newest first, and whether more follow.

    place_id: of the shop there; none of a shop that nobody may be told is there
    """
    shop_id: UUID | None = None
    if place_id is not None:
        place = await store.place(reader, place_id)
        shop = None if place is None or place.shop_id is None else await merchants.shop(reader, place.shop_id)
        if shop is None or not rules.is_seen_as_ours(shop):
            return [], False
        shop_id = shop.id
    found = await incident_store.incidents_handed_over(reader, shop_id=shop_id, before=before, most=PAGE + 1)
    listed = found[:PAGE]
    shops = await merchants.shops(reader, [one.shop_id for one in listed])
    stand = await incident_store.shops_with_places(reader, list(shops))
    nameless = frozenset(id for id, shop in shops.items() if shop.discreet)
    shown = await _shown(reader, listed, nameless=nameless)
    return [
        HandedOver(
            incident,
            card(shops[one.shop_id]),
            stand.get(one.shop_id) if rules.is_seen_as_ours(shops[one.shop_id]) else None,
        )
        for one, incident in zip(listed, shown, strict=True)
    ], len(found) > PAGE


async def photo(reader: Reader, photo_id: UUID, *, shop_id: UUID, person_id: UUID) -> Held:
    """A photo for whoever of the shop reads the incident. Raises `NotFound`."""
    shop = await merchant_actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
    held, incident_ids = await media.shown_in(reader, photo_id, room=ROOM)
    found = await incident_store.incidents_by_id(reader, incident_ids)
    if any(one.shop_id == shop_id and person_id in (shop.owner_id, one.recorded_by) for one in found):
        return held
    raise NotFound


async def photo_handed_over(reader: Reader, photo_id: UUID) -> Held:
    """A photo of what was handed over, for the operator. Raises `NotFound`."""
    held, incident_ids = await media.shown_in(reader, photo_id, room=ROOM)
    entries = await incident_store.entries(reader, incident_ids)
    if any(_is(written, EntryKind.HANDED_OVER) for written in entries.values()):
        return held
    raise NotFound


async def _access(
    tx: Transaction, shop_id: UUID, incident_id: UUID, person_id: UUID
) -> tuple[Shop, Incident, list[Entry]]:
    """The incident for whoever may read it, held, with what stands below it. Raises `NotFound`."""
    shop = await merchant_actions.access_shop(tx, shop_id, person_id, Deed.LOOK)
    found = await incident_store.incident_locked(tx, incident_id)
    if found is None or found.shop_id != shop_id or person_id not in (shop.owner_id, found.recorded_by):
        raise NotFound
    return shop, found, (await incident_store.entries(tx, [incident_id]))[incident_id]


async def _mark(tx: Transaction, incident_id: UUID, kind: EntryKind, by_id: UUID, entries: Sequence[Entry]) -> None:
    if not _is(entries, kind):
        await incident_store.insert_entry(tx, Entry(ids.new_id(), incident_id, kind, "", [], by_id, clock.now()))


def _is(entries: Sequence[Entry], kind: EntryKind) -> bool:
    return any(one.kind is kind for one in entries)


def _check_stands(entries: Sequence[Entry]) -> None:
    if _is(entries, EntryKind.WITHDRAWN):
        raise IncidentWithdrawn


async def _show(tx: Transaction, incident_id: UUID, person_id: UUID, photo_ids: list[UUID], *, reference: UUID) -> None:
    wanted = [(id, True) for id in photo_ids]
    found = await media.show_to_place(tx, person_id, wanted, room=ROOM, place_id=incident_id, reference=str(reference))
    if len(set(photo_ids)) != len(photo_ids) or any(
        id not in found or found[id].kind is not Kind.PICTURE for id in photo_ids
    ):
        raise text.refused("photo_ids", "One of these photos is not here any more. Take it again.")


async def _one(reader: Reader, incident_id: UUID) -> ShownIncident:
    return (await _shown(reader, await incident_store.incidents_by_id(reader, [incident_id])))[0]


async def _shown(
    reader: Reader, incidents: Sequence[Incident], *, nameless: frozenset[UUID] = frozenset()
) -> list[ShownIncident]:
    """nameless: shops of which no person is named"""
    entries = await incident_store.entries(reader, [one.id for one in incidents])
    names = {one.id: one.name for one in await rivals.known(reader)}
    named = [one for one in incidents if one.shop_id not in nameless]
    writers = {one.recorded_by for one in named} | {entry.written_by for one in named for entry in entries[one.id]}
    people = await persons_of(reader, list(writers))
    return [
        ShownIncident(
            id=one.id,
            rival=None if one.rival_id is None else names.get(one.rival_id),
            words=one.words,
            account=one.account,
            speaker=one.speaker,
            spot=one.spot,
            happened_at=one.happened_at,
            photo_ids=one.photo_ids,
            recorded_by=None if one.shop_id in nameless else people.get(one.recorded_by),
            recorded_at=one.recorded_at,
            entries=[
                ShownEntry(
                    entry.kind,
                    entry.text,
                    entry.photo_ids,
                    None if one.shop_id in nameless else people.get(entry.written_by),
                    entry.written_at,
                )
                for entry in entries[one.id]
            ],
        )
        for one in incidents
    ]
