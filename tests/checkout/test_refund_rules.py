"""What of a refund is the payer's and what the coupon's, and which refunds may be: tables, and any cut of any payment."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junzi.checkout import rules
from junzi.checkout.model import (
    Funding,
    Payment,
    PaymentCoupon,
    PaymentNotPaid,
    PaymentState,
    RefundSums,
    RefundTooLarge,
    RefundTooLate,
    TooManyRefunds,
)
from junzi.kit import ids
from junzi.kit.errors import Refusal

AT = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NOTHING = RefundSums(0, 0, [0])


def payment(paid_minor: int, *coupons_minor: int, **other: object) -> Payment:
    coupons = [PaymentCoupon(ids.new_id(), ids.new_id(), minor, minor) for minor in coupons_minor if minor]
    coupon_minor = sum(coupons_minor)
    facts = {
        "id": ids.new_id(),
        "order_id": ids.new_id(),
        "shop_id": ids.new_id(),
        "payer_id": ids.new_id(),
        "number": "1",
        "state": PaymentState.PAID,
        "amount_minor": paid_minor + coupon_minor,
        "coupons": coupons,
        "coupon_minor": coupon_minor,
        "paid_minor": paid_minor,
        "funding": Funding.BALANCE,
        "card_id": None,
        "reason": None,
        "created_at": AT,
    }
    return Payment(**{**facts, **other})


@dataclass
class Parts:
    paid_minor: int
    coupon_minor: int
    before: tuple[int, int]
    amount_minor: int
    payer_minor: int


@pytest.mark.parametrize(
    "case",
    [
        Parts(1_000, 0, (0, 0), 1, 1),
        Parts(1_000, 0, (400, 0), 600, 600),
        Parts(0, 500, (0, 0), 500, 0),
        Parts(2_200, 1_000, (0, 0), 3_200, 2_200),
        Parts(2_200, 1_000, (0, 0), 700, 481),  # 481.25
        Parts(1_500, 500, (0, 0), 2, 2),  # 1.5, rounded up
        Parts(1_500, 500, (0, 0), 3, 2),  # 2.25
        Parts(99, 1, (0, 0), 1, 1),
        Parts(99, 1, (99, 0), 1, 0),  # nothing is left of the payer's part
        Parts(50, 50, (49, 50), 1, 1),  # nothing is left of the coupon's
        Parts(50, 50, (50, 1), 49, 0),
        Parts(2_200, 1_000, (481, 219), 2_500, 1_719),  # the rest
    ],
)
def test_the_payers_part(case: Parts) -> None:
    found = rules.payer_part(
        payment(case.paid_minor, case.coupon_minor), RefundSums(1, case.before[0], [case.before[1]]), case.amount_minor
    )
    assert found == case.payer_minor


@pytest.mark.parametrize(
    ("saved", "gone", "coupon_minor", "parts"),
    [
        ([], [], 0, []),
        ([500], [0], 123, [123]),
        ([500, 500], [0, 0], 1, [1, 0]),  # half a unit, rounded up; the next takes what is over
        ([500, 500], [1, 0], 1, [0, 1]),
        ([300, 200], [0, 0], 250, [150, 100]),
        ([100, 100, 100], [0, 0, 0], 100, [33, 34, 33]),
        ([300, 200, 1], [300, 199, 0], 2, [0, 1, 1]),
        ([300, 200], [300, 0], 0, [0, 0]),
    ],
)
def test_the_coupons_part_goes_to_each_by_what_is_left_of_it(
    saved: list[int], gone: list[int], coupon_minor: int, parts: list[int]
) -> None:
    assert rules.coupon_parts(payment(1_000, *saved), RefundSums(1, 0, gone), coupon_minor) == parts


@given(
    paid_minor=st.integers(0, 10**6),
    coupons_minor=st.lists(st.integers(1, 10**6), max_size=5),
    cuts=st.lists(st.floats(0.001, 1), max_size=49),
    kept=st.lists(st.booleans(), min_size=49, max_size=49),
)
def test_however_a_payment_is_cut_its_parts_come_to_exactly_what_was_paid(
    paid_minor: int, coupons_minor: list[int], cuts: list[float], kept: list[bool]
) -> None:
    """`kept`: which refunds stand; the others were refused later and count no more."""
    one = payment(paid_minor + (paid_minor == 0 and not coupons_minor), *coupons_minor)
    standing: list[tuple[int, list[int]]] = []

    def before() -> RefundSums:
        gone = [sum(parts[place] for _, parts in standing) for place in range(len(one.coupons))]
        return RefundSums(len(standing), sum(part for part, _ in standing), gone)

    def give_back(amount_minor: int, *, stands: bool) -> None:
        known = before()
        rules.check_refundable(one, known, amount_minor, AT)
        part = rules.payer_part(one, known, amount_minor)
        parts = rules.coupon_parts(one, known, amount_minor - part)
        assert part + sum(parts) == amount_minor
        assert 0 <= part <= one.paid_minor - known.payer_minor
        for coupon, gone, given_back in zip(one.coupons, known.coupons, parts, strict=True):
            assert 0 <= given_back <= coupon.saved_minor - gone
        if stands:
            standing.append((part, parts))

    def left() -> int:
        return one.amount_minor - before().payer_minor - before().coupon_minor

    for cut, stands in zip(cuts, kept, strict=False):
        if left():
            give_back(max(1, int(left() * cut)), stands=stands)
    if left():
        give_back(left(), stands=True)
    assert before().payer_minor == one.paid_minor
    assert before().coupons == [coupon.saved_minor for coupon in one.coupons]


@pytest.mark.parametrize(
    ("other", "before", "amount_minor", "after", "refusal"),
    [
        ({}, NOTHING, 1_000, timedelta(days=365), None),
        ({}, NOTHING, 1_000, timedelta(days=365, seconds=1), RefundTooLate),
        ({}, NOTHING, 1_001, timedelta(), RefundTooLarge),
        ({}, RefundSums(1, 600, [100]), 300, timedelta(), None),
        ({}, RefundSums(1, 600, [100]), 301, timedelta(), RefundTooLarge),
        ({}, RefundSums(49, 49, [0]), 1, timedelta(), None),
        ({}, RefundSums(50, 50, [0]), 1, timedelta(), TooManyRefunds),
        ({"state": PaymentState.PROCESSING}, NOTHING, 1, timedelta(), PaymentNotPaid),
        ({"state": PaymentState.REFUSED}, NOTHING, 1, timedelta(), PaymentNotPaid),
    ],
)
def test_which_refunds_may_be(
    other: dict[str, object],
    before: RefundSums,
    amount_minor: int,
    after: timedelta,
    refusal: type[Refusal] | None,
) -> None:
    one = payment(800, 200, **other)
    if refusal is None:
        rules.check_refundable(one, before, amount_minor, AT + after)
    else:
        with pytest.raises(refusal):
            rules.check_refundable(one, before, amount_minor, AT + after)


@pytest.mark.parametrize(
    ("amount_minor", "worth_minor", "left", "goes_back"),
    [
        (1_000, 200, timedelta(seconds=1), True),
        (999, 200, timedelta(seconds=1), False),
        (1_000, 201, timedelta(seconds=1), False),
        (1_000, 200, timedelta(), False),
    ],
)
def test_a_coupon_goes_back_with_the_whole_payment_in_its_time(
    amount_minor: int, worth_minor: int, left: timedelta, goes_back: bool
) -> None:
    coupon = PaymentCoupon(ids.new_id(), ids.new_id(), worth_minor, 200)
    one = payment(800, 200, coupons=[coupon])
    assert rules.gives_back(one, coupon, amount_minor, AT + left, AT) is goes_back
