"""The rows of media, one typed function a query."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.media.model import Held

_q = sql.queries("junzi.media")


async def spend_day(tx: Transaction, owner_id: UUID, day: date, bytes: int, most: int) -> bool:
    """False, with nothing counted, when the day is used up."""
    return await _q.spend_day(tx, owner_id=owner_id, day=day, bytes=bytes, most=most) is not None


async def give_back_day(tx: Transaction, owner_id: UUID, day: date, bytes: int) -> None:
    await _q.give_back_day(tx, owner_id=owner_id, day=day, bytes=bytes)


async def drop_days(tx: Transaction, before: date) -> None:
    await _q.drop_days(tx, before=before)


async def insert_file(tx: Transaction, held: Held) -> None:
    await _q.insert_file(
        tx,
        id=held.id,
        owner_id=held.owner_id,
        kind=held.kind.value,
        name=held.name,
        type=held.type,
        bytes=held.bytes,
        width=held.width,
        height=held.height,
        blob=held.blob,
        at=held.created_at,
    )


async def file(reader: Reader, id: UUID) -> Held | None:
    return sql.maybe(Held, await _q.file(reader, id=id))


async def files_of(tx: Transaction, owner_id: UUID, ids: Sequence[UUID]) -> list[Held]:
    """Those of them that somebody uploaded; they stay for the length of the transaction."""
    return [sql.struct(Held, row) async for row in _q.files_of(tx, owner_id=owner_id, ids=list(ids))]


async def insert_readings(
    tx: Transaction, media: Sequence[tuple[UUID, bool]], room: str, place_id: UUID, reference: str
) -> None:
    """media: ids, each with whether readers may have the original."""
    await _q.insert_readings(
        tx,
        media_ids=[id for id, _ in media],
        originals=[original for _, original in media],
        room=room,
        place_id=place_id,
        reference=reference,
    )


async def copy_readings(tx: Transaction, room: str, from_place: tuple[UUID, str], to_place: tuple[UUID, str]) -> None:
    """Places are ids with the reference of what shows the files there."""
    await _q.copy_readings(
        tx,
        room=room,
        from_place_id=from_place[0],
        from_reference=from_place[1],
        to_place_id=to_place[0],
        to_reference=to_place[1],
    )


async def delete_readings(tx: Transaction, room: str, place_id: UUID, reference: str) -> None:
    await _q.delete_readings(tx, room=room, place_id=place_id, reference=reference)


async def readable(reader: Reader, media_id: UUID, room: str, place_id: UUID) -> tuple[Held, bool] | None:
    """A file as whoever reads a place may have it, and whether in its full size."""
    row = await _q.readable(reader, media_id=media_id, room=room, place_id=place_id)
    return None if row is None else (sql.struct(Held, row), row["original"])


async def places(reader: Reader, media_id: UUID, room: str) -> list[UUID]:
    return [row["place_id"] async for row in _q.places(reader, media_id=media_id, room=room)]


async def unread_files(tx: Transaction, before: datetime, most: int) -> list[Held]:
    return [sql.struct(Held, row) async for row in _q.unread_files(tx, before=before, most=most)]


async def delete_file(tx: Transaction, id: UUID) -> None:
    await _q.delete_file(tx, id=id)


async def blob_in_use(reader: Reader, owner_id: UUID, blob: str) -> bool:
    return bool(await _q.blob_in_use(reader, owner_id=owner_id, blob=blob))
