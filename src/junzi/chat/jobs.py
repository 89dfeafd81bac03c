"""What chat does when something happened elsewhere."""

from junzi.chat.actions import open_direct
from junzi.contacts.actions import request_of
from junzi.contacts.model import ContactAccepted
from junzi.kit.database import Database
from junzi.kit.outbox import Delivery
from junzi.messages import Messages, NewMessage


async def on_accepted(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Two people became friends: open their conversation with the greeting as its first message."""
    event: ContactAccepted = delivery.event
    async with database.read() as reader:
        request = await request_of(reader, event.request_id)
    conversation_id = await open_direct(messages, event.person_id, event.other_id)
    greeting = request.greeting
    await messages.append(
        NewMessage(
            conversation_id=conversation_id,
            sender_id=event.other_id if greeting else None,
            client_id=str(delivery.id),
            kind="text" if greeting else "friends.made",
            payload={"text": greeting} if greeting else {},
            fallback=greeting or "你们已经是好友了，可以开始聊天。",
        )
    )
