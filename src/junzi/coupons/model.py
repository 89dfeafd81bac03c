"""Nouns of coupons.

Refusal
├── CouponNotUsable        422, says why
├── CampaignNotClaimable   409, says why
├── CampaignNotReady       409, says in which state it is
├── FourEyes               403
└── CampaignGated          409, says why
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.merchants.model import Trade

MOST_MINOR = 10**12
MOST_OFFERS = 20
MOST_HANDLES = 1000
LONGEST_TITLE = 40
LONGEST_PACKET_DAYS = 3

Minor = Annotated[int, msgspec.Meta(ge=1, le=MOST_MINOR)]
MinorOrNone = Annotated[int, msgspec.Meta(ge=0, le=MOST_MINOR)]
Pieces = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=24)]


class Words(msgspec.Struct, frozen=True):
    """An operator's text in the languages it is shown in."""

    zh: str
    en: str


class Trigger(StrEnum):
    """The occasion on which a campaign gives."""

    CARD_BOUND = "card_bound"
    CLAIM = "claim"
    """Whoever asks for it."""
    PAYMENT = "payment"
    """Whoever paid at a shop."""
    LIST = "list"
    """Whomever the operator names."""


class CampaignState(StrEnum):
    DRAFT = "draft"
    STARTING = "starting"
    """Approved; its money is on the way into its budget."""
    RUNNING = "running"
    PAUSED = "paused"
    ENDING = "ending"
    """It gives nothing more; the rest of its budget is on the way back."""
    ENDED = "ended"


class CouponState(StrEnum):
    AVAILABLE = "available"
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    EXPIRING = "expiring"
    """Past its time; its money is on the way back to the budget."""
    EXPIRED = "expired"
    WITHDRAWING = "withdrawing"
    """Taken back by the operator; its money is on the way back to the budget."""
    WITHDRAWN = "withdrawn"


class OfferKind(StrEnum):
    FIXED = "fixed"
    PERCENT = "percent"
    RANDOM = "random"
    """So much off, drawn when it is given."""
    PACKET = "packet"
    """A consumption red packet: drawn, without a threshold, to be opened, gone in a few days."""


class Audience(StrEnum):
    EVERYONE = "everyone"
    NEW = "new"
    CARD_BOUND = "card_bound"


class Stacking(StrEnum):
    """With which others a coupon pays for a purchase: one of each group at most, and one that stands alone with none."""

    ALONE = ""
    HOUSE = "house"
    """The operator's coupons."""
    SHOP = "shop"
    CARD = "card"
    """What a bank card brings."""
    EVENT = "event"
    PACKET = "packet"
    """Red packets, and nothing else."""


MOST_TOGETHER = len(Stacking) - 1
"""The most coupons of one payment: one of each group."""


class Offer(msgspec.Struct, frozen=True):
    """One kind of coupon that a campaign gives: off a purchase of at least the threshold.

    amount_minor:  the most it saves, for which it is covered: a fixed sum, a percentage's cap, the most that is drawn
    percent:       of a percentage
    least_minor:   the least that is drawn
    """

    amount_minor: Minor
    threshold_minor: MinorOrNone = 0
    kind: OfferKind = OfferKind.FIXED
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    least_minor: MinorOrNone = 0


class Limits(msgspec.Struct, frozen=True):
    """Where, at which hours of the day and with which others a coupon counts.

    Empty lists: everywhere; until_hour is the first that is too late; area_ids: areas of the town, as the operator drew them
    """

    shop_ids: Annotated[list[UUID], msgspec.Meta(max_length=500)] = []
    trades: Annotated[list[Trade], msgspec.Meta(max_length=20)] = []
    area_ids: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    from_hour: Hour = 0
    until_hour: Hour = 24
    stacking: Stacking = Stacking.ALONE


class Terms(msgspec.Struct, frozen=True):
    """Who is given a campaign's coupons, how often, and where they count.

    per_day:              pieces on one business day; 0 for no limit
    per_person:           times for a natural person
    new_within_days:      who counts as new: since how many days at most
    least_payment_minor:  from which payment on, for what is given after one
    """

    audience: Audience = Audience.EVERYONE
    new_within_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    per_day: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0
    per_person: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    least_payment_minor: MinorOrNone = 0
    limits: Limits = msgspec.field(default_factory=Limits)


class Funder(msgspec.Struct, frozen=True):
    """A shop that pays its part of a campaign, which then counts only there. permille: of the budget; 1000 for all of it."""

    shop_id: UUID
    permille: Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Campaign(msgspec.Struct, frozen=True):
    """offers: what one person is given at once, each for valid_days; follow_up: it waits for the gate of all that follow up
    budget_pieces: how many coupons there are; None while nobody said so, which is as many as there are minor units
    """

    id: UUID
    title: Words
    trigger: Trigger
    state: CampaignState
    offers: list[Offer]
    budget_minor: int
    valid_days: int
    budget_pieces: int | None = None
    terms: Terms = msgspec.field(default_factory=Terms)
    funder: Funder | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    drafted_by: UUID | None = None
    follow_up: bool = False


class NewCampaign(msgspec.Struct, frozen=True):
    """A draft, as the operator's desk sends it."""

    title: Words
    trigger: Trigger
    offers: Annotated[list[Offer], msgspec.Meta(min_length=1, max_length=MOST_OFFERS)]
    budget_minor: Minor
    budget_pieces: Pieces
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    terms: Terms = msgspec.field(default_factory=Terms)
    funder: Funder | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    follow_up: bool = False


class CampaignChange(msgspec.Struct, frozen=True):
    """What may change once a campaign was drafted: more of it, for longer. What is left out stays."""

    budget_minor: Minor | msgspec.UnsetType = msgspec.UNSET
    budget_pieces: Pieces | msgspec.UnsetType = msgspec.UNSET
    ends_at: datetime | msgspec.UnsetType = msgspec.UNSET


class Funded(msgspec.Struct, frozen=True):
    """What was put into a campaign's budget and what went back, in all and by the shop that pays a part of it."""

    amount_minor: int
    shop_minor: int
    returned_minor: int
    shop_returned_minor: int


class WithdrawalReason(StrEnum):
    """Why given coupons may be taken back. There is no other reason."""

    FRAUD = "fraud"
    MISTAKE = "mistake"


class NewWithdrawal(msgspec.Struct, frozen=True):
    """handle: whose coupons; None for everybody's."""

    reason: WithdrawalReason
    handle: (
        Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\ud800-\udfff]*$")] | None
    ) = None


class Withdrawal(msgspec.Struct, frozen=True):
    """pieces, amount_minor: how many coupons were taken back and the most they could have saved."""

    id: UUID
    campaign_id: UUID
    person_id: UUID | None
    reason: WithdrawalReason
    pieces: int
    amount_minor: int
    state: str
    created_at: datetime


class Coupon(msgspec.Struct, frozen=True):
    """amount_minor: the most it saves; percent: of a percentage, 0 for a fixed sum; packet: a consumption red packet."""

    id: UUID
    campaign_id: UUID
    person_id: UUID
    title: Words
    amount_minor: int
    threshold_minor: int
    state: CouponState
    given_at: datetime
    expires_at: datetime
    payment_id: UUID | None
    percent: int = 0
    packet: bool = False
    limits: Limits = msgspec.field(default_factory=Limits)
    opened_at: datetime | None = None


class ShownCoupon(msgspec.Struct, frozen=True):
    """A coupon as its person sees it. amount_minor: None in a red packet that nobody opened or used."""

    id: UUID
    title: Words
    amount_minor: int | None
    threshold_minor: int
    expires_at: datetime
    state: CouponState
    percent: int = 0
    packet: bool = False
    opened: bool = True
    limits: Limits = msgspec.field(default_factory=Limits)


class Place(msgspec.Struct, frozen=True):
    """Where and at which hour of the day something is bought."""

    shop_id: UUID
    trade: Trade
    hour: int
    area_id: UUID | None = None


class Why(StrEnum):
    """Why a coupon does not count for a purchase."""

    BELOW_THRESHOLD = "below-threshold"
    EXPIRED = "expired"
    RESERVED = "reserved"
    USED = "used"
    ELSEWHERE = "elsewhere"
    OTHER_HOURS = "other-hours"
    WITHDRAWN = "withdrawn"


class WhyNotGiven(StrEnum):
    """Why a person is not given what a campaign promises."""

    NOT_RUNNING = "not-running"
    NOT_FOR_YOU = "not-for-you"
    LIMIT_REACHED = "limit-reached"


class Claimable(msgspec.Struct, frozen=True):
    """A campaign that a person may ask for. claimed: how often they were given it."""

    id: UUID
    title: Words
    offers: list[Offer]
    valid_days: int
    ends_at: datetime | None
    claimed: int
    per_person: int


class Claim(msgspec.Struct, frozen=True):
    """What became of asking: given, refused (nothing is left), or processing, which is asked again with the same key."""

    id: UUID
    state: str
    coupons: list[ShownCoupon]


class GivenCoupon(msgspec.Struct, frozen=True):
    amount_minor: int
    threshold_minor: int
    expires_at: datetime
    percent: int = 0
    packet: bool = False


class CouponsGiven(Event, frozen=True, kw_only=True, tag="coupons.given"):
    campaign_id: UUID
    title: Words
    person_id: UUID
    coupons: list[GivenCoupon]


class CouponsWithdrawn(Event, frozen=True, kw_only=True, tag="coupons.withdrawn"):
    """pieces, amount_minor: of one person's coupons, the most they could have saved; without red packets that were not opened."""

    campaign_id: UUID
    title: Words
    person_id: UUID
    pieces: int
    amount_minor: int
    reason: WithdrawalReason


class CouponNotUsable(Refusal):
    slug, status = "coupon-not-usable", 422
    title = "This coupon does not count for this purchase. Choose another or none."


class CampaignNotClaimable(Refusal):
    slug, status, title = "campaign-not-claimable", 409, "These coupons are not to be had now."


class CampaignNotReady(Refusal):
    slug, status, title = "campaign-not-ready", 409, "In its present state this cannot be done with the campaign."


class FourEyes(Refusal):
    slug, status = "four-eyes", 403
    title = "Whoever drafted or changed a campaign cannot approve it. Ask a second administrator."


class CampaignGated(Refusal):
    slug, status, title = "campaign-gated", 409, "This campaign may not run."


def shown(coupon: Coupon) -> ShownCoupon:
    state = _SHOWN_AS.get(coupon.state, coupon.state)
    opened = not coupon.packet or coupon.opened_at is not None
    return ShownCoupon(
        coupon.id,
        coupon.title,
        coupon.amount_minor if opened else None,
        coupon.threshold_minor,
        coupon.expires_at,
        state,
        coupon.percent,
        coupon.packet,
        opened,
        coupon.limits,
    )


_SHOWN_AS = {CouponState.EXPIRING: CouponState.EXPIRED, CouponState.WITHDRAWING: CouponState.WITHDRAWN}
