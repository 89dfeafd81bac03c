"""Which coupon counts and which saves most: a table, and every choice against the slow and obvious way."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.coupons import rules
from junzi.coupons.model import Coupon, CouponState, Why, Words

AT = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def coupon(
    amount_minor: int = 500,
    threshold_minor: int = 0,
    state: CouponState = CouponState.AVAILABLE,
    expires_at: datetime = AT + SECOND,
    number: int = 1,
) -> Coupon:
    held = UUID(int=9) if state in (CouponState.RESERVED, CouponState.REDEEMED) else None
    return Coupon(
        id=UUID(int=number),
        campaign_id=UUID(int=1),
        person_id=UUID(int=2),
        title=Words("券", "Coupon"),
        amount_minor=amount_minor,
        threshold_minor=threshold_minor,
        state=state,
        given_at=AT - timedelta(days=1),
        expires_at=expires_at,
        payment_id=held,
    )


@pytest.mark.parametrize(
    ("seen", "amount_minor", "reason"),
    [
        (coupon(), 1, None),
        (coupon(threshold_minor=1500), 1500, None),
        (coupon(threshold_minor=1500), 1499, Why.BELOW_THRESHOLD),
        (coupon(expires_at=AT + SECOND), 1500, None),
        (coupon(expires_at=AT), 1500, Why.EXPIRED),
        (coupon(expires_at=AT - SECOND), 1500, Why.EXPIRED),
        (coupon(state=CouponState.RESERVED), 1500, Why.RESERVED),
        (coupon(state=CouponState.REDEEMED), 1500, Why.USED),
        (coupon(state=CouponState.EXPIRING), 1500, Why.EXPIRED),
        (coupon(state=CouponState.EXPIRED), 1500, Why.EXPIRED),
        # The gravest reason is the one that is told.
        (coupon(state=CouponState.REDEEMED, expires_at=AT), 1500, Why.USED),
        (coupon(state=CouponState.RESERVED, expires_at=AT), 1500, Why.EXPIRED),
        (coupon(state=CouponState.RESERVED, threshold_minor=1501), 1500, Why.RESERVED),
        (coupon(threshold_minor=1501, expires_at=AT), 1500, Why.EXPIRED),
    ],
)
def test_a_coupon_counts_or_says_why_not(seen: Coupon, amount_minor: int, reason: Why | None) -> None:
    assert rules.why_not(seen, amount_minor, AT) is reason
    [choice] = rules.choices([seen], amount_minor, AT)
    assert (choice.usable, choice.reason) == (reason is None, reason)
    assert choice.saves_minor == (0 if reason else min(seen.amount_minor, amount_minor))


@pytest.mark.parametrize(
    ("offers", "amount_minor", "best"),
    [
        # (amount, threshold, seconds left) of each; which is best, counted from 0
        ([(500, 1500, 9), (1000, 3000, 9), (200, 0, 9)], 3000, 1),
        ([(500, 1500, 9), (1000, 3000, 9), (200, 0, 9)], 2999, 0),
        ([(500, 1500, 9), (1000, 3000, 9), (200, 0, 9)], 1499, 2),
        # More than the purchase saves no more than the purchase; then what ends first goes first.
        ([(1000, 0, 9), (500, 0, 5)], 500, 1),
        ([(1000, 0, 5), (500, 0, 9)], 500, 0),
        ([(500, 0, 9), (500, 0, 8), (500, 0, 10)], 800, 1),
        ([(500, 0, 9), (1000, 0, 0)], 800, 0),
        ([(500, 900, 9)], 800, None),
        ([], 800, None),
    ],
)
def test_the_best_is_what_saves_most(offers: list[tuple[int, int, int]], amount_minor: int, best: int | None) -> None:
    coupons = [
        coupon(amount, threshold, expires_at=AT + left * SECOND, number=number)
        for number, (amount, threshold, left) in enumerate(offers)
    ]
    choices = rules.choices(coupons, amount_minor, AT)
    first = choices[0].coupon.id.int if choices and choices[0].usable else None
    assert first == best


COUPONS = st.lists(
    st.builds(
        coupon,
        st.integers(1, 2000),
        st.integers(0, 3000),
        st.sampled_from(CouponState),
        st.integers(-3, 6).map(lambda left: AT + left * SECOND),
        st.integers(1, 10**6),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@given(COUPONS, st.integers(1, 4000))
@settings(max_examples=500)
def test_the_best_choice_is_what_trying_each_one_finds(coupons: list[Coupon], amount_minor: int) -> None:
    choices = rules.choices(coupons, amount_minor, AT)
    assert sorted(choice.coupon.id.int for choice in choices) == sorted(one.id.int for one in coupons)
    tried = {one.id: amount_minor - left_to_pay(one, amount_minor) for one in coupons}
    assert {choice.coupon.id: choice.saves_minor for choice in choices} == tried
    most = max(tried.values(), default=0)
    if most:
        assert choices[0].saves_minor == most
        ends = {one.id: one.expires_at for one in coupons if tried[one.id] == most}
        assert ends[choices[0].coupon.id] == min(ends.values())
    assert [choice.usable for choice in choices] == sorted((choice.usable for choice in choices), reverse=True)
    assert all((choice.reason is None) == choice.usable == (tried[choice.coupon.id] > 0) for choice in choices)


def left_to_pay(one: Coupon, amount_minor: int) -> int:
    """What the buyer still has to pay with this coupon in hand, the slow and obvious way."""
    left = amount_minor
    if one.state == "available" and one.expires_at > AT and amount_minor >= one.threshold_minor:
        for _ in range(one.amount_minor):
            if left > 0:
                left -= 1
    return left
