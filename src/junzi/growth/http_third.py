"""The ratio and the gate, for operators."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, put

from junzi.field.survey_model import Counts
from junzi.growth import third
from junzi.growth.third_model import GateState, Override, Past, Ratio, Waiting
from junzi.kit.database import Database
from junzi.kit.table import words
from junzi.kit.web import csv_file
from junzi.operators.model import Operator


class Third(msgspec.Struct, frozen=True):
    ratios: list[Ratio]
    gate: GateState


class History(msgspec.Struct, frozen=True):
    surveys: list[Past]


class Gated(msgspec.Struct, frozen=True):
    campaigns: list[Waiting]


class Why(msgspec.Struct, frozen=True):
    reason: Annotated[str, msgspec.Meta(max_length=2 * third.LONGEST_REASON)]


@get("/api/ops/ratio", summary="Our codes or scans beside each rival's, and the gate", tags=["operator"])
async def show_ratio(operator: Operator, database: Database, counts: Counts = Counts.CODES) -> Third:
    async with database.read() as reader:
        return Third(await third.ratios(reader, counts), await third.gate(reader))


@get("/api/ops/ratio/history", summary="What each closed survey showed, the earliest first", tags=["operator"])
async def show_history(operator: Operator, database: Database, counts: Counts = Counts.CODES) -> History:
    async with database.read() as reader:
        return History(await third.history(reader, counts))


@get("/api/ops/ratio.csv", summary="The same as CSV", tags=["operator"])
async def show_history_csv(operator: Operator, database: Database, counts: Counts = Counts.CODES) -> Response[str]:
    async with database.read() as reader:
        found = await third.history(reader, counts)
    rows = ((one.date, words(one.rival), one.ratio, one.lower) for one in found)
    return csv_file(f"ratio-by-{counts}", [("date", "rival", "ratio", "at_least"), *rows])


@put(
    "/api/ops/campaigns/{campaign_id:uuid}/override",
    summary="Let one campaign pass the gate, by two",
    tags=["operator"],
)
async def override_gate(campaign_id: UUID, data: Why, operator: Operator, database: Database) -> Override:
    return await third.override(database, campaign_id=campaign_id, operator_id=operator.person_id, reason=data.reason)


@get("/api/ops/gated", summary="Campaigns that wait for the gate, the newest first", tags=["operator"])
async def list_gated(operator: Operator, database: Database) -> Gated:
    async with database.read() as reader:
        return Gated(await third.gated(reader))


ROUTES: list[Any] = [show_ratio, show_history, show_history_csv, list_gated, override_gate]
