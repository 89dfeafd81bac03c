"""The street for people, for keepers and for the offline team."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import Provide
from litestar.params import Parameter

from junzi.field import places, promoters, rivals, street, wish
from junzi.field.model import Demand, NewPlace, NewRivalCode, Rival, RivalCode, StreetPlace
from junzi.field.promoters import Promoter
from junzi.field.street import SeenPage, StreetPage
from junzi.kit.database import Database
from junzi.people.model import SignedIn

Search = Annotated[str, Parameter(max_length=street.LONGEST_SEARCH)]


class FieldMe(msgspec.Struct, frozen=True):
    """What I am to the offline team."""

    promoter: bool


class Rivals(msgspec.Struct, frozen=True):
    rivals: list[Rival]


class ShownDemand(msgspec.Struct, frozen=True):
    """What may be told of this month's wishes; nothing below five people."""

    demand: Demand | None


class Wished(msgspec.Struct, frozen=True):
    place_id: UUID


class Sticker(msgspec.Struct, frozen=True):
    """What a camera read."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=rivals.LONGEST_STICKER)]


class StickerOf(msgspec.Struct, frozen=True):
    """Whose code it is, if the operator keeps that wallet."""

    rival: Rival | None


async def provide_promoter(database: Database, person: SignedIn) -> Promoter:
    """Who is asking, as a member of the offline team. Raises `NotSignedIn` or `NotAPromoter`."""
    async with database.read() as reader:
        return await promoters.access_promoter(reader, person.person_id)


PROMOTER = {"promoter": Provide(provide_promoter)}


@get("/api/street", summary="Shops of the street, and whether one can pay there", tags=["street"])
async def look_at_street(
    person: SignedIn, database: Database, search: Search = "", before: UUID | None = None
) -> SeenPage:
    async with database.read() as reader:
        return await street.for_person(reader, person_id=person.person_id, search=search, before=before)


@post("/api/street/{place_id:uuid}/wishes", summary="Say that I would pay there", tags=["street"])
async def make_wish(place_id: UUID, person: SignedIn, database: Database) -> Wished:
    await wish.wish(database, person_id=person.person_id, place_id=place_id)
    return Wished(place_id)


@post("/api/street", summary="Name a shop that is not in the list, where I would pay", tags=["street"])
async def wish_for_new(data: NewPlace, person: SignedIn, idempotency_key: str, database: Database) -> Wished:
    return Wished(await wish.wish_for_new(database, person_id=person.person_id, key=idempotency_key, new=data))


@post(
    "/api/street/stickers",
    summary="Whose code a camera read, when it is none of ours",
    tags=["street"],
    status_code=200,
)
async def read_sticker(data: Sticker, person: SignedIn, database: Database) -> StickerOf:
    async with database.read() as reader:
        return StickerOf(await rivals.whose(reader, data.text))


@get("/api/shops/{shop_id:uuid}/demand", summary="How many asked for the shop this month", tags=["shops"])
async def show_demand(shop_id: UUID, person: SignedIn, database: Database) -> ShownDemand:
    async with database.read() as reader:
        return ShownDemand(await wish.demand_of_shop(reader, shop_id=shop_id, person_id=person.person_id))


@get("/api/field/me", summary="Whether I am in the offline team", tags=["field"])
async def show_field_me(person: SignedIn, database: Database) -> FieldMe:
    async with database.read() as reader:
        return FieldMe(await promoters.is_promoter(reader, person.person_id))


@get("/api/field/places", summary="The street as the offline team sees it", tags=["field"], dependencies=PROMOTER)
async def list_places(
    promoter: Promoter, database: Database, search: Search = "", area: UUID | None = None, before: UUID | None = None
) -> StreetPage:
    async with database.read() as reader:
        return await street.for_team(reader, search=search, area_id=area, before=before)


@get("/api/field/rivals", summary="Other wallets", tags=["field"], dependencies=PROMOTER)
async def list_known_rivals(promoter: Promoter, database: Database) -> Rivals:
    async with database.read() as reader:
        return Rivals(await rivals.known(reader))


@post("/api/field/places", summary="Name the shop next door", tags=["field"], dependencies=PROMOTER)
async def add_neighbour(data: NewPlace, promoter: Promoter, idempotency_key: str, database: Database) -> StreetPlace:
    place = await places.add_neighbour(database, promoter_id=promoter.person_id, key=idempotency_key, new=data)
    async with database.read() as reader:
        return (await street.team_sees(reader, [place]))[0]


@post(
    "/api/field/places/{place_id:uuid}/rival-codes",
    summary="Say what was seen of a rival's code",
    tags=["field"],
    dependencies=PROMOTER,
)
async def see_rival_code(
    place_id: UUID, data: NewRivalCode, promoter: Promoter, idempotency_key: str, database: Database
) -> RivalCode:
    return await rivals.see(database, person_id=promoter.person_id, place_id=place_id, key=idempotency_key, new=data)


ROUTES: list[Any] = [
    look_at_street,
    make_wish,
    wish_for_new,
    read_sticker,
    show_demand,
    show_field_me,
    list_places,
    list_known_rivals,
    add_neighbour,
    see_rival_code,
]
