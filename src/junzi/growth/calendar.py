"""The calendar: what became of our campaigns, as events tell it, and rivals' moves, as the staff records them.

Each stands as a flag on the charts, with what the figures were before it and after (`around.py`).
"""

import datetime
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.coupons.turns import CampaignTurned
from junzi.field import rivals
from junzi.growth import around, calendar_store, store
from junzi.growth.calendar_model import (
    LONGEST_SOURCE,
    Answer,
    Around,
    Calendar,
    Flag,
    Launch,
    Move,
    NewMove,
)
from junzi.growth.model import Day, Hour
from junzi.kit import clock, idempotency, ids, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.outbox import Delivery
from junzi.kit.text import one_line, refused
from junzi.operators import actions as operators

MOST_DAYS = 366
MOST_FLAGS = 200
"""Of ours, and as many of the rivals'."""
OLDEST, LATEST = timedelta(days=400), timedelta(days=90)
"""How long ago a move that is recorded now may have begun, and how far ahead one may be announced."""
BY_DAY = ("actives", "sign_ups", "cards_bound", "scans", "payments", "payments_minor")
BY_HOUR = ("scans", "cards_bound", "payments", "amount_minor")


async def record(database: Database, *, operator_id: UUID, key: str, new: NewMove) -> Move:
    """What a rival did; a repeat with the same key says nothing more. Raises `InvalidRequest`."""
    async with database.transaction() as tx:
        move = await _checked(tx, operator_id, new)
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="growth.move", body=new, intent_id=move.id
        )
        if claimed != move.id:
            return await access_move(tx, claimed)
        await calendar_store.insert_move(tx, move)
        await operators.audit(tx, operator_id, "growth.move_recorded", {"move_id": move.id, "rival_id": move.rival_id})
    return move


async def void(database: Database, *, operator_id: UUID, move_id: UUID) -> None:
    """It was recorded by mistake and stands on no chart any more; again it changes nothing. Raises `NotFound`."""
    async with database.transaction() as tx:
        move = await calendar_store.move_locked(tx, move_id)
        if move is None:
            raise NotFound
        if move.voided_at is None:
            await calendar_store.void_move(tx, move_id, at=clock.now())
            await operators.audit(tx, operator_id, "growth.move_voided", {"move_id": move_id})


async def access_move(reader: Reader, move_id: UUID) -> Move:
    """Raises `NotFound`, also for one that was recorded by mistake."""
    move = await calendar_store.move(reader, move_id)
    if move is None or move.voided_at is not None:
        raise NotFound
    return move


async def on_turned(database: Database, delivery: Delivery) -> None:
    """What became of a campaign, as coupons tell it."""
    event: CampaignTurned = delivery.event
    launch = Launch(
        id=delivery.id,
        campaign_id=event.campaign_id,
        turn=event.turn,
        title=event.title,
        at=delivery.at,
        move_id=None,
    )
    async with database.transaction() as tx:
        await calendar_store.insert_launch(tx, launch)


async def calendar(reader: Reader, first: datetime.date, last: datetime.date) -> Calendar:
    """The flags of these business days, the earliest first. A fixed number of queries."""
    zone = ZoneInfo(town.current().time_zone)
    since = datetime.datetime.combine(first, datetime.time.min, zone)
    until = datetime.datetime.combine(last + timedelta(days=1), datetime.time.min, zone)
    launches = await calendar_store.launches(reader, since, until, MOST_FLAGS)
    moves = await calendar_store.moves(reader, since, until, MOST_FLAGS)
    answers = await calendar_store.answers(reader, moves)
    names = {rival.id: rival.name for rival in await rivals.known(reader)}
    figures = await _figures(reader, first, last)
    flags = [
        *(_flag(figures, launch.at, launch=launch) for launch in launches),
        *(
            _flag(figures, move.starts_at, move=move, rival=names[move.rival_id], answers=answers.get(move.id, []))
            for move in moves
        ),
    ]
    return Calendar(sorted(flags, key=lambda flag: flag.at), around.DAYS, around.HOURS)


class _Figures:
    """Days and hours by their numbers, and where what is known begins and ends."""

    def __init__(self, days: Sequence[Day], hours: Sequence[tuple[datetime.date, Hour]], first: datetime.date) -> None:
        now = clock.local(clock.now(), town.current().time_zone)
        self.days = {name: {day.date.toordinal(): getattr(day, name) for day in days} for name in BY_DAY}
        self.hours = {name: {_hour(date, hour.hour): getattr(hour, name) for date, hour in hours} for name in BY_HOUR}
        self.first = first
        self.today, self.this_hour = now.date().toordinal(), _hour(now.date(), now.hour)


async def _figures(reader: Reader, first: datetime.date, last: datetime.date) -> _Figures:
    known = await calendar_store.first_day(reader) or last + timedelta(days=1)
    span = first - timedelta(days=around.DAYS), last + timedelta(days=around.DAYS)
    return _Figures(await store.days(reader, *span), await calendar_store.hours(reader, *span), known)


def _flag(
    figures: _Figures,
    at: datetime.datetime,
    *,
    launch: Launch | None = None,
    move: Move | None = None,
    rival: str = "",
    answers: Sequence[Answer] = (),
) -> Flag:
    local = clock.local(at, town.current().time_zone)
    day, hour = local.date().toordinal(), _hour(local.date(), local.hour)
    first_day, first_hour = figures.first.toordinal(), _hour(figures.first, 0)
    return Flag(
        whose="ours" if move is None else "rival",
        at=at,
        date=local.date(),
        hour=local.hour,
        days=[
            Around(
                name,
                *around.before_and_after(values, day, each=around.DAYS, first=first_day, until=figures.today),
            )
            for name, values in figures.days.items()
        ],
        hours=[
            Around(
                name,
                *around.before_and_after(values, hour, each=around.HOURS, first=first_hour, until=figures.this_hour),
            )
            for name, values in figures.hours.items()
        ],
        launch=launch,
        move=move,
        rival=rival,
        answers=list(answers),
    )


def _hour(date: datetime.date, hour: int) -> int:
    return date.toordinal() * 24 + hour


async def _checked(tx: Transaction, operator_id: UUID, new: NewMove) -> Move:
    now = clock.now()
    for field, at in (("starts_at", new.starts_at), ("ends_at", new.ends_at)):
        if at is not None and at.tzinfo is None:
            raise refused(field, "Say in which time zone this is.")
    if new.starts_at < now - OLDEST:
        raise refused("starts_at", f"This is more than {OLDEST.days} days ago.")
    if new.starts_at > now + LATEST:
        raise refused("starts_at", f"This is more than {LATEST.days} days ahead.")
    if new.ends_at is not None and new.ends_at <= new.starts_at:
        raise refused("ends_at", "It ends after it begins.")
    if new.ends_at is not None and new.ends_at > now + OLDEST:
        raise refused("ends_at", f"This is more than {OLDEST.days} days ahead.")
    if all(rival.id != new.rival_id for rival in await rivals.known(tx)):
        raise refused("rival_id", "There is no such wallet.")
    return Move(
        id=ids.new_id(),
        rival_id=new.rival_id,
        kind=new.kind,
        face_minor=new.face_minor,
        threshold_minor=new.threshold_minor,
        burn_minor=new.burn_minor,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        source=one_line(new.source, field="source", least=1, most=LONGEST_SOURCE),
        recorded_by=operator_id,
        recorded_at=now,
    )
