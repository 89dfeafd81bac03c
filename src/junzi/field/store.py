"""The room's rows, one typed function a query."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from junzi.field.model import (
    MOST_RIVALS,
    NewPlace,
    Place,
    PlaceState,
    Rival,
    RivalCode,
    Source,
    Tally,
)
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.field")


async def rivals(reader: Reader) -> list[Rival]:
    return [sql.struct(Rival, row) async for row in _q.rivals(reader, most=MOST_RIVALS)]


async def rival(reader: Reader, id: UUID) -> Rival | None:
    return sql.maybe(Rival, await _q.rival(reader, id=id))


async def hold_rivals(tx: Transaction) -> None:
    await _q.hold_rivals(tx)


async def insert_rival(tx: Transaction, new: Rival, *, at: datetime) -> bool:
    """False when there is one of that name."""
    return bool(await _q.insert_rival(tx, id=new.id, name=new.name, code_starts=new.code_starts, at=at))


async def change_rival(tx: Transaction, rival: Rival) -> None:
    await _q.change_rival(tx, id=rival.id, name=rival.name, code_starts=rival.code_starts)


async def is_rival_named(reader: Reader, name: str, *, but: UUID) -> bool:
    return bool(await _q.rival_named(reader, name=name, but=but))


async def hold_places(tx: Transaction) -> None:
    await _q.hold_places(tx)


async def count_places(reader: Reader) -> int:
    return int(await _q.count_places(reader))


async def put_places(
    tx: Transaction, rows: Sequence[tuple[UUID, str, NewPlace]], *, by_id: UUID, at: datetime
) -> list[UUID]:
    """Places of a list, each with an id if it is new and its number; the ids of those that were added or changed."""
    places = [new for _, _, new in rows]
    found = _q.put_places(
        tx,
        ids=[id for id, _, _ in rows],
        numbers=[number for _, number, _ in rows],
        names=[one.name for one in places],
        trades=[one.trade for one in places],
        addresses=[one.address for one in places],
        sizes=[one.size for one in places],
        area_ids=[one.area_id for one in places],
        latitudes_e6=[one.position.latitude_e6 if one.position else None for one in places],
        longitudes_e6=[one.position.longitude_e6 if one.position else None for one in places],
        by_id=by_id,
        at=at,
    )
    return [row["id"] async for row in found]


async def insert_place(
    tx: Transaction, *, id: UUID, new: NewPlace, source: Source, state: PlaceState, added_by: UUID, at: datetime
) -> None:
    await _q.insert_place(
        tx,
        id=id,
        name=new.name,
        trade=new.trade,
        address=new.address,
        size=new.size,
        area_id=new.area_id,
        latitude_e6=new.position.latitude_e6 if new.position else None,
        longitude_e6=new.position.longitude_e6 if new.position else None,
        source=source,
        state=state,
        added_by=added_by,
        at=at,
    )


async def change_place(tx: Transaction, *, id: UUID, new: NewPlace, state: PlaceState) -> None:
    await _q.change_place(
        tx,
        id=id,
        name=new.name,
        trade=new.trade,
        address=new.address,
        size=new.size,
        area_id=new.area_id,
        latitude_e6=new.position.latitude_e6 if new.position else None,
        longitude_e6=new.position.longitude_e6 if new.position else None,
        state=state,
    )


async def count_proposals(reader: Reader, *, person_id: UUID, since: datetime) -> int:
    return int(await _q.count_proposals(reader, person_id=person_id, since=since))


async def place(reader: Reader, id: UUID) -> Place | None:
    return sql.maybe(Place, await _q.place(reader, id=id))


async def place_locked(tx: Transaction, id: UUID) -> Place | None:
    return sql.maybe(Place, await _q.place_locked(tx, id=id))


async def place_of_shop(reader: Reader, shop_id: UUID) -> Place | None:
    return sql.maybe(Place, await _q.place_of_shop(reader, shop_id=shop_id))


async def places(
    reader: Reader, *, state: PlaceState, text: str, area_id: UUID | None, before: UUID | None, most: int
) -> list[Place]:
    like = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
    rows = _q.places(reader, state=state, like=like, area_id=area_id, before=before, most=most)
    return [sql.struct(Place, row) async for row in rows]


async def link_place(tx: Transaction, *, id: UUID, shop_id: UUID | None, at: datetime) -> None:
    await _q.link_place(tx, id=id, shop_id=shop_id, at=at)


async def insert_rival_code(tx: Transaction, new: RivalCode, *, at: datetime) -> None:
    await _q.insert_rival_code(tx, **msgspec.structs.asdict(new), at=at)


async def latest_codes(reader: Reader, place_ids: list[UUID]) -> dict[UUID, list[RivalCode]]:
    """By place, what was seen last of each rival's code."""
    found: dict[UUID, list[RivalCode]] = {}
    async for row in _q.latest_codes(reader, place_ids=place_ids):
        found.setdefault(row["place_id"], []).append(sql.struct(RivalCode, row))
    return found


async def codes_seen(reader: Reader, place_id: UUID, *, most: int) -> list[RivalCode]:
    return [sql.struct(RivalCode, row) async for row in _q.codes_seen(reader, place_id=place_id, most=most)]


async def insert_promoter(tx: Transaction, person_id: UUID, *, at: datetime, by_id: UUID) -> bool:
    """False for somebody who is in the team already."""
    return bool(await _q.insert_promoter(tx, person_id=person_id, at=at, by_id=by_id))


async def end_promoter(tx: Transaction, person_id: UUID, *, at: datetime) -> bool:
    """False for somebody who was not in it."""
    return bool(await _q.end_promoter(tx, person_id=person_id, at=at))


async def is_promoter(reader: Reader, person_id: UUID) -> bool:
    return bool(await _q.is_promoter(reader, person_id=person_id))


async def promoters(reader: Reader, *, most: int) -> list[tuple[UUID, datetime]]:
    """Who is in the team, and since when."""
    return [(row["person_id"], row["since"]) async for row in _q.promoters(reader, most=most)]


async def hold_wishes_of(tx: Transaction, person_id: UUID) -> None:
    await _q.hold_wishes_of(tx, person_id=person_id)


async def count_wishes(reader: Reader, *, person_id: UUID, month: date) -> int:
    return int(await _q.count_wishes(reader, person_id=person_id, month=month))


async def insert_wish(tx: Transaction, *, place_id: UUID, month: date, person_id: UUID, at: datetime) -> bool:
    """False when the person said so in that month already."""
    return bool(await _q.insert_wish(tx, place_id=place_id, month=month, person_id=person_id, at=at))


async def wished(reader: Reader, *, person_id: UUID, month: date, place_ids: list[UUID]) -> set[UUID]:
    rows = _q.wished(reader, person_id=person_id, month=month, place_ids=place_ids)
    return {row["place_id"] async for row in rows}


async def forget_wishes(tx: Transaction, *, before: date) -> None:
    await _q.forget_wishes(tx, before=before)


async def tally(tx: Transaction, *, place_id: UUID, month: date) -> Tally:
    return sql.maybe(Tally, await _q.tally(tx, place_id=place_id, month=month)) or Tally()


async def tallies(reader: Reader, place_ids: list[UUID], *, month: date) -> dict[UUID, Tally]:
    """By place, what may be told of the month's wishes."""
    rows = _q.tallies(reader, place_ids=place_ids, month=month)
    return {row["place_id"]: Tally(row["shown_people"], row["shown_coupons_minor"]) async for row in rows}


async def put_tally(tx: Transaction, *, place_id: UUID, month: date, tally: Tally) -> None:
    await _q.put_tally(tx, place_id=place_id, month=month, **msgspec.structs.asdict(tally))
