"""What a new shop and who works there are given: the conversation in which each hears of its payments."""

from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.kit.outbox import Delivery
from junzi.merchants import actions, store
from junzi.merchants.agreement_model import FeeAgreed
from junzi.merchants.model import ShopOpened, StaffAccepted, StaffInvited
from junzi.merchants.profile_model import ChangeDecided, ShopRenamed
from junzi.messages import Messages, OpenConversation
from junzi.notices.actions import tell, tell_shop
from junzi.notices.model import SHOP
from junzi.people.actions import person_of


async def on_shop_opened(messages: Messages, delivery: Delivery) -> None:
    event: ShopOpened = delivery.event
    await messages.open_conversation(
        OpenConversation(
            id=actions.conversation_id(event.shop_id),
            kind=SHOP,
            facts={"shop_id": str(event.shop_id), "name": event.name},
            members=[event.owner_id],
        )
    )


async def on_staff_invited(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: StaffInvited = delivery.event
    async with database.read() as reader:
        owner = await person_of(reader, event.owner_id)
    facts = {"shop_id": str(event.shop_id), "shop_name": event.shop_name, "from_name": owner.name}
    fallback = f"{owner.name} 请你在{event.shop_name}收银"
    await tell(messages, event.person_id, "contacts", "staff.invited", facts, fallback, delivery.id)


async def on_staff_accepted(messages: Messages, delivery: Delivery) -> None:
    event: StaffAccepted = delivery.event
    await messages.open_conversation(
        OpenConversation(
            id=actions.cashiers_conversation_id(event.shop_id, event.person_id),
            kind=SHOP,
            facts={"shop_id": str(event.shop_id), "name": event.shop_name},
            members=[event.person_id],
        )
    )


async def on_shop_renamed(messages: Messages, database: Database, delivery: Delivery) -> None:
    """The conversations in which its owner and its staff hear of its payments have its new name."""
    event: ShopRenamed = delivery.event
    async with database.read() as reader:
        shop = await store.shop(reader, event.shop_id)
        assert shop is not None, "a shop is never deleted"
        listeners = await actions.listeners(reader, [shop])
    for person_id, conversation_id in listeners[shop.id]:
        await messages.open_conversation(
            OpenConversation(
                id=conversation_id,
                kind=SHOP,
                facts={"shop_id": str(shop.id), "name": shop.name},
                members=[person_id],
            )
        )


async def on_change_decided(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Tell the owner what became of the change that waited for a look."""
    event: ChangeDecided = delivery.event
    async with database.read() as reader:
        shop = await store.shop(reader, event.shop_id)
    assert shop is not None, "a shop is never deleted"
    kind = "shop.change_made" if event.made else "shop.change_declined"
    fallback = "店铺资料已按您的申请修改" if event.made else "店铺资料的修改没有通过，仍按原来的显示"
    facts = {"shop_id": str(shop.id), "shop_name": shop.name}
    conversation_id = actions.conversation_id(shop.id)
    await tell_shop(messages, conversation_id, shop.id, shop.name, [shop.owner_id], kind, facts, fallback, delivery.id)


async def on_fee_agreed(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Tell the owner, in the conversation of the shop that is theirs alone."""
    event: FeeAgreed = delivery.event
    async with database.read() as reader:
        shop = await store.shop(reader, event.shop_id)
    assert shop is not None, "a shop is never deleted"
    begins = clock.local(event.valid_from, town.current().time_zone)
    facts = {"shop_id": str(shop.id), "shop_name": shop.name, "permyriad": event.permyriad}
    fallback = f"手续费率约定为 {event.permyriad / 100:.2f}%，自 {begins:%Y-%m-%d %H:%M} 起的收款适用"
    await tell_shop(
        messages,
        actions.conversation_id(shop.id),
        shop.id,
        shop.name,
        [shop.owner_id],
        "shop.fee_agreed",
        {**facts, "valid_from": event.valid_from.isoformat()},
        fallback,
        delivery.id,
    )
