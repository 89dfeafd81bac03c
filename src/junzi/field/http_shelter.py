"""Shelter: the operator's desk."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post

from junzi.coupons.model import NewCampaign
from junzi.field import shelter, shelter_coupons
from junzi.field.shelter_model import NewShelter, ShownShelter
from junzi.kit.database import Database
from junzi.operators.model import Operator


class Shelters(msgspec.Struct, frozen=True):
    shelters: list[ShownShelter]


class Aimed(msgspec.Struct, frozen=True):
    """id: of the campaign"""

    id: UUID


class Begun(msgspec.Struct, frozen=True):
    id: UUID


@get("/api/ops/shelters", summary="Shops under shelter, with what it cost and when it ends", tags=["operator"])
async def list_shelters(operator: Operator, database: Database) -> Shelters:
    async with database.read() as reader:
        return Shelters(await shelter.shown(reader))


@post("/api/ops/street/{place_id:uuid}/shelters", summary="Take the shop there under shelter", tags=["operator"])
async def begin_shelter(
    place_id: UUID, data: NewShelter, operator: Operator, idempotency_key: str, database: Database
) -> Begun:
    return Begun(
        await shelter.begin(database, operator_id=operator.person_id, place_id=place_id, key=idempotency_key, new=data)
    )


@post(
    "/api/ops/shelters/{shelter_id:uuid}/endings", summary="End it before its time", tags=["operator"], status_code=204
)
async def end_shelter(shelter_id: UUID, operator: Operator, database: Database) -> None:
    await shelter.end(database, operator_id=operator.person_id, shelter_id=shelter_id)


@post(
    "/api/ops/shelters/{shelter_id:uuid}/campaigns",
    summary="Draft a campaign that counts at the sheltered shop alone",
    tags=["operator"],
)
async def aim_campaign(
    shelter_id: UUID, data: NewCampaign, operator: Operator, idempotency_key: str, database: Database
) -> Aimed:
    campaign_id = await shelter_coupons.aim(
        database, operator_id=operator.person_id, shelter_id=shelter_id, key=idempotency_key, new=data
    )
    return Aimed(campaign_id)


ROUTES: list[Any] = [list_shelters, begin_shelter, end_shelter, aim_campaign]
