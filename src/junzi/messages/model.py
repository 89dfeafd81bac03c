"""The message engine's nouns: conversations, their members, and one gap-free log each.

The engine knows no person and no meaning: kinds, facts and payloads are opaque to it. A message is one row, whatever the size
of the conversation; unread is arithmetic.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from junzi.kit.bus import Subject
from junzi.kit.errors import InvalidRequest, NotFound
from junzi.kit.leased_connection import EngineTaken

__all__ = [
    "COMMITTED",
    "DELETED",
    "EDITED",
    "MOST_CALLED",
    "MOST_CLIENT_ID_CHARACTERS",
    "MOST_EDITED",
    "MOST_FALLBACK_CHARACTERS",
    "MOST_KIND_CHARACTERS",
    "MOST_MEMBERS",
    "MOST_MEMBERS_SHOWN",
    "MOST_PAYLOAD_BYTES",
    "MOST_ROWS",
    "OPENED",
    "OWN",
    "READ",
    "RESUMED",
    "Appended",
    "ChangeConversation",
    "Changes",
    "ConversationOpened",
    "ConversationState",
    "DifferentKind",
    "EngineTaken",
    "InvalidMessage",
    "MemberState",
    "Message",
    "MessageCommitted",
    "MessageEdited",
    "MessagesDeleted",
    "NewMessage",
    "NotAMember",
    "OpenConversation",
    "OwnChanged",
    "ReadMoved",
    "UnknownConversation",
    "UnknownMessage",
]

MOST_PAYLOAD_BYTES = 48 * 1024
MOST_FALLBACK_CHARACTERS = 12_000
MOST_KIND_CHARACTERS = 100
MOST_CLIENT_ID_CHARACTERS = 100
MOST_MEMBERS = 10_000
MOST_MEMBERS_SHOWN = 50
"""Conversations of more members than this come without their list of members; nobody's reading is shown there."""

MOST_ROWS = 500
"""The most messages, members or conversations one question answers."""
MOST_CALLED = 50
"""Members that one message calls by name."""
MOST_EDITED = 100
"""Edited or deleted messages of a conversation that come with its changes; with more, what is kept of it is stale."""
NO_END = 2**63 - 1
"""Beyond every position."""


class UnknownConversation(NotFound):
    """There is no conversation of that id."""


class NotAMember(NotFound):
    """The conversation exists, but the sender or reader is none of its members."""


class UnknownMessage(NotFound):
    """The conversation has no message of that number."""


class InvalidMessage(InvalidRequest):
    """A payload, fallback, kind, client id or facts that is too long or that PostgreSQL cannot hold (NUL, lone surrogates)."""


class DifferentKind(AssertionError):
    """A conversation was opened again as another kind: a defect of the caller."""


class OpenConversation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A conversation that should be there, with at least these members and exactly these facts.

    kind:   fixed when it is first opened
    facts:  JSON object that belongs to the caller, such as a title
    """

    id: UUID
    kind: str
    facts: dict[str, Any]
    members: list[UUID]


class NewMessage(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A message to append.

    sender_id:  a member, or None for the house itself
    client_id:  the sender's own name for it: whatever is sent again under it is the same message
    payload:    JSON object of facts; the reader's client renders it by kind
    fallback:   plain text for readers that do not know the kind
    calls:      members to whom it is addressed by name; calls_all: it is addressed to everybody
    """

    conversation_id: UUID
    sender_id: UUID | None
    client_id: str
    kind: str
    payload: dict[str, Any]
    fallback: str
    may_recall: bool = False
    may_forward: bool = False
    calls: list[UUID] = []
    calls_all: bool = False


class ChangeConversation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A change of facts or members, decided on what was seen at `version`; nothing happens when that has passed.

    version:   0 for a conversation that is not there yet
    add:       who is a member from here on, and reads what comes from here on
    remove:    who is none any more, and reads what came until here
    notes:     what the house says about it, in the same commit
    actor_id:  who did it, to whom the notes are no news
    """

    id: UUID
    kind: str
    version: int
    facts: dict[str, Any]
    add: list[UUID] = []
    remove: list[UUID] = []
    notes: list[NewMessage] = []
    actor_id: UUID | None = None


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
    """joined_seq: the last message before the member came. facts: the caller's, shown to all members."""

    member_id: UUID
    read_seq: int
    joined_seq: int
    facts: dict[str, Any] = {}


class ConversationState(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one of its members sees it.

    version:     counts the changes of facts and members
    left:        they are no member any more, and head_seq is where they left
    cleared_seq: up to where they deleted everything for themself
    called_seq:  the newest message that calls them or everybody
    changed:     position in the engine's one count of changes; a cursor
    changed_at:  when it last changed for this member
    last:        the newest message that they did not delete
    members:     all of them, by id; empty when there are more than `MOST_MEMBERS_SHOWN`, and for who left
    facts_of_member, own: the caller's, of this member; own is shown to nobody else
    deletes:     whether they ever deleted single messages
    edited, deleted: what became of earlier messages since the cursor that was asked with
    stale:       more became of them than is listed
    """

    id: UUID
    kind: str
    facts: dict[str, Any]
    head_seq: int
    read_seq: int
    joined_seq: int
    version: int
    left: bool
    cleared_seq: int
    called_seq: int
    changed: int
    changed_at: datetime
    last: Message | None
    member_count: int
    members: list[MemberState]
    facts_of_member: dict[str, Any]
    own: dict[str, Any]
    deletes: bool
    edited: list[Message]
    deleted: list[int]
    stale: bool

    @property
    def unread(self) -> int:
        """Messages by others after the last one read: whoever sends has read what came before."""
        return self.head_seq - self.read_seq


class Changes(msgspec.Struct, frozen=True):
    """What changed after a cursor, newest change first.

    While there is `more`, ask for what lies `below`, with the same cursor; the next time, with the `cursor` of the first page.
    """

    conversations: list[ConversationState]
    cursor: int
    below: int
    more: bool


class MessageCommitted(msgspec.Struct, frozen=True):
    """Hint: a message stands in the log. member_ids: everybody in the conversation."""

    message: Message
    member_ids: list[UUID]


class ReadMoved(msgspec.Struct, frozen=True):
    """Hint: a member has read up to `seq`."""

    conversation_id: UUID
    member_id: UUID
    seq: int
    member_ids: list[UUID]


class MessageEdited(msgspec.Struct, frozen=True):
    """Hint: a standing message is another now."""

    message: Message
    member_ids: list[UUID]


class OwnChanged(msgspec.Struct, frozen=True):
    """Hint: what a member keeps about a conversation for themself, as it is now."""

    conversation_id: UUID
    member_id: UUID
    own: dict[str, Any]


class MessagesDeleted(msgspec.Struct, frozen=True):
    """Hint: a member deleted messages for themself."""

    conversation_id: UUID
    member_id: UUID
    seqs: list[int]
    cleared_seq: int


class ConversationOpened(msgspec.Struct, frozen=True):
    """Hint: a conversation was opened, or its facts or members changed. Who was removed is told too."""

    conversation_id: UUID
    member_ids: list[UUID]


COMMITTED = Subject("messages.committed", MessageCommitted)
EDITED = Subject("messages.edited", MessageEdited)
READ = Subject("messages.read", ReadMoved)
OPENED = Subject("messages.opened", ConversationOpened)
OWN = Subject("messages.own", OwnChanged)
DELETED = Subject("messages.deleted", MessagesDeleted)
RESUMED = Subject("messages.resumed", type(None))
"""The writer begins on a new connection: what was committed just before may never have been told."""
