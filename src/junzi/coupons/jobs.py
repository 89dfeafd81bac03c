"""What earns coupons, and what is told when they are given."""

from uuid import UUID

import msgspec

from junzi.coupons import give
from junzi.coupons.model import CouponsGiven, Trigger
from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.money import written
from junzi.kit.outbox import Delivery
from junzi.ledger import Ledger
from junzi.messages import Messages
from junzi.notices.actions import tell


async def on_card_bound(database: Database, ledger: Ledger, person_id: UUID) -> None:
    """Whoever binds a card receives what the running campaigns promise for it, on no other condition."""
    await give.give_for(database, ledger, Trigger.CARD_BOUND, person_id)


async def on_payment_made(
    database: Database, ledger: Ledger, *, payment_id: UUID, payer_id: UUID, amount_minor: int
) -> None:
    """Whoever paid at a shop receives what the running campaigns promise for it, once a payment."""
    await give.give_for(database, ledger, Trigger.PAYMENT, payer_id, occasion=payment_id, amount_minor=amount_minor)


async def on_given(messages: Messages, delivery: Delivery) -> None:
    event: CouponsGiven = delivery.event
    facts = {"campaign_title": msgspec.to_builtins(event.title), "coupons": msgspec.to_builtins(event.coupons)}
    total = sum(coupon.amount_minor for coupon in event.coupons)
    fallback = f"{event.title.zh}：{len(event.coupons)} 张消费券，共 {written(total, town.current().money)}"
    await tell(messages, event.person_id, "coupons", "coupons.given", facts, fallback, delivery.id)
