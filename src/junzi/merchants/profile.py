"""What a shop says of itself, changed by its owner: at once, or after an operator's look when that is what others rely on.

A shop that was reviewed has been trusted under its name, for its trade and in its part of the town, and coupons count there for
the last two; and a photo can show any name. So these four wait for a look, and hold as they are meanwhile; the place, the drawn
picture, and being without a photo change at once. Nobody has looked at a new shop yet, so that all of it changes at once and is
seen when its turn in the queue comes. Every change is on record.
"""

from datetime import timedelta
from uuid import UUID

import msgspec

from junzi.kit import clock, ids, text
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import actions, areas, photos, profile_store, rules, store, stores_store
from junzi.merchants.model import LONGEST_NAME, LONGEST_PICTURE, LONGEST_PLACE, Shop, ShopState
from junzi.merchants.profile_model import (
    MOST_CHANGES_A_DAY,
    Change,
    ChangeDecided,
    ChangeProposed,
    ChangeState,
    Profile,
    Proposal,
    ShopRenamed,
    ShownProfile,
    TooManyChanges,
)


async def change(database: Database, *, shop_id: UUID, person_id: UUID, wanted: Change) -> None:
    """Let the shop be as its owner says, as far as that needs no look, and let the rest wait for one.

    What is asked for takes the place of what waits; asking for what holds drops what waits. Raises `NotFound`, `NotAllowed`,
    `InvalidRequest`, `TooManyChanges`.
    """
    wanted = tidied(wanted)
    async with database.transaction() as tx:
        await profile_store.hold_shops_of(tx, person_id)
        shop = await actions.access_shop(tx, shop_id, person_id)
        await areas.check_area(tx, None if wanted.area_id is msgspec.UNSET else wanted.area_id)
        before = of(shop)
        if wanted.name is not msgspec.UNSET and wanted.name != before.name:
            await _check_name(tx, shop, wanted.name)
        is_looked_at = shop.withdrawn or await profile_store.is_reviewed(tx, shop_id)
        at_once, later = rules.split(wanted, before, is_looked_at=is_looked_at)
        waiting = (await profile_store.waiting(tx, [shop_id])).get(shop_id)
        if waiting is not None and later == waiting[1]:
            later = Change()
        elif waiting is not None and rules.touches_look(wanted):
            await _settle(tx, shop_id, waiting[0], ChangeState.DROPPED, person_id)
        if not at_once.is_empty:
            await _note(tx, shop, at_once, ChangeState.MADE, person_id)
            await _make(tx, shop, at_once)
        if not later.is_empty:
            await _note(tx, shop, later, ChangeState.WAITING, person_id)
            if later.photo_id:
                await photos.show(
                    tx, shop_id=shop_id, owner_id=shop.owner_id, photo_id=later.photo_id, reference=photos.WAITING
                )
            await tx.emit(ChangeProposed(shop_id=shop_id))


async def shown(database: Database, *, shop_id: UUID, person_id: UUID) -> ShownProfile:
    """What the shop says of itself, and what waits, for its owner. Raises `NotFound`, `NotAllowed`."""
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person_id)
        merchant_id = await stores_store.merchant_of(reader, shop_id)
        waiting = (await profile_store.waiting(reader, [shop_id])).get(shop_id)
        return ShownProfile(
            of(shop),
            shop.withdrawn or await profile_store.is_reviewed(reader, shop_id),
            None if waiting is None else waiting[0],
            None if merchant_id == shop_id else merchant_id,
        )


async def decide(tx: Transaction, shop: Shop, *, operator_id: UUID, made: bool) -> Change | None:
    """A step of the desk on a held shop: what waits is made, or is not. None when nothing waits.

    Raises `InvalidRequest` for a name that became too long for its stores.
    """
    waiting = (await profile_store.waiting(tx, [shop.id])).get(shop.id)
    if waiting is None:
        return None
    proposal, wanted = waiting
    state = ChangeState.MADE if made else ChangeState.DECLINED
    await _settle(tx, shop.id, proposal, state, operator_id)
    if made:
        if wanted.name is not msgspec.UNSET:
            await _check_name(tx, shop, wanted.name)
        await _make(tx, shop, wanted)
    await tx.emit(ChangeDecided(shop_id=shop.id, made=made), id=ids.leg(proposal.id, 1))
    return wanted


async def held(tx: Transaction, shop_id: UUID) -> Shop:
    """A shop that nobody renames, joins or parts until the transaction ends. Raises `NotFound`."""
    shop = await store.shop(tx, shop_id)
    if shop is None or shop.state is ShopState.OPENING:
        raise NotFound
    await profile_store.hold_shops_of(tx, shop.owner_id)
    again = await store.shop(tx, shop_id)
    assert again is not None, "a shop is never deleted"
    return again


async def rename(tx: Transaction, shop: Shop, name: str, *, by_id: UUID) -> None:
    """A step of joining and parting: the shop has that name now, whatever was to become of its own."""
    if name == shop.name:
        return
    waiting = (await profile_store.waiting(tx, [shop.id])).get(shop.id)
    if waiting is not None:
        await _settle(tx, shop.id, waiting[0], ChangeState.DROPPED, by_id)
    await _note(tx, shop, Change(name=name), ChangeState.MADE, by_id)
    await profile_store.set_name(tx, id=shop.id, name=name)
    await tx.emit(ShopRenamed(shop_id=shop.id))


def of(shop: Shop) -> Profile:
    return Profile(shop.name, shop.trade, shop.place, shop.picture, shop.area_id, shop.photo_id)


def tidied(wanted: Change) -> Change:
    """The same with its words as they are stored. Raises `InvalidRequest` that names the field."""
    bounds = {"name": (1, LONGEST_NAME), "place": (0, LONGEST_PLACE), "picture": (1, LONGEST_PICTURE)}
    words = {
        field: text.one_line(getattr(wanted, field), field=field, least=least, most=most)
        for field, (least, most) in bounds.items()
        if getattr(wanted, field) is not msgspec.UNSET
    }
    return msgspec.structs.replace(wanted, **words)


def store_name(first_name: str, branch: str, *, field: str) -> str:
    """What a store is called by its merchant's name and its own. Raises `InvalidRequest` for that field when it is too long."""
    name = f"{first_name} · {branch}"
    if len(name) > LONGEST_NAME:
        raise text.refused(field, f"With the name of shop and store together this may have {LONGEST_NAME} characters.")
    return name


async def _check_name(reader: Reader, shop: Shop, name: str) -> None:
    merchant_id = await stores_store.merchant_of(reader, shop.id)
    if merchant_id is not None and merchant_id != shop.id:
        raise text.refused("name", "This store has the name of the shop it was joined to. Change that one's.")
    for branch in (await stores_store.branches(reader, shop.id)).values():
        store_name(name, branch, field="name")


async def _make(tx: Transaction, shop: Shop, wanted: Change) -> None:
    before = of(shop)
    after = rules.changed(before, wanted)
    await profile_store.set_profile(tx, id=shop.id, to=after)
    if after.photo_id != before.photo_id:
        await photos.hide(tx, shop.id)
        if after.photo_id is not None:
            await photos.show(tx, shop_id=shop.id, owner_id=shop.owner_id, photo_id=after.photo_id)
    if after.name == before.name:
        return
    await tx.emit(ShopRenamed(shop_id=shop.id))
    for store_id, branch in (await stores_store.branches(tx, shop.id)).items():
        await profile_store.set_name(tx, id=store_id, name=store_name(after.name, branch, field="name"))
        await tx.emit(ShopRenamed(shop_id=store_id))


async def _settle(tx: Transaction, shop_id: UUID, waiting: Proposal, state: ChangeState, by_id: UUID) -> None:
    """What waited does so no more, and neither does its photo."""
    await profile_store.decide_change(tx, id=waiting.id, state=state, by_id=by_id, at=clock.now())
    await photos.hide(tx, shop_id, photos.WAITING)


async def _note(tx: Transaction, shop: Shop, wanted: Change, state: ChangeState, by_id: UUID) -> None:
    now = clock.now()
    if await profile_store.changes_since(tx, shop_id=shop.id, at=now - timedelta(days=1)) >= MOST_CHANGES_A_DAY:
        raise TooManyChanges
    await profile_store.insert_change(
        tx, id=ids.new_id(), shop_id=shop.id, state=state, before=of(shop), change=wanted, by_id=by_id, at=now
    )
