"""Write the intents to pay of all who gathered: each order and coupon is held once, and each gets its own answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from junzi.checkout import rules, store
from junzi.checkout.model import Funding, NewPayment, Order, OrderState, Payment, PaymentCoupon, PaymentState
from junzi.coupons import actions as coupons
from junzi.coupons.books import Purchase
from junzi.coupons.choose import Use
from junzi.kit import clock, idempotency, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Transaction
from junzi.kit.errors import NotFound, Refusal
from junzi.merchants import actions as merchants
from junzi.merchants import agreement
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Shop
from junzi.standing import room


class Asked(msgspec.Struct, frozen=True):
    """Somebody wants to pay their order. payment_id: the id that the payment would have."""

    payment_id: UUID
    order_id: UUID
    payer_id: UUID
    key: str
    new: NewPayment


async def intend(tx: Transaction, batch: Sequence[Asked]) -> list[Payment | Refusal]:
    """The payment of each, this one or the one that its key began earlier, or why there is none. Raises `Overtaken`.

    An order that two want to pay, or a coupon that two want to use, is the first one's.
    """

    async def decide(places: list[int]) -> list[Payment | Refusal]:
        return await _intend(tx, [batch[place] for place in places])

    async def earlier(payment_ids: list[UUID]) -> dict[UUID, Payment]:
        return {payment.id: payment for payment in await store.payments(tx, payment_ids)}

    return await idempotency.once_each(tx, [_keyed(asked) for asked in batch], decide, earlier)


async def _intend(tx: Transaction, batch: Sequence[Asked]) -> list[Payment | Refusal]:
    """The new payments, written, with their coupons held."""
    answers = dict[UUID, Payment | Refusal]()
    new = await _decided(tx, batch, answers)
    if new:
        new = await _with_terms(tx, new)
        await store.insert_payments(tx, new, try_at=new[0].created_at + sweeping.FIRST)
        await store.set_orders(tx, [payment.order_id for payment in new], state=OrderState.PROCESSING)
        answers |= {payment.id: payment for payment in new}
    return [answers[asked.payment_id] for asked in batch]


async def _decided(tx: Transaction, batch: Sequence[Asked], answers: dict[UUID, Payment | Refusal]) -> list[Payment]:
    """The new payments, not yet written, with their coupons held; refusals are added to the answers."""
    orders = {order.id: order for order in await store.orders_locked(tx, [asked.order_id for asked in batch])}
    shops = await merchant_store.shops(tx, list({order.shop_id for order in orders.values()}))
    now, payable = clock.now(), list[tuple[Asked, Order, Shop]]()
    for asked in batch:
        try:
            order = orders.get(asked.order_id)
            if order is None or order.payer_id != asked.payer_id:
                raise NotFound
            rules.check_payable(order, is_past=order.expires_at <= now)
            payable.append((asked, order, merchants.to_pay(shops.get(order.shop_id))))
        except Refusal as refusal:
            answers[asked.payment_id] = refusal
    # Until the coupons are held nobody knows who pays an order that two want to pay, so the second goes in another batch.
    if len({order.id for _, order, _ in payable}) < len(payable):
        raise SameOrder
    uses = await coupons.reserve(
        tx,
        [
            Purchase(asked.payment_id, asked.payer_id, asked.new.coupon_ids, order.amount_minor, shop)
            for asked, order, shop in payable
        ],
    )
    new = []
    for (asked, order, shop), used in zip(payable, uses, strict=True):
        if isinstance(used, Refusal):
            answers[asked.payment_id] = used
        else:
            new.append(_payment(asked, order, shop, used, now))
    return new


async def _with_terms(tx: Transaction, payments: Sequence[Payment]) -> list[Payment]:
    """The payments with what their shops are held to: the room of the day, and the fee that was agreed on."""
    at, shop_ids = payments[0].created_at, list({payment.shop_id for payment in payments})
    limits = await room.limits_minor(tx, shop_ids)
    terms = await agreement.terms_at(tx, shop_ids, at)
    fees = {
        payment.id: rules.fee(payment.amount_minor, terms[payment.shop_id].permyriad)
        for payment in payments
        if payment.shop_id in terms
    }
    waived = await agreement.waive(
        tx,
        [
            (payment.id, waiver_id, fees[payment.id])
            for payment in payments
            if payment.id in fees and (waiver_id := terms[payment.shop_id].waiver_id) is not None
        ],
    )
    return [
        replace(
            payment,
            room_date=None if limits[payment.shop_id] is None else town.business_date(at),
            fee_minor=fees.get(payment.id, 0) - waived.get(payment.id, 0),
        )
        for payment in payments
    ]


class SameOrder(Exception):
    """Two of a batch want to pay the same order: they have to be carried one after the other."""


def _payment(asked: Asked, order: Order, shop: Shop, uses: Sequence[Use], now: datetime) -> Payment:
    saves = sum(use.saved_minor for use in uses)
    return Payment(
        id=asked.payment_id,
        order_id=order.id,
        shop_id=shop.id,
        payer_id=asked.payer_id,
        number=_number(asked.payment_id, now),
        state=PaymentState.PROCESSING,
        amount_minor=order.amount_minor,
        coupons=[
            PaymentCoupon(use.coupon.id, use.coupon.campaign_id, use.coupon.amount_minor, use.saved_minor)
            for use in uses
        ],
        coupon_minor=saves,
        paid_minor=order.amount_minor - saves,
        funding=asked.new.funding,
        card_id=asked.new.card_id if asked.new.funding is Funding.CARD else None,
        reason=None,
        created_at=now,
    )


def _keyed(asked: Asked) -> idempotency.Keyed:
    new = asked.new
    body = {
        "order_id": asked.order_id,
        "coupon_ids": new.coupon_ids,
        "funding": new.funding,
        "card_id": new.card_id,
    }
    return idempotency.Keyed(asked.payer_id, asked.key, "checkout.pay", body, asked.payment_id)


def _number(payment_id: UUID, at: datetime) -> str:
    """What a receipt is found by: the business date, then the id's milliseconds, its counter and some of its chance."""
    drawn = payment_id.hex
    return f"{town.business_date(at):%y%m%d}{drawn[5:12]}{drawn[13:16]}{drawn[26:28]}".upper()
