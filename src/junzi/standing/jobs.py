"""What a shop is told of its standing, in the conversation in which its owner hears of payments."""

import msgspec

from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.money import written
from junzi.kit.outbox import Delivery
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import ShopOpened
from junzi.merchants.profile_model import ChangeProposed
from junzi.messages import Messages
from junzi.notices.actions import tell_shop
from junzi.standing import store
from junzi.standing.model import ReviewState, StandingChanged, What


async def on_shop_opened(database: Database, delivery: Delivery) -> None:
    """A new shop waits to be reviewed."""
    event: ShopOpened = delivery.event
    async with database.transaction() as tx:
        await store.insert_review(tx, event.shop_id, at=delivery.at)


async def on_change_proposed(database: Database, delivery: Delivery) -> None:
    """A shop that wants to be called or to be something else waits to be looked at again, its tier as it was."""
    event: ChangeProposed = delivery.event
    async with database.transaction() as tx:
        review = await store.review_locked(tx, event.shop_id, at=delivery.at)
        if review.state is ReviewState.REVIEWED:
            await store.set_review(tx, msgspec.structs.replace(review, state=ReviewState.WAITING, since=delivery.at))


async def on_changed(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: StandingChanged = delivery.event
    async with database.read() as reader:
        shop = await merchant_store.shop(reader, event.shop_id)
    assert shop is not None, "a shop is never deleted"
    await tell_shop(
        messages,
        merchants.conversation_id(shop.id),
        shop.id,
        shop.name,
        [shop.owner_id],
        f"shop.{event.what}",
        {
            "shop_id": str(shop.id),
            "limit_minor": event.limit_minor,
            "question": event.question,
            "reason": event.reason,
        },
        _words(event),
        delivery.id,
    )


def _words(event: StandingChanged) -> str:
    bound = "不限额" if event.limit_minor is None else f"每日可收 {written(event.limit_minor, town.current().money)}"
    return {
        What.REVIEWED: f"审核已完成，{bound}",
        What.ASKED: f"审核需要您补充：{event.question}",
        What.WITHDRAWN: "您的收款码已被收回。已收的钱仍是您的。原因和申诉办法见收款页。",
        What.REINSTATED: "您的收款码已恢复，可以收款了。",
        What.LIMIT_REACHED: f"今天的收款额度不够了，{bound}。在收款页申请审核，可以提高额度。",
    }[event.what]
