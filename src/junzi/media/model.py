"""The nouns of media: a file, what it is meant as, and who else may read it.

Refusal
├── MediaUnfit      422, the bytes are not what the kind takes
├── MediaQuota      429, a person's day is used up
├── LengthMissing   411
└── TooLarge        (of kit) 413
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal

MEBIBYTE = 1024 * 1024


class Kind(StrEnum):
    """What a file is meant as."""

    PICTURE = "picture"
    VOICE = "voice"
    FILE = "file"


MOST_BYTES = {Kind.PICTURE: 20 * MEBIBYTE, Kind.VOICE: 5 * MEBIBYTE, Kind.FILE: 100 * MEBIBYTE}
MOST_BYTES_A_DAY = 1024 * MEBIBYTE
MOST_PIXELS = 40_000_000
LONGEST_NAME = 200


class Size(StrEnum):
    """In which size a picture is asked for."""

    SMALL = "small"
    SCREEN = "screen"
    ORIGINAL = "original"


EDGES = {Size.SMALL: 320, Size.SCREEN: 1600}
"""The longer edge of a rendition, in pixels; smaller pictures are not enlarged."""


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """One uploaded file. type: its media type as the bytes say; width, height: of a picture as it is looked at, in pixels."""

    id: UUID
    kind: Kind
    name: str
    type: str
    bytes: int
    width: int | None
    height: int | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """The same with its owner and where its bytes lie. blob: names them among the owner's."""

    id: UUID
    owner_id: UUID
    kind: Kind
    name: str
    type: str
    bytes: int
    width: int | None
    height: int | None
    blob: str
    created_at: datetime

    def shown(self) -> Media:
        return Media(
            id=self.id,
            kind=self.kind,
            name=self.name,
            type=self.type,
            bytes=self.bytes,
            width=self.width,
            height=self.height,
        )


class Reading(msgspec.Struct, frozen=True):
    """A row that lets all who read a place read a file there. original: in its full size too."""

    media_id: UUID
    room: str
    place_id: UUID
    reference: str
    original: bool


class MediaUnfit(Refusal):
    slug, status, title = "media-unfit", 422, "This file is not of a kind that is taken here."


class MediaQuota(Refusal):
    slug, status = "media-quota", 429
    title = "You have uploaded as much as can be taken in one day. Go on tomorrow."


class LengthMissing(Refusal):
    slug, status, title = "length-missing", 411, "Send a Content-Length with the file."
