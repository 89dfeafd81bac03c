"""The room's rows, one typed function a query."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from junzi.checkout.model import (
    Funding,
    LatestPayment,
    Order,
    OrderState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    RefundSums,
)
from junzi.kit import sql, town
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.checkout")


async def insert_orders(tx: Transaction, orders: Sequence[Order]) -> None:
    """Orders that are made at the same moment."""
    at = orders[0].created_at
    await _q.insert_orders(
        tx,
        ids=[order.id for order in orders],
        shop_ids=[order.shop_id for order in orders],
        payer_ids=[order.payer_id for order in orders],
        amounts_minor=[order.amount_minor for order in orders],
        at=at,
        expires_at=orders[0].expires_at,
        business_date=town.business_date(at),
    )


async def order(reader: Reader, id: UUID) -> Order | None:
    return sql.maybe(Order, await _q.order(reader, id=id))


async def orders(reader: Reader, ids: list[UUID]) -> dict[UUID, Order]:
    """Several at once, by id."""
    return {row["id"]: sql.struct(Order, row) async for row in _q.orders(reader, ids=ids)}


async def order_locked(tx: Transaction, id: UUID) -> Order:
    return sql.struct(Order, await _q.order_locked(tx, id=id))


async def set_order(tx: Transaction, *, id: UUID, state: OrderState) -> None:
    await _q.set_order(tx, id=id, state=state)


async def orders_locked(tx: Transaction, ids: list[UUID]) -> list[Order]:
    return [sql.struct(Order, row) async for row in _q.orders_locked(tx, ids=ids)]


async def set_orders(tx: Transaction, ids: list[UUID], *, state: OrderState) -> None:
    await _q.set_orders(tx, ids=ids, state=state)


async def insert_payments(tx: Transaction, payments: list[Payment], *, try_at: datetime) -> None:
    """Payments that begin at the same moment."""
    at = payments[0].created_at
    await _q.insert_payments(
        tx,
        ids=[payment.id for payment in payments],
        order_ids=[payment.order_id for payment in payments],
        shop_ids=[payment.shop_id for payment in payments],
        payer_ids=[payment.payer_id for payment in payments],
        numbers=[payment.number for payment in payments],
        amounts_minor=[payment.amount_minor for payment in payments],
        coupons_minor=[payment.coupon_minor for payment in payments],
        paid_minor=[payment.paid_minor for payment in payments],
        fees_minor=[payment.fee_minor for payment in payments],
        fundings=[payment.funding for payment in payments],
        card_ids=[payment.card_id for payment in payments],
        room_dates=[payment.room_date for payment in payments],
        at=at,
        try_at=try_at,
        business_date=town.business_date(at),
    )
    used = [(payment.id, place, coupon) for payment in payments for place, coupon in enumerate(payment.coupons)]
    if used:
        await _q.insert_payment_coupons(
            tx,
            payment_ids=[payment_id for payment_id, _, _ in used],
            places=[place for _, place, _ in used],
            coupon_ids=[coupon.coupon_id for _, _, coupon in used],
            campaign_ids=[coupon.campaign_id for _, _, coupon in used],
            worths=[coupon.worth_minor for _, _, coupon in used],
            saved=[coupon.saved_minor for _, _, coupon in used],
        )


async def payments(reader: Reader, ids: list[UUID]) -> list[Payment]:
    return [sql.struct(Payment, row) async for row in _q.payments(reader, ids=ids)]


async def settle_payments(tx: Transaction, ids: list[UUID], *, state: PaymentState) -> set[UUID]:
    """Those of these that were under way until now."""
    return {row["id"] async for row in _q.settle_payments(tx, ids=ids, state=state)}


async def payment(reader: Reader, id: UUID) -> Payment | None:
    return sql.maybe(Payment, await _q.payment(reader, id=id))


async def payment_locked(tx: Transaction, id: UUID) -> Payment:
    return sql.struct(Payment, await _q.payment_locked(tx, id=id))


async def standing_payments(reader: Reader, order_ids: list[UUID]) -> dict[UUID, Payment]:
    """By order."""
    rows = _q.standing_payments(reader, order_ids=order_ids)
    return {row["order_id"]: sql.struct(Payment, row) async for row in rows}


async def set_payment(tx: Transaction, *, id: UUID, state: PaymentState, reason: str | None) -> None:
    await _q.set_payment(tx, id=id, state=state, reason=reason)


async def payments_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.payments_to_try(reader, at=at, most=most)]


async def postpone_payment(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_payment(tx, id=id, try_at=try_at)


async def latest_payments(reader: Reader, limit: int) -> list[LatestPayment]:
    return [sql.struct(LatestPayment, row) async for row in _q.latest_payments(reader, most=limit)]


async def insert_refund(tx: Transaction, refund: Refund, *, try_at: datetime) -> None:
    await _q.insert_refund(
        tx,
        id=refund.id,
        payment_id=refund.payment_id,
        shop_id=refund.shop_id,
        payer_id=refund.payer_id,
        amount_minor=refund.amount_minor,
        payer_minor=refund.payer_minor,
        coupon_minor=refund.coupon_minor,
        fee_minor=refund.fee_minor,
        reason=refund.reason,
        at=refund.created_at,
        try_at=try_at,
        business_date=town.business_date(refund.created_at),
    )
    if refund.coupons:
        await _q.insert_refund_coupons(
            tx,
            refund_id=refund.id,
            places=[one.place for one in refund.coupons],
            amounts=[one.amount_minor for one in refund.coupons],
            backs=[one.back for one in refund.coupons],
        )


async def refund(reader: Reader, id: UUID) -> Refund | None:
    return sql.maybe(Refund, await _q.refund(reader, id=id))


async def refund_locked(tx: Transaction, id: UUID) -> Refund:
    return sql.struct(Refund, await _q.refund_locked(tx, id=id))


async def refunds_of(reader: Reader, payment_id: UUID) -> list[Refund]:
    return [sql.struct(Refund, row) async for row in _q.refunds_of(reader, payment_id=payment_id)]


async def refund_sums(reader: Reader, payment_id: UUID) -> RefundSums:
    return sql.struct(RefundSums, await _q.refund_sums(reader, payment_id=payment_id))


async def set_refund(
    tx: Transaction, *, id: UUID, state: RefundState, paid_to: Funding | None = None, refusal: str | None = None
) -> None:
    await _q.set_refund(tx, id=id, state=state, paid_to=paid_to, refusal=refusal)


async def refunds_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.refunds_to_try(reader, at=at, most=most)]


async def postpone_refund(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_refund(tx, id=id, try_at=try_at)
