"""The nouns of the calendar: what rivals did, what became of our campaigns, and what answers what.

Refusal
├── InvalidRequest
└── NotFound
"""

import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from junzi.coupons.model import MOST_MINOR, Words
from junzi.coupons.turns import Turn
from junzi.kit.database import Event

LONGEST_SOURCE = 200

Minor = Annotated[int, msgspec.Meta(ge=1, le=MOST_MINOR)]


class MoveKind(StrEnum):
    """What a rival does."""

    COUPON = "coupon"
    PACKET = "packet"
    """Consumption red packets."""
    FEE = "fee"
    """Shops pay less."""
    PRESSURE = "pressure"
    """Shops are made to choose."""
    OTHER = "other"


class NewMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move as somebody of the staff records it. None: nobody knows.

    face_minor, threshold_minor: what one of its coupons saves at most, and from which sum on
    burn_minor:                  what it may cost the rival in all, as estimated
    source:                      where this is known from
    """

    rival_id: UUID
    kind: MoveKind
    face_minor: Minor | None = None
    threshold_minor: Annotated[int, msgspec.Meta(ge=0, le=MOST_MINOR)] | None = None
    burn_minor: Minor | None = None
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None = None
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=2 * LONGEST_SOURCE)]


class Move(NewMove, frozen=True, kw_only=True):
    """voided_at: since when it counts as recorded by mistake"""

    id: UUID
    recorded_by: UUID
    recorded_at: datetime.datetime
    voided_at: datetime.datetime | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that answers a move. reaction_s: from when the move was recorded until the campaign ran; None until it does."""

    move_id: UUID
    campaign_id: UUID
    title: Words
    drafted_by: UUID
    drafted_at: datetime.datetime
    live_at: datetime.datetime | None = None
    reaction_s: float | None = None


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a campaign of ours. move_id: of the move that it answers"""

    id: UUID
    campaign_id: UUID
    turn: Turn
    title: Words
    at: datetime.datetime
    move_id: UUID | None


class Around(msgspec.Struct, frozen=True):
    """Means of a figure on both sides of a flag, a day or an hour; None where none is over yet."""

    figure: str
    before: float | None
    after: float | None


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the charts at a moment: a launch of ours or a rival's move.

    date, hour: of the operator's clock; days, hours: figures around it
    """

    whose: Literal["ours", "rival"]
    at: datetime.datetime
    date: datetime.date
    hour: int
    days: list[Around]
    hours: list[Around]
    launch: Launch | None = None
    move: Move | None = None
    rival: str = ""
    answers: list[Answer] = []


class Calendar(msgspec.Struct, frozen=True):
    """days_each, hours_each: how many days and hours before and after a flag its figures are means of"""

    flags: list[Flag]
    days_each: int
    hours_each: int


class MoveAnswered(Event, frozen=True, kw_only=True, tag="growth.move_answered"):
    """A campaign was drafted that answers a rival's move, and waits for a second administrator."""

    move_id: UUID
    move: MoveKind
    rival: str
    campaign_id: UUID
    title: Words
    drafted_by: UUID
