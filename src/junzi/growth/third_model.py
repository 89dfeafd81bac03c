"""The nouns of the ratio and its gate.

Refusal
└── NothingToOverride   409
"""

from datetime import date, datetime
from uuid import UUID

import msgspec

from junzi.coupons.model import Words
from junzi.kit.errors import Refusal


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """Our codes, or scans, over a rival's, by its newest closed survey; nothing but the rival where there is none.

    ours and rivals: the estimated totals of the street; lower: the bound below which the truth is one time in twenty at most;
    design_effect: the square of the error over that of as many places drawn without strata; counts_until: when it is too old

    may_claim: a third at least; more_to_look_at: places beside those seen, None when looking will not do; more_to_win: codes
    """

    rival_id: UUID
    rival: str
    survey_id: UUID | None = None
    closed_at: datetime | None = None
    counts_until: datetime | None = None
    ours: float = 0.0
    rivals: float = 0.0
    ratio: float | None = None
    lower: float = 0.0
    design_effect: float = 1.0
    seen: int = 0
    places: int = 0
    may_claim: bool = False
    more_to_look_at: int | None = None
    more_to_win: int = 0


class Past(msgspec.Struct, frozen=True):
    """What a survey showed on the business day it was closed on."""

    date: date
    rival_id: UUID
    rival: str
    ratio: float | None
    lower: float


class GateState(msgspec.Struct, frozen=True):
    """reason: why it is closed, or will be at `open_until`"""

    open: bool
    reason: str
    open_until: datetime | None


class Override(msgspec.Struct, frozen=True):
    """agreed_by: None while a second administrator has not agreed"""

    campaign_id: UUID
    reason: str
    asked_by: UUID
    asked_at: datetime
    agreed_by: UUID | None
    agreed_at: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """A campaign that the gate keeps from running. override: None while nobody asked for one; asked_by: the name of who did"""

    id: UUID
    title: Words
    override: Override | None
    asked_by: str


class NothingToOverride(Refusal):
    slug, status, title = "nothing-to-override", 409, "This campaign does not follow up: no gate keeps it."
