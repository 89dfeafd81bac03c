"""Nouns of shops that are several: a merchant's stores, a store's tills, and codes that were turned into a shop's.

Refusal
├── ShopDiscreet    409
├── TooManyTills    409
└── TooManyCodes    409
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.codes.model import ShownCode
from junzi.kit.errors import Refusal
from junzi.merchants.model import LONGEST_PLACE, Range, ShopCard, ShopState, Trade

MOST_TILLS, MOST_ADOPTED = 20, 5
"""Of one shop: tills, and codes that were printed for something else."""

LONGEST_TILL, LONGEST_BRANCH = 20, 20


class TillState(StrEnum):
    OPEN = "open"
    REMOVED = "removed"


class Till(msgspec.Struct, frozen=True):
    id: UUID
    shop_id: UUID
    name: str
    state: TillState


class NewTill(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TILL)]


class Place(msgspec.Struct, frozen=True):
    """Where a code is paid at. till: one of several, while it is used."""

    shop_id: UUID
    till: Till | None = None


class Sum(msgspec.Struct, frozen=True):
    """How many payments, what came in less what was given back, and how much of it coupons paid."""

    count: int = 0
    amount_minor: int = 0
    coupon_minor: int = 0


class ShownTill(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    code: ShownCode
    sum: Sum


class Tills(msgspec.Struct, frozen=True):
    """elsewhere: what came in at the shop's own code or at tills that are used no more."""

    range: Range
    first: date
    last: date
    tills: list[ShownTill]
    elsewhere: Sum


class StoreOf(msgspec.Struct, frozen=True):
    """merchant_id: its first shop. discreet: as that is when the store opens."""

    merchant_id: UUID
    branch: str
    discreet: bool


class NewStore(msgspec.Struct, frozen=True):
    """Another store of a shop's merchant. branch: what it is called among them."""

    branch: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_BRANCH)]
    place: Annotated[str, msgspec.Meta(max_length=LONGEST_PLACE)] = ""


class Branch(msgspec.Struct, frozen=True):
    """What a shop is called among the stores it is joined to."""

    branch: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_BRANCH)]


class StoreRow(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    trade: Trade
    place: str
    picture: str
    state: ShopState
    owner_id: UUID
    branch: str = ""
    photo_id: UUID | None = None


class ShownStore(msgspec.Struct, frozen=True):
    shop: ShopCard
    branch: str
    state: ShopState
    sum: Sum


class Stores(msgspec.Struct, frozen=True):
    """The stores of one merchant that a person may look into, each with what some days brought, and all together.

    first_id: the shop that gives them its name; apart: its owner's shops that stand alone, for whom could join them
    """

    range: Range
    first: date
    last: date
    stores: list[ShownStore]
    sum: Sum
    first_id: UUID
    apart: list[ShopCard] = []


class NewCode(msgspec.Struct, frozen=True):
    """A printed code that is to become a shop's."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class AdoptedCode(msgspec.Struct, frozen=True):
    code: ShownCode
    issued_at: datetime


class ShopCodes(msgspec.Struct, frozen=True):
    """own: the shop's own code; adopted: those that were printed for its owner."""

    own: ShownCode
    adopted: list[AdoptedCode]


class ShopDiscreet(Refusal):
    slug, status, title = "shop-discreet", 409, "A discreet shop has no poster: its code stands on the keeper's phone."


class TooManyTills(Refusal):
    slug, status, title = "too-many-tills", 409, f"One shop can have {MOST_TILLS} tills."


class TooManyCodes(Refusal):
    slug, status, title = "too-many-codes", 409, f"To one shop {MOST_ADOPTED} codes can be turned."
