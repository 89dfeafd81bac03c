"""Nouns of the wallet.

Refusal
├── InsufficientBalance   422, says what there is
├── TransferToSelf        422
└── NotAPersonalCode      422
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.bank.model import ShownCard
from junzi.codes.model import ShownCode
from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.kit.money import AmountMinor
from junzi.people.model import Person

LONGEST_NOTE = 60

# The length beside the pattern, whose "$" would let a line break pass.
Pin = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$", max_length=6)]


class TopUpState(StrEnum):
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


class TransferState(StrEnum):
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


class BillKind(StrEnum):
    TOPUP = "topup"
    PAYMENT = "payment"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    REFUND = "refund"
    COMMISSION = "commission"
    """What a promoter earned."""


class NewTopUp(msgspec.Struct, frozen=True):
    card_id: UUID
    amount_minor: AmountMinor
    pin: Pin


class NewTransfer(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(max_length=200)]
    amount_minor: AmountMinor
    pin: Pin
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)] = ""


class TopUp(msgspec.Struct, frozen=True):
    id: UUID
    person_id: UUID
    card_id: UUID
    amount_minor: int
    state: TopUpState
    reason: str | None


class ShownTopUp(msgspec.Struct, frozen=True):
    id: UUID
    state: TopUpState
    amount_minor: int
    reason: str | None


class Transfer(msgspec.Struct, frozen=True):
    id: UUID
    payer_id: UUID
    payee_id: UUID
    amount_minor: int
    note: str
    state: TransferState
    reason: str | None


class ShownTransfer(msgspec.Struct, frozen=True):
    id: UUID
    state: TransferState
    amount_minor: int
    to: Person
    reason: str | None


class Counterparty(msgspec.Struct, frozen=True):
    """The other side of a movement as a bill shows it: a person's avatar or a shop's or bank's picture."""

    name: str
    avatar: int | None = None
    picture: str | None = None


class Bill(msgspec.Struct, frozen=True):
    """One movement of a person's money. Its id is that of the ledger transfer; out is negative.

    discount_minor: what coupons paid of it; negative in a refund, which takes that much of the saving back
    moves_balance:  whether the wallet's balance changed by `amount_minor`; false for payments from and refunds to a card
    """

    id: UUID
    kind: BillKind
    amount_minor: int
    discount_minor: int
    counterparty: Counterparty
    note: str
    at: datetime
    order_id: UUID | None
    moves_balance: bool


class Bills(msgspec.Struct, frozen=True):
    bills: list[Bill]
    more: bool


class Wallet(msgspec.Struct, frozen=True):
    balance_minor: int
    currency: str
    has_pin: bool
    pin_locked_until: datetime | None
    cards: list[ShownCard]
    saved_this_month_minor: int
    code: ShownCode


class ToppedUp(Event, frozen=True, kw_only=True, tag="wallet.topped_up"):
    topup_id: UUID
    person_id: UUID
    amount_minor: int
    bank_name: str
    last4: str


class TopUpRefused(Event, frozen=True, kw_only=True, tag="wallet.topup_refused"):
    topup_id: UUID
    person_id: UUID
    amount_minor: int
    reason: str


class Transferred(Event, frozen=True, kw_only=True, tag="wallet.transferred"):
    transfer_id: UUID
    payer_id: UUID
    payer_name: str
    payee_id: UUID
    payee_name: str
    amount_minor: int
    note: str


class InsufficientBalance(Refusal):
    slug, status, title = "insufficient-balance", 422, "The balance does not cover this. Top up first or choose a card."


class TransferToSelf(Refusal):
    slug, status, title = "transfer-to-self", 422, "This is your own code. Nothing was moved."


class NotAPersonalCode(Refusal):
    slug, status, title = (
        "not-a-personal-code",
        422,
        "This is a shop's code. Pay it by scanning; transfers go to people.",
    )
