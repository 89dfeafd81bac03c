"""The calendar, rivals' moves and their answers, and the hours around them, for operators."""

import datetime
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import Parameter

from junzi.coupons.model import NewCampaign
from junzi.growth import actions, calendar, calendar_store
from junzi.growth import answer as answers
from junzi.growth.calendar_model import Answer, Calendar, Flag, Move, NewMove
from junzi.growth.model import Hour
from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.table import plain, words
from junzi.kit.web import csv_file
from junzi.operators.model import Operator

MOST_HOURS_DAYS = 92

Count = Annotated[int, Parameter(ge=1, le=calendar.MOST_DAYS, description="Business days, the last one included.")]
HoursCount = Annotated[int, Parameter(ge=1, le=MOST_HOURS_DAYS, description="Business days, the last one included.")]


class DatedHour(Hour, frozen=True, kw_only=True):
    date: datetime.date


class Hours(msgspec.Struct, frozen=True):
    """Hours in which nothing happened are left out."""

    hours: list[DatedHour]


@get("/api/ops/calendar", summary="Our launches and rivals' moves, the earliest first", tags=["operator"])
async def show_calendar(
    database: Database, operator: Operator, last: datetime.date | None = None, count: Count = 28
) -> Calendar:
    async with database.read() as reader:
        return await calendar.calendar(reader, *actions.span(last, count))


@get("/api/ops/calendar.csv", summary="The same as CSV", tags=["operator"])
async def show_calendar_csv(
    database: Database, operator: Operator, last: datetime.date | None = None, count: Count = calendar.MOST_DAYS
) -> Response[str]:
    async with database.read() as reader:
        found = await calendar.calendar(reader, *actions.span(last, count))
    return csv_file("calendar", _rows(found))


@post("/api/ops/moves", summary="Record what a rival did", tags=["operator"])
async def record_move(data: NewMove, operator: Operator, idempotency_key: str, database: Database) -> Move:
    return await calendar.record(database, operator_id=operator.person_id, key=idempotency_key, new=data)


@delete("/api/ops/moves/{move_id:uuid}", summary="It was recorded by mistake", tags=["operator"])
async def void_move(move_id: UUID, operator: Operator, database: Database) -> None:
    await calendar.void(database, operator_id=operator.person_id, move_id=move_id)


@post("/api/ops/moves/{move_id:uuid}/answers", summary="Draft a campaign that answers a move", tags=["operator"])
async def answer_move(
    move_id: UUID, data: NewCampaign, operator: Operator, idempotency_key: str, database: Database
) -> Answer:
    """A second administrator hears of it on the phone, and lets it run or not as any other campaign."""
    return await answers.answer(
        database, operator_id=operator.person_id, move_id=move_id, key=idempotency_key, new=data
    )


@get("/api/ops/hours", summary="Payments, scans and bindings by the hour", tags=["operator"])
async def show_hours(
    database: Database, operator: Operator, last: datetime.date | None = None, count: HoursCount = 3
) -> Hours:
    async with database.read() as reader:
        found = await calendar_store.hours(reader, *actions.span(last, count))
    return Hours([DatedHour(date=date, **msgspec.structs.asdict(hour)) for date, hour in found])


@get("/api/ops/hours.csv", summary="The same as CSV", tags=["operator"])
async def show_hours_csv(
    database: Database, operator: Operator, last: datetime.date | None = None, count: HoursCount = MOST_HOURS_DAYS
) -> Response[str]:
    async with database.read() as reader:
        found = await calendar_store.hours(reader, *actions.span(last, count))
    currency = town.current().money
    names = ("date", "hour", "scans", "cards_bound", "payments", "amount")
    rows = (
        (date, one.hour, one.scans, one.cards_bound, one.payments, plain(one.amount_minor, currency))
        for date, one in found
    )
    return csv_file("hours", [names, *rows])


def _rows(found: Calendar) -> Iterator[tuple[object, ...]]:
    """One line a flag, and of each figure around it the mean before and after."""
    by_day, by_hour = f"{found.days_each}_days", f"{found.hours_each}_hours"
    around = [
        *((name, "a day", by_day) for name in calendar.BY_DAY),
        *((name, "an hour", by_hour) for name in calendar.BY_HOUR),
    ]
    yield (
        "at",
        "whose",
        "what",
        "name",
        "face",
        "threshold",
        "estimated_burn",
        "until",
        "source",
        "answered_by",
        "live_at",
        "reaction_s",
        *(
            f"{name.removesuffix('_minor')} {per}, {span} {side}"
            for name, per, span in around
            for side in ("before", "after")
        ),
    )
    for flag in found.flags:
        yield (*_told(flag), *_sides(flag))


def _told(flag: Flag) -> tuple[object, ...]:
    currency = town.current().money

    def sum_of(minor: int | None) -> str:
        return "" if minor is None else plain(minor, currency)

    if flag.launch is not None:
        return (flag.at, flag.whose, flag.launch.turn, words(flag.launch.title.zh), *[""] * 8)
    assert flag.move is not None, "a flag is one of the two"
    move = flag.move
    first = next((one for one in flag.answers if one.live_at), flag.answers[0] if flag.answers else None)
    return (
        flag.at,
        flag.whose,
        move.kind,
        words(flag.rival),
        sum_of(move.face_minor),
        sum_of(move.threshold_minor),
        sum_of(move.burn_minor),
        move.ends_at or "",
        words(move.source),
        words(first.title.zh) if first else "",
        (first and first.live_at) or "",
        "" if first is None or first.reaction_s is None else round(first.reaction_s),
    )


def _sides(flag: Flag) -> Iterator[object]:
    currency = town.current().money
    for one in (*flag.days, *flag.hours):
        for side in (one.before, one.after):
            if side is None:
                yield ""
            elif one.figure.endswith("_minor"):
                yield plain(round(side), currency)
            else:
                yield f"{side:.2f}"


ROUTES: list[Any] = [show_calendar, show_calendar_csv, record_move, void_move, answer_move, show_hours, show_hours_csv]
