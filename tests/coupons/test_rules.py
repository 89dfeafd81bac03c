"""Which coupon counts for a purchase: a table."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from junzi.coupons import choose, rules
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
    [choice], best = choose.choices([seen], amount_minor, AT)
    assert [use.coupon for use in best] == ([seen] if reason is None else [])
    assert (choice.usable, choice.reason) == (reason is None, reason)
    assert choice.saves_minor == (0 if reason else min(seen.amount_minor, amount_minor))
