"""The rows of incidents, one typed function a query."""

from datetime import datetime
from uuid import UUID

from junzi.field.incident_model import Entry, Incident
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.field")


async def hold_incidents_of(tx: Transaction, shop_id: UUID) -> None:
    await _q.hold_incidents_of(tx, shop_id=shop_id)


async def count_incidents(reader: Reader, shop_id: UUID, *, since: datetime) -> int:
    return int(await _q.count_incidents(reader, shop_id=shop_id, since=since))


async def insert_incident(tx: Transaction, new: Incident) -> None:
    await _q.insert_incident(
        tx,
        id=new.id,
        shop_id=new.shop_id,
        rival_id=new.rival_id,
        words=new.words,
        account=new.account,
        speaker=new.speaker,
        spot=new.spot,
        happened_at=new.happened_at,
        photo_ids=new.photo_ids,
        by_id=new.recorded_by,
        at=new.recorded_at,
    )


async def incident_locked(tx: Transaction, id: UUID) -> Incident | None:
    return sql.maybe(Incident, await _q.incident_locked(tx, id=id))


async def incidents_by_id(reader: Reader, ids: list[UUID]) -> list[Incident]:
    return [sql.struct(Incident, row) async for row in _q.incidents_by_id(reader, ids=ids)]


async def incidents(
    reader: Reader, *, shop_id: UUID, recorded_by: UUID | None, before: UUID | None, most: int
) -> list[Incident]:
    """The newest first; recorded_by: only what that person recorded"""
    rows = _q.incidents(reader, shop_id=shop_id, recorded_by=recorded_by, before=before, most=most)
    return [sql.struct(Incident, row) async for row in rows]


async def incidents_handed_over(
    reader: Reader, *, shop_id: UUID | None, before: UUID | None, most: int
) -> list[Incident]:
    """The newest first; shop_id: of that shop alone"""
    rows = _q.incidents_handed_over(reader, shop_id=shop_id, before=before, most=most)
    return [sql.struct(Incident, row) async for row in rows]


async def insert_entry(tx: Transaction, new: Entry) -> None:
    await _q.insert_incident_entry(
        tx,
        id=new.id,
        incident_id=new.incident_id,
        kind=new.kind,
        text=new.text,
        photo_ids=new.photo_ids,
        by_id=new.written_by,
        at=new.written_at,
    )


async def entries(reader: Reader, incident_ids: list[UUID]) -> dict[UUID, list[Entry]]:
    """By incident, the first one first."""
    found: dict[UUID, list[Entry]] = {id: [] for id in incident_ids}
    async for row in _q.incident_entries(reader, incident_ids=incident_ids):
        found[row["incident_id"]].append(sql.struct(Entry, row))
    return found


async def shops_with_places(reader: Reader, shop_ids: list[UUID]) -> dict[UUID, UUID]:
    """By shop, the place that it is."""
    return {row["shop_id"]: row["id"] async for row in _q.places_of_shops(reader, shop_ids=shop_ids)}
