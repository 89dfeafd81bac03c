"""What the rules are given and what they give back: requests, rows as they stand, and what happened."""

from datetime import datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal
from junzi.messages.model import (
    Appended,
    ChangeConversation,
    DifferentKind,
    Message,
    MessagesDeleted,
    NewMessage,
    OpenConversation,
    OwnChanged,
)


class MarkRead(msgspec.Struct, frozen=True, tag=True):
    """A member has read up to this message."""

    conversation_id: UUID
    member_id: UUID
    seq: int


class SetMember(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Change what is kept of a member: names to values, `None` takes a name away, what is not named stays.

    facts:  shown to all members; own: to the member alone
    """

    conversation_id: UUID
    member_id: UUID
    facts: dict[str, Any]
    own: dict[str, Any]


class EditMessage(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A standing message becomes another: its number, sender and time stay."""

    conversation_id: UUID
    seq: int
    kind: str
    payload: dict[str, Any]
    fallback: str


class DeleteMessages(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A member deletes messages for themself: these, and all up to `up_to_seq`."""

    conversation_id: UUID
    member_id: UUID
    seqs: list[int]
    up_to_seq: int


class MemberRead(msgspec.Struct, frozen=True):
    """It happened that a member's reading moved. seen: whether the other members are shown it."""

    conversation_id: UUID
    member_id: UUID
    seq: int
    seen: bool


class Opened(msgspec.Struct, frozen=True):
    """It happened that a conversation was opened, or that its facts or members changed. removed: who is none any more."""

    conversation_id: UUID
    removed: tuple[UUID, ...] = ()


class Edited(msgspec.Struct, frozen=True):
    """It happened that a standing message became another, with this change."""

    message: Message
    changed: int


Request: TypeAlias = (
    OpenConversation | ChangeConversation | NewMessage | MarkRead | SetMember | EditMessage | DeleteMessages
)
Outcome: TypeAlias = bool | Appended | int | Message | dict[str, Any] | Refusal | DifferentKind
Happening: TypeAlias = Message | MemberRead | Opened | Edited | OwnChanged | MessagesDeleted
MemberKey: TypeAlias = tuple[UUID, UUID]
ClientKey: TypeAlias = tuple[UUID, UUID | None, str]
MessageKey: TypeAlias = tuple[UUID, int]


class Conversation(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    facts: dict[str, Any]
    head_seq: int
    member_count: int
    version: int
    called_seq: int
    edited: int
    changed: int
    changed_at: datetime
    at: datetime


class Member(msgspec.Struct, frozen=True):
    conversation_id: UUID
    member_id: UUID
    read_seq: int
    joined_seq: int
    left_seq: int | None
    cleared_seq: int
    called_seq: int
    facts: dict[str, Any]
    own: dict[str, Any]
    deleted: int
    changed: int


class Deleted(msgspec.Struct, frozen=True):
    conversation_id: UUID
    member_id: UUID
    seq: int
    changed: int


class Earlier(Protocol):
    """Where messages stand that were written before, by their senders' names for them."""

    def get(self, key: ClientKey, /) -> Appended | None: ...


class Facts(msgspec.Struct, frozen=True):
    """All that bears on a batch: the conversations and members it names, which of its messages stand already, and the messages
    that it edits."""

    conversations: dict[UUID, Conversation]
    members: dict[MemberKey, Member]
    earlier: Earlier
    messages: dict[MessageKey, Message] = {}


class Decision(msgspec.Struct, frozen=True):
    """What a batch does. changed: the last change counted. happened: what to tell, in order.

    moved_members:    of whom nothing changed but how far they have read and were called
    changed_members:  of whom other things changed
    named:            where its messages stand, by their senders' names for them
    """

    outcomes: list[Outcome]
    new_conversations: list[Conversation]
    changed_conversations: list[Conversation]
    new_members: list[Member]
    moved_members: list[Member]
    changed_members: list[Member]
    new_messages: list[Message]
    edited_messages: list[Edited]
    deleted: list[Deleted]
    happened: list[Happening]
    changed: int
    named: dict[ClientKey, Appended]
