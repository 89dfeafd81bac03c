"""Nouns of standing.

Refusal
├── ShopLimitReached  409, to a payer: says nothing of what the shop took
└── NotWithdrawn      409
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.merchants.model import ShopState, Trade
from junzi.merchants.profile_model import Proposal
from junzi.people.model import Person

LONGEST_WORD, LONGEST_OBJECTION, LONGEST_SEARCH = 200, 500, 80
"""Characters of a question or an answer, of what a keeper says against a decision, and of what is searched for."""


class Tier(StrEnum):
    """What a shop may receive a business day, from the least to no bound."""

    NEW = "new"
    """Before an operator looked at it."""
    SMALL = "small"
    LARGE = "large"
    UNLIMITED = "unlimited"


class ReviewState(StrEnum):
    WAITING = "waiting"
    ASKED = "asked"
    """The operator asked something; the shop's answer puts it back into the queue."""
    REVIEWED = "reviewed"


class Queue(StrEnum):
    """What the desk lists: the states of a review, and the shops whose code is taken back."""

    WAITING = "waiting"
    ASKED = "asked"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """Why a code may be taken back. This list is closed; that a shop takes another wallet is no reason (docs/taking-back.md)."""

    FRAUD = "fraud"
    FORBIDDEN_GOODS = "forbidden-goods"
    IDENTITY_NOT_PROVEN = "identity-not-proven"
    COURT_ORDER = "court-order"
    OWNERS_WISH = "owners-wish"
    SHOP_GONE = "shop-gone"


BARS_OWNER = frozenset({Reason.FRAUD, Reason.FORBIDDEN_GOODS, Reason.IDENTITY_NOT_PROVEN, Reason.COURT_ORDER})
"""Reasons that lie with the owner, who opens no other shop while one stands."""


class Review(msgspec.Struct, frozen=True):
    """since: in this state."""

    shop_id: UUID
    state: ReviewState
    tier: Tier
    question: str
    answer: str
    since: datetime


class Withdrawal(msgspec.Struct, frozen=True):
    id: UUID
    shop_id: UUID
    reason: Reason
    case_number: str
    taken_at: datetime
    objection: str
    reinstated_at: datetime | None


class ShownWithdrawal(msgspec.Struct, frozen=True):
    """Why and since when a code is taken back, for its keeper and the desk."""

    reason: Reason
    case_number: str
    taken_at: datetime
    objection: str
    reinstated_at: datetime | None


class Standing(msgspec.Struct, frozen=True):
    """How a shop stands, for its keepers. limit_minor, left_minor: a day's and what is left of today's; None: no bound."""

    state: ReviewState
    tier: Tier
    limit_minor: int | None
    left_minor: int | None
    question: str
    answer: str
    withdrawal: ShownWithdrawal | None


class Word(msgspec.Struct, frozen=True):
    """What one side says to the other."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_WORD)]


class Objection(msgspec.Struct, frozen=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_OBJECTION)]


class NewReview(msgspec.Struct, frozen=True):
    tier: Tier


class NewWithdrawal(msgspec.Struct, frozen=True):
    """case_number: up to three capitals, then digits and dashes: room for a file's number and for no sentence."""

    reason: Reason
    case_number: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{0,3}[0-9][0-9-]{0,23})?$(?!\n)", max_length=27)] = ""


class DeskShop(msgspec.Struct, frozen=True):
    """A shop as the desk lists it; a discreet one under its neutral name and without its owner.

    change: what its owner wants it to say of itself; of a discreet one only that there is something, which a look-up shows
    """

    id: UUID
    name: str
    picture: str
    trade: Trade
    place: str
    discreet: bool
    owner: Person | None
    state: ShopState
    review: ReviewState
    tier: Tier
    since: datetime
    question: str
    answer: str
    count: int
    amount_minor: int
    withdrawal: ShownWithdrawal | None
    change: Proposal | None


class NewDecision(msgspec.Struct, frozen=True):
    """made: whether the shop is to be as its owner wishes."""

    made: bool


class DeskPage(msgspec.Struct, frozen=True):
    """next: what to ask for the rest with; None at the end."""

    shops: list[DeskShop]
    next: str | None


class LookedUp(msgspec.Struct, frozen=True):
    """Who a discreet shop is."""

    name: str
    picture: str
    trade: Trade
    place: str
    owner: Person
    change: Proposal | None


class Frame(msgspec.Struct, frozen=True):
    """What the seal shows for a few seconds: three of twelve signs, and one of twelve colours of the circle."""

    signs: list[int]
    hue: int


class Seal(msgspec.Struct, frozen=True):
    """Frames one after the other, each slot_ms long.

    first_ms: when the first begins, in milliseconds since 1970
    over:     there are none any more
    """

    now: datetime
    slot_ms: int
    first_ms: int
    frames: list[Frame]
    over: bool


class Face(msgspec.Struct, frozen=True):
    """Under which name others see the shop."""

    face: Literal["own", "neutral"]


class ShownFace(msgspec.Struct, frozen=True):
    """name: under which others see the shop now; neutral_name: under which they would."""

    face: Literal["own", "neutral"]
    name: str
    neutral_name: str


class Position(msgspec.Struct, frozen=True):
    """A place on earth in thousandths of a degree (WGS 84), as a browser tells it."""

    latitude_e3: Annotated[int, msgspec.Meta(ge=-90_000, le=90_000)]
    longitude_e3: Annotated[int, msgspec.Meta(ge=-180_000, le=180_000)]


class ShownPosition(msgspec.Struct, frozen=True):
    position: Position | None


class Distance(StrEnum):
    """How far from its shop a code was scanned, in kilometres, from what counts as far."""

    UNDER_10 = "under-10"
    UNDER_100 = "under-100"
    OVER_100 = "over-100"


class Away(msgspec.Struct, frozen=True):
    """A code was scanned far from its shop. kilometres: about how far."""

    kilometres: int


class FarScan(msgspec.Struct, frozen=True):
    shop_id: UUID
    business_date: date
    distance: Distance
    count: int


class FarLine(msgspec.Struct, frozen=True):
    """The same as the desk shows it."""

    shop_id: UUID
    name: str
    picture: str
    business_date: date
    distance: Distance
    count: int


class What(StrEnum):
    """What became of a shop's standing."""

    REVIEWED = "reviewed"
    ASKED = "asked"
    WITHDRAWN = "code_withdrawn"
    REINSTATED = "code_reinstated"
    LIMIT_REACHED = "limit_reached"


class StandingChanged(Event, frozen=True, kw_only=True, tag="standing.changed"):
    """limit_minor: a day's from here on, None for no bound."""

    shop_id: UUID
    what: What
    limit_minor: int | None = None
    question: str = ""
    reason: Reason | None = None


class ShopLimitReached(Refusal):
    slug, status, title = (
        "shop-limit-reached",
        409,
        "This shop cannot receive this amount today. Nothing was taken.",
    )


class NotWithdrawn(Refusal):
    slug, status, title = "not-withdrawn", 409, "This shop's code is not taken back."


def shown(withdrawal: Withdrawal) -> ShownWithdrawal:
    return ShownWithdrawal(
        withdrawal.reason,
        withdrawal.case_number,
        withdrawal.taken_at,
        withdrawal.objection,
        withdrawal.reinstated_at,
    )
