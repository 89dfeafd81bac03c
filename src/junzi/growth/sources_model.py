"""The nouns of where people come from.

Refusal
├── InvalidRequest
├── NotFound
└── TooManySources   409
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal

LONGEST_NAME = 60
MOST_POSTERS = 2_000
CODE_CHARACTERS = 8


class SourceKind(StrEnum):
    POSTER = "poster"
    PROMOTER = "promoter"
    INVITATION = "invitation"


class NewSource(msgspec.Struct, frozen=True):
    """A poster under its name, or a promoter by handle. One of the two."""

    name: Annotated[str, msgspec.Meta(max_length=2 * LONGEST_NAME)] = ""
    handle: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Source(msgspec.Struct, frozen=True):
    """code: what the link carries that opens the app; owner_id: the promoter, or whoever invites"""

    id: UUID
    code: str
    kind: SourceKind
    name: str
    owner_id: UUID | None
    created_at: datetime


class Step(msgspec.Struct, frozen=True):
    """How far people came from one source. kind: None for those whom no link of ours brought; all invitations are one step.

    opened:    devices that opened the app for the first time
    installed: devices that put it among their apps
    signed_up: people; bound, scanned: of these, who have bound a card, and scanned a code, since
    """

    id: UUID | None
    kind: SourceKind | None
    name: str
    code: str
    opened: int
    installed: int
    signed_up: int
    bound: int
    scanned: int


class Opening(msgspec.Struct, frozen=True):
    """What a device tells of itself, once. id: drawn by the device; source: the code of the link, if there was one"""

    id: UUID
    what: Literal["opened", "installed"]
    source: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]{0,8}$")] = ""


class TooManySources(Refusal):
    slug, status, title = "too-many-sources", 409, "There are as many posters as can be kept."
