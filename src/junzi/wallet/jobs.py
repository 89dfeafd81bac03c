"""What the wallet tells, and what it does when somebody signs up."""

from uuid import UUID

from junzi.kit import ids, town
from junzi.kit.money import written
from junzi.kit.outbox import Delivery
from junzi.ledger import Ledger
from junzi.messages import Messages
from junzi.notices.actions import tell
from junzi.wallet import accounts
from junzi.wallet.model import ToppedUp, TopUpRefused, Transferred


async def on_signed_up(ledger: Ledger, person_id: UUID) -> None:
    """Give a new person their account."""
    await accounts.open_account(ledger, person_id)


async def on_topped_up(messages: Messages, delivery: Delivery) -> None:
    event: ToppedUp = delivery.event
    facts = {"amount_minor": event.amount_minor, "bank_name": event.bank_name, "last4": event.last4}
    fallback = f"充值 {written(event.amount_minor, town.current().money)} 已到账"
    await tell(messages, event.person_id, "pay", "topup.done", facts, fallback, delivery.id)


async def on_topup_refused(messages: Messages, delivery: Delivery) -> None:
    event: TopUpRefused = delivery.event
    facts = {"amount_minor": event.amount_minor, "reason": event.reason}
    fallback = f"充值 {written(event.amount_minor, town.current().money)} 未成功"
    await tell(messages, event.person_id, "pay", "topup.refused", facts, fallback, delivery.id)


async def on_transferred(messages: Messages, delivery: Delivery) -> None:
    """Tell both sides."""
    event: Transferred = delivery.event
    amount = written(event.amount_minor, town.current().money)
    sent = {"amount_minor": event.amount_minor, "to_name": event.payee_name, "note": event.note}
    received = {"amount_minor": event.amount_minor, "from_name": event.payer_name, "note": event.note}
    sent_text, received_text = f"已转账 {amount} 给{event.payee_name}", f"收到{event.payer_name}的转账 {amount}"
    await tell(messages, event.payer_id, "pay", "transfer.sent", sent, sent_text, delivery.id)
    key = ids.derived(delivery.id, "received")
    await tell(messages, event.payee_id, "pay", "transfer.received", received, received_text, key)
