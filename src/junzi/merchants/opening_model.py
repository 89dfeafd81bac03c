"""How many shops a person may open.

Refusal
├── TooManyShops    409
├── ShopsUnreviewed 409
└── OpeningBarred   409
"""

import msgspec

from junzi.kit.errors import Refusal

MOST_SHOPS = 20
"""Shops one person may open."""

MOST_UNREVIEWED = 3
"""How many of them may wait for an operator's review, so that nobody has the room of a new shop many times over."""


class Opened(msgspec.Struct, frozen=True):
    """Shops that a person opened, how many of them no operator looked at, and whether one keeps them from opening others."""

    count: int
    unreviewed: int
    is_barred: bool


class ShopsUnreviewed(Refusal):
    slug, status, title = (
        "shops-unreviewed",
        409,
        f"An operator has yet to look at {MOST_UNREVIEWED} shops of yours. Open the next one after that.",
    )


class OpeningBarred(Refusal):
    slug, status, title = (
        "opening-barred",
        409,
        "A code of yours was taken back. Until that is settled you cannot open another shop.",
    )


class TooManyShops(Refusal):
    slug, status, title = "too-many-shops", 409, f"One person can open {MOST_SHOPS} shops."
