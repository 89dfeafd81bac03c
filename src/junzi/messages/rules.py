"""What becomes of a batch of requests: which number a message gets, who has read how far, and what everybody sees change.

Pure: no database, no clock. Requests are decided in order, each seeing what those before it did.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from msgspec.structs import replace

from junzi.kit.errors import Refusal
from junzi.messages.model import (
    MOST_MEMBERS,
    MOST_MEMBERS_SHOWN,
    Appended,
    DifferentKind,
    InvalidMessage,
    Message,
    NewMessage,
    NotAMember,
    OpenConversation,
    UnknownConversation,
)


class MarkRead(msgspec.Struct, frozen=True):
    """A member has read up to this message."""

    conversation_id: UUID
    member_id: UUID
    seq: int


class MemberRead(msgspec.Struct, frozen=True):
    """It happened that a member's reading moved. seen: whether the other members are shown it."""

    conversation_id: UUID
    member_id: UUID
    seq: int
    seen: bool


class Opened(msgspec.Struct, frozen=True):
    """It happened that a conversation was opened, or that its facts or members changed."""

    conversation_id: UUID


Request: TypeAlias = OpenConversation | NewMessage | MarkRead
Outcome: TypeAlias = bool | Appended | int | Refusal | DifferentKind
Happening: TypeAlias = Message | MemberRead | Opened
MemberKey: TypeAlias = tuple[UUID, UUID]
ClientKey: TypeAlias = tuple[UUID, UUID | None, str]


class Conversation(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    facts: dict[str, Any]
    head_seq: int
    member_count: int
    changed: int
    changed_at: datetime
    at: datetime


class Member(msgspec.Struct, frozen=True):
    conversation_id: UUID
    member_id: UUID
    read_seq: int
    joined_seq: int
    changed: int


class Facts(msgspec.Struct, frozen=True):
    """All that bears on a batch: the conversations and members it names, and which of its messages stand already."""

    conversations: dict[UUID, Conversation]
    members: dict[MemberKey, Member]
    earlier: dict[ClientKey, Appended]


class Decision(msgspec.Struct, frozen=True):
    """What a batch does. changed: the last change counted. happened: what to tell, in order."""

    outcomes: list[Outcome]
    new_conversations: list[Conversation]
    changed_conversations: list[Conversation]
    new_members: list[Member]
    changed_members: list[Member]
    new_messages: list[Message]
    happened: list[Happening]
    changed: int


def decide(facts: Facts, requests: Sequence[Request], changed: int, at: datetime) -> Decision:
    """Run the requests in order. changed: the last change counted so far."""
    draft = _Draft(facts, changed, at)
    outcomes: list[Outcome] = []
    for request in requests:
        if isinstance(request, NewMessage):
            outcomes.append(_append(draft, request))
        elif isinstance(request, MarkRead):
            outcomes.append(_mark_read(draft, request))
        else:
            outcomes.append(_open(draft, request))
    return draft.decision(outcomes)


class _Draft:
    def __init__(self, facts: Facts, changed: int, at: datetime) -> None:
        self._facts = facts
        self.conversations = dict(facts.conversations)
        self.members = dict(facts.members)
        self.standing = dict(facts.earlier)
        self.messages: list[Message] = []
        self.happened: list[Happening] = []
        self.changed = changed
        self.at = at

    def decision(self, outcomes: list[Outcome]) -> Decision:
        return Decision(
            outcomes,
            _new(self._facts.conversations, self.conversations),
            _different(self._facts.conversations, self.conversations),
            _new(self._facts.members, self.members),
            _different(self._facts.members, self.members),
            self.messages,
            self.happened,
            self.changed,
        )


def _append(draft: _Draft, new: NewMessage) -> Outcome:
    conversation = draft.conversations.get(new.conversation_id)
    if conversation is None:
        return UnknownConversation()
    sender = None
    if new.sender_id is not None:
        sender = draft.members.get((new.conversation_id, new.sender_id))
        if sender is None:
            return NotAMember()
    key = (new.conversation_id, new.sender_id, new.client_id)
    standing = draft.standing.get(key)
    if standing is not None:
        return replace(standing, duplicate=True)

    # From here on it must succeed.
    draft.changed += 1
    seq = conversation.head_seq + 1
    message = Message(
        conversation_id=new.conversation_id,
        seq=seq,
        client_id=new.client_id,
        sender_id=new.sender_id,
        kind=new.kind,
        payload=new.payload,
        fallback=new.fallback,
        may_recall=new.may_recall,
        may_forward=new.may_forward,
        at=draft.at,
    )
    draft.messages.append(message)
    draft.happened.append(message)
    draft.conversations[conversation.id] = replace(
        conversation, head_seq=seq, changed=draft.changed, changed_at=draft.at
    )
    if sender is not None:
        # Unread stays arithmetic: nobody's own message is unread to them.
        draft.members[(new.conversation_id, sender.member_id)] = replace(sender, read_seq=seq, changed=draft.changed)
    draft.standing[key] = Appended(seq, draft.at, duplicate=False)
    return draft.standing[key]


def _mark_read(draft: _Draft, request: MarkRead) -> Outcome:
    conversation = draft.conversations.get(request.conversation_id)
    if conversation is None:
        return UnknownConversation()
    key = (request.conversation_id, request.member_id)
    member = draft.members.get(key)
    if member is None:
        return NotAMember()
    seq = min(request.seq, conversation.head_seq)
    if seq <= member.read_seq:
        return member.read_seq

    # From here on it must succeed.
    draft.changed += 1
    draft.members[key] = replace(member, read_seq=seq, changed=draft.changed)
    seen = conversation.member_count <= MOST_MEMBERS_SHOWN
    if seen:
        draft.conversations[conversation.id] = replace(conversation, changed=draft.changed)
    draft.happened.append(MemberRead(conversation.id, member.member_id, seq, seen))
    return seq


def _open(draft: _Draft, request: OpenConversation) -> Outcome:
    conversation = draft.conversations.get(request.id)
    if conversation is not None and conversation.kind != request.kind:
        return DifferentKind(f"conversation {request.id} is a {conversation.kind}, not a {request.kind}")
    head_seq = conversation.head_seq if conversation else 0
    member_count = conversation.member_count if conversation else 0
    missing = [id for id in dict.fromkeys(request.members) if (request.id, id) not in draft.members]
    if member_count + len(missing) > MOST_MEMBERS:
        return InvalidMessage(f"A conversation has at most {MOST_MEMBERS} members.")
    if conversation is not None and not missing and conversation.facts == request.facts:
        return False

    # From here on it must succeed.
    draft.changed += 1
    for id in missing:
        draft.members[(request.id, id)] = Member(request.id, id, head_seq, head_seq, draft.changed)
    draft.conversations[request.id] = Conversation(
        request.id,
        request.kind,
        request.facts,
        head_seq,
        member_count + len(missing),
        draft.changed,
        draft.at,
        conversation.at if conversation else draft.at,
    )
    draft.happened.append(Opened(request.id))
    return conversation is None


def _new(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    return [value for key, value in after.items() if key not in before]


def _different(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    return [after[key] for key, value in before.items() if after[key] is not value]
