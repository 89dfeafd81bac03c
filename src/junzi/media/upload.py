"""Take a file in: count it, gather it on disk, look at it, keep it, and only then say that it is here."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec

from junzi.kit import clock, ids, town
from junzi.kit.database import Database
from junzi.kit.errors import Busy, InvalidRequest, NotFound
from junzi.media import pictures, rules, store
from junzi.media.blobs import Blobs
from junzi.media.model import MEBIBYTE, MOST_BYTES_A_DAY, Held, Kind, Media, MediaQuota, Size

MOST_AT_ONCE = 16
PATIENCE_S = 30.0
"""How long the next piece of a file is waited for."""

_under_way = 0


class _Looked(msgspec.Struct, frozen=True):
    """What a file turned out to be, and where its sizes lie until they are kept."""

    type: str
    width: int | None
    height: int | None
    files: dict[Size, Path]


async def upload(
    database: Database,
    blobs: Blobs,
    *,
    owner_id: UUID,
    media_id: UUID,
    kind: Kind,
    name: str,
    length: int | None,
    pieces: AsyncIterator[bytes],
) -> Media:
    """Keep a person's file under the id that they drew; what is here already is answered without looking at the bytes.

    Raises `InvalidRequest`, `LengthMissing`, `TooLarge`, `MediaUnfit`, `MediaQuota`, `NotFound` for an id of
    somebody else, or `Busy`.
    """
    global _under_way
    name = rules.name_from(name)
    async with database.read() as reader:
        known = await store.file(reader, media_id)
    if known is not None:
        if known.owner_id != owner_id:
            raise NotFound
        return known.shown()
    length = rules.check_length(kind, length)
    if _under_way >= MOST_AT_ONCE:
        raise Busy
    _under_way += 1
    day = town.business_date(clock.now())
    source = blobs.uploads / str(ids.new_id())
    try:
        async with database.transaction() as tx:
            if not await store.spend_day(tx, owner_id, day, length, MOST_BYTES_A_DAY):
                raise MediaQuota
        try:
            held = await _kept(blobs, source, owner_id, media_id, kind, name, length, pieces)
        except BaseException:
            async with database.transaction() as tx:
                await store.give_back_day(tx, owner_id, day, length)
            raise
        async with database.transaction() as tx:
            await store.insert_file(tx, held)
        return held.shown()
    finally:
        _under_way -= 1
        await asyncio.to_thread(_remove, source)


async def _kept(
    blobs: Blobs,
    source: Path,
    owner_id: UUID,
    media_id: UUID,
    kind: Kind,
    name: str,
    length: int,
    pieces: AsyncIterator[bytes],
) -> Held:
    await _gathered(source, length, pieces)
    looked = await _looked_at(source, kind)
    original = looked.files[Size.ORIGINAL]
    blob, bytes = await asyncio.to_thread(_hash_of, original)
    for size, path in looked.files.items():
        await blobs.put(owner_id, blob if size is Size.ORIGINAL else f"{blob}.{size.value}", path)
    return Held(
        id=media_id,
        owner_id=owner_id,
        kind=kind,
        name=name,
        type=looked.type,
        bytes=bytes,
        width=looked.width,
        height=looked.height,
        blob=blob,
        created_at=clock.now(),
    )


async def _gathered(source: Path, length: int, pieces: AsyncIterator[bytes]) -> None:
    """Write what comes to disk, a mebibyte at a time beside the event loop."""
    gathered, received = bytearray(), 0
    with await asyncio.to_thread(source.open, "wb") as file:
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    piece = await anext(pieces, None)
            except TimeoutError as failure:
                raise InvalidRequest("The file did not come to its end in time.") from failure
            if piece is None:
                break
            received += len(piece)
            if received > length:
                break
            gathered += piece
            if len(gathered) >= MEBIBYTE:
                await asyncio.to_thread(file.write, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(file.write, bytes(gathered))
    if received != length:
        raise InvalidRequest("The file is not as long as its Content-Length says.")


async def _looked_at(source: Path, kind: Kind) -> _Looked:
    if kind is Kind.PICTURE:
        prepared = await pictures.prepare(source)
        return _Looked(prepared.type, prepared.width, prepared.height, prepared.files)
    if kind is Kind.VOICE:
        type = rules.voice_type(await asyncio.to_thread(source.read_bytes))
    else:
        type = rules.type_of(await asyncio.to_thread(_head_of, source))
    return _Looked(type, None, None, {Size.ORIGINAL: source})


def _head_of(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(rules.HEAD_BYTES)


def _hash_of(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _remove(source: Path) -> None:
    for path in (source, *(source.with_name(f"{source.name}.{size.value}") for size in Size)):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
