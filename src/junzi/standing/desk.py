"""The shops as the operator's desk lists them: by where their review stands, by name, place or the owner's handle.

A discreet shop stands there under its neutral name, without owner and place. Who it is can be looked up, which is on record.
"""

from datetime import datetime
from uuid import UUID

from junzi.kit import text
from junzi.kit.database import Database, Reader
from junzi.kit.errors import InvalidRequest, NotFound
from junzi.merchants import profile_store
from junzi.merchants import store as merchants
from junzi.merchants.model import DaySum, Shop, ShopState, card, face
from junzi.merchants.profile_model import Proposal
from junzi.operators import actions as operators
from junzi.people.actions import person_by_handle, person_of, persons_of
from junzi.people.model import Person
from junzi.standing import review as reviewing
from junzi.standing import store
from junzi.standing.model import (
    LONGEST_SEARCH,
    DeskPage,
    DeskShop,
    LookedUp,
    Queue,
    Review,
    ReviewState,
    Withdrawal,
    shown,
)

PAGE = 50


async def shops(database: Database, *, queue: Queue, search: str, after: str | None) -> DeskPage:
    """A page of the queue, who waits longest first; with a search text, what it finds in every queue. Raises `InvalidRequest`."""
    search = text.one_line(search, field="search", least=0, most=LONGEST_SEARCH)
    async with database.read() as reader:
        if search:
            found = await _searched(reader, search)
            return DeskPage(await _lines(reader, found, {}), None)
        if queue is Queue.WITHDRAWN:
            return await _withdrawn(reader, after)
        place = None if after is None else _place(after)
        reviews = await store.reviews_in(reader, ReviewState(queue), after=place, most=PAGE + 1)
        page, more = reviews[:PAGE], len(reviews) > PAGE
        found = await _in_order(reader, [review.shop_id for review in page])
        next = f"{page[-1].since.isoformat()},{page[-1].shop_id}" if more else None
        return DeskPage(await _lines(reader, found, {}), next)


async def shop(database: Database, shop_id: UUID) -> DeskShop:
    """One shop as the desk shows it. Raises `NotFound`."""
    async with database.read() as reader:
        found = await merchants.shop(reader, shop_id)
        if found is None or found.state is ShopState.OPENING:
            raise NotFound
        [line] = await _lines(reader, [found], {})
    return line


async def look_up(database: Database, *, shop_id: UUID, operator_id: UUID) -> LookedUp:
    """Who a discreet shop is; that somebody asked is on record. Raises `NotFound`."""
    async with database.transaction() as tx:
        found = await reviewing.shop_on_desk(tx, shop_id)
        owner = await person_of(tx, found.owner_id)
        await operators.audit(tx, operator_id, "standing.shop_looked_up", {"shop_id": shop_id})
        waiting = (await profile_store.waiting(tx, [shop_id])).get(shop_id)
    return LookedUp(
        found.name,
        face(found.picture, found.photo_id),
        found.trade,
        found.place,
        owner,
        None if waiting is None else waiting[0],
    )


async def _withdrawn(reader: Reader, after: str | None) -> DeskPage:
    """A page of the codes that are taken back: whose keepers object, then the others, each who waits longest first."""
    place = None
    if after is not None:
        silent, _, rest = after.partition(",")
        if silent not in ("0", "1"):
            raise _no_place()
        place = (silent == "1", *_place(rest))
    listed = await store.withdrawals_standing(reader, after=place, most=PAGE + 1)
    page = {one.shop_id: one for one in listed[:PAGE]}
    found = await _in_order(reader, list(page))
    last = listed[PAGE - 1] if len(listed) > PAGE else None
    next = None if last is None else f"{int(not last.objection)},{last.taken_at.isoformat()},{last.id}"
    return DeskPage(await _lines(reader, found, page), next)


async def _searched(reader: Reader, search: str) -> list[Shop]:
    """By name, place or neutral number, and by the owner's exact handle, under which a discreet shop is not found."""
    found = await merchants.shops_named(reader, search, most=PAGE)
    try:
        owner = await person_by_handle(reader, search)
    except NotFound:
        return found
    owned = [one for one in await merchants.shops_of(reader, owner.id) if not one.discreet and one not in found]
    return [*owned, *found][:PAGE]


async def _in_order(reader: Reader, ids: list[UUID]) -> list[Shop]:
    known = await merchants.shops(reader, ids)
    return [known[id] for id in ids if id in known]


async def _lines(reader: Reader, found: list[Shop], withdrawals: dict[UUID, Withdrawal]) -> list[DeskShop]:
    ids = [one.id for one in found]
    reviews = await store.reviews(reader, ids)
    sums = await merchants.sums_of_shops(reader, ids)
    owners = await persons_of(reader, {one.owner_id for one in found if not one.discreet})
    waiting = await profile_store.waiting(reader, ids)
    # Few shops are withdrawn: one look each.
    standing = {
        one.id: withdrawals.get(one.id) or await store.withdrawal(reader, one.id) for one in found if one.withdrawn
    }
    return [
        _line(
            one,
            reviews.get(one.id) or reviewing.new(one.id),
            sums.get(one.id, DaySum(0, 0)),
            owners.get(one.owner_id) if not one.discreet else None,
            standing.get(one.id),
            waiting[one.id][0] if one.id in waiting else None,
        )
        for one in found
    ]


def _line(
    shop: Shop,
    review: Review,
    sum: DaySum,
    owner: Person | None,
    withdrawal: Withdrawal | None,
    change: Proposal | None,
) -> DeskShop:
    seen = card(shop)
    if change is not None and shop.discreet:
        change = Proposal(change.id, change.asked_at)
    return DeskShop(
        id=shop.id,
        name=seen.name,
        picture=seen.picture,
        trade=seen.trade,
        place=seen.place,
        discreet=shop.discreet,
        owner=owner,
        state=shop.state,
        review=review.state,
        tier=review.tier,
        since=review.since,
        question=review.question,
        answer=review.answer,
        count=sum.count,
        amount_minor=sum.amount_minor,
        withdrawal=None if withdrawal is None else shown(withdrawal),
        change=change,
    )


def _place(after: str) -> tuple[datetime, UUID]:
    at, _, shop_id = after.partition(",")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 2000 <= moment.year <= 9000:
            raise ValueError("no moment of a review")
        return moment, UUID(shop_id)
    except ValueError as failure:
        raise _no_place() from failure


def _no_place() -> InvalidRequest:
    return text.refused("after", "Ask with what the page before said as next.")
