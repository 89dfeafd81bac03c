"""The message engine's nouns: conversations, their members, and one gap-free log each.

The engine knows no person and no meaning: kinds, facts and payloads are opaque to it. A message is one row, whatever the size
of the conversation; unread is arithmetic.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from junzi.kit.errors import InvalidRequest, NotFound
from junzi.kit.leased_connection import EngineTaken

__all__ = [
    "MOST_CLIENT_ID_CHARACTERS",
    "MOST_FALLBACK_CHARACTERS",
    "MOST_KIND_CHARACTERS",
    "MOST_MEMBERS",
    "MOST_MEMBERS_SHOWN",
    "MOST_PAYLOAD_BYTES",
    "MOST_ROWS",
    "Appended",
    "Changes",
    "ConversationOpened",
    "ConversationState",
    "DifferentKind",
    "EngineTaken",
    "InvalidMessage",
    "MemberState",
    "Message",
    "MessageCommitted",
    "NewMessage",
    "NotAMember",
    "OpenConversation",
    "ReadMoved",
    "UnknownConversation",
]

MOST_PAYLOAD_BYTES = 48 * 1024
MOST_FALLBACK_CHARACTERS = 12_000
MOST_KIND_CHARACTERS = 100
MOST_CLIENT_ID_CHARACTERS = 100
MOST_MEMBERS = 10_000
MOST_MEMBERS_SHOWN = 50
"""Conversations of more members than this come without their list of members; nobody's reading is shown there."""

MOST_ROWS = 500
"""The most messages or conversations one question answers."""


class UnknownConversation(NotFound):
    """There is no conversation of that id."""


class NotAMember(NotFound):
    """The conversation exists, but the sender or reader is none of its members."""


class InvalidMessage(InvalidRequest):
    """A payload, fallback, kind, client id or facts that is too long or that PostgreSQL cannot hold (NUL, lone surrogates)."""


class DifferentKind(AssertionError):
    """A conversation was opened again as another kind: a defect of the caller."""


class OpenConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that should be there, with at least these members and exactly these facts.

    kind:   fixed when it is first opened
    facts:  JSON object that belongs to the caller, such as a title
    """

    id: UUID
    kind: str
    facts: dict[str, Any]
    members: list[UUID]


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to append.

    sender_id:  a member, or None for the house itself
    client_id:  the sender's own name for it: whatever is sent again under it is the same message
    payload:    JSON object of facts; the reader's client renders it by kind
    fallback:   plain text for readers that do not know the kind
    """

    conversation_id: UUID
    sender_id: UUID | None
    client_id: str
    kind: str
    payload: dict[str, Any]
    fallback: str
    may_recall: bool = False
    may_forward: bool = False


class Appended(msgspec.Struct, frozen=True):
    """Where the message stands. duplicate: it stood there before, and nothing was written."""

    seq: int
    at: datetime
    duplicate: bool


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a conversation's log; `seq` counts from 1 without gaps."""

    conversation_id: UUID
    seq: int
    client_id: str
    sender_id: UUID | None
    kind: str
    payload: dict[str, Any]
    fallback: str
    may_recall: bool
    may_forward: bool
    at: datetime


class MemberState(msgspec.Struct, frozen=True):
    """joined_seq: the last message before the member came."""

    member_id: UUID
    read_seq: int
    joined_seq: int


class ConversationState(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one of its members sees it.

    changed:     position in the engine's one count of changes; a cursor
    changed_at:  when it last changed for this member
    members:     all of them, by id; empty when there are more than `MOST_MEMBERS_SHOWN`
    """

    id: UUID
    kind: str
    facts: dict[str, Any]
    head_seq: int
    read_seq: int
    joined_seq: int
    changed: int
    changed_at: datetime
    last: Message | None
    member_count: int
    members: list[MemberState]

    @property
    def unread(self) -> int:
        """Messages by others after the last one read: whoever sends has read what came before."""
        return self.head_seq - self.read_seq


class Changes(msgspec.Struct, frozen=True):
    """What changed after a cursor, oldest change first. Ask again with the new `cursor` while there is `more`."""

    conversations: list[ConversationState]
    cursor: int
    more: bool


class MessageCommitted(msgspec.Struct, frozen=True):
    """Hint "messages.committed": a message stands in the log. member_ids: everybody in the conversation."""

    message: Message
    member_ids: list[UUID]


class ReadMoved(msgspec.Struct, frozen=True):
    """Hint "messages.read": a member has read up to `seq`."""

    conversation_id: UUID
    member_id: UUID
    seq: int
    member_ids: list[UUID]


class ConversationOpened(msgspec.Struct, frozen=True):
    """Hint "messages.opened": a conversation was opened, or its facts or members changed."""

    conversation_id: UUID
    member_ids: list[UUID]
