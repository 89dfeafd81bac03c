"""What is told of whom, decided without looking anything up."""

from collections.abc import Iterable

from junzi.field.model import STEP, CodeState, Demand, Tally, Wallets
from junzi.merchants.model import Shop, ShopState

TAKING = frozenset({CodeState.LIVE, CodeState.THREATENED})
"""States in which a rival's code can be paid."""


def is_seen_as_ours(shop: Shop | None) -> bool:
    """Whether a place may be told of as ours: of a discreet shop nobody is told that, the operator's staff included."""
    return shop is not None and shop.state is ShopState.OPEN and not shop.withdrawn and not shop.discreet


def wallets(*, ours: bool, codes: Iterable[CodeState]) -> Wallets:
    """What a place takes. ours: whether it may be told of as ours; codes: the latest state of each rival's code."""
    rivals = any(code in TAKING for code in codes)
    if ours:
        return Wallets.BOTH if rivals else Wallets.OURS
    return Wallets.RIVAL if rivals else Wallets.NONE


def arrived(tally: Tally, coupons_minor: int, *, unit_minor: int) -> Tally:
    """The tally with one more wish, of somebody who has that much in coupons.

    unit_minor: in which the coupons of a whole step are told, rounded down

    What is shown changes only when the fifth of a step arrives, and then by the sum of five people: neither one answer nor the
    difference of two is about fewer.
    """
    people, coupons = tally.waiting_people + 1, tally.waiting_coupons_minor + coupons_minor
    if people < STEP:
        return Tally(tally.shown_people, tally.shown_coupons_minor, people, coupons)
    return Tally(tally.shown_people + STEP, tally.shown_coupons_minor + coupons // unit_minor * unit_minor)


def demand(tally: Tally | None) -> Demand | None:
    """What may be told of the wishes of a month: nothing below five."""
    if tally is None or not tally.shown_people:
        return None
    return Demand(tally.shown_people, tally.shown_coupons_minor)
