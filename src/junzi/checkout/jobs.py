"""What a payment and a refund tell: the payer, and the shop, whose page speaks it aloud."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from junzi.checkout.model import Funding, PaymentMade, PaymentRefunded
from junzi.kit import ids, town
from junzi.kit.database import Database
from junzi.kit.money import written
from junzi.kit.outbox import Delivery
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Shop
from junzi.messages import Messages
from junzi.notices.actions import Notice, tell, tell_all, with_service, with_shop


async def on_payments_made(messages: Messages, database: Database, deliveries: Sequence[Delivery]) -> None:
    async with database.read() as reader:
        shops = await merchant_store.shops(reader, list({delivery.event.shop_id for delivery in deliveries}))
        listeners = await merchants.listeners(reader, shops.values())
    notices = []
    for delivery in deliveries:
        shop = shops[delivery.event.shop_id]
        notices += _to_shop(shop, listeners[shop.id], *_received(delivery), ids.derived(delivery.id, "received"))
        notices.append(_to_payer(delivery))
    await tell_all(messages, notices)


def _received(delivery: Delivery) -> tuple[str, dict[str, Any], str]:
    event: PaymentMade = delivery.event
    payload = {**_sums(event), "payer_name": event.payer_name, "at": delivery.at.isoformat()}
    return "payment.received", payload, f"收款 {written(event.amount_minor, town.current().money)}"


def _to_payer(delivery: Delivery) -> Notice:
    event: PaymentMade = delivery.event
    money = town.current().money
    saved = f"，优惠 {written(event.coupon_minor, money)}" if event.coupon_minor else ""
    payload = {
        **_sums(event),
        "shop_name": event.shop_name,
        "picture": event.picture,
        "funding": event.funding,
        "card_last4": event.card_last4,
    }
    words = f"在{event.shop_name}支付 {written(event.paid_minor, money)}{saved}"
    return Notice(with_service(event.payer_id, "pay"), "payment.made", payload, words, delivery.id)


def _sums(event: PaymentMade) -> dict[str, Any]:
    return {
        "payment_id": str(event.payment_id),
        "order_id": str(event.order_id),
        "amount_minor": event.amount_minor,
        "coupon_minor": event.coupon_minor,
        "paid_minor": event.paid_minor,
    }


async def on_payment_refunded(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: PaymentRefunded = delivery.event
    money = town.current().money
    what = {
        "refund_id": str(event.refund_id),
        "payment_id": str(event.payment_id),
        "order_id": str(event.order_id),
        "amount_minor": event.amount_minor,
        "payer_minor": event.payer_minor,
        "coupon_minor": event.coupon_minor,
        "coupons_back": event.coupons_back,
        "reason": event.reason,
        "paid_to": event.paid_to,
    }
    async with database.read() as reader:
        shops = await merchant_store.shops(reader, [event.shop_id])
        listeners = await merchants.listeners(reader, shops.values())
    payload = {**what, "payer_name": event.payer_name, "at": delivery.at.isoformat()}
    words = f"退款 {written(event.amount_minor, money)}"
    key = ids.derived(delivery.id, "made")
    to_shop = _to_shop(shops[event.shop_id], listeners[event.shop_id], "payment.refund_made", payload, words, key)
    await tell_all(messages, to_shop)
    where = f"银行卡（{event.card_last4}）" if event.paid_to is Funding.CARD else "余额"
    returned = "，消费券已退还" if event.coupons_back else ""
    await tell(
        messages,
        event.payer_id,
        "pay",
        "payment.refunded",
        {**what, "shop_name": event.shop_name, "picture": event.picture, "card_last4": event.card_last4},
        f"{event.shop_name}退款 {written(event.payer_minor, money)}，已退到{where}{returned}",
        delivery.id,
    )


def _to_shop(
    shop: Shop, listeners: Sequence[tuple[UUID, UUID]], kind: str, payload: dict[str, Any], fallback: str, key: UUID
) -> list[Notice]:
    """A message in the conversation of everybody who hears of the shop's payments."""
    return [
        Notice(with_shop(conversation_id, shop.id, shop.name, [person_id]), kind, payload, fallback, key)
        for person_id, conversation_id in listeners
    ]
