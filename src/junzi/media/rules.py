"""What is decided about files: which are taken, what they are called, and which part was asked for. Facts in, decision out."""

import re
from urllib.parse import quote

from junzi.kit.errors import InvalidRequest, TooLarge
from junzi.kit.text import one_line
from junzi.media.model import LONGEST_NAME, MEBIBYTE, MOST_BYTES, Held, Kind, LengthMissing, MediaUnfit, Size

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at to tell its type."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)


def check_length(kind: Kind, length: int | None) -> int:
    """How long the file is said to be. Raises `LengthMissing`, `MediaUnfit` for an empty one, or `TooLarge`."""
    if length is None:
        raise LengthMissing
    if length <= 0:
        raise MediaUnfit("This file is empty.")
    if length > MOST_BYTES[kind]:
        raise TooLarge(f"A {kind.value} may have {MOST_BYTES[kind] // MEBIBYTE} MiB.")
    return length


def name_from(text: str) -> str:
    """A file's name as it is stored: without folders. Raises `InvalidRequest`."""
    return one_line(re.split(r"[/\\]", text)[-1], field="name", least=0, most=LONGEST_NAME)


def type_of(head: bytes) -> str:
    """The media type that the first bytes say, `application/octet-stream` when they say none."""
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] in (b"avif", b"avis") else "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((type for signature, type in _SIGNATURES if head.startswith(signature)), "application/octet-stream")


def voice_type(content: bytes) -> str:
    """The media type of a recorded voice: WebM with Opus or MP4 with AAC, without a picture. Raises `MediaUnfit`."""
    if content.startswith(b"\x1aE\xdf\xa3"):
        head = content[:HEAD_BYTES]
        if b"webm" in head[:64] and b"A_OPUS" in head and b"V_VP" not in head:
            return "audio/webm"
    if content[4:8] == b"ftyp" and b"mp4a" in content and b"vide" not in content:
        return "audio/mp4"
    raise MediaUnfit("A voice is WebM with Opus, or MP4 with AAC.")


def range_of(header: str | None, bytes: int) -> tuple[int, int] | None:
    """First and last byte that were asked for (RFC 9110, section 14.1.2); None for the whole.

    Several ranges, and what cannot be read, are answered with the whole. Raises `InvalidRequest` for what lies beyond it.
    """
    asked = _RANGE.fullmatch((header or "").replace(" ", ""))
    if asked is None or asked[1] == asked[2] == "":
        return None
    if asked[1] == "":
        first, last = max(0, bytes - int(asked[2])), bytes - 1
    else:
        first, last = int(asked[1]), min(int(asked[2] or bytes - 1), bytes - 1)
    if first >= bytes or first > last:
        raise InvalidRequest(f"The file ends before that: it has {bytes} bytes.")
    return first, last


def size_asked(held: Held, size: Size | None) -> Size:
    """In which size a file is shown; everything but pictures has one."""
    if held.kind is not Kind.PICTURE:
        return Size.ORIGINAL
    return size or Size.SCREEN


def disposition(held: Held) -> str:
    """Whether a browser shows it within a page or saves it (RFC 6266)."""
    named = f"; filename*=UTF-8''{quote(held.name, safe='')}" if held.name else ""
    return ("attachment" if held.kind is Kind.FILE else "inline") + named
