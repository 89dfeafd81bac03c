"""Where bytes lie: a folder of this machine, or any store that speaks S3. Named by owner and hash, written once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, from_url

from junzi.kit.config import Settings
from junzi.kit.errors import Busy, NotFound

CHUNK_BYTES = 256 * 1024
PART_BYTES, PARTS_AT_ONCE = 5 * 1024 * 1024, 2
"""A store that speaks S3 takes parts from 5 MiB on; what is under way at once is what a file costs of memory."""
CONNECT_S, SILENCE_S, LONGEST_S = 5, 20, 7200
"""With a store: for a connection, between two pieces of an answer, and for the whole of it, which a slow reader draws out."""
MOST_TRIES, PATIENCE_S = 4, 15.0
"""A store that does not answer, or says that it is busy, is asked again so often, for so long; then the caller is told "busy"."""

# Whether a store in the same house is reached over plain HTTP is said by its address.
_CLIENT: Any = {
    "connect_timeout": f"{CONNECT_S}s",
    "read_timeout": f"{SILENCE_S}s",
    "timeout": f"{LONGEST_S}s",
    "allow_http": True,
}
_RETRIES: Any = {"max_retries": MOST_TRIES, "retry_timeout": timedelta(seconds=PATIENCE_S)}
_log = structlog.get_logger("media")


class Blobs:
    """uploads: the folder in which files are gathered before they are kept; what lies there at the start is rubbish."""

    def __init__(self, store: Any, uploads: Path) -> None:
        self._store = store
        self.uploads = uploads

    async def put(self, owner_id: UUID, name: str, source: Path) -> None:
        """Keep a file's bytes; the same name again holds the same bytes. Raises `Busy` when the store does not take them."""
        with _answered():
            await obstore.put_async(
                self._store, _path(owner_id, name), source, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
            )

    async def size(self, owner_id: UUID, name: str) -> int:
        """How many bytes there are. Raises `NotFound` or `Busy`."""
        with _answered():
            return int((await obstore.head_async(self._store, _path(owner_id, name)))["size"])

    async def read(self, owner_id: UUID, name: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from first to last, both included, in pieces. Raises `NotFound` or `Busy` before the first one."""
        with _answered():
            found = await obstore.get_async(self._store, _path(owner_id, name), options={"range": (first, last + 1)})
        async for piece in found.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(piece)

    async def delete(self, owner_id: UUID, names: list[str]) -> None:
        """Forget them; what is not there is forgotten already. Raises `Busy`."""
        for name in names:
            with suppress(NotFound), _answered():
                await obstore.delete_async(self._store, _path(owner_id, name))


async def open_blobs(settings: Settings) -> Blobs:
    """The store that the settings name; without one, a folder beside the keys."""
    uploads = settings.data / "uploads"
    await asyncio.to_thread(_empty, uploads)
    if settings.blobs_url:
        return Blobs(from_url(settings.blobs_url, client_options=_CLIENT, retry_config=_RETRIES), uploads)
    return Blobs(LocalStore(settings.data / "blobs", mkdir=True), uploads)


@contextmanager
def _answered() -> Iterator[None]:
    """Turn what the store says inside the block into `NotFound`, or `Busy` with its words in the log."""
    try:
        yield
    except (FileNotFoundError, NotFoundError) as failure:
        raise NotFound from failure
    except (BaseError, OSError) as failure:
        _log.warning("the store of files fails", exc_info=failure)
        raise Busy from failure


def _empty(uploads: Path) -> None:
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in uploads.iterdir():
        left.unlink(missing_ok=True)


def _path(owner_id: UUID, name: str) -> str:
    return f"{owner_id}/{name}"
