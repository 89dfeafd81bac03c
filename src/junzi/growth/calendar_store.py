"""The queries of the calendar, typed."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from junzi.growth.calendar_model import Answer, Launch, Move
from junzi.growth.model import Hour
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.growth")


async def first_day(reader: Reader) -> datetime.date | None:
    """The first business day of which anything is counted."""
    found: datetime.date | None = await _q.first_day(reader)
    return found


async def hours(reader: Reader, first: datetime.date, last: datetime.date) -> list[tuple[datetime.date, Hour]]:
    """The hours in which something happened, by their day, the earliest first."""
    return [(row["date"], sql.struct(Hour, row)) async for row in _q.hours(reader, first=first, last=last)]


async def insert_launch(tx: Transaction, launch: Launch) -> None:
    await _q.insert_launch(
        tx, event_id=launch.id, campaign_id=launch.campaign_id, turn=launch.turn, title=launch.title, at=launch.at
    )


async def launches(reader: Reader, since: datetime.datetime, until: datetime.datetime, most: int) -> list[Launch]:
    return [sql.struct(Launch, row) async for row in _q.launches(reader, since=since, until=until, most=most)]


async def insert_move(tx: Transaction, move: Move) -> None:
    await _q.insert_move(
        tx,
        id=move.id,
        rival_id=move.rival_id,
        kind=move.kind,
        face_minor=move.face_minor,
        threshold_minor=move.threshold_minor,
        burn_minor=move.burn_minor,
        starts_at=move.starts_at,
        ends_at=move.ends_at,
        source=move.source,
        by_id=move.recorded_by,
        at=move.recorded_at,
    )


async def move(reader: Reader, id: UUID) -> Move | None:
    return sql.maybe(Move, await _q.move(reader, id=id))


async def move_locked(tx: Transaction, id: UUID) -> Move | None:
    return sql.maybe(Move, await _q.move_locked(tx, id=id))


async def moves(reader: Reader, since: datetime.datetime, until: datetime.datetime, most: int) -> list[Move]:
    return [sql.struct(Move, row) async for row in _q.moves(reader, since=since, until=until, most=most)]


async def void_move(tx: Transaction, id: UUID, *, at: datetime.datetime) -> None:
    await _q.void_move(tx, id=id, at=at)


async def insert_answer(tx: Transaction, answer: Answer) -> None:
    await _q.insert_answer(
        tx,
        campaign_id=answer.campaign_id,
        move_id=answer.move_id,
        title=answer.title,
        by_id=answer.drafted_by,
        at=answer.drafted_at,
    )


async def answer_by(reader: Reader, campaign_id: UUID) -> UUID | None:
    """The move that a campaign answers, if it answers one."""
    found: UUID | None = await _q.answer_by(reader, campaign_id=campaign_id)
    return found


async def answers(reader: Reader, moves: Sequence[Move]) -> dict[UUID, list[Answer]]:
    """By move, the earliest first, each with how long it took."""
    recorded = {move.id: move.recorded_at for move in moves}
    found = defaultdict[UUID, list[Answer]](list)
    if not recorded:
        return found
    async for row in _q.answers(reader, move_ids=list(recorded)):
        answer = sql.struct(Answer, row)
        if answer.live_at is not None:
            took = (answer.live_at - recorded[answer.move_id]).total_seconds()
            answer = msgspec.structs.replace(answer, reaction_s=took)
        found[answer.move_id].append(answer)
    return found
