"""The ratio and the gate, for operators."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, put

from junzi.field.survey_model import Counts
from junzi.growth import third
from junzi.growth.third_model import GateState, Override, Ratio
from junzi.kit.database import Database
from junzi.operators.model import Operator


class Third(msgspec.Struct, frozen=True):
    ratios: list[Ratio]
    gate: GateState


class Why(msgspec.Struct, frozen=True):
    reason: Annotated[str, msgspec.Meta(max_length=2 * third.LONGEST_REASON)]


@get("/api/ops/ratio", summary="Our codes or scans beside each rival's, and the gate", tags=["operator"])
async def show_ratio(operator: Operator, database: Database, counts: Counts = Counts.CODES) -> Third:
    async with database.read() as reader:
        return Third(await third.ratios(reader, counts), await third.gate(reader))


@put(
    "/api/ops/campaigns/{campaign_id:uuid}/override",
    summary="Let one campaign pass the gate, by two",
    tags=["operator"],
)
async def override_gate(campaign_id: UUID, data: Why, operator: Operator, database: Database) -> Override:
    return await third.override(database, campaign_id=campaign_id, operator_id=operator.person_id, reason=data.reason)


ROUTES: list[Any] = [show_ratio, override_gate]
