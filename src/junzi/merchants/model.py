"""Nouns of merchants.

Refusal
├── ShopClosed      409
├── CodeWithdrawn   409, never says why
├── ChargeOver      409, says whether it is paid, taken by somebody else, or expired
├── TooManyStaff    409
└── TooManyAreas    409
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.codes.model import ShownCode
from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.kit.money import AmountMinor
from junzi.people.model import Person

MOST_STAFF = 30
"""People beside the owner who may work at a shop, those asked included."""

MOST_AREAS = 100

LONGEST_NAME, LONGEST_PLACE, LONGEST_PICTURE, LONGEST_NOTE = 40, 80, 8, 40
"""Characters of what a shop says of itself; an emoji may have several."""


class Trade(StrEnum):
    """The kind of trade, with its merchant category code (ISO 18245)."""

    NOODLES = "noodles"
    GROCERIES = "groceries"
    COFFEE = "coffee"
    BAKERY = "bakery"
    HARDWARE = "hardware"
    BOOKS = "books"
    CONVENIENCE = "convenience"
    CLOTHING = "clothing"
    PHARMACY = "pharmacy"
    FLOWERS = "flowers"
    ELECTRONICS = "electronics"
    HAIR = "hair"
    TRANSPORT = "transport"
    LODGING = "lodging"
    SERVICES = "services"
    OTHER = "other"

    @property
    def category_code(self) -> str:
        return _CATEGORY_CODES[self]


_CATEGORY_CODES = {
    Trade.NOODLES: "5812",
    Trade.GROCERIES: "5411",
    Trade.COFFEE: "5814",
    Trade.BAKERY: "5462",
    Trade.HARDWARE: "5251",
    Trade.BOOKS: "5942",
    Trade.CONVENIENCE: "5499",
    Trade.CLOTHING: "5651",
    Trade.PHARMACY: "5912",
    Trade.FLOWERS: "5992",
    Trade.ELECTRONICS: "5732",
    Trade.HAIR: "7230",
    Trade.TRANSPORT: "4121",
    Trade.LODGING: "7011",
    Trade.SERVICES: "7299",
    Trade.OTHER: "5999",
}


class ShopState(StrEnum):
    OPENING = "opening"
    """The row stands, its ledger account may not yet."""
    OPEN = "open"
    CLOSED = "closed"


class NewShop(msgspec.Struct, frozen=True):
    """What opening a shop takes. picture: an emoji; photo_id: a picture that its owner uploaded, to be shown instead."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    trade: Trade
    place: Annotated[str, msgspec.Meta(max_length=LONGEST_PLACE)] = ""
    picture: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PICTURE)] = "🏪"
    area_id: UUID | None = None
    photo_id: UUID | None = None


class Shop(msgspec.Struct, frozen=True):
    """picture: an emoji, drawn wherever its photo is not; photo_id: a file of media that only `photos` tells readers of."""

    id: UUID
    owner_id: UUID
    name: str
    trade: Trade
    place: str
    picture: str
    state: ShopState
    discreet: bool
    withdrawn: bool
    area_id: UUID | None = None
    photo_id: UUID | None = None


class Role(StrEnum):
    OWNER = "owner"
    CASHIER = "cashier"


class Deed(StrEnum):
    """What somebody wants to do at a shop."""

    LOOK = "look"
    """See the shop, its takings and figures."""
    CHARGE = "charge"
    MANAGE = "manage"
    """Everything else: open and close, staff, statement, refunds, the bank."""


class StaffState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"


class StaffRow(msgspec.Struct, frozen=True):
    """since: asked, or working there."""

    shop_id: UUID
    person_id: UUID
    role: Role
    state: StaffState
    since: datetime


class ShownShop(msgspec.Struct, frozen=True):
    """A shop as its keeper, or who works there, sees it. conversation_id: where that person hears of its payments.

    picture: as on a `ShopCard`
    """

    id: UUID
    name: str
    trade: Trade
    place: str
    picture: str
    state: ShopState
    code: ShownCode
    conversation_id: UUID
    role: Role
    area_id: UUID | None = None
    discreet: bool = False


class Range(StrEnum):
    """Days that a shop's figures are asked for: today, this week from Monday, this calendar month."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"


class Period(msgspec.Struct, frozen=True):
    """Business days from the first to the last, both counted."""

    first: date
    last: date


class HourSum(msgspec.Struct, frozen=True):
    """What one hour of one business day brought: payments, and their sum less what was refunded."""

    business_date: date
    hour: int
    count: int
    amount_minor: int
    coupon_minor: int


class HourFigure(msgspec.Struct, frozen=True):
    hour: int
    count: int
    amount_minor: int


class DayFigure(msgspec.Struct, frozen=True):
    date: date
    count: int
    amount_minor: int


class Figures(msgspec.Struct, frozen=True):
    """What some days brought, by hour of the day and by day. coupon_minor: how much of it coupons paid."""

    range: Range
    first: date
    last: date
    count: int
    amount_minor: int
    coupon_minor: int
    hours: list[HourFigure]
    days: list[DayFigure]


class MerchantCode(msgspec.Struct, frozen=True):
    """A shop's code in the form that other wallets read (EMVCo, merchant-presented), and the address of its picture."""

    text: str
    svg: str


class ShopCard(msgspec.Struct, frozen=True):
    """A shop as its customers see it: of a discreet one a neutral name and picture, no place and no trade of its own.

    picture: an emoji; if the shop has a photo, followed by / and the photo's id, so that whoever cannot have that draws the emoji
    """

    id: UUID
    name: str
    trade: Trade
    place: str
    picture: str


class TakingKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"


class Taking(msgspec.Struct, frozen=True):
    """One payment as the shop sees it: the amount it receives, and how much of that a coupon paid.

    A refund has an id of its own, the order of its payment, and amounts below zero. till: at which of several.
    fee_minor: what the shop paid of it beside, or got back.
    """

    id: UUID
    order_id: UUID
    amount_minor: int
    paid_minor: int
    coupon_minor: int
    payer_name: str
    at: datetime
    kind: TakingKind = TakingKind.PAYMENT
    till: str | None = None
    fee_minor: int = 0


class DaySum(msgspec.Struct, frozen=True):
    """How many payments, and what came in less what was given back."""

    count: int
    amount_minor: int


class Takings(msgspec.Struct, frozen=True):
    today: DaySum
    takings: list[Taking]
    more: bool


class NewCharge(msgspec.Struct, frozen=True):
    amount_minor: AmountMinor
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)] = ""
    till_id: UUID | None = None


class ChargeState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    """Somebody scanned it and has not paid yet."""
    PAID = "paid"
    EXPIRED = "expired"


class Charge(msgspec.Struct, frozen=True):
    """An amount that a shop asks for once. order_id, payer_id: who holds it; payment_id: what paid it."""

    id: UUID
    shop_id: UUID
    amount_minor: int
    note: str
    expires_at: datetime
    order_id: UUID | None
    payer_id: UUID | None
    payment_id: UUID | None
    till_id: UUID | None = None


class ShownCharge(msgspec.Struct, frozen=True):
    """A charge as the till shows it."""

    id: UUID
    amount_minor: int
    note: str
    state: ChargeState
    expires_at: datetime
    code: ShownCode
    payment_id: UUID | None


class NewStaff(msgspec.Struct, frozen=True):
    handle: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StaffMember(msgspec.Struct, frozen=True):
    person: Person
    role: Role
    state: StaffState
    since: datetime


class Invitation(msgspec.Struct, frozen=True):
    """A shop at which somebody is asked to work."""

    shop: ShopCard
    role: Role
    since: datetime


class StaffInvited(Event, frozen=True, kw_only=True, tag="merchants.staff_invited"):
    shop_id: UUID
    shop_name: str
    person_id: UUID
    owner_id: UUID


class StaffAccepted(Event, frozen=True, kw_only=True, tag="merchants.staff_accepted"):
    shop_id: UUID
    shop_name: str
    person_id: UUID


class ShopOpened(Event, frozen=True, kw_only=True, tag="merchants.shop_opened"):
    shop_id: UUID
    owner_id: UUID
    name: str


class ShopClosed(Refusal):
    slug, status, title = "shop-closed", 409, "This shop is closed and takes no payments right now."


class CodeWithdrawn(Refusal):
    slug, status, title = "code-withdrawn", 409, "This code takes no payments. Nothing was taken."


class ChargeOver(Refusal):
    slug, status, title = "charge-over", 409, "This code was for one payment. Ask the shop for a new one."


class TooManyStaff(Refusal):
    slug, status, title = "too-many-staff", 409, f"At one shop {MOST_STAFF} people can work."


class TooManyAreas(Refusal):
    slug, status, title = "too-many-areas", 409, f"A town has at most {MOST_AREAS} areas."


NEUTRAL_PICTURE = "🏬"


def neutral_number(shop_id: UUID) -> int:
    """The four digits of a shop's neutral name: of the chance in its id, so that they stay and tell nothing."""
    return (shop_id.int >> 8 & 0xFFFF) % 10_000


def neutral_name(shop_id: UUID) -> str:
    """A name that reads in both languages and says which shop it is to nobody who does not know."""
    return f"商户 Shop {neutral_number(shop_id):04}"


def card(shop: Shop) -> ShopCard:
    """The shop as everybody but its keepers sees it: the only way to tell others of a shop."""
    if shop.discreet:
        return ShopCard(shop.id, neutral_name(shop.id), Trade.OTHER, "", NEUTRAL_PICTURE)
    return own_card(shop)


def own_card(shop: Shop) -> ShopCard:
    """The shop as its keepers see it, however discreet it is."""
    return ShopCard(shop.id, shop.name, shop.trade, shop.place, face(shop.picture, shop.photo_id))


def face(picture: str, photo_id: UUID | None) -> str:
    """The two as a shop's picture is told: see `ShopCard`."""
    return picture if photo_id is None else f"{picture}/{photo_id}"
