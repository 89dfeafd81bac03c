"""The best combination of coupons: a table, and any choice against the slow and obvious way, which tries every set."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.coupons import choose, rules
from junzi.coupons.choose import Unused
from junzi.coupons.model import MOST_TOGETHER, Coupon, CouponState, Limits, Stacking, Why, Words
from tests.support.examples import examples

AT = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
VECTORS = Path(__file__).parents[2] / "web/src/features/checkout/uses.json"
ALONE, HOUSE, SHOP, CARD, EVENT, PACKET = Stacking


def coupon(
    amount_minor: int,
    threshold_minor: int = 0,
    ends: int = 9,
    stacking: Stacking = ALONE,
    *,
    percent: int = 0,
    packet: bool = False,
    number: int = 1,
    state: CouponState = CouponState.AVAILABLE,
) -> Coupon:
    """ends: in how many seconds."""
    return Coupon(
        id=UUID(int=number),
        campaign_id=UUID(int=1),
        person_id=UUID(int=2),
        title=Words("券", "Coupon"),
        amount_minor=amount_minor,
        threshold_minor=threshold_minor,
        state=state,
        given_at=AT - timedelta(days=1),
        expires_at=AT + timedelta(seconds=ends),
        payment_id=None,
        percent=percent,
        packet=packet or stacking is PACKET,
        limits=Limits(stacking=stacking),
    )


@pytest.mark.parametrize(
    ("offers", "amount_minor", "best"),
    [
        # (amount, threshold, seconds left, group) of each; which are best, counted from 0, in the order of use
        ([(500, 1500, 9), (1000, 3000, 9), (200, 0, 9)], 3000, [1]),
        ([(500, 1500, 9), (1000, 3000, 9), (200, 0, 9)], 2999, [0]),
        ([(500, 1500, 9), (1000, 3000, 9), (200, 0, 9)], 1499, [2]),
        # More than the purchase saves no more than the purchase; then what ends first goes first.
        ([(1000, 0, 9), (500, 0, 5)], 500, [1]),
        ([(1000, 0, 5), (500, 0, 9)], 500, [0]),
        ([(500, 0, 9), (500, 0, 8), (500, 0, 10)], 800, [1]),
        ([(500, 0, 9), (1000, 0, 0)], 800, [0]),
        ([(500, 900, 9)], 800, []),
        ([], 800, []),
        # Of different groups they add up; of the same, and alone, they do not.
        ([(300, 0, 9, HOUSE), (200, 0, 5, SHOP)], 800, [1, 0]),
        ([(300, 0, 9, HOUSE), (200, 0, 5, HOUSE)], 800, [0]),
        ([(300, 0, 9, HOUSE), (200, 0, 5, ALONE)], 800, [0]),
        ([(300, 0, 9, HOUSE), (200, 0, 5, SHOP), (501, 0, 1)], 800, [2]),
        ([(300, 0, 9, HOUSE), (200, 0, 5, SHOP), (500, 0, 6)], 800, [1, 0]),
        ([(300, 0, 9, HOUSE), (200, 0, 5, SHOP), (500, 0, 4)], 800, [2]),
        ([(100, 0, 9, HOUSE), (100, 0, 8, SHOP), (100, 0, 7, CARD), (90, 0, 6, EVENT), (50, 0, 9, PACKET)], 800, [4, 3, 2, 1, 0]),
        # Thresholds are measured on the whole purchase.
        ([(300, 800, 9, HOUSE), (300, 800, 8, SHOP)], 800, [1, 0]),
        # What is not needed is not used, though it ends first; but a red packet is.
        ([(300, 0, 1, HOUSE), (500, 0, 9, SHOP)], 500, [1]),
        ([(100, 0, 8, PACKET), (500, 0, 9, SHOP)], 500, [0, 1]),
        ([(500, 0, 8, PACKET), (500, 0, 1, SHOP)], 500, [0]),
        ([(100, 0, 8, PACKET), (500, 0, 9, SHOP), (500, 0, 1)], 500, [0, 1]),
        ([(100, 0, 1, PACKET), (200, 0, 9, PACKET), (500, 0, 9, SHOP)], 500, [1, 2]),
        ([(300, 0, 1, HOUSE), (100, 0, 9, PACKET), (500, 0, 9, SHOP)], 500, [1, 2]),
        # Of those that cover everything, those that end first; of those that end alike, fewer.
        ([(300, 0, 5, HOUSE), (200, 0, 6, SHOP), (500, 0, 7, CARD)], 500, [0, 1]),
        ([(300, 0, 5, HOUSE), (200, 0, 6, SHOP), (500, 0, 5, CARD)], 500, [0, 1]),
        ([(500, 0, 5, CARD), (300, 0, 5, HOUSE), (200, 0, 6, SHOP)], 500, [0]),
    ],
)  # fmt: skip
def test_the_best_is_what_saves_most(offers: list[tuple[int, int, int]], amount_minor: int, best: list[int]) -> None:
    coupons = [coupon(*offer, number=number) for number, offer in enumerate(offers)]
    _, uses = choose.choices(coupons, amount_minor, AT)
    assert [use.coupon.id.int for use in uses] == best


def test_each_coupon_says_why_it_is_not_used() -> None:
    house, shop, other, alone = (
        coupon(300, 0, 9, HOUSE, number=1),
        coupon(200, 0, 8, SHOP, number=2),
        coupon(100, 0, 7, HOUSE, number=3),
        coupon(400, 0, 6, number=4),
    )
    small, far = coupon(50, 0, 5, CARD, number=5), coupon(50, 900, 4, EVENT, number=6)
    choices, uses = choose.choices([far, alone, other, shop, house], 800, AT)
    assert [(use.coupon, use.saved_minor) for use in uses] == [(shop, 200), (house, 300)]
    said = [(one.coupon.id.int, one.chosen, one.reason, one.unused, one.excluded_by) for one in choices]
    assert said == [
        (2, True, None, None, None),
        (1, True, None, None, None),
        (4, False, None, Unused.NOT_TOGETHER, shop.id),
        (3, False, None, Unused.NOT_TOGETHER, house.id),
        (6, False, Why.BELOW_THRESHOLD, None, None),
    ]
    choices, uses = choose.choices([small, shop, house], 500, AT)
    assert [use.saved_minor for use in uses] == [200, 300]
    assert (choices[2].unused, choices[2].excluded_by) == (Unused.NOT_NEEDED, None)


def test_what_is_left_for_each_is_cut_from_the_last() -> None:
    packet, early, late = coupon(100, 0, 9, PACKET), coupon(300, 0, 5, SHOP), coupon(300, 0, 6, HOUSE)
    uses = choose.uses([late, early, packet], 450)
    assert [(use.coupon, use.saved_minor) for use in uses] == [(packet, 100), (early, 300), (late, 50)]


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text()), ids=str)
def test_the_phone_and_the_server_take_off_the_same(vector: dict[str, Any]) -> None:
    coupons = [
        coupon(worth, 0, ends, Stacking(stacking), number=number)
        for number, (worth, stacking, ends) in enumerate(vector["coupons"])
    ]
    uses = choose.uses(reversed(coupons), vector["amount_minor"])
    assert [[use.coupon.id.int, use.saved_minor] for use in uses] == vector["uses"]


SIZES = st.sampled_from([5, 40, 2_000, 10**6, 10**12])
OTHERS = [ALONE, HOUSE, SHOP, CARD, EVENT]


@st.composite
def purchases(draw: st.DrawFn) -> tuple[list[Coupon], int]:
    """Up to twelve coupons of any state, and an amount, of one order of magnitude, so that sums meet."""
    size = draw(SIZES)
    numbers = count(1)

    def one() -> Coupon:
        packet = draw(st.booleans()) and draw(st.booleans())
        return coupon(
            draw(st.integers(1, size)),
            draw(st.one_of(st.just(0), st.integers(0, 3 * size))),
            draw(st.integers(-1, 6)),
            draw(st.sampled_from([ALONE, PACKET] if packet else OTHERS)),
            percent=draw(st.sampled_from([0, 0, 0, 7, 30, 100])),
            packet=packet,
            number=next(numbers),
            state=draw(st.sampled_from([CouponState.AVAILABLE] * 6 + list(CouponState))),
        )

    coupons = [one() for _ in range(draw(st.integers(0, 12)))]
    return draw(st.permutations(coupons)), draw(st.integers(1, 3 * size))


@given(purchases())
@settings(max_examples=examples(600))
def test_the_best_choice_is_what_trying_every_set_finds(purchase: tuple[list[Coupon], int]) -> None:
    coupons, amount_minor = purchase
    choices, uses = choose.choices(coupons, amount_minor, AT)
    counting = [one for one in coupons if rules.why_not(one, amount_minor, AT) is None]
    assert [use.coupon for use in uses] == tried(counting, amount_minor)
    assert all(use.saved_minor > 0 for use in uses)
    assert sum(use.saved_minor for use in uses) == total([use.coupon for use in uses], amount_minor)
    assert sorted(one.coupon.id for one in choices) == sorted(one.id for one in coupons)
    assert [one.coupon.id for one in choices if one.chosen] == [use.coupon.id for use in uses]
    assert [one.coupon.id for one in choices[: len(uses)]] == [use.coupon.id for use in uses]
    assert [one.usable for one in choices] == sorted((one.usable for one in choices), reverse=True)
    for one in choices:
        assert one.usable == (one.reason is None) == (one.saves_minor > 0)
        assert (one.unused is not None) == (one.usable and not one.chosen)
        assert (one.unused is Unused.NOT_TOGETHER) == (one.excluded_by is not None)


def tried(coupons: Sequence[Coupon], amount_minor: int) -> list[Coupon]:
    """The best of all sets, as the rule is written down."""

    def better(those: Sequence[Coupon]) -> tuple[object, ...]:
        by_packets = total([one for one in those if one.packet], amount_minor)
        return -total(those, amount_minor), -by_packets, [choose.rank(one) for one in those]

    return list(min(sets(sorted(coupons, key=choose.rank), amount_minor), key=better))


def sets(coupons: Sequence[Coupon], amount_minor: int) -> Iterator[Sequence[Coupon]]:
    """Every set that may be used, in the order of use."""
    for size in range(MOST_TOGETHER + 1):
        for those in combinations(coupons, size):
            groups = [one.limits.stacking for one in those]
            if size > 1 and (ALONE in groups or len(set(groups)) < size):
                continue
            others = [one for one in those if not one.packet]
            if all(
                total([two for two in those if two is not one], amount_minor) < total(those, amount_minor)
                for one in others
            ):
                yield those


def total(coupons: Sequence[Coupon], amount_minor: int) -> int:
    return min(amount_minor, sum(rules.saves(one, amount_minor) for one in coupons))
