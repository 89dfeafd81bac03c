"""The nouns of chat: a conversation and a message as a person sees them, and what is refused.

Refusal
├── MessageEmpty       422
├── MessageTooLong     422
├── NotForwardable     422
├── TooManyStrangers   429
├── MediaGone          422, a file that was not uploaded, or not by the sender
├── RecallTooLate      409
├── GroupFull          409
├── InvitationOver     409
├── RequestWaiting     403, a stranger has written as much as they may before an answer
├── GroupMuted         403, only owner and administrators write
└── NotAllowed
    ├── NobodyReads    a conversation in which only the house speaks
    └── GroupLeft      one is no member any more
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from junzi.kit.database import Event
from junzi.kit.errors import NotAllowed, Refusal
from junzi.messages import Message
from junzi.notices.model import Service
from junzi.people.model import Person

DIRECT, GROUP = "direct", "group"
LONGEST_TEXT = 10_000
MOST_GROUP_MEMBERS = 5_000
MOST_ADMINISTRATORS = 20
MOST_FACES = 9

Role = Literal["owner", "administrator", "member"]


class PersonSpoke(Event, frozen=True, kw_only=True, tag="chat.spoke"):
    """A person wrote to somebody on a business day; told once or a few times."""

    person_id: UUID
    business_date: date


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


class Draft(msgspec.Struct, frozen=True):
    """What somebody has written and not sent. reply_to: the message it answers."""

    text: str
    reply_to: int | None
    at: datetime


class Mine(msgspec.Struct, frozen=True):
    """What a person keeps about a conversation for themself, the same on all their devices."""

    pinned_at: datetime | None = None
    muted: bool = False
    hidden: bool = False
    marked_unread: bool = False
    draft: Draft | None = None


class Own(msgspec.Struct, frozen=True):
    """The same as it is stored with the member. hidden_seq: hidden until a message comes after this one."""

    pinned_at: datetime | None = None
    muted: bool = False
    hidden_seq: int | None = None
    marked_unread: bool = False
    draft: Draft | None = None


class GroupFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the log keeps of a group. face_ids: some of its members, for its picture and for its name when it has none."""

    name: str
    notice: str = ""
    notice_at: datetime | None = None
    owner_id: UUID
    administrator_ids: list[UUID] = []
    mute_all: bool = False
    only_administrators_invite: bool = False
    dissolved: bool = False
    face_ids: list[UUID] = []


class DirectFacts(msgspec.Struct, frozen=True):
    """request_from: the stranger who wrote first; accepted: whether the other one took it."""

    request_from: UUID | None = None
    accepted: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group as one of its members sees it. nickname: the member's own; faces: some members, the owner first."""

    name: str
    notice: str
    notice_at: datetime | None
    owner_id: UUID
    administrator_ids: list[UUID]
    mute_all: bool
    only_administrators_invite: bool
    dissolved: bool
    member_count: int
    nickname: str
    faces: list[Person]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one of its members sees it.

    peer:           the other one of a direct conversation
    service:        who speaks in a service conversation
    title:          name of the shop
    peer_read_seq:  up to where the peer has read
    from_seq:       the last message that the member may not read
    mentioned_seq:  the newest unread message that calls the member or everybody
    left:           they are no member any more
    request:        a stranger wrote: to me, or I am the stranger
    edited, deleted, cleared_seq: what became of earlier messages since the cursor that was asked with
    stale:          more became of them than is listed
    """

    id: UUID
    kind: Literal["direct", "group", "service", "shop"]
    service: Service | None
    peer: Person | None
    title: str | None
    group: Group | None
    head_seq: int
    read_seq: int
    unread: int
    from_seq: int
    peer_read_seq: int | None
    mentioned_seq: int | None
    last: ShownMessage | None
    changed_at: datetime
    left: bool
    request: Literal["incoming", "outgoing"] | None
    mine: Mine
    edited: list[ShownMessage]
    deleted: list[int]
    cleared_seq: int
    stale: bool


class Page(msgspec.Struct, frozen=True):
    """Conversations that changed after a cursor, newest change first.

    While there is `more`, ask for those `below` with the same cursor; the `cursor` of the first page is the one to keep.
    """

    conversations: list[Conversation]
    cursor: int
    below: int
    more: bool


class History(msgspec.Struct, frozen=True):
    """A stretch of a log, ascending by seq; head_seq: the newest there is."""

    messages: list[ShownMessage]
    head_seq: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody may write, and as what: found out once, good for some seconds.

    member_ids:     who else hears that they are typing; nobody in large groups
    calls_all:      whether they may address everybody
    request:        this is the message request of a stranger: "outgoing" by the one who writes here, "incoming" to them
    """

    conversation_id: UUID
    is_group: bool
    member_ids: list[UUID]
    calls_all: bool
    request: Literal["incoming", "outgoing"] | None = None


class Invitation(msgspec.Struct, frozen=True):
    """A code by which a group is joined, made by one of its members."""

    group_id: UUID
    inviter_id: UUID
    created_at: datetime
    expires_at: datetime


class Report(msgspec.Struct, frozen=True):
    """Messages that somebody put before the operator, as they were read then."""

    id: UUID
    reporter_id: UUID
    conversation_id: UUID
    reason: str
    note: str
    messages: list[ShownMessage]
    created_at: datetime
    closed_at: datetime | None
    outcome: str | None


class MessageEmpty(Refusal):
    slug, status, title = "message-empty", 422, "There is nothing to send."


class MessageTooLong(Refusal):
    slug, status = "message-too-long", 422
    title = f"A message has at most {LONGEST_TEXT} characters."


class NotForwardable(Refusal):
    slug, status, title = "not-forwardable", 422, "This message cannot be forwarded."


class MediaGone(Refusal):
    slug, status, title = "media-gone", 422, "This file is not here. Choose it again."


class TooManyStrangers(Refusal):
    slug, status, title = "too-many-strangers", 429, "You began to write to ten strangers today. Go on tomorrow."


class RecallTooLate(Refusal):
    slug, status, title = "recall-too-late", 409, "A message can be recalled within two minutes."


class GroupFull(Refusal):
    slug, status, title = "group-full", 409, f"A group has at most {MOST_GROUP_MEMBERS} members."


class InvitationOver(Refusal):
    slug, status, title = "invitation-over", 409, "This invitation is over. Ask for a new one."


class RequestWaiting(Refusal):
    slug, status = "request-waiting", 403
    title = "You have written as much as can be sent before an answer. Wait until they accept."


class NobodyReads(NotAllowed):
    """A conversation in which a service or a shop speaks takes no answer."""


class GroupLeft(NotAllowed):
    title = "You are not in this group any more."


class GroupMuted(Refusal):
    slug, status, title = "group-muted", 403, "Only the owner and administrators write in this group now."


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


def group_facts(facts: dict[str, Any]) -> GroupFacts:
    return msgspec.convert(facts, GroupFacts)


def stored(facts: GroupFacts | DirectFacts) -> dict[str, Any]:
    """Facts as the log keeps them."""
    plain: dict[str, Any] = msgspec.to_builtins(facts)
    return plain


def mine(own: dict[str, Any], head_seq: int) -> Mine:
    """What a person keeps about a conversation, as it leaves the house."""
    kept = msgspec.convert(own, Own)
    hidden = kept.hidden_seq is not None and kept.hidden_seq >= head_seq
    return Mine(kept.pinned_at, kept.muted, hidden, kept.marked_unread, kept.draft)
