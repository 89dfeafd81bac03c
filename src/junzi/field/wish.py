"""A person would pay at a place that has no code of ours: once a month, and told of in fives alone."""

from datetime import date
from uuid import UUID

from junzi.coupons import actions as coupons
from junzi.field import places, rules, store
from junzi.field.model import MOST_WISHES, Demand, NewPlace, Source, TakesOurs, TooManyWishes
from junzi.kit import clock, idempotency, ids, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.merchants import actions as merchant_actions
from junzi.merchants import store as merchants
from junzi.merchants.model import Deed

UNIT_MAJOR = 10
"""In which coupons of five people are told: whole tens, rounded down."""


def this_month() -> date:
    return town.business_date(clock.now()).replace(day=1)


async def wish(database: Database, *, person_id: UUID, place_id: UUID) -> None:
    """The person would pay there; said again in the same month it changes nothing.

    Raises `NotFound`, `TakesOurs` where one can, `TooManyWishes`.
    """
    async with database.transaction() as tx:
        await store.hold_wishes_of(tx, person_id)
        await _wish(tx, person_id=person_id, place_id=place_id)


async def wish_for_new(database: Database, *, person_id: UUID, key: str, new: NewPlace) -> UUID:
    """The person names a place that is not in the list and would pay there; a repeat with the same key names nothing more.

    Raises `InvalidRequest`, `TooManyProposals`, `TooManyWishes`.
    """
    async with database.transaction() as tx:
        place_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="field.wish_for_new", body=new, intent_id=place_id
        )
        if claimed == place_id:
            await places.propose(tx, place_id=place_id, person_id=person_id, new=new, source=Source.WISH)
            await _wish(tx, person_id=person_id, place_id=place_id)
    return claimed


async def _wish(tx: Transaction, *, person_id: UUID, place_id: UUID) -> None:
    # Whoever holds the place writes its tally.
    place = places.seen(await store.place_locked(tx, place_id), person_id)
    if place.shop_id is not None and rules.is_seen_as_ours(await merchants.shop(tx, place.shop_id)):
        raise TakesOurs
    now, month = clock.now(), this_month()
    if not await store.insert_wish(tx, place_id=place_id, month=month, person_id=person_id, at=now):
        return
    if await store.count_wishes(tx, person_id=person_id, month=month) > MOST_WISHES:
        raise TooManyWishes
    available = await coupons.coupons_of(tx, person_id, "available")
    tally = rules.arrived(
        await store.tally(tx, place_id=place_id, month=month),
        sum(coupon.amount_minor or 0 for coupon in available),
        unit_minor=UNIT_MAJOR * 10 ** town.current().money.decimals,
    )
    await store.put_tally(tx, place_id=place_id, month=month, tally=tally)


async def demand_of_shop(reader: Reader, *, shop_id: UUID, person_id: UUID) -> Demand | None:
    """What the keeper hears of this month's wishes for their own shop. Raises `NotFound`, `NotAllowed`."""
    await merchant_actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
    place = await store.place_of_shop(reader, shop_id)
    return None if place is None else (await demands(reader, [place.id])).get(place.id)


async def demands(reader: Reader, place_ids: list[UUID]) -> dict[UUID, Demand]:
    """By place, what may be told of this month's wishes; others are left out."""
    tallies = await store.tallies(reader, place_ids, month=this_month())
    return {id: found for id, tally in tallies.items() if (found := rules.demand(tally)) is not None}


async def forget_old(database: Database) -> None:
    """Who asked in months that are over is nobody's to know any more; how many they were stays."""
    async with database.transaction() as tx:
        await store.forget_wishes(tx, before=this_month())
