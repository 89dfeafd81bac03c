"""The figures of the day and of the days before, for operators."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import Parameter

from junzi.growth import actions
from junzi.growth.model import Day, Today
from junzi.kit.database import Database
from junzi.operators.model import Operator


class Days(msgspec.Struct, frozen=True):
    days: list[Day]


@get("/api/ops/today", summary="The day so far, hour by hour, and the day before", tags=["operator"])
async def today(database: Database, operator: Operator) -> Today:
    async with database.read() as reader:
        return await actions.today(reader)


@get("/api/ops/days", summary="The figures of the last days, oldest first", tags=["operator"])
async def days(database: Database, operator: Operator, count: Annotated[int, Parameter(ge=1, le=366)] = 14) -> Days:
    async with database.read() as reader:
        return Days(await actions.days(reader, count))


ROUTES: list[Any] = [today, days]
