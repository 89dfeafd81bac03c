"""Nouns of signing up a shop at its counter, and of codes that were printed in advance.

Refusal
├── SignUpOver        409, it was agreed to, declined, or its time is over
├── OwnSignUp         409
├── TooManySignUps    409
├── OwnerCodeWrong    422
├── BlankTaken        409
└── NotABlank         422
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.merchants.model import LONGEST_NAME, LONGEST_PICTURE, LONGEST_PLACE, Trade
from junzi.people.model import Person

MOST_SIGN_UPS_A_DAY = 100
"""That one promoter may ask for."""
MOST_SHEET, MOST_SHEETS_LISTED = 240, 100
"""Codes of a sheet that is printed in advance."""
OWNER_CODE_DIGITS = 8


class SignUpState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    """By its owner; the shop is being opened."""
    OPEN = "open"
    DECLINED = "declined"
    REFUSED = "refused"
    """Its owner may not open a shop now."""


class CounterShop(msgspec.Struct, frozen=True):
    """What the shop is to say of itself, as the promoter typed it at the counter."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    trade: Trade
    place: Annotated[str, msgspec.Meta(max_length=LONGEST_PLACE)] = ""
    picture: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PICTURE)] = "🏪"
    area_id: UUID | None = None


class NewSignUp(msgspec.Struct, frozen=True):
    """owner_handle: whom to ask; without it, whoever scans what the promoter's phone shows"""

    place_id: UUID
    shop: CounterShop
    owner_handle: Annotated[str, msgspec.Meta(max_length=200)] = ""


class SignUp(msgspec.Struct, frozen=True):
    id: UUID
    place_id: UUID
    promoter_id: UUID
    shop: CounterShop
    token: str
    state: SignUpState
    owner_id: UUID | None
    asked_at: datetime
    expires_at: datetime
    shop_id: UUID | None


class ShownSignUp(msgspec.Struct, frozen=True):
    """As its promoter sees it. url, svg: what the owner scans; owner: who agreed, or whom it was sent to"""

    id: UUID
    place_id: UUID
    shop: CounterShop
    url: str
    svg: str
    state: SignUpState
    owner: Person | None
    asked_at: datetime
    expires_at: datetime
    shop_id: UUID | None


class AskedOfMe(msgspec.Struct, frozen=True):
    """As whoever is asked sees it. shop_id: of the shop that was opened by it"""

    token: str
    shop: CounterShop
    promoter: Person
    state: SignUpState
    expires_at: datetime
    shop_id: UUID | None


class OwnerCode(msgspec.Struct, frozen=True):
    """What the owner's phone shows for the promoter to type."""

    code: str
    expires_at: datetime


class Sheet(msgspec.Struct, frozen=True):
    """codes: on it; bound: how many of them hang somewhere"""

    id: UUID
    printed_by: UUID
    printed_at: datetime
    codes: int
    bound: int


class SignUpAsked(Event, frozen=True, kw_only=True, tag="field.sign_up_asked"):
    """Somebody was asked by handle to let a shop open in their name. token: leads to the question"""

    sign_up_id: UUID
    owner_id: UUID
    promoter_id: UUID
    shop_name: str
    token: str


class ShopSignedUp(Event, frozen=True, kw_only=True, tag="field.shop_signed_up"):
    """A shop stands that a promoter signed up."""

    sign_up_id: UUID
    shop_id: UUID
    owner_id: UUID
    promoter_id: UUID


class SignUpOver(Refusal):
    slug, status, title = (
        "sign-up-over",
        409,
        "This is over: it was answered already, or its quarter of an hour has passed.",
    )


class OwnSignUp(Refusal):
    slug, status, title = "own-sign-up", 409, "Nobody signs up a shop of their own. Open it under “My shops”."


class TooManySignUps(Refusal):
    slug, status, title = "too-many-sign-ups", 409, f"A promoter can ask {MOST_SIGN_UPS_A_DAY} times a day."


class OwnerCodeWrong(Refusal):
    slug, status, title = "owner-code-wrong", 422, "No phone shows this code now. Ask the owner for a new one."


class BlankTaken(Refusal):
    slug, status, title = "blank-taken", 409, "This code hangs at another shop already. Take another one."


class NotABlank(Refusal):
    slug, status, title = "not-a-blank", 422, "This is no code that was printed in advance. Take one from a sheet."
