"""What is told of whom, decided without looking anything up."""

from collections.abc import Iterable
from datetime import date, timedelta

from junzi.field.model import STEP, CodeState, Demand, Tally, Wallets
from junzi.field.visit_model import Outcome
from junzi.merchants.model import Shop, ShopState

TAKING = frozenset({CodeState.LIVE, CodeState.THREATENED})
"""States in which a rival's code can be paid."""

TELLS_OURS = frozenset({Outcome.SIGNED_UP, Outcome.CALLED})
"""Outcomes that are noted at a shop of ours and nowhere else."""

FURTHEST_AHEAD = timedelta(days=366)
"""How far ahead somebody may be promised a visit."""

REST_DAYS = {
    Outcome.SIGNED_UP: 7,
    Outcome.CALLED: 7,
    Outcome.SHUT: 1,
    Outcome.NOT_FOUND: 14,
    Outcome.NO: 30,
    Outcome.CLOSED: 180,
}
"""Days for which nobody is sent again. A list may be wrong, and people change their minds: none is for ever."""


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


def again_on(outcome: Outcome, day: date, back_on: date | None) -> date:
    """From which day on a place is worth going to again. back_on: the day that was agreed on, of that outcome alone"""
    return back_on if back_on is not None else day + timedelta(days=REST_DAYS[outcome])
