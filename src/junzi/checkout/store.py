"""The room's rows, one typed function a query."""

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


async def insert_order(tx: Transaction, order: Order) -> None:
    await _q.insert_order(
        tx,
        id=order.id,
        shop_id=order.shop_id,
        payer_id=order.payer_id,
        amount_minor=order.amount_minor,
        at=order.created_at,
        expires_at=order.expires_at,
        business_date=town.business_date(order.created_at),
    )


async def order(reader: Reader, id: UUID) -> Order | None:
    return sql.maybe(Order, await _q.order(reader, id=id))


async def order_locked(tx: Transaction, id: UUID) -> Order:
    return sql.struct(Order, await _q.order_locked(tx, id=id))


async def set_order(tx: Transaction, *, id: UUID, state: OrderState) -> None:
    await _q.set_order(tx, id=id, state=state)


async def insert_payment(tx: Transaction, payment: Payment, *, try_at: datetime) -> None:
    await _q.insert_payment(
        tx,
        id=payment.id,
        order_id=payment.order_id,
        shop_id=payment.shop_id,
        payer_id=payment.payer_id,
        number=payment.number,
        amount_minor=payment.amount_minor,
        coupon_minor=payment.coupon_minor,
        paid_minor=payment.paid_minor,
        fee_minor=payment.fee_minor,
        funding=payment.funding,
        card_id=payment.card_id,
        room_date=payment.room_date,
        at=payment.created_at,
        try_at=try_at,
        business_date=town.business_date(payment.created_at),
    )
    if payment.coupons:
        await _q.insert_payment_coupons(
            tx,
            payment_id=payment.id,
            coupon_ids=[one.coupon_id for one in payment.coupons],
            campaign_ids=[one.campaign_id for one in payment.coupons],
            worths=[one.worth_minor for one in payment.coupons],
            saved=[one.saved_minor for one in payment.coupons],
        )


async def payment(reader: Reader, id: UUID) -> Payment | None:
    return sql.maybe(Payment, await _q.payment(reader, id=id))


async def payment_locked(tx: Transaction, id: UUID) -> Payment:
    return sql.struct(Payment, await _q.payment_locked(tx, id=id))


async def standing_payment(reader: Reader, order_id: UUID) -> Payment | None:
    return sql.maybe(Payment, await _q.standing_payment(reader, order_id=order_id))


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
