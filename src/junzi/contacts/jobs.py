"""What contacts tell: who asked, and who accepted."""

from typing import Any

from junzi.contacts.model import ContactAccepted, ContactRequested
from junzi.kit.database import Database
from junzi.kit.outbox import Delivery
from junzi.messages import Messages
from junzi.notices.actions import tell
from junzi.people.actions import person_of
from junzi.people.model import Person


async def on_requested(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Tell whoever was asked."""
    event: ContactRequested = delivery.event
    async with database.read() as reader:
        person = await person_of(reader, event.from_id)
    facts = {"request_id": str(event.request_id), "person": _facts(person), "greeting": event.greeting}
    fallback = f"{person.name} 请求加你为好友" + (f"：{event.greeting}" if event.greeting else "")
    await tell(messages, event.to_id, "contacts", "contact.requested", facts, fallback, delivery.id)


async def on_accepted(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Tell whoever had asked."""
    event: ContactAccepted = delivery.event
    async with database.read() as reader:
        person = await person_of(reader, event.person_id)
    fallback = f"{person.name} 已同意你的好友请求"
    await tell(
        messages, event.other_id, "contacts", "contact.accepted", {"person": _facts(person)}, fallback, delivery.id
    )


def _facts(person: Person) -> dict[str, Any]:
    return {"id": str(person.id), "handle": person.handle, "name": person.name, "avatar": person.avatar}
