"""Nouns of settlement.

Refusal
├── BankAccountMissing  409
├── PayoutTooSmall      422, says the least that is paid out
└── TooManyLines        422
"""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

import msgspec

from junzi.bank.model import ShownCard
from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.kit.money import AmountMinor
from junzi.wallet.model import Pin

LEAST_MINOR = 100
"""The least that is paid out, in minor units: a bank's booking costs more than a few cents are worth."""

MORNING = time(6)
"""When the day's automatic payouts begin, by the operator's clocks."""


class BankAccount(msgspec.Struct, frozen=True):
    """Where a shop's money goes.

    card_id:    one of the owner's bound cards
    automatic:  whether what there is goes there every morning
    looked_on:  the last business day whose morning was looked at for this shop
    """

    shop_id: UUID
    card_id: UUID
    automatic: bool
    since: datetime
    looked_on: date


class NewBankAccount(msgspec.Struct, frozen=True):
    card_id: UUID
    pin: Pin


class Automatic(msgspec.Struct, frozen=True):
    automatic: bool


class ShownBankAccount(msgspec.Struct, frozen=True):
    card: ShownCard
    automatic: bool
    since: datetime


class PayoutState(StrEnum):
    PROCESSING = "processing"
    """The shop's money was set aside, or is about to be; the bank has not said."""
    DONE = "done"
    RETURNED = "returned"
    """The bank declined, and the money is the shop's again."""
    REFUSED = "refused"
    """The shop's balance no longer covered it; nothing was moved."""


class NewPayout(msgspec.Struct, frozen=True):
    """amount_minor: how much; all there is when it is left out."""

    pin: Pin
    amount_minor: AmountMinor | None = None


class Payout(msgspec.Struct, frozen=True):
    """Money of a shop on its way to the bank.

    asked_by:    who asked for it; None for a morning's
    reason:      why it was returned or refused
    finished_at: when its outcome was written
    """

    id: UUID
    shop_id: UUID
    card_id: UUID
    asked_by: UUID | None
    state: PayoutState
    amount_minor: int
    reason: str | None
    created_at: datetime
    finished_at: datetime | None


class ShownPayout(msgspec.Struct, frozen=True):
    id: UUID
    state: PayoutState
    amount_minor: int
    automatic: bool
    card: ShownCard
    reason: str | None
    at: datetime
    finished_at: datetime | None


class ShopMoney(msgspec.Struct, frozen=True):
    """A shop's money as its owner sees it.

    permyriad: the fee that is agreed on, in hundredths of a percent; least_minor: the least that is paid out; morning: when, by
    the operator's clocks
    """

    balance_minor: int
    bank_account: ShownBankAccount | None
    permyriad: int
    least_minor: int
    morning: str
    payouts: list[ShownPayout]
    more: bool


class LineKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    PAYOUT = "payout"
    PAYOUT_RETURNED = "payout-returned"
    CAMPAIGN = "campaign"
    """What the shop put into a campaign of its own, or got back of it."""
    OTHER = "other"


class Movement(msgspec.Struct, frozen=True):
    """What one payment, refund or payout moved on a shop's account: amounts as the account sees them, below zero what left it.

    coupons: by campaign, what coupons paid of it
    """

    id: UUID
    kind: LineKind
    timestamp: int
    order_id: UUID | None
    paid_minor: int
    coupons: dict[UUID, int]
    fee_minor: int
    other_minor: int


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line of a statement: amount = paid + by_operator + by_shop; net = amount + fee; balance: after it; till: where it was."""

    id: UUID
    kind: LineKind
    at: datetime
    order_id: UUID | None
    payer_name: str
    till: str
    amount_minor: int
    paid_minor: int
    by_operator_minor: int
    by_shop_minor: int
    fee_minor: int
    net_minor: int
    balance_minor: int


class Sums(msgspec.Struct, frozen=True):
    """What lines come to: what was sold and paid with, what was given back, what it cost, and where it went.

    sold = paid + by_operator + by_shop;  net = sold + refunded + fees + paid_out + campaigns + other
    """

    count: int
    sold_minor: int
    paid_minor: int
    by_operator_minor: int
    by_shop_minor: int
    refunded_minor: int
    fees_minor: int
    paid_out_minor: int
    campaigns_minor: int
    other_minor: int
    net_minor: int


class Statement(msgspec.Struct, frozen=True):
    """opening + sums.net = closing. of_one_till: what was taken there alone, from nothing, since a till has no balance."""

    shop_id: UUID
    shop_name: str
    first: date
    last: date
    opening_minor: int
    sums: Sums
    closing_minor: int
    lines: list[Line]
    of_one_till: bool = False


class ShownStatement(msgspec.Struct, frozen=True):
    """A statement without its lines."""

    first: date
    last: date
    opening_minor: int
    sums: Sums
    closing_minor: int


class BankAccountSet(Event, frozen=True, kw_only=True, tag="settlement.bank_account_set"):
    shop_id: UUID
    bank_name: str
    last4: str


class BankAccountLost(Event, frozen=True, kw_only=True, tag="settlement.bank_account_lost"):
    """The card to which the shop's money went is no longer bound."""

    shop_id: UUID
    bank_name: str
    last4: str


class PaidOut(Event, frozen=True, kw_only=True, tag="settlement.paid_out"):
    payout_id: UUID
    shop_id: UUID
    amount_minor: int
    automatic: bool
    bank_name: str
    last4: str


class PayoutReturned(Event, frozen=True, kw_only=True, tag="settlement.payout_returned"):
    payout_id: UUID
    shop_id: UUID
    amount_minor: int
    automatic: bool
    bank_name: str
    last4: str
    reason: str


class BankAccountMissing(Refusal):
    slug, status, title = "bank-account-missing", 409, "Choose where the shop's money goes first."


class TooManyLines(Refusal):
    slug, status, title = "too-many-lines", 422, "This statement has too many lines. Ask for single days."


class PayoutTooSmall(Refusal):
    slug, status, title = "payout-too-small", 422, "This is less than is paid out at once."
