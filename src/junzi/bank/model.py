"""Nouns of the rails: cards, bindings, debits, and what goes wrong with them.

Refusal
├── CardNotFound       404
├── TooManyCards       409
└── BankUnreachable    503, nothing was done
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from junzi.kit.database import Event
from junzi.kit.errors import Refusal

MOST_CARDS = 10
"""Active cards a person may have."""


class BindingState(StrEnum):
    STARTED = "started"
    BOUND = "bound"
    REFUSED = "refused"


class DebitState(StrEnum):
    ASKED = "asked"
    """The issuer was asked, or is about to be; the outcome is not known."""
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


class CreditState(StrEnum):
    ASKED = "asked"
    """The issuer was asked, or is about to be; the outcome is not known."""
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


class Card(msgspec.Struct, frozen=True):
    """A debit card as far as we know it: never its number. Its id is that of the binding that made it."""

    id: UUID
    person_id: UUID
    token: str
    bank_name: str
    last4: str
    state: str


class ShownCard(msgspec.Struct, frozen=True):
    id: UUID
    bank_name: str
    last4: str
    state: str


class Binding(msgspec.Struct, frozen=True):
    id: UUID
    person_id: UUID
    state: BindingState
    return_url: str
    page_url: str
    card_id: UUID | None
    reason: str | None
    started_at: datetime


class Debit(msgspec.Struct, frozen=True):
    id: UUID
    card_id: UUID
    amount_minor: int
    currency: str
    text: str
    state: DebitState
    reason: str | None


class Credit(msgspec.Struct, frozen=True):
    """Money given back to a card."""

    id: UUID
    card_id: UUID
    amount_minor: int
    currency: str
    text: str
    state: CreditState
    reason: str | None


class CardBound(Event, frozen=True, kw_only=True, tag="bank.card_bound"):
    card_id: UUID
    person_id: UUID
    bank_name: str
    last4: str


class BindingAnswer(msgspec.Struct, frozen=True):
    """What the issuer says of a binding."""

    state: Literal["started", "confirmed", "refused"]
    page_url: str | None = None
    token: str | None = None
    bank_name: str | None = None
    last4: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$", max_length=4)] | None = None
    fingerprint: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    reason: str | None = None


class PaymentAnswer(msgspec.Struct, frozen=True):
    """What the issuer says of a debit or of a credit."""

    state: Literal["succeeded", "declined"]
    reason: str | None = None
    at: datetime | None = None


class CardNotFound(Refusal):
    slug, status, title = (
        "card-not-found",
        404,
        "This card is not bound to your wallet. Choose another or bind it again.",
    )


class TooManyCards(Refusal):
    slug, status, title = "too-many-cards", 409, f"A wallet holds {MOST_CARDS} cards. Remove one first."


class BankUnreachable(Refusal):
    slug, status, title = "bank-unreachable", 503, "The bank does not answer. Nothing was done; try again in a moment."


class Unanswered(Exception):
    """The issuer was asked and no answer came: it may or may not have acted."""


def shown(card: Card) -> ShownCard:
    return ShownCard(card.id, card.bank_name, card.last4, card.state)


class DebitAnswered(Event, frozen=True, kw_only=True, tag="bank.debit_answered"):
    """The issuer sent word of a debit. A hint: whoever asked for the debit asks again."""

    debit_id: UUID


class CreditAnswered(Event, frozen=True, kw_only=True, tag="bank.credit_answered"):
    """The issuer sent word of a credit. A hint: whoever asked for the credit asks again."""

    credit_id: UUID
