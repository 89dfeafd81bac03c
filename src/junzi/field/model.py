"""Nouns of the street.

Refusal
├── NotAPromoter        403
├── RowsWrong           422, says which rows of a list and why
├── TakesOurs           409
├── TooManyWishes       409
├── TooManyProposals    409
├── TooManyRivals       409
├── RivalKnown          409
├── TooManyPlaces       409
├── ShopHasPlace        409
└── PlaceLinked         409
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal
from junzi.merchants.model import LONGEST_NAME, LONGEST_PLACE, ShopCard, Trade

MOST_RIVALS = 20
MOST_PLACES = 100_000
MOST_ROWS = 1_000
"""Rows of one list of places that is read in."""
MOST_WISHES, MOST_PROPOSALS = 30, 10
"""A month, of one person."""
STEP = 5
"""People by whom what is shown of wishes grows; fewer are never told of."""
LONGEST_NOTE, LONGEST_NUMBER = 200, 40

LatitudeE6 = Annotated[int, msgspec.Meta(ge=-90_000_000, le=90_000_000)]
LongitudeE6 = Annotated[int, msgspec.Meta(ge=-180_000_000, le=180_000_000)]

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""As a phone says it, with its zone."""


class Size(StrEnum):
    SMALL = "small"
    CHAIN = "chain"


class Source(StrEnum):
    """Where a place is known from. Only the operator is told: that somebody wished for it is nobody else's to know."""

    IMPORT = "import"
    WISH = "wish"
    NEIGHBOUR = "neighbour"


class PlaceState(StrEnum):
    PROPOSED = "proposed"
    STANDING = "standing"
    GONE = "gone"


class CodeState(StrEnum):
    """Of a rival's code at a place."""

    LIVE = "live"
    THREATENED = "threatened"
    DEAD = "dead"
    NONE = "none"
    """There is none."""


class How(StrEnum):
    SCAN = "scan"
    """It was scanned to see."""
    REPORT = "report"


class Wallets(StrEnum):
    """What a place takes."""

    OURS = "ours"
    RIVAL = "rival"
    BOTH = "both"
    NONE = "none"


class Position(msgspec.Struct, frozen=True):
    """In millionths of a degree (WGS 84)."""

    latitude_e6: LatitudeE6
    longitude_e6: LongitudeE6


class NewPlace(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    trade: Trade
    address: Annotated[str, msgspec.Meta(max_length=LONGEST_PLACE)] = ""
    size: Size = Size.SMALL
    area_id: UUID | None = None
    position: Position | None = None


class Place(msgspec.Struct, frozen=True):
    """number: the operator's own, of a place from a list; shop_id: of the shop of ours that it became"""

    id: UUID
    number: str | None
    name: str
    trade: Trade
    address: str
    size: Size
    area_id: UUID | None
    latitude_e6: int | None
    longitude_e6: int | None
    source: Source
    state: PlaceState
    added_by: UUID
    created_at: datetime
    shop_id: UUID | None

    @property
    def position(self) -> Position | None:
        if self.latitude_e6 is None or self.longitude_e6 is None:
            return None
        return Position(self.latitude_e6, self.longitude_e6)


class NewRival(msgspec.Struct, frozen=True):
    """code_starts: how what its codes say begins, as in `https://pay.example/`"""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    code_starts: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=4, max_length=100)]], msgspec.Meta(max_length=10)
    ] = []


class Rival(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    code_starts: list[str]


class NewRivalCode(msgspec.Struct, frozen=True):
    """seen_at: when it was seen, if that was not just now"""

    rival_id: UUID
    state: CodeState
    how: How
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)] = ""
    seen_at: Moment | None = None


class RivalCode(msgspec.Struct, frozen=True):
    id: UUID
    place_id: UUID
    rival_id: UUID
    state: CodeState
    how: How
    note: str
    seen_at: datetime
    seen_by: UUID


class Tally(msgspec.Struct, frozen=True):
    """Wishes of a month at a place: those that may be told of, and up to four that wait for a fifth."""

    shown_people: int = 0
    shown_coupons_minor: int = 0
    waiting_people: int = 0
    waiting_coupons_minor: int = 0


class Demand(msgspec.Struct, frozen=True):
    """How many people asked for a place this month, in steps of five, and how much in coupons they had, rounded down."""

    people: int
    coupons_minor: int


class RivalCodeLine(msgspec.Struct, frozen=True):
    rival_id: UUID
    state: CodeState
    how: How
    seen_at: datetime


class StreetPlace(msgspec.Struct, frozen=True):
    """A place as whoever walks the street sees it: a discreet shop of ours is a place like any that is not ours."""

    id: UUID
    name: str
    trade: Trade
    address: str
    size: Size
    area_id: UUID | None
    position: Position | None
    wallets: Wallets
    codes: list[RivalCodeLine]
    demand: Demand | None
    shop: ShopCard | None


class NotAPromoter(Refusal):
    slug, status, title = "not-a-promoter", 403, "This is for the offline team."


class RowsWrong(Refusal):
    slug, status, title = (
        "rows-wrong",
        422,
        "Some rows cannot be read. Nothing was taken in; correct them and send all again.",
    )


class TakesOurs(Refusal):
    slug, status, title = "takes-ours", 409, "You can pay here already."


class TooManyWishes(Refusal):
    slug, status, title = "too-many-wishes", 409, f"One person can ask for {MOST_WISHES} shops a month."


class TooManyProposals(Refusal):
    slug, status, title = "too-many-proposals", 409, f"One person can name {MOST_PROPOSALS} new shops a month."


class TooManyRivals(Refusal):
    slug, status, title = "too-many-rivals", 409, f"At most {MOST_RIVALS} other wallets are kept."


class RivalKnown(Refusal):
    slug, status, title = "rival-known", 409, "There is another wallet of that name already."


class TooManyPlaces(Refusal):
    slug, status, title = "too-many-places", 409, f"The street has at most {MOST_PLACES} places."


class ShopHasPlace(Refusal):
    slug, status, title = "shop-has-place", 409, "This shop stands at another place of the street already."


class PlaceLinked(Refusal):
    slug, status, title = "place-linked", 409, "This place is another shop of ours already."
