"""The promoter's day, and the desk that gives out places and sees who was where."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import Parameter

from junzi.field import route, street, visit, visit_store
from junzi.field.http import PROMOTER
from junzi.field.model import Position
from junzi.field.promoters import Promoter
from junzi.field.route import Route
from junzi.field.street import Kept
from junzi.field.visit_model import NewVisit, ShownVisit
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.text import refused
from junzi.media.blobs import Blobs
from junzi.media.http import Asked, file_answer
from junzi.media.model import Size
from junzi.merchants.http_stores import poster_answer
from junzi.merchants.poster import Format
from junzi.operators.model import Operator

Latitude = Annotated[int | None, Parameter(ge=-90_000_000, le=90_000_000)]
Longitude = Annotated[int | None, Parameter(ge=-180_000_000, le=180_000_000)]


class Visits(msgspec.Struct, frozen=True):
    visits: list[ShownVisit]


class Given(msgspec.Struct, frozen=True):
    """promoter_id: who goes there; None for nobody in particular"""

    promoter_id: UUID | None


class Territory(msgspec.Struct, frozen=True):
    area_id: UUID
    promoter_id: UUID


class Territories(msgspec.Struct, frozen=True):
    territories: list[Territory]


@get("/api/field/route", summary="Where to go today, in order", tags=["field"], dependencies=PROMOTER)
async def show_route(
    promoter: Promoter, database: Database, latitude_e6: Latitude = None, longitude_e6: Longitude = None
) -> Route:
    if (latitude_e6 is None) != (longitude_e6 is None):
        raise refused("latitude_e6", "Latitude and longitude go together.")
    start = None if latitude_e6 is None or longitude_e6 is None else Position(latitude_e6, longitude_e6)
    async with database.read() as reader:
        return await route.route(reader, promoter_id=promoter.person_id, start=start)


@post(
    "/api/field/places/{place_id:uuid}/visits",
    summary="Note what came of being there",
    tags=["field"],
    dependencies=PROMOTER,
)
async def note_visit(
    place_id: UUID, data: NewVisit, promoter: Promoter, idempotency_key: str, database: Database
) -> ShownVisit:
    return await visit.note(database, promoter_id=promoter.person_id, place_id=place_id, key=idempotency_key, new=data)


@get(
    "/api/field/places/{place_id:uuid}/poster",
    summary="The code of the shop there, as PDF to show or to print",
    tags=["field"],
    dependencies=PROMOTER,
)
async def show_poster_to_promoter(
    request: Request[Any, Any, Any],
    place_id: UUID,
    promoter: Promoter,
    database: Database,
    settings: Settings,
    format: Format = Format.A5,
) -> Response[bytes]:
    async with database.read() as reader:
        shop = await visit.shop_to_post(reader, place_id=place_id, promoter_id=promoter.person_id)
    return await poster_answer(request, database, settings, shop, format=format)


@get("/api/field/places/{place_id:uuid}/visits", summary="Who was there", tags=["field"], dependencies=PROMOTER)
async def list_visits(place_id: UUID, promoter: Promoter, database: Database) -> Visits:
    async with database.read() as reader:
        found = await visit.history(reader, place_id=place_id, person_id=promoter.person_id, is_operator=False)
        return Visits(found)


@get(
    "/api/field/photos/{photo_id:uuid}",
    summary="A visit's photo",
    tags=["field"],
    dependencies=PROMOTER,
    skip_compression=True,
)
async def show_photo(
    photo_id: UUID, promoter: Promoter, database: Database, blobs: Blobs, size: Size | None = None, asked: Asked = None
) -> Response[Any]:
    async with database.read() as reader:
        held = await visit.photo(reader, photo_id)
    return await file_answer(blobs, held, size, asked)


@get("/api/ops/street/{place_id:uuid}/visits", summary="Who of the team was there", tags=["operator"])
async def list_visits_for_operator(place_id: UUID, operator: Operator, database: Database) -> Visits:
    async with database.read() as reader:
        found = await visit.history(reader, place_id=place_id, person_id=operator.person_id, is_operator=True)
        return Visits(found)


@get("/api/ops/street/photos/{photo_id:uuid}", summary="A visit's photo", tags=["operator"], skip_compression=True)
async def show_photo_to_operator(
    photo_id: UUID, operator: Operator, database: Database, blobs: Blobs, size: Size | None = None, asked: Asked = None
) -> Response[Any]:
    async with database.read() as reader:
        held = await visit.photo(reader, photo_id)
    return await file_answer(blobs, held, size, asked)


@put("/api/ops/street/{place_id:uuid}/promoter", summary="Say who goes there", tags=["operator"])
async def assign_place(place_id: UUID, data: Given, operator: Operator, database: Database) -> Kept:
    place = await route.assign(
        database, operator_id=operator.person_id, place_id=place_id, promoter_id=data.promoter_id
    )
    async with database.read() as reader:
        return (await street.kept(reader, [place]))[0]


@get("/api/ops/territories", summary="Which area is whose", tags=["operator"])
async def list_territories(operator: Operator, database: Database) -> Territories:
    async with database.read() as reader:
        found = await visit_store.territories(reader)
    return Territories([Territory(area_id, promoter_id) for area_id, promoter_id in found.items()])


@put("/api/ops/territories/{area_id:uuid}", summary="Say whose an area is", tags=["operator"], status_code=204)
async def give_territory(area_id: UUID, data: Given, operator: Operator, database: Database) -> None:
    await route.give_territory(database, operator_id=operator.person_id, area_id=area_id, promoter_id=data.promoter_id)


ROUTES: list[Any] = [
    show_route,
    note_visit,
    show_poster_to_promoter,
    list_visits,
    show_photo,
    list_visits_for_operator,
    show_photo_to_operator,
    assign_place,
    list_territories,
    give_territory,
]
