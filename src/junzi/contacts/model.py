"""The nouns of contacts: a request, a friendship, how two people stand to each other.

Refusal
├── AlreadyFriends   409
├── NotFriends       403
├── NotAccepted      403, one of the two blocks the other
├── TooManyBlocks    409
├── RequestToSelf    an `InvalidRequest`
└── TooManyAttempts  (of people) more requests in a day than anybody means
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.kit.bus import Subject
from junzi.kit.database import Event
from junzi.kit.errors import InvalidRequest, Refusal

LONGEST_GREETING = 100
BLOCKS_CHANGED = Subject("contacts.blocks_changed", tuple[UUID, UUID])
"""Somebody blocked somebody, or no longer does: the pair of their ids."""


class Relation(StrEnum):
    """How somebody stands to the one who asks. REQUESTED: I asked them. REQUESTING: they asked me."""

    NONE = "none"
    SELF = "self"
    FRIEND = "friend"
    REQUESTED = "requested"
    REQUESTING = "requesting"


class Request(msgspec.Struct, frozen=True):
    """One person asks another to be friends; open until it is accepted."""

    id: UUID
    from_id: UUID
    to_id: UUID
    greeting: str
    created_at: datetime
    accepted_at: datetime | None


class Friendship(msgspec.Struct, frozen=True):
    """One direction of it; there is always the other."""

    friend_id: UUID
    since: datetime


class Tie(msgspec.Struct, frozen=True):
    """How one person stands to another. blocks: the one blocks the other; blocked: the other way round."""

    friends: bool
    blocks: bool
    blocked: bool


class NewRequest(msgspec.Struct, frozen=True):
    person_id: UUID
    greeting: Annotated[str, msgspec.Meta(max_length=1000, description="up to 100 characters")] = ""


class ContactRequested(Event, frozen=True, kw_only=True, tag="contacts.requested"):
    request_id: UUID
    from_id: UUID
    to_id: UUID
    greeting: str


class ContactAccepted(Event, frozen=True, kw_only=True, tag="contacts.accepted"):
    """person_id accepted; other_id had asked."""

    request_id: UUID
    person_id: UUID
    other_id: UUID


class AlreadyFriends(Refusal):
    slug, status, title = "already-friends", 409, "You are friends already."


class NotFriends(Refusal):
    slug, status, title = "not-friends", 403, "You can only write to people who are your friends."


class RequestToSelf(InvalidRequest):
    """Nobody asks themself."""


class NotAccepted(Refusal):
    slug, status, title = "not-accepted", 403, "This person does not take messages from you."


class TooManyBlocks(Refusal):
    slug, status, title = "too-many-blocks", 409, "You block as many people as can be kept. Unblock somebody first."
