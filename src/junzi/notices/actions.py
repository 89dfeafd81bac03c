"""Tell a person, or the keepers of a shop. What is told is a stored message, synced and counted like any other."""

from typing import Any
from uuid import UUID

from junzi.kit import ids
from junzi.messages import Messages, NewMessage, OpenConversation
from junzi.notices.model import SERVICE, SHOP, Service


def service_conversation_id(person_id: UUID, service: Service) -> UUID:
    """The conversation in which that service speaks to that person."""
    return ids.derived(person_id, f"service:{service}")


async def tell(
    messages: Messages,
    person_id: UUID,
    service: Service,
    kind: str,
    payload: dict[str, Any],
    fallback: str,
    key: UUID,
) -> None:
    """Put a message into the person's conversation with the service; the same key again changes nothing.

    payload:  facts, rendered by the client by `kind`
    fallback: plain text for clients that do not know the kind
    """
    conversation_id = service_conversation_id(person_id, service)
    opened = OpenConversation(id=conversation_id, kind=SERVICE, facts={"service": service}, members=[person_id])
    await _tell(messages, opened, kind, payload, fallback, key)


async def tell_shop(
    messages: Messages,
    conversation_id: UUID,
    shop_id: UUID,
    shop_name: str,
    keeper_ids: list[UUID],
    kind: str,
    payload: dict[str, Any],
    fallback: str,
    key: UUID,
) -> None:
    """Put a message into the conversation of a shop, which its keepers read; the same key again changes nothing."""
    facts = {"shop_id": str(shop_id), "name": shop_name}
    opened = OpenConversation(id=conversation_id, kind=SHOP, facts=facts, members=keeper_ids)
    await _tell(messages, opened, kind, payload, fallback, key)


async def _tell(
    messages: Messages, opened: OpenConversation, kind: str, payload: dict[str, Any], fallback: str, key: UUID
) -> None:
    await messages.open_conversation(opened)
    await messages.append(
        NewMessage(
            conversation_id=opened.id,
            sender_id=None,
            client_id=str(key),
            kind=kind,
            payload=payload,
            fallback=fallback,
        )
    )
