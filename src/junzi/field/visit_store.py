"""The rows of routes and visits, one typed function a query."""

from datetime import date, datetime
from uuid import UUID

from junzi.field.model import Place, Position
from junzi.field.visit_model import Visit
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.field")


async def assign(tx: Transaction, place_id: UUID, promoter_id: UUID | None, *, by_id: UUID, at: datetime) -> None:
    if promoter_id is None:
        await _q.assign_no_more(tx, place_id=place_id)
    else:
        await _q.assign(tx, place_id=place_id, promoter_id=promoter_id, by_id=by_id, at=at)


async def give_territory(
    tx: Transaction, area_id: UUID, promoter_id: UUID | None, *, by_id: UUID, at: datetime
) -> None:
    if promoter_id is None:
        await _q.take_territory(tx, area_id=area_id)
    else:
        await _q.give_territory(tx, area_id=area_id, promoter_id=promoter_id, by_id=by_id, at=at)


async def drop_assignments(tx: Transaction, promoter_id: UUID) -> None:
    await _q.drop_assignments(tx, promoter_id=promoter_id)
    await _q.drop_territories(tx, promoter_id=promoter_id)


async def assigned(reader: Reader, place_ids: list[UUID]) -> dict[UUID, tuple[UUID, bool]]:
    """By place, whose it is to go to, and whether it was given by itself and not with its area."""
    rows = _q.assigned(reader, place_ids=place_ids)
    return {row["id"]: (row["promoter_id"], row["own"]) async for row in rows}


async def territories(reader: Reader) -> dict[UUID, UUID]:
    """By area, whose it is."""
    return {row["area_id"]: row["promoter_id"] async for row in _q.territories(reader)}


async def linked_shops(reader: Reader) -> list[UUID]:
    return [row["shop_id"] async for row in _q.linked_shops(reader)]


async def leads(
    reader: Reader,
    *,
    promoter_id: UUID,
    month: date,
    today: date,
    seen_since: datetime,
    not_ours: list[UUID],
    start: Position,
    narrow: float,
    most: int,
) -> list[tuple[Place, bool, int, bool]]:
    """Each with whether a rival's code is in danger, how many asked, and whether it is the promoter's own.

    not_ours: shops that places became and that nobody may be told of; narrow: a degree of longitude in degrees of latitude there
    """
    rows = _q.leads(
        reader,
        promoter_id=promoter_id,
        month=month,
        today=today,
        seen_since=seen_since,
        not_ours=not_ours,
        latitude_e6=start.latitude_e6,
        longitude_e6=start.longitude_e6,
        narrow=narrow,
        most=most,
    )
    return [(sql.struct(Place, row), row["threatened"], row["people"], row["own"]) async for row in rows]


async def insert_visit(tx: Transaction, new: Visit, *, again_on: date) -> None:
    await _q.insert_visit(
        tx,
        id=new.id,
        place_id=new.place_id,
        promoter_id=new.promoter_id,
        outcome=new.outcome,
        back_on=new.back_on,
        again_on=again_on,
        note=new.note,
        latitude_e6=new.latitude_e6,
        longitude_e6=new.longitude_e6,
        accuracy_m=new.accuracy_m,
        photo_id=new.photo_id,
        pieces=new.pieces,
        made_at=new.made_at,
        at=new.recorded_at,
    )


async def visit(reader: Reader, id: UUID) -> Visit | None:
    return sql.maybe(Visit, await _q.visit(reader, id=id))


async def visits(reader: Reader, place_id: UUID, *, most: int) -> list[Visit]:
    return [sql.struct(Visit, row) async for row in _q.visits(reader, place_id=place_id, most=most)]


async def last_visits(reader: Reader, place_ids: list[UUID]) -> dict[UUID, Visit]:
    """By place."""
    return {row["place_id"]: sql.struct(Visit, row) async for row in _q.last_visits(reader, place_ids=place_ids)}
