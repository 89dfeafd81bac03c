"""The street for the operator's staff."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post, put
from litestar.response import Stream

from junzi.field import places, promoters, rivals, street, street_csv
from junzi.field.http import Rivals, Search
from junzi.field.model import (
    NewPlace,
    NewRival,
    NewRivalCode,
    Place,
    PlaceState,
    Rival,
    RivalCode,
)
from junzi.field.places import ReadIn
from junzi.field.promoters import TeamMember
from junzi.field.street import Kept, KeptPage
from junzi.kit.database import Database
from junzi.operators.model import Operator

MOST_CHARACTERS = 200_000


class Rows(msgspec.Struct, frozen=True):
    """csv: a list of places, its first line naming the columns"""

    csv: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_CHARACTERS)]


class PlaceChange(NewPlace, frozen=True, kw_only=True):
    """What a place is from now on."""

    state: PlaceState


class Link(msgspec.Struct, frozen=True):
    """shop_id: None for a place that is none of ours"""

    shop_id: UUID | None


class NewPromoter(msgspec.Struct, frozen=True):
    handle: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Team(msgspec.Struct, frozen=True):
    promoters: list[TeamMember]


class CodesSeen(msgspec.Struct, frozen=True):
    codes: list[RivalCode]


@get("/api/ops/street", summary="Places of the street, the newest first", tags=["operator"])
async def list_street(
    operator: Operator,
    database: Database,
    which: PlaceState = PlaceState.STANDING,
    search: Search = "",
    area: UUID | None = None,
    before: UUID | None = None,
) -> KeptPage:
    async with database.read() as reader:
        return await street.for_operator(reader, state=which, search=search, area_id=area, before=before)


@get("/api/ops/street.csv", summary="The street as CSV", tags=["operator"])
async def list_street_csv(
    operator: Operator, database: Database, which: PlaceState = PlaceState.STANDING, area: UUID | None = None
) -> Stream:
    headers = {"content-disposition": 'attachment; filename="street.csv"'}
    return Stream(street_csv.pieces(database, state=which, area_id=area), media_type="text/csv", headers=headers)


@post("/api/ops/street/lists", summary="Read in a list of places (CSV)", tags=["operator"], status_code=200)
async def read_in_places(data: Rows, operator: Operator, database: Database) -> ReadIn:
    """All of it or, when a row cannot be read, nothing. The same list again changes nothing: a place is known by its number."""
    return await places.read_in(database, operator_id=operator.person_id, whole=data.csv)


@put(
    "/api/ops/street/{place_id:uuid}",
    summary="Say what a place is, accept it, or say that it is gone",
    tags=["operator"],
)
async def change_place(place_id: UUID, data: PlaceChange, operator: Operator, database: Database) -> Kept:
    new = NewPlace(data.name, data.trade, data.address, data.size, data.area_id, data.position)
    changed = await places.change(
        database, operator_id=operator.person_id, place_id=place_id, new=new, state=data.state
    )
    return await _kept(database, changed)


@put("/api/ops/street/{place_id:uuid}/shop", summary="Say which shop of ours a place is", tags=["operator"])
async def link_place(place_id: UUID, data: Link, operator: Operator, database: Database) -> Kept:
    linked = await places.link(database, operator_id=operator.person_id, place_id=place_id, shop_id=data.shop_id)
    return await _kept(database, linked)


@get(
    "/api/ops/street/{place_id:uuid}/rival-codes",
    summary="What was seen of rivals' codes at a place",
    tags=["operator"],
)
async def list_rival_codes(place_id: UUID, operator: Operator, database: Database) -> CodesSeen:
    async with database.read() as reader:
        return CodesSeen(await rivals.history(reader, place_id))


@post("/api/ops/street/{place_id:uuid}/rival-codes", summary="Say what was seen of a rival's code", tags=["operator"])
async def note_rival_code(
    place_id: UUID, data: NewRivalCode, operator: Operator, idempotency_key: str, database: Database
) -> RivalCode:
    return await rivals.see(database, person_id=operator.person_id, place_id=place_id, key=idempotency_key, new=data)


@get("/api/ops/rivals", summary="Other wallets", tags=["operator"])
async def list_rivals(operator: Operator, database: Database) -> Rivals:
    async with database.read() as reader:
        return Rivals(await rivals.known(reader))


@post("/api/ops/rivals", summary="Keep another wallet", tags=["operator"])
async def add_rival(data: NewRival, operator: Operator, idempotency_key: str, database: Database) -> Rival:
    return await rivals.add(database, operator_id=operator.person_id, key=idempotency_key, new=data)


@patch("/api/ops/rivals/{rival_id:uuid}", summary="Name a wallet anew, or say how its codes begin", tags=["operator"])
async def change_rival(rival_id: UUID, data: NewRival, operator: Operator, database: Database) -> Rival:
    return await rivals.change(database, operator_id=operator.person_id, rival_id=rival_id, new=data)


@get("/api/ops/promoters", summary="Who is in the offline team", tags=["operator"])
async def list_promoters(operator: Operator, database: Database) -> Team:
    async with database.read() as reader:
        return Team(await promoters.team(reader))


@post("/api/ops/promoters", summary="Take somebody into the offline team", tags=["operator"])
async def take_in_promoter(data: NewPromoter, operator: Operator, database: Database) -> TeamMember:
    return await promoters.take_in(database, operator_id=operator.person_id, handle=data.handle)


@delete("/api/ops/promoters/{person_id:uuid}", status_code=204, summary="Let somebody go", tags=["operator"])
async def let_promoter_go(person_id: UUID, operator: Operator, database: Database) -> None:
    await promoters.let_go(database, operator_id=operator.person_id, person_id=person_id)


async def _kept(database: Database, place: Place) -> Kept:
    async with database.read() as reader:
        return (await street.kept(reader, [place]))[0]


ROUTES: list[Any] = [
    list_street,
    list_street_csv,
    read_in_places,
    change_place,
    link_place,
    list_rival_codes,
    note_rival_code,
    list_rivals,
    add_rival,
    change_rival,
    list_promoters,
    take_in_promoter,
    let_promoter_go,
]
