"""The nouns of the issuer: what the machine interface takes and gives, what the database keeps, and the errors.

Problem
├── NotAuthorised      401  the bearer key is missing or wrong
├── NotFound           404  never seen
├── ReferenceReused    409  the same reference with other fields
├── BindingEnded       409  a binding that is over is asked to go on
├── InvalidRequest     400  a field is missing or out of its bounds
├── TokenUnknown       422  no card was ever bound under this token
└── CurrencyUnknown    422  the sandbox keeps accounts in one currency
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from junzi_issuer.cards import Behaviour

CURRENCY = "CNY"
MAX_AMOUNT_MINOR = 10**12

AmountMinor = Annotated[int, Meta(ge=1, le=MAX_AMOUNT_MINOR)]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
Token = Annotated[str, Meta(max_length=64, pattern=r"\A[\x21-\x7e]+\Z")]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]
# A line of text without control characters.
Line = r"\A[^\x00-\x1f\x7f]*\Z"


class PaymentKind(StrEnum):
    """`DEBIT` takes money from a card, `CREDIT` brings money to it."""

    DEBIT = "debit"
    CREDIT = "credit"


class BindingState(StrEnum):
    STARTED = "started"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class BindingReason(StrEnum):
    """Why a binding was refused."""

    CANCELLED = "cancelled"
    WRONG_CODE = "wrong-code"
    CARD_REFUSED = "card-refused"
    EXPIRED = "expired"


class PaymentState(StrEnum):
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


class PaymentReason(StrEnum):
    """Why a debit or credit was declined."""

    INSUFFICIENT_FUNDS = "insufficient-funds"
    CARD_BLOCKED = "card-blocked"
    LIMIT_EXCEEDED = "limit-exceeded"
    TOKEN_REVOKED = "token-revoked"


class BindingRequest(msgspec.Struct, frozen=True):
    """`holder_hint` stands in the name field when the page opens; `public_url` replaces the configured one."""

    reference: UUID
    return_url: Url
    holder_hint: Annotated[str, Meta(max_length=60, pattern=Line)] = ""
    public_url: Url | None = None


class BindingStarted(msgspec.Struct, frozen=True):
    reference: UUID
    state: BindingState
    page_url: str


class BankNames(msgspec.Struct, frozen=True):
    zh: str
    en: str


class BindingAnswer(msgspec.Struct, frozen=True):
    """`token` and what follows of the card are there once confirmed, `reason` once refused.

    fingerprint: the same for the same card, and for no other
    """

    reference: UUID
    state: BindingState
    token: str | None
    bank_name: str | None
    bank_names: BankNames | None
    last4: str | None
    fingerprint: str | None
    reason: BindingReason | None


class CardNumber(msgspec.Struct, frozen=True):
    card_number: Annotated[str, Meta(max_length=32)]


class PaymentRequest(msgspec.Struct, frozen=True):
    """`text` is what the card holder reads on the statement."""

    reference: UUID
    token: Token
    amount_minor: AmountMinor
    currency: Currency
    text: Annotated[str, Meta(max_length=128, pattern=Line)]


class PaymentAnswer(msgspec.Struct, frozen=True):
    reference: UUID
    state: PaymentState
    reason: PaymentReason | None
    at: datetime


class Notification(msgspec.Struct, frozen=True):
    """What is sent to the operator; `nonce` is the same in every copy and retry of one notification."""

    reference: UUID
    kind: PaymentKind
    state: PaymentState
    reason: PaymentReason | None
    at: datetime
    nonce: str


class Card(msgspec.Struct, frozen=True):
    card_id: int
    last4: str
    bank: str
    behaviour: Behaviour


class Binding(msgspec.Struct, frozen=True):
    """A row of issuer.bindings."""

    reference: UUID
    page_id: str
    csrf_token: str
    return_url: str
    public_url: str
    holder_hint: str
    state: BindingState
    reason: BindingReason | None
    card_id: int | None
    code_hash: bytes | None
    code_expires_at: datetime | None
    codes_sent: int
    codes_wrong: int
    started_at: datetime


class Payment(msgspec.Struct, frozen=True):
    """A row of issuer.payments."""

    kind: PaymentKind
    reference: UUID
    token: str
    card_id: int
    amount_minor: int
    currency: str
    text: str
    state: PaymentState
    reason: PaymentReason | None
    at: datetime


class TokenCard(msgspec.Struct, frozen=True):
    """A token with its card and the card's account."""

    token: str
    card_id: int
    behaviour: Behaviour
    revoked: bool
    account_id: int


class DueNotification(msgspec.Struct, frozen=True):
    notification_id: int
    body: str
    wanted: int
    taken: int
    tries: int


class Problem(Exception):
    """A refusal that the client can read, by RFC 9457."""

    slug = "internal-error"
    title = "Something went wrong here"
    status = 500

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class NotAuthorised(Problem):
    slug, title, status = "not-authorised", "The key is missing or wrong", 401


class NotFound(Problem):
    slug, title, status = "not-found", "There is nothing here", 404


class ReferenceReused(Problem):
    slug, title, status = "reference-reused", "The reference was used with other fields", 409


class BindingEnded(Problem):
    slug, title, status = "binding-ended", "The binding is over", 409


class InvalidRequest(Problem):
    slug, title, status = "invalid-request", "The request is not as it should be", 400


class TokenUnknown(Problem):
    slug, title, status = "token-unknown", "No card is bound under this token", 422


class CurrencyUnknown(Problem):
    slug, title, status = "currency-unknown", "The bank does not keep this currency", 422
