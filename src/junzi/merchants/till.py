"""Tills of a shop that has several: each has a name and a printed code of its own, and what is paid at it says so.

A till that was removed stays for the books, and its printed code still leads to the shop.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from junzi.codes import actions as codes
from junzi.codes.model import Code, CodeKind, CodeUnknown
from junzi.kit import clock, idempotency, ids, text, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import actions, rules, store, stores_store
from junzi.merchants.model import Charge, Deed, Range, Shop
from junzi.merchants.stores_model import (
    LONGEST_TILL,
    MOST_TILLS,
    Place,
    ShownTill,
    Sum,
    Till,
    Tills,
    TillState,
    TooManyTills,
)


async def add(database: Database, *, shop_id: UUID, person_id: UUID, key: str, name: str) -> None:
    """Another till with a code; a repeat with the same key adds nothing.

    Raises `NotFound`, `NotAllowed`, `InvalidRequest` for a name that is taken, `TooManyTills`.
    """
    name = _tidied(name)
    async with database.transaction() as tx:
        await actions.access_shop(tx, shop_id, person_id)
        till_id = ids.new_id()
        body = {"shop_id": shop_id, "name": name}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="merchants.till", body=body, intent_id=till_id
        )
        if claimed == till_id:
            known = await _held(tx, shop_id)
            if len(known) >= MOST_TILLS:
                raise TooManyTills
            _check_free(name, known)
            await stores_store.insert_till(tx, id=till_id, shop_id=shop_id, name=name, at=clock.now())
            await codes.issue(tx, CodeKind.TILL, till_id)


async def rename(database: Database, *, shop_id: UUID, till_id: UUID, person_id: UUID, name: str) -> None:
    """Another name for it, also on what it took before. Raises `NotFound`, `NotAllowed`, `InvalidRequest`."""
    name = _tidied(name)
    async with database.transaction() as tx:
        await actions.access_shop(tx, shop_id, person_id)
        known = await _held(tx, shop_id)
        await till_of(tx, shop_id=shop_id, till_id=till_id)
        _check_free(name, [till for till in known if till.id != till_id])
        await stores_store.rename_till(tx, id=till_id, name=name)


async def remove(database: Database, *, shop_id: UUID, till_id: UUID, person_id: UUID) -> None:
    """The till is used no more; harmless to repeat. Raises `NotFound`, `NotAllowed`."""
    async with database.transaction() as tx:
        await actions.access_shop(tx, shop_id, person_id)
        found = await stores_store.till(tx, till_id)
        if found is None or found.shop_id != shop_id:
            raise NotFound
        await stores_store.remove_till(tx, id=till_id)


async def tills(database: Database, *, shop_id: UUID, person_id: UUID, asked: Range, public_url: str) -> Tills:
    """The shop's tills with their codes and what some days brought at each. Raises `NotFound`."""
    days = rules.period(asked, town.business_date(clock.now()))
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
        known = await stores_store.tills(reader, shop_id)
        sums = await stores_store.till_sums(reader, shop_id=shop_id, period=days)
        own = await codes.owns(reader, [till.id for till in known])
    shown = [
        ShownTill(till.id, till.name, codes.shown(own[till.id], public_url), sums.pop(till.id, Sum())) for till in known
    ]
    return Tills(asked, days.first, days.last, shown, total(sums.values()))


async def till_of(reader: Reader, *, shop_id: UUID, till_id: UUID) -> Till:
    """The shop's till, while it is used. Raises `NotFound`."""
    found = await stores_store.till(reader, till_id)
    if found is None or found.shop_id != shop_id or found.state is not TillState.OPEN:
        raise NotFound
    return found


async def place_of(reader: Reader, code: Code, charge: Charge | None = None) -> Place:
    """Where a shop's, a till's or a charge's code is paid at. Raises `CodeUnknown`."""
    if charge is not None:
        till = None if charge.till_id is None else await stores_store.till(reader, charge.till_id)
        return Place(charge.shop_id, till)
    return _place(code, await stores_store.till(reader, code.target_id) if code.kind is CodeKind.TILL else None)


async def places_of(reader: Reader, codes: Iterable[Code]) -> dict[str, Place]:
    """Where shops' and tills' codes are paid at, by code; one whose till never was is missing."""
    known = list(codes)
    till_ids = [code.target_id for code in known if code.kind is CodeKind.TILL]
    tills = await stores_store.tills_by_id(reader, till_ids) if till_ids else {}
    return {
        code.code: _place(code, tills.get(code.target_id))
        for code in known
        if code.kind is not CodeKind.TILL or code.target_id in tills
    }


def shown_name(shop: Shop, place: Place) -> str | None:
    """The till as customers are told of it, if they are: a discreet shop's would tell more than its neutral name."""
    return None if place.till is None or shop.discreet else place.till.name


async def note_orders(tx: Transaction, places: Mapping[UUID, Place]) -> None:
    """A step of checkout: each order was made at that place, and so will be what pays it and what is given back of it."""
    till_ids = {order_id: place.till.id for order_id, place in places.items() if place.till is not None}
    if till_ids:
        await stores_store.insert_till_orders(tx, till_ids)


def total(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    known = list(sums)
    return Sum(
        sum(one.count for one in known),
        sum(one.amount_minor for one in known),
        sum(one.coupon_minor for one in known),
    )


def _place(code: Code, till: Till | None) -> Place:
    if code.kind is not CodeKind.TILL:
        return Place(code.target_id)
    if till is None:
        raise CodeUnknown
    return Place(till.shop_id, till if till.state is TillState.OPEN else None)


async def _held(tx: Transaction, shop_id: UUID) -> list[Till]:
    """The shop's tills; who adds or renames one at the same time waits."""
    await store.shop_locked(tx, shop_id)
    return await stores_store.tills(tx, shop_id)


def _check_free(name: str, known: Iterable[Till]) -> None:
    if any(till.name == name for till in known):
        raise text.refused("name", "Another till has this name.")


def _tidied(name: str) -> str:
    return text.one_line(name, field="name", least=1, most=LONGEST_TILL)
