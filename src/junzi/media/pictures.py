"""Pictures as they are kept: without what they say beside the picture, and in the sizes that screens need.

Decoding is done by one thread beside the event loop, one picture at a time: a large one takes its pixels' worth of memory.
"""

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image, ImageOps

from junzi.kit.errors import Busy
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.media.model import EDGES, MOST_PIXELS, MediaUnfit, Size

MOST_WAITING = 50
MOST_FRAMES_PIXELS = 200_000_000
"""What all frames of a moving picture may have together."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
ORIENTATION = 0x0112
"""The only tag of EXIF that is kept: it says which side is up."""
KEPT = frozenset({"transparency", "background", "duration", "loop", "disposal", "blend", "gamma"})
"""What a picture needs to look as it does, of all that it says beside its pixels."""

_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
_SAVED: dict[str, dict[str, Any]] = {
    # The tables of the picture itself: what is decoded is encoded again as it was.
    "JPEG": {"format": "JPEG", "quality": "keep"},
    "MPO": {"format": "JPEG", "quality": 92},
    "PNG": {"format": "PNG"},
    "WEBP": {"format": "WEBP", "quality": 90},
    "GIF": {"format": "GIF"},
    "AVIF": {"format": "AVIF", "quality": 85},
}
_threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
_waiting = 0


class Prepared(msgspec.Struct, frozen=True):
    """type, width, height: of the original as it is looked at; files: the sizes, written beside the source."""

    type: str
    width: int
    height: int
    files: dict[Size, Path]


async def prepare(source: Path) -> Prepared:
    """Write a picture anew in all its sizes. Raises `MediaUnfit` or `Busy`."""
    global _waiting
    refuse_inside_transaction()
    if _waiting >= MOST_WAITING:
        raise Busy
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, _prepared, source)
    finally:
        _waiting -= 1


def _prepared(source: Path) -> Prepared:
    try:
        with warnings.catch_warnings():
            # Its own bound on pixels warns first; ours refuses.
            warnings.simplefilter("ignore")
            with Image.open(source, formats=FORMATS) as picture:
                return _written(picture, source)
    except MediaUnfit:
        raise
    # A broken file can raise nearly anything out of a decoder.
    except Exception as failure:
        raise MediaUnfit("This picture cannot be read. JPEG, PNG, WebP, GIF and AVIF are taken.") from failure


def _written(picture: Any, source: Path) -> Prepared:
    frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS or pixels * frames > MOST_FRAMES_PIXELS:
        raise MediaUnfit(f"A picture may have {MOST_PIXELS // 1_000_000} million pixels; this one is larger.")
    type, orientation = _TYPES[picture.format], picture.getexif().get(ORIENTATION, 1)
    profile = picture.info.get("icc_profile")
    files = {size: source.with_name(f"{source.name}.{size.value}") for size in Size}
    # Sideways pictures are as wide as they are high when looked at.
    width, height = picture.size[::-1] if orientation in (5, 6, 7, 8) else picture.size
    tags = Image.Exif()
    if orientation in range(2, 9):
        tags[ORIENTATION] = orientation
    # Whatever is not said here is copied from the source: remarks, places, the program, the maker's own notes.
    said = {"exif": tags.tobytes() if len(tags) else b"", "xmp": b"", "comment": b"", "icc_profile": profile}
    picture.info = {name: value for name, value in picture.info.items() if name in KEPT}
    picture.save(files[Size.ORIGINAL], save_all=frames > 1, **_SAVED[picture.format], **said)
    picture.seek(0)
    upright = ImageOps.exif_transpose(picture)
    upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    for size in (Size.SCREEN, Size.SMALL):
        upright.thumbnail((EDGES[size], EDGES[size]))
        upright.save(files[size], format="WEBP", quality=80, **({"icc_profile": profile} if profile else {}))
    return Prepared(type, width, height, files)
