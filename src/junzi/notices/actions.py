"""Tell a person, or the keepers of a shop. What is told is a stored message, synced and counted like any other."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from junzi.kit import ids
from junzi.messages import Messages, NewMessage, OpenConversation
from junzi.notices.model import SERVICE, SHOP, Service


def service_conversation_id(person_id: UUID, service: Service) -> UUID:
    """The conversation in which that service speaks to that person."""
    return ids.derived(person_id, f"service:{service}")


class Notice(msgspec.Struct, frozen=True):
    """What is told, and in which conversation.

    payload:  facts, rendered by the client by `kind`
    fallback: plain text for clients that do not know the kind
    key:      the same again changes nothing
    """

    conversation: OpenConversation
    kind: str
    payload: dict[str, Any]
    fallback: str
    key: UUID


async def tell_all(messages: Messages, notices: Sequence[Notice]) -> None:
    """Put several messages where they belong, all at once; each stands once however often that is tried."""
    await messages.append_all(
        [
            (
                notice.conversation,
                NewMessage(
                    conversation_id=notice.conversation.id,
                    sender_id=None,
                    client_id=str(notice.key),
                    kind=notice.kind,
                    payload=notice.payload,
                    fallback=notice.fallback,
                ),
            )
            for notice in notices
        ]
    )


async def tell(
    messages: Messages,
    person_id: UUID,
    service: Service,
    kind: str,
    payload: dict[str, Any],
    fallback: str,
    key: UUID,
) -> None:
    """Put a message into the person's conversation with the service; the same key again changes nothing."""
    await tell_all(messages, [Notice(with_service(person_id, service), kind, payload, fallback, key)])


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
    conversation = with_shop(conversation_id, shop_id, shop_name, keeper_ids)
    await tell_all(messages, [Notice(conversation, kind, payload, fallback, key)])


def with_service(person_id: UUID, service: Service) -> OpenConversation:
    """The person's conversation with the service."""
    id = service_conversation_id(person_id, service)
    return OpenConversation(id=id, kind=SERVICE, facts={"service": service}, members=[person_id])


def with_shop(conversation_id: UUID, shop_id: UUID, shop_name: str, keeper_ids: list[UUID]) -> OpenConversation:
    """The conversation of a shop, which its keepers read."""
    facts = {"shop_id": str(shop_id), "name": shop_name}
    return OpenConversation(id=conversation_id, kind=SHOP, facts=facts, members=keeper_ids)
