"""Surveys: the operator draws and closes them, promoters look."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post, put

from junzi.field import survey, survey_store
from junzi.field.http import PROMOTER
from junzi.field.promoters import Promoter
from junzi.field.survey_model import Look, NewSurvey, Survey, ToLookAt
from junzi.kit.database import Database
from junzi.operators.model import Operator


class Surveys(msgspec.Struct, frozen=True):
    surveys: list[Survey]


class Drawn(msgspec.Struct, frozen=True):
    id: UUID


class Route(msgspec.Struct, frozen=True):
    places: list[ToLookAt]


@get("/api/ops/surveys", summary="Samples of the street, the newest first", tags=["operator"])
async def list_surveys(operator: Operator, database: Database) -> Surveys:
    async with database.read() as reader:
        return Surveys(await survey_store.surveys(reader))


@post("/api/ops/surveys", summary="Draw a random sample and send promoters to look", tags=["operator"])
async def draw_survey(data: NewSurvey, operator: Operator, idempotency_key: str, database: Database) -> Drawn:
    return Drawn(await survey.draw(database, operator_id=operator.person_id, key=idempotency_key, new=data))


@post(
    "/api/ops/surveys/{survey_id:uuid}/closings", status_code=204, summary="Let what was seen stand", tags=["operator"]
)
async def close_survey(survey_id: UUID, operator: Operator, database: Database) -> None:
    await survey.close(database, survey_id=survey_id, operator_id=operator.person_id)


@get("/api/field/looks", dependencies=PROMOTER, summary="Where I still have to look")
async def list_looks(promoter: Promoter, database: Database) -> Route:
    async with database.read() as reader:
        return Route(await survey_store.places_to_look_at(reader, promoter.person_id))


@put(
    "/api/field/surveys/{survey_id:uuid}/places/{place_id:uuid}",
    dependencies=PROMOTER,
    status_code=204,
    summary="What I saw there",
)
async def look_at_place(survey_id: UUID, place_id: UUID, data: Look, promoter: Promoter, database: Database) -> None:
    await survey.look(database, survey_id=survey_id, place_id=place_id, promoter_id=promoter.person_id, seen=data)


ROUTES: list[Any] = [list_surveys, draw_survey, close_survey, list_looks, look_at_place]
