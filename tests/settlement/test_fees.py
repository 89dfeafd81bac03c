"""The fee is a leg of its payment, by the rate of its moment, and comes back with refunds to the cent."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junzi.checkout import rules
from junzi.checkout.model import Funding, Payment, PaymentState, RefundSums
from junzi.merchants import accounts
from tests.settlement.statements import minor, rows, shown
from tests.settlement.test_agreements import agree, desk_of
from tests.settlement.till import till_of
from tests.support.market import Market, refused_as


async def earned(market: Market) -> int:
    """What the operator earned of fees, by the ledger."""
    [account] = await market.house.ledger.lookup_accounts([accounts.FEES])
    return account.credits_posted - account.debits_posted


@pytest.mark.parametrize(
    ("amount", "permyriad", "fee"),
    [
        (10_000, 38, 38),
        (1, 38, 0),
        (131, 38, 0),
        (132, 38, 1),
        (1_315, 38, 5),
        (1_316, 38, 5),
        (100, 50, 1),
        (99, 50, 0),
        (7, 0, 0),
    ],
)
def test_a_fee_is_rounded_half_up(amount: int, permyriad: int, fee: int) -> None:
    assert rules.fee(amount, permyriad) == fee


@given(st.integers(1, 10**6), st.integers(0, 1_000), st.lists(st.integers(1, 10**5), max_size=49))
def test_however_a_payment_is_given_back_the_whole_fee_comes_with_it(
    amount: int, permyriad: int, parts: list[int]
) -> None:
    payment = payment_of(amount, rules.fee(amount, permyriad))
    gone = back = 0
    for part in [*parts, amount]:
        part = min(part, amount - gone)
        if not part:
            break
        fee = rules.fee_back(payment, RefundSums(0, gone, [], back), part)
        assert 0 <= fee <= part
        gone, back = gone + part, back + fee
        exact = payment.fee_minor * gone / amount
        assert abs(back - exact) <= 1
    assert back <= payment.fee_minor
    assert gone < amount or back == payment.fee_minor


async def test_a_payment_pays_the_fee_of_its_moment_out_of_the_shops_part(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    await till.sell(10_000)
    await agree(desk, till, 38)
    payment = await till.sell(10_000)
    assert payment["paid_minor"] == 10_000, "the payer pays none of it"
    await agree(desk, till, 100)
    await till.sell(150)
    assert (await till.has(), await earned(market)) == (10_000 + 9_962 + 148, 40)
    takings = (await till.keeper.get(f"{till.path}/takings"))["takings"]
    assert [one["fee_minor"] for one in takings] == [2, 38, 0]
    sums = (await shown(till))["sums"]
    assert (sums["sold_minor"], sums["fees_minor"], sums["net_minor"]) == (20_150, -40, 20_110)
    assert [minor(row["fee"]) for row in (await rows(till))[1:-2]] == [0, -38, -2]
    await market.settle()
    await market.books_are_right()


async def test_a_shop_that_has_nothing_but_the_payment_gives_all_of_it_back(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    await agree(desk, till, 250)
    payment = await till.sell(999)
    assert (await till.has(), await earned(market)) == (974, 25)
    assert (await till.refund(payment, 999))["state"] == "done"
    assert (await till.has(), await earned(market)) == (0, 0)
    await market.books_are_right()


async def test_a_fee_comes_back_in_parts_at_the_rate_it_was_taken(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    await agree(desk, till, 38)
    payment = await till.sell(1_850, by_card=True)
    await agree(desk, till, 500)
    assert await earned(market) == 7
    earnings = []
    for part in (333, 1, 516, 1_000):
        assert (await till.refund(payment, part))["state"] == "done"
        earnings.append(await earned(market))
    assert earnings == [6, 6, 4, 0]
    assert await till.has() == 0
    await market.settle()
    await market.books_are_right()


async def test_a_refund_beyond_what_the_shop_and_its_fee_have_is_refused(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    await agree(desk, till, 100)
    payment = await till.sell(1_000)
    await till.choose()
    await till.pay_out(100)
    assert await refused_as(till.refund(payment, 1_000)) == "shop-balance-too-small"
    assert (await till.refund(payment, 898))["state"] == "done"
    assert (await till.has(), await earned(market)) == (1, 1)
    await market.books_are_right()


def payment_of(amount: int, fee: int) -> Payment:
    return Payment(
        id=UUID(int=0x100),
        order_id=UUID(int=0x200),
        shop_id=UUID(int=0x300),
        payer_id=UUID(int=0x400),
        number="1",
        state=PaymentState.PAID,
        amount_minor=amount,
        coupons=[],
        coupon_minor=0,
        paid_minor=amount,
        funding=Funding.BALANCE,
        card_id=None,
        reason=None,
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
        fee_minor=fee,
    )
