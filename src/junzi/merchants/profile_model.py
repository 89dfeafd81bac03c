"""Nouns of what a shop says of itself, and of what becomes of it when its owner says something else.

Refusal
├── NameUnreviewed  409
├── StoreElsewhere  409
├── FirstStore      409
└── TooManyChanges  409
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.merchants.model import Trade

MOST_CHANGES_A_DAY = 20


class Profile(msgspec.Struct, frozen=True):
    """What a shop says of itself. area_id: where in the town; None for nowhere in particular. photo_id: see `Shop`."""

    name: str
    trade: Trade
    place: str
    picture: str
    area_id: UUID | None
    photo_id: UUID | None = None


class Change(msgspec.Struct, frozen=True):
    """What of it is to be otherwise; what is left out stays."""

    name: str | UnsetType = UNSET
    trade: Trade | UnsetType = UNSET
    place: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET
    area_id: UUID | UnsetType | None = UNSET
    photo_id: UUID | UnsetType | None = UNSET

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, name) is UNSET for name in self.__struct_fields__)


class ChangeState(StrEnum):
    WAITING = "waiting"
    """For an operator's look."""
    MADE = "made"
    DECLINED = "declined"
    DROPPED = "dropped"
    """Its owner asked for something else, or for nothing, before anybody looked."""


class Proposal(msgspec.Struct, frozen=True):
    """A change that waits for an operator's look. name, trade, area_id, photo_id: None for what stays.

    leaves_area: to be in no area
    """

    id: UUID
    asked_at: datetime
    name: str | None = None
    trade: Trade | None = None
    area_id: UUID | None = None
    leaves_area: bool = False
    photo_id: UUID | None = None


class ShownProfile(msgspec.Struct, frozen=True):
    """A shop's profile to its owner. is_looked_at: whether name, trade, area and photo change only after an operator's look.

    named_by: the shop whose name it has, as one of that one's stores
    """

    profile: Profile
    is_looked_at: bool
    proposal: Proposal | None
    named_by: UUID | None


class ShopRenamed(Event, frozen=True, kw_only=True, tag="merchants.shop_renamed"):
    shop_id: UUID


class ChangeProposed(Event, frozen=True, kw_only=True, tag="merchants.change_proposed"):
    shop_id: UUID


class ChangeDecided(Event, frozen=True, kw_only=True, tag="merchants.change_decided"):
    """made: whether the shop is now as its owner wished."""

    shop_id: UUID
    made: bool


class NameUnreviewed(Refusal):
    slug, status, title = (
        "name-unreviewed",
        409,
        "An operator has yet to look at the shop whose name it would have. Join them after that.",
    )


class StoreElsewhere(Refusal):
    slug, status, title = "store-elsewhere", 409, "This shop is one of several already. Part it from them first."


class FirstStore(Refusal):
    slug, status, title = "first-store", 409, "This shop gives the others its name. Part them from it first."


class TooManyChanges(Refusal):
    slug, status, title = (
        "too-many-changes",
        409,
        f"A shop can change what it says of itself {MOST_CHANGES_A_DAY} times a day. Go on tomorrow.",
    )
