"""The morning brief of any past day, for operators."""

import datetime
from typing import Any

from litestar import get

from junzi.growth import brief
from junzi.growth.brief_model import Brief
from junzi.kit.database import Database
from junzi.operators.model import Operator


@get("/api/ops/briefs/{day:date}", summary="What was on a business day", tags=["operator"])
async def show_brief(day: datetime.date, operator: Operator, database: Database) -> Brief:
    async with database.read() as reader:
        return await brief.of_day(reader, day)


ROUTES: list[Any] = [show_brief]
