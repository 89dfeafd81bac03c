"""The nouns of chat: a conversation and a message as a person sees them, and what is refused.

Refusal
├── MessageEmpty       422
├── MessageTooLong     422
└── NobodyReads        403, a conversation in which only the house speaks: a `NotAllowed`
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from junzi.kit.errors import NotAllowed, Refusal
from junzi.messages import Message
from junzi.notices.model import Service
from junzi.people.model import Person

DIRECT = "direct"
TEXT = "text"
LONGEST_TEXT = 10_000


class ShownMessage(msgspec.Struct, frozen=True):
    """One message of a log. id: the sender's own name for it; sender_id: None when the house speaks."""

    conversation_id: UUID
    seq: int
    id: str
    sender_id: UUID | None
    kind: str
    payload: dict[str, Any]
    fallback: str
    at: datetime


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one of its members sees it.

    peer:          the other one of a direct conversation
    service:       who speaks in a service conversation
    title:         name of the shop
    peer_read_seq: up to where the peer has read
    """

    id: UUID
    kind: Literal["direct", "service", "shop"]
    service: Service | None
    peer: Person | None
    title: str | None
    head_seq: int
    read_seq: int
    unread: int
    peer_read_seq: int | None
    last: ShownMessage | None
    changed_at: datetime


class Page(msgspec.Struct, frozen=True):
    """Conversations that changed after a cursor. Ask again with `cursor` while there is `more`."""

    conversations: list[Conversation]
    cursor: int
    more: bool


class History(msgspec.Struct, frozen=True):
    """A stretch of a log, ascending by seq; head_seq: the newest there is."""

    messages: list[ShownMessage]
    head_seq: int


class MessageEmpty(Refusal):
    slug, status, title = "message-empty", 422, "There is nothing to send."


class MessageTooLong(Refusal):
    slug, status = "message-too-long", 422
    title = f"A message has at most {LONGEST_TEXT} characters."


class NobodyReads(NotAllowed):
    """A conversation in which a service or a shop speaks takes no answer."""


def shown(message: Message) -> ShownMessage:
    """A message as it leaves the house."""
    return ShownMessage(
        message.conversation_id,
        message.seq,
        message.client_id,
        message.sender_id,
        message.kind,
        message.payload,
        message.fallback,
        message.at,
    )
