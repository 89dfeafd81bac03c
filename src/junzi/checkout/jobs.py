"""What a payment and a refund tell: the payer, and the shop, whose page speaks it aloud."""

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
from junzi.notices.actions import tell, tell_shop


async def on_payment_made(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: PaymentMade = delivery.event
    money = town.current().money
    sums = {"amount_minor": event.amount_minor, "coupon_minor": event.coupon_minor, "paid_minor": event.paid_minor}
    what = {"payment_id": str(event.payment_id), "order_id": str(event.order_id), **sums}
    async with database.read() as reader:
        shop = await merchant_store.shop(reader, event.shop_id)
    assert shop is not None, "a shop is never deleted"
    await _tell_shop(
        messages,
        database,
        shop,
        "payment.received",
        {**what, "payer_name": event.payer_name, "at": delivery.at.isoformat()},
        f"收款 {written(event.amount_minor, money)}",
        ids.derived(delivery.id, "received"),
    )
    paid = {**what, "shop_name": event.shop_name, "picture": event.picture, "funding": event.funding}
    saved = f"，优惠 {written(event.coupon_minor, money)}" if event.coupon_minor else ""
    await tell(
        messages,
        event.payer_id,
        "pay",
        "payment.made",
        {**paid, "card_last4": event.card_last4},
        f"在{event.shop_name}支付 {written(event.paid_minor, money)}{saved}",
        delivery.id,
    )


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
        shop = await merchant_store.shop(reader, event.shop_id)
    assert shop is not None, "a shop is never deleted"
    await _tell_shop(
        messages,
        database,
        shop,
        "payment.refund_made",
        {**what, "payer_name": event.payer_name, "at": delivery.at.isoformat()},
        f"退款 {written(event.amount_minor, money)}",
        ids.derived(delivery.id, "made"),
    )
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


async def _tell_shop(
    messages: Messages, database: Database, shop: Shop, kind: str, payload: dict[str, Any], fallback: str, key: UUID
) -> None:
    """Put a message into the conversation of everybody who hears of the shop's payments."""
    async with database.read() as reader:
        listeners = await merchants.listeners(reader, shop)
    for person_id, conversation_id in listeners:
        await tell_shop(messages, conversation_id, shop.id, shop.name, [person_id], kind, payload, fallback, key)
