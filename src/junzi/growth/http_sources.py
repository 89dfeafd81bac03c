"""Where people come from: codes and how far they bring people, for operators; inviting, for everybody; what a device tells."""

import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter

from junzi.growth import actions, sources
from junzi.growth.sources_model import NewSource, Opening, Source, Step
from junzi.kit import ids, qr
from junzi.kit.address import public_url
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.pace import Pace
from junzi.kit.table import words
from junzi.kit.web import csv_file
from junzi.operators.model import Operator
from junzi.people.http import address_of
from junzi.people.model import SignedIn

MOST_OPENINGS_A_MINUTE = 120
"""From one address."""

Req = Request[Any, Any, Any]
Count = Annotated[int, Parameter(ge=1, le=366, description="Business days, the last one included.")]
_pace = Pace()


class ShownSource(msgspec.Struct, frozen=True):
    """url: what opens the app and names the source; qr: the same as a picture (SVG)"""

    id: UUID
    name: str
    code: str
    url: str
    qr: str


class Invitation(msgspec.Struct, frozen=True):
    url: str
    qr: str


class Funnel(msgspec.Struct, frozen=True):
    sources: list[Step]


@post("/api/ops/sources", summary="A code for a poster or a promoter", tags=["operator"])
async def make_source(
    data: NewSource, operator: Operator, idempotency_key: str, database: Database, request: Req, settings: Settings
) -> ShownSource:
    made = await sources.make(database, operator_id=operator.person_id, key=idempotency_key, new=data)
    return _shown(made, request, settings)


@get("/api/ops/sources/{source_id:uuid}", summary="A poster's or a promoter's code", tags=["operator"])
async def show_source(
    source_id: UUID, operator: Operator, database: Database, request: Req, settings: Settings
) -> ShownSource:
    async with database.read() as reader:
        return _shown(await sources.access_source(reader, source_id), request, settings)


@get("/api/ops/sources", summary="How far people came from each source", tags=["operator"])
async def show_funnel(
    operator: Operator, database: Database, last: datetime.date | None = None, count: Count = 28
) -> Funnel:
    async with database.read() as reader:
        return Funnel(await sources.funnel(reader, *actions.span(last, count)))


@get("/api/ops/sources.csv", summary="The same as CSV", tags=["operator"])
async def show_funnel_csv(
    operator: Operator, database: Database, last: datetime.date | None = None, count: Count = 28
) -> Response[str]:
    async with database.read() as reader:
        found = await sources.funnel(reader, *actions.span(last, count))
    names = ("source", "name", "code", "opened", "installed", "signed_up", "card_bound", "scanned")
    rows = (
        (one.kind or "", words(one.name), one.code, one.opened, one.installed, one.signed_up, one.bound, one.scanned)
        for one in found
    )
    return csv_file("sources", [names, *rows])


@post("/api/me/invitation", summary="My link with which I invite", tags=["people"], status_code=200)
async def show_invitation(person: SignedIn, database: Database, request: Req, settings: Settings) -> Invitation:
    mine = _shown(await sources.invitation(database, person.person_id), request, settings)
    return Invitation(mine.url, mine.qr)


@post("/api/openings", summary="A device opened the app for the first time", tags=["people"], status_code=204)
async def tell_opening(data: Opening, request: Req, database: Database) -> None:
    _pace.keep(ids.derived(_ADDRESSES, address_of(request)), most=MOST_OPENINGS_A_MINUTE)
    await sources.opened(database, data)


def _shown(source: Source, request: Req, settings: Settings) -> ShownSource:
    url = f"{public_url(request, settings)}/?from={source.code}"
    return ShownSource(source.id, source.name, source.code, url, qr.picture(url).decode())


_ADDRESSES = UUID("0c1d5b55-7e0e-5c35-9a43-55d6f1f1a0b7")

ROUTES: list[Any] = [make_source, show_source, show_funnel, show_funnel_csv, show_invitation, tell_opening]
