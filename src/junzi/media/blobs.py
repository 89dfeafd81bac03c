"""Where bytes lie: a folder of this machine, or any store that speaks S3. Named by owner and hash, written once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
from obstore.store import LocalStore, from_url

from junzi.kit.config import Settings
from junzi.kit.errors import NotFound

CHUNK_BYTES = 256 * 1024
PART_BYTES, PARTS_AT_ONCE = 5 * 1024 * 1024, 2
"""A store that speaks S3 takes parts from 5 MiB on; what is under way at once is what a file costs of memory."""


class Blobs:
    """uploads: the folder in which files are gathered before they are kept; what lies there at the start is rubbish."""

    def __init__(self, store: Any, uploads: Path) -> None:
        self._store = store
        self.uploads = uploads

    async def put(self, owner_id: UUID, name: str, source: Path) -> None:
        """Keep a file's bytes; the same name again holds the same bytes."""
        await obstore.put_async(
            self._store, _path(owner_id, name), source, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
        )

    async def size(self, owner_id: UUID, name: str) -> int:
        """How many bytes there are. Raises `NotFound`."""
        try:
            return int((await obstore.head_async(self._store, _path(owner_id, name)))["size"])
        except FileNotFoundError as failure:
            raise NotFound from failure

    async def read(self, owner_id: UUID, name: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from first to last, both included, in pieces. Raises `NotFound` before the first one."""
        try:
            found = await obstore.get_async(self._store, _path(owner_id, name), options={"range": (first, last + 1)})
        except FileNotFoundError as failure:
            raise NotFound from failure
        async for piece in found.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(piece)

    async def delete(self, owner_id: UUID, names: list[str]) -> None:
        """Forget them; what is not there is forgotten already."""
        for name in names:
            try:
                await obstore.delete_async(self._store, _path(owner_id, name))
            except FileNotFoundError:
                continue


async def open_blobs(settings: Settings) -> Blobs:
    """The store that the settings name; without one, a folder beside the keys."""
    uploads = settings.data / "uploads"
    await asyncio.to_thread(_empty, uploads)
    if settings.blobs_url:
        return Blobs(from_url(settings.blobs_url), uploads)
    return Blobs(LocalStore(settings.data / "blobs", mkdir=True), uploads)


def _empty(uploads: Path) -> None:
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in uploads.iterdir():
        left.unlink(missing_ok=True)


def _path(owner_id: UUID, name: str) -> str:
    return f"{owner_id}/{name}"
