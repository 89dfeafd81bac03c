"""The nouns of growth: a fact (one event that counts) and the figures of a day and an hour."""

import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Kind(StrEnum):
    """The stored events that count; each value is the event's own type. The last two are told by devices themselves."""

    SIGNED_UP = "people.signed_up"
    ACTIVE = "people.active"
    CARD_BOUND = "bank.card_bound"
    CODE_SCANNED = "checkout.code_scanned"
    PAYMENT_MADE = "checkout.payment_made"
    PAYMENT_REFUNDED = "checkout.payment_refunded"
    COUPONS_GIVEN = "coupons.given"
    SPOKE = "chat.spoke"
    OPENED = "growth.app_opened"
    """A device opened the app for the first time."""
    INSTALLED = "growth.app_installed"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it is counted.

    amount_minor: what was paid for (a payment before its coupon), or what the coupons given are worth together
    coupon_minor: the part of a payment that a coupon covered
    pieces:       how many coupons were given
    subject_id:   what it is about: the card, the code, the payment, the campaign, the source of a device or of a person
    """

    event_id: UUID
    kind: Kind
    person_id: UUID | None
    at: datetime.datetime
    business_date: datetime.date
    hour: int
    amount_minor: int
    coupon_minor: int
    pieces: int
    subject_id: UUID | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted of one business day. Actives are distinct people; a sum of days would count them twice."""

    sign_ups: int = 0
    actives: int = 0
    cards_bound: int = 0
    scans: int = 0
    payments: int = 0
    payments_minor: int = 0
    refunds: int = 0
    refunds_minor: int = 0
    coupons_given: int = 0
    coupons_given_minor: int = 0
    coupons_redeemed: int = 0
    coupons_redeemed_minor: int = 0


class Day(Figures, frozen=True, kw_only=True):
    """The figures of one business day."""

    date: datetime.date


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted of one hour of the operator's clock, 0 to 23."""

    hour: int
    payments: int = 0
    amount_minor: int = 0
    scans: int = 0
    cards_bound: int = 0


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """The day so far, hour by hour, beside the whole day before it; `at` is the moment this was read."""

    date: datetime.date
    figures: Figures
    yesterday: Figures
    hours: list[Hour]
    at: datetime.datetime
