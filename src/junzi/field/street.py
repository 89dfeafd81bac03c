"""The street as those see it who walk it: people who look where they can pay, and the offline team with the operator.

A discreet shop of ours is told of to nobody here, the operator's staff included: its place is one that is not ours.
"""

from uuid import UUID

import msgspec

from junzi.field import rules, store, visit_store, wish
from junzi.field.model import (
    Demand,
    Place,
    PlaceState,
    Position,
    RivalCode,
    RivalCodeLine,
    Source,
    StreetPlace,
)
from junzi.kit import text
from junzi.kit.database import Reader
from junzi.merchants import store as merchants
from junzi.merchants.model import Shop, ShopCard, Trade, card

PAGE = 200
LONGEST_SEARCH = 40


class Seen(msgspec.Struct, frozen=True):
    """A place as a person sees it. ours: whether one can pay there; wished: whether this person asked for it this month"""

    id: UUID
    name: str
    trade: Trade
    address: str
    position: Position | None
    ours: bool
    wished: bool


class Kept(msgspec.Struct, frozen=True):
    """A place as the operator keeps it: what the team sees, its number in the operator's lists, and where it is known from.

    promoter_id: who goes there, by the place's own or by its area's; None for whoever comes by
    """

    place: StreetPlace
    number: str | None
    source: Source
    state: PlaceState
    promoter_id: UUID | None


class SeenPage(msgspec.Struct, frozen=True):
    places: list[Seen]
    more: bool


class StreetPage(msgspec.Struct, frozen=True):
    places: list[StreetPlace]
    more: bool


class KeptPage(msgspec.Struct, frozen=True):
    places: list[Kept]
    more: bool


async def for_person(reader: Reader, *, person_id: UUID, search: str, before: UUID | None) -> SeenPage:
    """The places that stand, the newest first."""
    listed, more = await _page(reader, PlaceState.STANDING, search, None, before)
    ids = [one.id for one in listed]
    ours = await _ours(reader, listed)
    wished = await store.wished(reader, person_id=person_id, month=wish.this_month(), place_ids=ids)
    seen = [
        Seen(one.id, one.name, one.trade, one.address, one.position, one.id in ours, one.id in wished) for one in listed
    ]
    return SeenPage(seen, more)


async def for_team(reader: Reader, *, search: str, area_id: UUID | None, before: UUID | None) -> StreetPage:
    """The places that stand, the newest first, with what hangs in them and who asks for them."""
    listed, more = await _page(reader, PlaceState.STANDING, search, area_id, before)
    return StreetPage(await team_sees(reader, listed), more)


async def for_operator(
    reader: Reader, *, state: PlaceState, search: str, area_id: UUID | None, before: UUID | None
) -> KeptPage:
    listed, more = await _page(reader, state, search, area_id, before)
    return KeptPage(await kept(reader, listed), more)


async def team_sees(reader: Reader, places: list[Place]) -> list[StreetPlace]:
    """These places as the team sees them."""
    ids = [one.id for one in places]
    ours = await _ours(reader, places)
    codes = await store.latest_codes(reader, ids)
    demands = await wish.demands(reader, ids)
    return [_shown(one, ours.get(one.id), codes.get(one.id, []), demands.get(one.id)) for one in places]


async def kept(reader: Reader, places: list[Place]) -> list[Kept]:
    """These places as the operator keeps them."""
    seen = await team_sees(reader, places)
    goes = await visit_store.assigned(reader, [one.id for one in places])
    return [
        Kept(shown, place.number, place.source, place.state, goes[place.id][0] if place.id in goes else None)
        for place, shown in zip(places, seen, strict=True)
    ]


async def _page(
    reader: Reader, state: PlaceState, search: str, area_id: UUID | None, before: UUID | None
) -> tuple[list[Place], bool]:
    """A page, and whether more follow. Raises `InvalidRequest`."""
    wanted = text.one_line(search, field="search", least=0, most=LONGEST_SEARCH)
    found = await store.places(reader, state=state, text=wanted, area_id=area_id, before=before, most=PAGE + 1)
    return found[:PAGE], len(found) > PAGE


async def _ours(reader: Reader, places: list[Place]) -> dict[UUID, Shop]:
    """By place, the shop of ours that it may be told of as."""
    shops = await merchants.shops(reader, [one.shop_id for one in places if one.shop_id is not None])
    return {
        one.id: shop
        for one in places
        if one.shop_id is not None and rules.is_seen_as_ours(shop := shops.get(one.shop_id)) and shop is not None
    }


def _shown(place: Place, shop: Shop | None, codes: list[RivalCode], demand: Demand | None) -> StreetPlace:
    face: ShopCard | None = None if shop is None else card(shop)
    return StreetPlace(
        place.id,
        place.name,
        place.trade,
        place.address,
        place.size,
        place.area_id,
        place.position,
        rules.wallets(ours=shop is not None, codes=[one.state for one in codes]),
        [RivalCodeLine(one.rival_id, one.state, one.how, one.seen_at) for one in codes],
        demand,
        face,
    )
