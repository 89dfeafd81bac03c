"""What settlement tells: the owner, in the conversation of the shop. Who works there has another, and hears nothing of it."""

from typing import Any

from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.money import written
from junzi.kit.outbox import Delivery
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.messages import Messages
from junzi.notices.actions import tell_shop
from junzi.settlement.model import BankAccountLost, BankAccountSet, PaidOut, PayoutReturned


async def on_bank_account_set(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: BankAccountSet = delivery.event
    facts = {"bank_name": event.bank_name, "last4": event.last4}
    fallback = f"店铺的收款银行账户已设为{event.bank_name}（{event.last4}）"
    await _tell_owner(messages, database, delivery, "shop.bank_account_set", facts, fallback)


async def on_bank_account_lost(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: BankAccountLost = delivery.event
    facts = {"bank_name": event.bank_name, "last4": event.last4}
    fallback = f"{event.bank_name}（{event.last4}）已解绑，请重新选择店铺的收款银行账户"
    await _tell_owner(messages, database, delivery, "shop.bank_account_lost", facts, fallback)


async def on_paid_out(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: PaidOut = delivery.event
    facts = _facts(event)
    fallback = f"{written(event.amount_minor, town.current().money)} 已转入{event.bank_name}（{event.last4}）"
    await _tell_owner(messages, database, delivery, "shop.paid_out", facts, fallback)


async def on_payout_returned(messages: Messages, database: Database, delivery: Delivery) -> None:
    event: PayoutReturned = delivery.event
    facts = {**_facts(event), "reason": event.reason}
    amount = written(event.amount_minor, town.current().money)
    fallback = f"{event.bank_name}（{event.last4}）未接受 {amount}，已退回店铺余额"
    await _tell_owner(messages, database, delivery, "shop.payout_returned", facts, fallback)


def _facts(event: PaidOut | PayoutReturned) -> dict[str, Any]:
    return {
        "payout_id": str(event.payout_id),
        "amount_minor": event.amount_minor,
        "automatic": event.automatic,
        "bank_name": event.bank_name,
        "last4": event.last4,
    }


async def _tell_owner(
    messages: Messages, database: Database, delivery: Delivery, kind: str, facts: dict[str, Any], fallback: str
) -> None:
    async with database.read() as reader:
        shop = await merchant_store.shop(reader, delivery.event.shop_id)
    assert shop is not None, "a shop is never deleted"
    conversation_id = merchants.conversation_id(shop.id)
    told = {"shop_id": str(shop.id), "shop_name": shop.name, **facts}
    await tell_shop(messages, conversation_id, shop.id, shop.name, [shop.owner_id], kind, told, fallback, delivery.id)
