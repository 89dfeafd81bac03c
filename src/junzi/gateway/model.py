"""The nouns of the gateway: the frames of the wire, the limits, and what is refused.

Refusal
├── FrameTooLarge     413, and the connection ends
├── TooFast           503, nothing was done: a `Busy`
└── UnreadableFrame   400
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from junzi.chat.model import Mine, ShownMessage
from junzi.kit.bus import Subject
from junzi.kit.errors import Busy, InvalidRequest, Refusal

PATH = "/ws"
MOST_FRAME_BYTES = 64 * 1024
"""The largest message a client may send, in one frame or in several."""
MOST_UNSENT_BYTES = 1024 * 1024
"""A client that reads slower than this much behind is told `changed` instead of everything it missed."""
MOST_PENDING = 64
"""Frames of one connection that wait for their turn; more are refused as busy."""
SESSION_CHECK_S = 5.0
TYPING_EVERY_S = 2.0
SENDS_PER_S = 20.0
SENDS_AT_ONCE = 40
PRESENCE = "gateway.presence"
"""What the gateways of other processes are asked under: which sessions of these people have a socket open there."""


class CloseCode(IntEnum):
    """Why a connection ended: RFC 6455, section 7.4, and two of our own."""

    NORMAL = 1000
    SERVER_RESTARTS = 1012
    TRY_AGAIN_LATER = 1013
    SESSION_ENDED = 4401
    FRAME_TOO_LARGE = 4413


class Send(msgspec.Struct, frozen=True, tag_field="op", tag="send"):
    """Append a message. Sent again under the same client_id, it is the same message."""

    conversation_id: UUID
    client_id: str
    kind: str
    payload: dict[str, Any]


class Read(msgspec.Struct, frozen=True, tag_field="op", tag="read"):
    """I have read up to this message."""

    conversation_id: UUID
    seq: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Typing(msgspec.Struct, frozen=True, tag_field="op", tag="typing"):
    """I am writing there."""

    conversation_id: UUID


class Ping(msgspec.Struct, frozen=True, tag_field="op", tag="ping"):
    """Is anybody there?"""


class Named(msgspec.Struct, frozen=True):
    """What can be saved of a frame that is wrong in some field: the name its answer is waited for under."""

    client_id: str | UnsetType = UNSET


class Welcome(msgspec.Struct, frozen=True, tag_field="op", tag="welcome"):
    """The session was checked: from here on everything is told."""

    person_id: UUID
    at: datetime


class Sent(msgspec.Struct, frozen=True, tag_field="op", tag="sent"):
    """The message is committed."""

    conversation_id: UUID
    client_id: str
    seq: int
    at: datetime


class Told(msgspec.Struct, frozen=True, tag_field="op", tag="message"):
    """A message stands in the log. A hint: a gap in seq means that the history has to be asked."""

    message: ShownMessage


class Edited(msgspec.Struct, frozen=True, tag_field="op", tag="edited"):
    """A message that stands in the log is another now."""

    message: ShownMessage


class ReadBy(msgspec.Struct, frozen=True, tag_field="op", tag="read"):
    """Somebody has read up to this message."""

    conversation_id: UUID
    person_id: UUID
    seq: int


class MineChanged(msgspec.Struct, frozen=True, tag_field="op", tag="mine"):
    """What this person keeps about a conversation, as it is now."""

    conversation_id: UUID
    mine: Mine


class Deleted(msgspec.Struct, frozen=True, tag_field="op", tag="deleted"):
    """This person deleted messages for themself."""

    conversation_id: UUID
    seqs: list[int]
    cleared_seq: int


class TypingBy(msgspec.Struct, frozen=True, tag_field="op", tag="typing"):
    """Somebody is writing there."""

    conversation_id: UUID
    person_id: UUID


class TypingHint(msgspec.Struct, frozen=True):
    """Hint: somebody is writing, for those who see it."""

    conversation_id: UUID
    person_id: UUID
    member_ids: list[UUID]


TYPING = Subject("gateway.typing", TypingHint)


class Changed(msgspec.Struct, frozen=True, tag_field="op", tag="changed"):
    """Something changed that was not told in detail: pull the conversations since the cursor."""


class Pong(msgspec.Struct, frozen=True, tag_field="op", tag="pong"):
    """Yes."""


class Refused(msgspec.Struct, frozen=True, tag_field="op", tag="refused"):
    """A "no", with the problem details of RFC 9457; client_id is that of the frame, if it had one."""

    problem: dict[str, Any]
    client_id: str | UnsetType = UNSET


class FrameTooLarge(Refusal):
    slug, status = "frame-too-large", 413
    title = f"A message over the socket may have {MOST_FRAME_BYTES // 1024} KiB. Nothing of it was taken."


class TooFast(Busy):
    title = "You are sending faster than is accepted here. Nothing was done; try again in a moment."


class UnreadableFrame(InvalidRequest):
    title = "This frame cannot be read."
