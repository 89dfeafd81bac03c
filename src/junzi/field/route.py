"""A promoter's day: the places to go to, the urgent ones first, each part walked in a short order.

What is known of wishes orders it in fives and no finer, and a place whose shop of ours is discreet is one that is not ours.
"""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from junzi.field import places, promoters, rules, shelter_store, street, visit_store, walk, wish
from junzi.field.model import Place, Position
from junzi.field.visit_model import (
    MOST_STOPS,
    LastVisit,
    NotInTheTeam,
    Reason,
    Stop,
    Visit,
)
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.merchants import areas
from junzi.merchants import store as merchants
from junzi.operators import actions as operators

DANGER_LASTS = timedelta(days=30)
"""How long a rival's code that was seen threatened or dead makes a place urgent."""

URGENT = (Reason.SHELTERED, Reason.THREATENED)
NOWHERE = Position(0, 0)


class Route(msgspec.Struct, frozen=True):
    """day: by the operator's clocks; more: whether there are more places than a day's"""

    day: date
    stops: list[Stop]
    more: bool


async def route(reader: Reader, *, promoter_id: UUID, start: Position | None) -> Route:
    """Today's. start: where the promoter is, which is not kept"""
    now = clock.now()
    today = town.business_date(now)
    linked = await merchants.shops(reader, await visit_store.linked_shops(reader))
    found = await visit_store.leads(
        reader,
        promoter_id=promoter_id,
        month=wish.this_month(),
        today=today,
        seen_since=now - DANGER_LASTS,
        not_ours=[id for id, shop in linked.items() if not rules.is_seen_as_ours(shop)],
        start=start or NOWHERE,
        narrow=walk.narrow_at(start or NOWHERE),
        most=MOST_STOPS + 1,
    )
    sheltered = [
        (place, Reason.SHELTERED, own)
        for place, own in await shelter_store.places_to_call_on(reader, promoter_id)
        if place.shop_id is not None and rules.is_seen_as_ours(linked.get(place.shop_id))
    ]
    leads = [(place, _reason(threatened, people), own) for place, threatened, people, own in found]
    wanted = [*sheltered, *leads][:MOST_STOPS]
    lasts = await visit_store.last_visits(reader, [place.id for place, _, _ in wanted])
    ordered = in_order(wanted, start)
    seen = await street.team_sees(reader, [place for place, _, _ in ordered])
    stops, here = list[Stop](), start
    for (place, reason, own), shown in zip(ordered, seen, strict=True):
        there = place.position
        step = None if here is None or there is None else round(walk.metres(here, there))
        stops.append(
            Stop(shown, reason, own, last_of(lasts.get(place.id), promoter_id, ours=shown.shop is not None), step)
        )
        here = there or here
    return Route(today, stops, len(sheltered) + len(leads) > MOST_STOPS)


def in_order(wanted: list[tuple[Place, Reason, bool]], start: Position | None) -> list[tuple[Place, Reason, bool]]:
    """The urgent ones first, then the others, each part by a short way; what stands nowhere is last of its part. Pure."""
    ordered, here = list[tuple[Place, Reason, bool]](), start
    for urgent in (True, False):
        part = [one for one in wanted if (one[1] in URGENT) is urgent]
        standing = [(one, position) for one in part if (position := one[0].position) is not None]
        positions = [position for _, position in standing]
        way = walk.walk(positions, here)
        ordered += [standing[number][0] for number in way]
        ordered += sorted((one for one in part if one[0].position is None), key=lambda one: (one[0].address, one[0].id))
        here = positions[way[-1]] if way else here
    return ordered


def last_of(visit: Visit | None, promoter_id: UUID, *, ours: bool) -> LastVisit | None:
    """What is told of it on a route. ours: whether the place may be told of as ours; if not, a sign-up and a call are told to
    whoever made them."""
    if visit is None:
        return None
    if not ours and visit.outcome in rules.TELLS_OURS and visit.promoter_id != promoter_id:
        return None
    return LastVisit(visit.outcome, visit.made_at, visit.promoter_id == promoter_id)


async def assign(database: Database, *, operator_id: UUID, place_id: UUID, promoter_id: UUID | None) -> Place:
    """The place is that promoter's to go to, or nobody's in particular. Raises `NotFound`, `NotInTheTeam`."""
    async with database.transaction() as tx:
        place = await places.access_place(tx, place_id)
        await _check_team(tx, promoter_id)
        await visit_store.assign(tx, place_id, promoter_id, by_id=operator_id, at=clock.now())
        facts = {"place_id": place_id, "promoter_id": promoter_id}
        await operators.audit(tx, operator_id, "field.place_assigned", facts)
    return place


async def give_territory(database: Database, *, operator_id: UUID, area_id: UUID, promoter_id: UUID | None) -> None:
    """What is nobody's in particular in the area is that promoter's to go to. Raises `NotFound`, `NotInTheTeam`."""
    async with database.transaction() as tx:
        if area_id not in {one.id for one in await areas.areas(tx)}:
            raise NotFound
        await _check_team(tx, promoter_id)
        await visit_store.give_territory(tx, area_id, promoter_id, by_id=operator_id, at=clock.now())
        facts = {"area_id": area_id, "promoter_id": promoter_id}
        await operators.audit(tx, operator_id, "field.territory_given", facts)


async def _check_team(reader: Reader, promoter_id: UUID | None) -> None:
    if promoter_id is not None and not await promoters.is_promoter(reader, promoter_id):
        raise NotInTheTeam


def _reason(threatened: bool, people: int) -> Reason:
    if threatened:
        return Reason.THREATENED
    return Reason.WISHED if people else Reason.OPEN
