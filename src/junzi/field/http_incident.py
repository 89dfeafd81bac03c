"""What was said to a shop: recorded and read by its people, read by the operator where it was handed over."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from junzi.field import incident, rivals
from junzi.field.incident_model import HandedOver, NewEntry, NewIncident, ShownIncident
from junzi.field.model import Rival
from junzi.kit.database import Database
from junzi.media.blobs import Blobs
from junzi.media.http import Asked, file_answer
from junzi.media.model import Size
from junzi.operators.model import Operator
from junzi.people.model import SignedIn

INCIDENTS = "/api/shops/{shop_id:uuid}/incidents"


class Incidents(msgspec.Struct, frozen=True):
    """rivals: other wallets that one may be recorded of"""

    incidents: list[ShownIncident]
    more: bool
    rivals: list[Rival]


class IncidentsHandedOver(msgspec.Struct, frozen=True):
    incidents: list[HandedOver]
    more: bool


@get(INCIDENTS, summary="What was said to the shop", tags=["shops"])
async def list_incidents(shop_id: UUID, person: SignedIn, database: Database, before: UUID | None = None) -> Incidents:
    async with database.read() as reader:
        found, more = await incident.of_shop(reader, shop_id=shop_id, person_id=person.person_id, before=before)
        return Incidents(found, more, await rivals.known(reader))


@post(INCIDENTS, summary="Record what was said to the shop", tags=["shops"])
async def record_incident(
    shop_id: UUID, data: NewIncident, person: SignedIn, idempotency_key: str, database: Database
) -> ShownIncident:
    return await incident.record(database, shop_id=shop_id, person_id=person.person_id, key=idempotency_key, new=data)


@post(INCIDENTS + "/{incident_id:uuid}/entries", summary="Write more below it", tags=["shops"])
async def add_to_incident(
    shop_id: UUID, incident_id: UUID, data: NewEntry, person: SignedIn, idempotency_key: str, database: Database
) -> ShownIncident:
    return await incident.add(
        database,
        shop_id=shop_id,
        incident_id=incident_id,
        person_id=person.person_id,
        key=idempotency_key,
        new=data,
    )


@post(INCIDENTS + "/{incident_id:uuid}/withdrawals", summary="Stand by it no more", tags=["shops"], status_code=200)
async def withdraw_incident(shop_id: UUID, incident_id: UUID, person: SignedIn, database: Database) -> ShownIncident:
    return await incident.withdraw(database, shop_id=shop_id, incident_id=incident_id, person_id=person.person_id)


@post(INCIDENTS + "/{incident_id:uuid}/handovers", summary="Let the operator read it", tags=["shops"], status_code=200)
async def hand_over_incident(shop_id: UUID, incident_id: UUID, person: SignedIn, database: Database) -> ShownIncident:
    return await incident.hand_over(database, shop_id=shop_id, incident_id=incident_id, person_id=person.person_id)


@get(INCIDENTS + "/photos/{photo_id:uuid}", summary="A photo of it", tags=["shops"], skip_compression=True)
async def show_incident_photo(
    shop_id: UUID,
    photo_id: UUID,
    person: SignedIn,
    database: Database,
    blobs: Blobs,
    size: Size | None = None,
    asked: Asked = None,
) -> Response[Any]:
    async with database.read() as reader:
        held = await incident.photo(reader, photo_id, shop_id=shop_id, person_id=person.person_id)
    return await file_answer(blobs, held, size, asked)


@get("/api/ops/incidents", summary="What was said to shops, as far as they handed it over", tags=["operator"])
async def list_incidents_handed_over(
    operator: Operator, database: Database, place: UUID | None = None, before: UUID | None = None
) -> IncidentsHandedOver:
    async with database.read() as reader:
        return IncidentsHandedOver(*await incident.handed_over(reader, place_id=place, before=before))


@get("/api/ops/incidents/photos/{photo_id:uuid}", summary="A photo of it", tags=["operator"], skip_compression=True)
async def show_incident_photo_to_operator(
    photo_id: UUID, operator: Operator, database: Database, blobs: Blobs, size: Size | None = None, asked: Asked = None
) -> Response[Any]:
    async with database.read() as reader:
        held = await incident.photo_handed_over(reader, photo_id)
    return await file_answer(blobs, held, size, asked)


ROUTES: list[Any] = [
    list_incidents,
    record_incident,
    add_to_incident,
    withdraw_incident,
    hand_over_incident,
    show_incident_photo,
    list_incidents_handed_over,
    show_incident_photo_to_operator,
]
