"""Take a file in, let others read it, and forget what nobody reads."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.media import store
from junzi.media.blobs import Blobs
from junzi.media.model import Held, Kind, Media, Size

UNSENT_FOR = timedelta(days=1)
DAYS_KEPT = timedelta(days=3)
MOST_SWEPT = 200


async def own(reader: Reader, owner_id: UUID, media_id: UUID) -> Held:
    """A file of one's own. Raises `NotFound`."""
    held = await store.file(reader, media_id)
    if held is None or held.owner_id != owner_id:
        raise NotFound
    return held


async def show_to_place(
    tx: Transaction,
    owner_id: UUID,
    media: Sequence[tuple[UUID, bool]],
    *,
    room: str,
    place_id: UUID,
    reference: str,
) -> dict[UUID, Media]:
    """Let whoever reads a place of a room read these files of one's own; what is missing from the answer is not one's own.

    media:      ids, each with whether readers may have the original
    reference:  what in the place shows them; the same again changes nothing
    """
    found = {held.id: held.shown() for held in await store.files_of(tx, owner_id, [id for id, _ in media])}
    if len(found) == len({id for id, _ in media}):
        await store.insert_readings(tx, list(dict(media).items()), room, place_id, reference)
    return found


async def show_elsewhere(
    tx: Transaction, *, room: str, from_place: tuple[UUID, str], to_place: tuple[UUID, str]
) -> None:
    """Let whoever reads another place read what one place shows under a reference; places are ids with a reference each."""
    await store.copy_readings(tx, room, from_place, to_place)


async def show_no_more(tx: Transaction, *, room: str, place_id: UUID, reference: str) -> None:
    """What showed files in a place is gone."""
    await store.delete_readings(tx, room, place_id, reference)


async def shown_at(reader: Reader, media_id: UUID, *, room: str, place_id: UUID, size: Size | None) -> Held:
    """A file for whoever reads a place. Raises `NotFound`, also for a full size that was not sent along."""
    found = await store.readable(reader, media_id, room, place_id)
    if found is None:
        raise NotFound
    held, original = found
    if held.kind is Kind.PICTURE and size is Size.ORIGINAL and not original:
        raise NotFound("This picture was not sent in its full size.")
    return held


async def shown_in(reader: Reader, media_id: UUID, *, room: str) -> tuple[Held, list[UUID]]:
    """A file, and the places of a room that show it; who may read it there says the room. Raises `NotFound`."""
    held = await store.file(reader, media_id)
    if held is None:
        raise NotFound
    return held, await store.places(reader, media_id, room)


async def forget_unread(database: Database, blobs: Blobs) -> int:
    """Forget files that were uploaded a day ago and that nobody else reads; returns how many."""
    at = clock.now()
    async with database.transaction() as tx:
        files = await store.unread_files(tx, at - UNSENT_FOR, MOST_SWEPT)
        for held in files:
            await store.delete_file(tx, held.id)
        await store.drop_days(tx, town.business_date(at - DAYS_KEPT))
    for held in files:
        async with database.read() as reader:
            in_use = await store.blob_in_use(reader, held.owner_id, held.blob)
        if not in_use:
            await blobs.delete(
                held.owner_id, [held.blob, *(f"{held.blob}.{size}" for size in (Size.SMALL, Size.SCREEN))]
            )
    return len(files)
