"""Places of the street: read in from a list, named by people and promoters, kept by the operator, linked to a shop of ours."""

from datetime import timedelta
from uuid import UUID

import msgspec

from junzi.field import rows, store
from junzi.field.model import (
    MOST_PLACES,
    MOST_PROPOSALS,
    NewPlace,
    Place,
    PlaceLinked,
    PlaceState,
    ShopHasPlace,
    Source,
    TooManyPlaces,
    TooManyProposals,
)
from junzi.kit import clock, idempotency, ids, text
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import areas
from junzi.merchants import store as merchants
from junzi.merchants.model import LONGEST_NAME, LONGEST_PLACE, ShopState
from junzi.operators import actions as operators

PROPOSALS_COUNT_FOR = timedelta(days=30)


class ReadIn(msgspec.Struct, frozen=True):
    """What became of a list: rows, how many of them were new or said something new."""

    rows: int
    changed: int


async def read_in(database: Database, *, operator_id: UUID, whole: str) -> ReadIn:
    """All places of a list, or none; the same list again changes nothing. Raises `RowsWrong`, `TooManyPlaces`."""
    async with database.read() as reader:
        named = {name: one.id for one in await areas.areas(reader) for name in (one.name.zh, one.name.en)}
    found = rows.read(whole, named)
    async with database.transaction() as tx:
        await store.hold_places(tx)
        changed = await store.put_places(
            tx, [(ids.new_id(), number, new) for number, new in found], by_id=operator_id, at=clock.now()
        )
        if await store.count_places(tx) > MOST_PLACES:
            raise TooManyPlaces
        if changed:
            facts = {"rows": len(found), "changed": len(changed)}
            await operators.audit(tx, operator_id, "field.places_read_in", facts)
    return ReadIn(len(found), len(changed))


async def propose(tx: Transaction, *, place_id: UUID, person_id: UUID, new: NewPlace, source: Source) -> None:
    """Somebody names a place; nobody else sees it until an operator accepts it.

    Raises `InvalidRequest`, `TooManyProposals`, `TooManyPlaces`.
    """
    good = await tidied(tx, new)
    now = clock.now()
    await store.hold_wishes_of(tx, person_id)
    if await store.count_proposals(tx, person_id=person_id, since=now - PROPOSALS_COUNT_FOR) >= MOST_PROPOSALS:
        raise TooManyProposals
    if await store.count_places(tx) >= MOST_PLACES:
        raise TooManyPlaces
    await store.insert_place(
        tx, id=place_id, new=good, source=source, state=PlaceState.PROPOSED, added_by=person_id, at=now
    )


async def add_neighbour(database: Database, *, promoter_id: UUID, key: str, new: NewPlace) -> Place:
    """A promoter names the shop next door; a repeat with the same key names nothing more."""
    async with database.transaction() as tx:
        place_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=promoter_id, key=key, action="field.neighbour", body=new, intent_id=place_id
        )
        if claimed == place_id:
            await propose(tx, place_id=place_id, person_id=promoter_id, new=new, source=Source.NEIGHBOUR)
        return await access_place(tx, claimed)


async def change(database: Database, *, operator_id: UUID, place_id: UUID, new: NewPlace, state: PlaceState) -> Place:
    """The operator says what a place is, accepts one that was named, or says that it is gone.

    Raises `NotFound`, `InvalidRequest`.
    """
    async with database.transaction() as tx:
        if await store.place_locked(tx, place_id) is None:
            raise NotFound
        await store.change_place(tx, id=place_id, new=await tidied(tx, new), state=state)
        await operators.audit(tx, operator_id, "field.place_changed", {"place_id": place_id, "state": state})
        return await access_place(tx, place_id)


async def link(database: Database, *, operator_id: UUID, place_id: UUID, shop_id: UUID | None) -> Place:
    """The operator says which shop of ours a place is, or that it is none.

    A discreet shop is not found here: who links it would learn, and leave on record, where it stands. Raises `NotFound`,
    `PlaceLinked`, `ShopHasPlace`.
    """
    async with database.transaction() as tx:
        place = await store.place_locked(tx, place_id)
        if place is None:
            raise NotFound
        if shop_id is not None:
            shop = await merchants.shop_locked(tx, shop_id)
            if shop is None or shop.state is ShopState.OPENING or shop.discreet:
                raise NotFound
        await link_in(tx, place, shop_id)
        await operators.audit(tx, operator_id, "field.place_linked", {"place_id": place_id, "shop_id": shop_id})
        return await access_place(tx, place_id)


async def link_in(tx: Transaction, place: Place, shop_id: UUID | None) -> None:
    """The same as a step. The transaction holds the place, and the shop."""
    if shop_id == place.shop_id:
        return
    if shop_id is not None:
        if place.shop_id is not None:
            raise PlaceLinked
        if await store.place_of_shop(tx, shop_id) is not None:
            raise ShopHasPlace
    await store.link_place(tx, id=place.id, shop_id=shop_id, at=clock.now())


async def access_place(reader: Reader, place_id: UUID) -> Place:
    """Any place, for the operator. Raises `NotFound`."""
    place = await store.place(reader, place_id)
    if place is None:
        raise NotFound
    return place


async def access_standing(reader: Reader, place_id: UUID, person_id: UUID) -> Place:
    """A place that the person may see: one that stands, or that they named. Raises `NotFound`."""
    return seen(await store.place(reader, place_id), person_id)


def seen(place: Place | None, person_id: UUID) -> Place:
    """The place if that person may see it. Raises `NotFound`."""
    if place is None or place.state is PlaceState.GONE:
        raise NotFound
    check_known(place, person_id)
    return place


def check_known(place: Place, person_id: UUID) -> None:
    """Whether the person may know of the place, standing or gone. Raises `NotFound`."""
    if place.state is PlaceState.PROPOSED and place.added_by != person_id:
        raise NotFound


async def tidied(reader: Reader, new: NewPlace) -> NewPlace:
    """As it is stored. Raises `InvalidRequest`."""
    await areas.check_area(reader, new.area_id)
    return msgspec.structs.replace(
        new,
        name=text.one_line(new.name, field="name", least=1, most=LONGEST_NAME),
        address=text.one_line(new.address, field="address", least=0, most=LONGEST_PLACE),
    )
