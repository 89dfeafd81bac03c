"""The figures of the day and of the days before, for operators."""

import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from junzi.growth import actions, audience
from junzi.growth.audience_model import By, Cohort, CouponDay, Span
from junzi.growth.model import Day, Figures, Today
from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.table import plain
from junzi.kit.web import csv_file
from junzi.operators.model import Operator


class Spans(msgspec.Struct, frozen=True):
    by: By
    spans: list[Span]


class CouponDays(msgspec.Struct, frozen=True):
    days: list[CouponDay]


class Cohorts(msgspec.Struct, frozen=True):
    cohorts: list[Cohort]


class Days(msgspec.Struct, frozen=True):
    days: list[Day]


@get("/api/ops/today", summary="The day so far, hour by hour, and the day before", tags=["operator"])
async def today(database: Database, operator: Operator) -> Today:
    async with database.read() as reader:
        return await actions.today(reader)


@get("/api/ops/days", summary="The figures of the last days, oldest first", tags=["operator"])
async def days(
    database: Database,
    operator: Operator,
    last: datetime.date | None = None,
    count: Annotated[int, Parameter(ge=1, le=366)] = 14,
) -> Days:
    async with database.read() as reader:
        return Days(await actions.days(reader, *actions.span(last, count)))


@get("/api/ops/days.csv", summary="The same as CSV", tags=["operator"])
async def days_csv(
    database: Database,
    operator: Operator,
    last: datetime.date | None = None,
    count: Annotated[int, Parameter(ge=1, le=366)] = 366,
) -> Response[str]:
    async with database.read() as reader:
        found = await actions.days(reader, *actions.span(last, count))
    currency = town.current().money
    figures = Figures.__struct_fields__
    rows = (
        (
            day.date,
            *(plain(getattr(day, one), currency) if one.endswith("_minor") else getattr(day, one) for one in figures),
        )
        for day in found
    )
    return csv_file("days", [("date", *(one.replace("_minor", "_amount") for one in figures)), *rows])


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
    return csv_file(f"people-by-{by}", [names, *([getattr(span, name) for name in names] for span in found)])


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
    names = ("date", "coupons", "sales", "sales_per_coupon_unit", "payments_without", "of_these_after_a_coupon")
    amounts = [
        (
            day.date,
            plain(day.coupon_minor, currency),
            plain(day.sales_minor, currency),
            f"{day.sales_minor / day.coupon_minor:.2f}" if day.coupon_minor else "",
            day.bare,
            day.bare_after,
        )
        for day in found
    ]
    return csv_file("coupon-days", [names, *amounts])


@get("/api/ops/cohorts", summary="Of each week's new people, who came and paid since", tags=["operator"])
async def cohorts(
    database: Database, operator: Operator, weeks: Annotated[int, Parameter(ge=1, le=26)] = 12
) -> Cohorts:
    async with database.read() as reader:
        return Cohorts(await audience.cohorts(reader, weeks))


@get("/api/ops/cohorts.csv", summary="The same as CSV", tags=["operator"])
async def cohorts_csv(
    database: Database, operator: Operator, weeks: Annotated[int, Parameter(ge=1, le=26)] = 26
) -> Response[str]:
    async with database.read() as reader:
        found = await audience.cohorts(reader, weeks)
    rows = (
        (cohort.week, cohort.size, since, active, paying)
        for cohort in found
        for since, (active, paying) in enumerate(zip(cohort.active, cohort.paying, strict=True))
    )
    return csv_file("cohorts", [("signed_up_week", "people", "weeks_since", "active", "paying"), *rows])


ROUTES: list[Any] = [
    today,
    days,
    days_csv,
    people,
    people_csv,
    cohorts,
    cohorts_csv,
    coupon_days,
    coupon_days_csv,
]
