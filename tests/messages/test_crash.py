"""PostgreSQL is killed under load: what was acknowledged stands at its number, and what was not can be sent again."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from junzi.audit import audit, report
from junzi.kit import ids
from junzi.kit.bus import Bus
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.errors import Busy
from junzi.kit.migrate import migrate
from junzi.messages import Appended, Messages, NewMessage, OpenConversation, open_messages
from tests.support.killing import kill_hard
from tests.support.until import until

SENDERS = 60
KILLS = 2

pytestmark = pytest.mark.crash

Acknowledged = dict[tuple[UUID, str], int]


async def test_nothing_acknowledged_is_lost(own_postgres: Callable[..., EmbeddedPostgres]) -> None:
    server = own_postgres(ends_with_parent=False)
    await asyncio.to_thread(server.start)
    server.ensure_database("messages")
    url = server.url("messages")
    await migrate(url)
    messages = await open_messages(url, Bus())
    anna, conversations = ids.new_id(), [ids.new_id() for _ in range(10)]
    for id in conversations:
        await messages.open_conversation(OpenConversation(id=id, kind="direct", facts={}, members=[anna]))
    acknowledged: Acknowledged = {}
    stopping = asyncio.Event()
    senders = [
        asyncio.create_task(_talk(messages, conversations[number % len(conversations)], anna, acknowledged, stopping))
        for number in range(SENDERS)
    ]
    for _ in range(KILLS):
        enough = len(acknowledged) + 1000
        await until(lambda enough=enough: len(acknowledged) > enough, timeout_s=60)
        await asyncio.to_thread(kill_hard, server)
        await asyncio.to_thread(server.start)
    enough = len(acknowledged) + 1000
    await until(lambda: len(acknowledged) > enough, timeout_s=60)
    stopping.set()
    # A sender ends only when its last message was answered.
    busy = sum(await asyncio.gather(*senders))
    assert busy > 0
    standing = {}
    for id in conversations:
        after, page = 0, await messages.history(id, after=0, limit=500)
        while page:
            standing.update({(id, message.client_id): message.seq for message in page})
            assert [message.seq for message in page] == list(range(after + 1, after + len(page) + 1))
            after += len(page)
            page = await messages.history(id, after=after, limit=500)
    assert standing == acknowledged
    await messages.close()
    assert report(await audit(url)).endswith("agree with their history.")


async def _talk(
    messages: Messages, conversation_id: UUID, sender: UUID, acknowledged: Acknowledged, stopping: asyncio.Event
) -> int:
    """Message after message, each sent until it is answered. Returns how often it was busy."""
    busy = 0
    while not stopping.is_set():
        message = NewMessage(
            conversation_id=conversation_id,
            sender_id=sender,
            client_id=str(ids.new_id()),
            kind="text",
            payload={"text": "hello"},
            fallback="hello",
        )

        async def answered(message: NewMessage = message) -> Appended | None:
            nonlocal busy
            try:
                return await messages.append(message)
            except Busy:
                busy += 1
                return None

        appended = await until(answered, timeout_s=60)
        acknowledged[(conversation_id, message.client_id)] = appended.seq  # type: ignore[union-attr]
    return busy
