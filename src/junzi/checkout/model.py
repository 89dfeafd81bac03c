"""Nouns of checkout.

Refusal
├── OwnCode             422
├── NotAShopCode        422, a person's code takes transfers, and no coupon
├── OrderExpired        409
├── OrderAlreadyPaid    409
├── OrderProcessing     409
├── OrderClosed         409
├── CardMissing         422
├── PaymentNotPaid      409
├── RefundTooLarge      422, says what is left
├── RefundTooLate       409
├── TooManyRefunds      409
└── ShopBalanceTooSmall 422, says what there is
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.bank.model import ShownCard
from junzi.coupons.choose import Choice
from junzi.coupons.model import MOST_TOGETHER, Words
from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.kit.money import AmountMinor
from junzi.merchants.model import ShopCard
from junzi.standing.model import Position
from junzi.wallet.model import Pin

LONGEST_REASON = 60
"""Characters of what a shop says about a refund."""


class OrderState(StrEnum):
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    CLOSED = "closed"
    """The payer gave it up before paying."""
    EXPIRED = "expired"


class PaymentState(StrEnum):
    PROCESSING = "processing"
    PAID = "paid"
    REFUSED = "refused"


class Funding(StrEnum):
    BALANCE = "balance"
    CARD = "card"


class RefundState(StrEnum):
    PROCESSING = "processing"
    DONE = "done"
    REFUSED = "refused"


class Scan(msgspec.Struct, frozen=True):
    """position: where the phone is, if its person lets it say so."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    position: Position | None = None


class NewOrder(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    amount_minor: AmountMinor


class NewPayment(msgspec.Struct, frozen=True):
    """How to pay: with which coupons, if any, and from what. card_id: needed when the funding is a card."""

    funding: Funding
    pin: Pin
    coupon_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_TOGETHER)] = []
    card_id: UUID | None = None


class NewRefund(msgspec.Struct, frozen=True):
    amount_minor: AmountMinor
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""


class Order(msgspec.Struct, frozen=True):
    """A purchase at a shop. expires_at: until when it can be paid."""

    id: UUID
    shop_id: UUID
    payer_id: UUID
    amount_minor: int
    state: OrderState
    created_at: datetime
    expires_at: datetime


class PaymentCoupon(msgspec.Struct, frozen=True):
    """A coupon of a payment. worth_minor: what it is covered with in the ledger; the part above saved_minor goes back."""

    coupon_id: UUID
    campaign_id: UUID
    worth_minor: int
    saved_minor: int


class Payment(msgspec.Struct, frozen=True):
    """One try to pay an order: amount_minor = paid_minor + coupon_minor.

    coupons:   in the order of use; what is taken off for them comes to coupon_minor
    fee_minor: what the shop pays of it
    room_date: the day whose room at the shop it uses; None when the shop had no bound
    """

    id: UUID
    order_id: UUID
    shop_id: UUID
    payer_id: UUID
    number: str
    state: PaymentState
    amount_minor: int
    coupons: list[PaymentCoupon]
    coupon_minor: int
    paid_minor: int
    funding: Funding
    card_id: UUID | None
    reason: str | None
    created_at: datetime
    room_date: date | None = None
    fee_minor: int = 0


class RefundCoupon(msgspec.Struct, frozen=True):
    """What of a refund is a coupon's, by its place among the payment's.

    back: the coupon becomes its owner's again; otherwise its part goes back to its campaign's budget
    """

    place: int
    amount_minor: int
    back: bool


class Refund(msgspec.Struct, frozen=True):
    """Money of a payment that a shop gives back: amount_minor = payer_minor + coupon_minor.

    coupons:     the coupons' parts, without those of nothing; they come to coupon_minor
    paid_to:     where the payer's part went, known when the refund is done
    refusal:     why it was refused; fee_minor: what the shop gets back of its fee
    """

    id: UUID
    payment_id: UUID
    shop_id: UUID
    payer_id: UUID
    state: RefundState
    amount_minor: int
    payer_minor: int
    coupon_minor: int
    coupons: list[RefundCoupon]
    reason: str
    paid_to: Funding | None
    refusal: str | None
    created_at: datetime
    fee_minor: int = 0

    @property
    def coupons_back(self) -> int:
        """How many coupons become their owner's again."""
        return sum(one.back for one in self.coupons)


class RefundSums(msgspec.Struct, frozen=True):
    """How many refunds of a payment stand or are under way, and what they come to: the payer's part, each coupon's, the fee."""

    count: int
    payer_minor: int
    coupons: list[int]
    fee_minor: int = 0

    @property
    def coupon_minor(self) -> int:
        return sum(self.coupons)


class ShownRefund(msgspec.Struct, frozen=True):
    """coupons_back: how many coupons became their owner's again."""

    id: UUID
    payment_id: UUID
    state: RefundState
    amount_minor: int
    payer_minor: int
    coupon_minor: int
    coupons_back: int
    reason: str
    paid_to: Funding | None
    refusal: str | None
    at: datetime


class ShopPayment(msgspec.Struct, frozen=True):
    """A payment as its shop sees it. left_minor: what of it can still be refunded."""

    id: UUID
    order_id: UUID
    number: str
    state: PaymentState
    amount_minor: int
    coupon_minor: int
    paid_minor: int
    funding: Funding
    payer_name: str
    at: datetime
    refunds: list[ShownRefund]
    left_minor: int


class ShownUse(msgspec.Struct, frozen=True):
    """A coupon and what was taken off for it."""

    coupon_id: UUID
    title: Words
    saved_minor: int


class ShownPayment(msgspec.Struct, frozen=True):
    id: UUID
    order_id: UUID
    number: str
    state: PaymentState
    amount_minor: int
    coupon_minor: int
    paid_minor: int
    funding: Funding
    card: ShownCard | None
    shop: ShopCard
    coupons: list[ShownUse]
    reason: str | None
    at: datetime


class ShownOrder(msgspec.Struct, frozen=True):
    """An order with everything that choosing how to pay takes.

    coupons: those of the best combination in front; best_coupon_ids: the best combination in the order of use, which saves
    best_saves_minor
    """

    id: UUID
    shop: ShopCard
    amount_minor: int
    state: OrderState
    expires_at: datetime
    coupons: list[Choice]
    best_coupon_ids: list[UUID]
    best_saves_minor: int
    balance_minor: int
    cards: list[ShownCard]
    payment: ShownPayment | None


class LatestPayment(msgspec.Struct, frozen=True):
    """A payment as the operator's list shows it, people and shops still by id."""

    id: UUID
    number: str
    payer_id: UUID
    shop_id: UUID
    amount_minor: int
    coupon_minor: int
    funding: Funding
    state: PaymentState
    created_at: datetime


class CodeScanned(Event, frozen=True, kw_only=True, tag="checkout.code_scanned"):
    person_id: UUID
    kind: str
    target_id: UUID


class PaymentMade(Event, frozen=True, kw_only=True, tag="checkout.payment_made"):
    payment_id: UUID
    order_id: UUID
    shop_id: UUID
    shop_name: str
    picture: str
    payer_id: UUID
    payer_name: str
    amount_minor: int
    coupon_minor: int
    paid_minor: int
    funding: Funding
    card_last4: str | None


class PaymentRefunded(Event, frozen=True, kw_only=True, tag="checkout.payment_refunded"):
    """paid_to: balance or card; card_last4: the card's, when it went there."""

    refund_id: UUID
    payment_id: UUID
    order_id: UUID
    shop_id: UUID
    shop_name: str
    picture: str
    payer_id: UUID
    payer_name: str
    amount_minor: int
    payer_minor: int
    coupon_minor: int
    coupons_back: int
    reason: str
    paid_to: Funding
    card_last4: str | None


OWN_SHOP = "This is your own shop's code. Let a customer scan it."


class OwnCode(Refusal):
    slug, status, title = "own-code", 422, "This is your own code. Let somebody else scan it."


class NotAShopCode(Refusal):
    slug, status, title = (
        "not-a-shop-code",
        422,
        "This is a person's own code: it takes transfers. Coupons count only at shops' codes.",
    )


class OrderExpired(Refusal):
    slug, status, title = "order-expired", 409, "This order was open too long. Scan the code again."


class OrderAlreadyPaid(Refusal):
    slug, status, title = "order-already-paid", 409, "This order is paid already. Nothing more was taken."


class OrderProcessing(Refusal):
    slug, status, title = "order-processing", 409, "A payment of this order is under way. Wait for its outcome."


class CardMissing(Refusal):
    slug, status, title = "card-missing", 422, "Say which card is to pay."


class OrderClosed(Refusal):
    slug, status, title = "order-closed", 409, "This order was closed. Scan the code again to pay."


class PaymentNotPaid(Refusal):
    slug, status, title = "payment-not-paid", 409, "Only a payment that was made can be refunded."


class RefundTooLarge(Refusal):
    slug, status, title = "refund-too-large", 422, "This is more than what is left of the payment."


class RefundTooLate(Refusal):
    slug, status, title = "refund-too-late", 409, "This payment is too long ago to be refunded."


class TooManyRefunds(Refusal):
    slug, status, title = "too-many-refunds", 409, "This payment was refunded in as many parts as it may be."


class ShopBalanceTooSmall(Refusal):
    slug, status, title = (
        "shop-balance-too-small",
        422,
        "The shop's balance does not cover this. Nothing was moved.",
    )
