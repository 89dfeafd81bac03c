"""What earns coupons, and what is told when they are given."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from junzi.coupons import give, store
from junzi.coupons.co_funding import ShareAsked, ShareReturned
from junzi.coupons.give import Giving, Occasion
from junzi.coupons.model import CouponsGiven, CouponsWithdrawn, GivenCoupon, Trigger, Words
from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.money import written
from junzi.kit.outbox import Delivery
from junzi.merchants import store as merchants
from junzi.messages import Messages
from junzi.notices.actions import Notice, tell, tell_all, with_service


async def on_card_bound(database: Database, giving: Giving, person_id: UUID) -> None:
    """Whoever binds a card receives what the running campaigns promise for it, on no other condition."""
    await give.give_for(database, giving, Trigger.CARD_BOUND, person_id)


async def on_payments_made(database: Database, giving: Giving, payments: Sequence[Occasion]) -> None:
    """Whoever paid at a shop receives what the running campaigns promise for it, once a payment."""
    first: dict[UUID, UUID] = {}
    for payment in payments:
        first[payment.person_id] = min(payment.id, first.get(payment.person_id, payment.id))
    async with database.transaction() as tx:
        await store.note_payments(tx, first)
    await give.give_for_occasions(database, giving, Trigger.PAYMENT, payments)


async def on_given(messages: Messages, deliveries: Sequence[Delivery]) -> None:
    await tell_all(messages, [_given(delivery) for delivery in deliveries])


def _given(delivery: Delivery) -> Notice:
    event: CouponsGiven = delivery.event
    facts = {
        "campaign_title": msgspec.to_builtins(event.title),
        "coupons": [msgspec.to_builtins(_told(coupon)) for coupon in event.coupons],
    }
    total = sum(coupon.amount_minor for coupon in event.coupons if not coupon.packet)
    packets = sum(coupon.packet for coupon in event.coupons)
    said = [
        *([f"{len(event.coupons) - packets} 张消费券，共 {written(total, town.current().money)}"] if total else []),
        *([f"{packets} 个消费红包"] if packets else []),
    ]
    fallback = f"{event.title.zh}：{'，'.join(said)}"
    return Notice(with_service(event.person_id, "coupons"), "coupons.given", facts, fallback, delivery.id)


def _told(coupon: GivenCoupon) -> GivenCoupon:
    """A coupon as its person is told of it: what is in a red packet is seen when it is opened."""
    return msgspec.structs.replace(coupon, amount_minor=0) if coupon.packet else coupon


async def on_withdrawn(messages: Messages, delivery: Delivery) -> None:
    event: CouponsWithdrawn = delivery.event
    facts = {
        "campaign_title": msgspec.to_builtins(event.title),
        "pieces": event.pieces,
        "amount_minor": event.amount_minor,
        "reason": event.reason.value,
    }
    fallback = f"{event.title.zh}：{event.pieces} 张消费券已由运营方撤回"
    await tell(messages, event.person_id, "coupons", "coupons.withdrawn", facts, fallback, delivery.id)


async def on_share_asked(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: ShareAsked = delivery.event
    sums = {"amount_minor": event.amount_minor, "shop_minor": event.shop_minor}
    words = f"请确认是否共同出资 {written(event.shop_minor, town.current().money)}"
    await _tell_owner(messages, database, delivery, event.shop_id, "coupons.share_asked", event.title, sums, words)


async def on_share_returned(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: ShareReturned = delivery.event
    sums = {"amount_minor": event.amount_minor}
    words = f"活动余款 {written(event.amount_minor, town.current().money)} 已退回店铺余额"
    await _tell_owner(messages, database, delivery, event.shop_id, "coupons.share_returned", event.title, sums, words)


async def _tell_owner(
    messages: Messages,
    database: Database,
    delivery: Delivery,
    shop_id: UUID,
    kind: str,
    title: Words,
    sums: dict[str, int],
    words: str,
) -> None:
    async with database.read() as reader:
        shop = await merchants.shop(reader, shop_id)
    assert shop is not None, "a shop is never deleted"
    facts = {"shop_id": str(shop.id), "shop_name": shop.name, "campaign_title": msgspec.to_builtins(title), **sums}
    await tell(messages, shop.owner_id, "coupons", kind, facts, f"{shop.name} · {title.zh}：{words}", delivery.id)
