"""The figures of the day and of the days before, for operators."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from junzi.growth import actions, audience
from junzi.growth.audience_model import By, CouponDay, Span
from junzi.growth.model import Day, Today
from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.table import plain, table
from junzi.operators.model import Operator


class Spans(msgspec.Struct, frozen=True):
    by: By
    spans: list[Span]


class CouponDays(msgspec.Struct, frozen=True):
    days: list[CouponDay]


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


@get("/api/ops/people", summary="Who came, came again and stayed away, oldest span first", tags=["operator"])
async def people(
    database: Database, operator: Operator, by: By = By.DAY, count: Annotated[int, Parameter(ge=1, le=92)] = 14
) -> Spans:
    async with database.read() as reader:
        return Spans(by, await audience.spans(reader, by, min(count, audience.MOST[by])))


@get("/api/ops/people.csv", summary="The same as CSV", tags=["operator"])
async def people_csv(
    database: Database, operator: Operator, by: By = By.DAY, count: Annotated[int, Parameter(ge=1, le=92)] = 92
) -> Response[str]:
    async with database.read() as reader:
        found = await audience.spans(reader, by, min(count, audience.MOST[by]))
    names = Span.__struct_fields__
    return _csv(f"people-by-{by}", [names, *([getattr(span, name) for name in names] for span in found)])


@get("/api/ops/coupon-days", summary="What coupons moved, oldest day first", tags=["operator"])
async def coupon_days(
    database: Database, operator: Operator, count: Annotated[int, Parameter(ge=1, le=366)] = 14
) -> CouponDays:
    async with database.read() as reader:
        return CouponDays(await audience.coupon_days(reader, count))


@get("/api/ops/coupon-days.csv", summary="The same as CSV", tags=["operator"])
async def coupon_days_csv(
    database: Database, operator: Operator, count: Annotated[int, Parameter(ge=1, le=366)] = 366
) -> Response[str]:
    async with database.read() as reader:
        found = await audience.coupon_days(reader, count)
    currency = town.current().money
    names = ("date", "coupons", "sales", "payments_without", "of_these_after_a_coupon")
    amounts = [
        (day.date, plain(day.coupon_minor, currency), plain(day.sales_minor, currency), day.bare, day.bare_after)
        for day in found
    ]
    return _csv("coupon-days", [names, *amounts])


def _csv(name: str, rows: Iterable[Sequence[object]]) -> Response[str]:
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(table(rows), media_type="text/csv", headers=headers)


ROUTES: list[Any] = [today, days, people, people_csv, coupon_days, coupon_days_csv]
