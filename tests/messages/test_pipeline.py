"""Batches that are decided while others are being written: small ones here, so that there are many, and much that goes wrong."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from junzi.kit import ids
from junzi.kit.bus import Bus
from junzi.kit.errors import Busy
from junzi.messages import COMMITTED, MessageCommitted, Messages, NewMessage, OpenConversation, memory, open_messages
from junzi.messages import pipeline as pipeline_module
from junzi.messages.writer import Writer
from tests.support.until import until

ANNA, BEN = ids.new_id(), ids.new_id()


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Batches of eight. For each that more than that were waiting for: whether it was decided ahead."""
    monkeypatch.setattr(pipeline_module, "ENOUGH", 4)
    monkeypatch.setattr(pipeline_module, "MOST_IN_BATCH", 8)
    decide_ahead, found = Writer.decide_ahead, list[bool]()

    def counted(writer: Writer, requests: list[object]) -> object:
        decided = decide_ahead(writer, requests)  # type: ignore[arg-type]
        found.append(decided is not None)
        return decided

    monkeypatch.setattr(Writer, "decide_ahead", counted)
    return found


@pytest.fixture
async def messages(engine_url: str) -> AsyncIterator[Messages]:
    messages = await open_messages(engine_url, Bus())
    yield messages
    await messages.close()


async def talk(messages: Messages) -> UUID:
    id = ids.new_id()
    await messages.open_conversation(OpenConversation(id=id, kind="group", facts={}, members=[ANNA, BEN]))
    return id


def text(conversation_id: UUID, body: str = "hello", sender_id: UUID | None = ANNA) -> NewMessage:
    return NewMessage(
        conversation_id=conversation_id,
        sender_id=sender_id,
        client_id=str(ids.new_id()),
        kind="text",
        payload={"text": body},
        fallback=body,
    )


async def log_of(messages: Messages, id: UUID) -> list[str]:
    """The words of a conversation, after a look at its numbers."""
    log = await messages.history(id, limit=500)
    assert [one.seq for one in log] == list(range(1, len(log) + 1))
    return [one.fallback for one in log]


async def test_what_is_decided_ahead_keeps_its_order(messages: Messages, ahead: list[bool]) -> None:
    id = await talk(messages)
    words = [str(number) for number in range(300)]
    outcomes = await asyncio.gather(*(messages.append(text(id, one)) for one in words))
    assert [one.seq for one in outcomes] == list(range(1, 301))
    assert await log_of(messages, id) == words
    assert sum(ahead) > 10


async def test_a_resend_of_what_is_underway_stands_once(messages: Messages, ahead: list[bool]) -> None:
    id = await talk(messages)
    sent = [text(id, str(number)) for number in range(100)]
    outcomes = await asyncio.gather(*(messages.append(one) for one in sent for _ in range(3)))
    assert [one.seq for one in outcomes] == [number for number in range(1, 101) for _ in range(3)]
    assert len(await log_of(messages, id)) == 100
    assert sum(ahead) > 10


async def test_an_old_message_sent_again_takes_nothing_with_it(
    messages: Messages, ahead: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST_NEWEST", 4)
    id = await talk(messages)
    old = [text(id, f"old {number}") for number in range(20)]
    for one in old:
        await messages.append(one)
    for round in range(4):
        new = [text(id, f"{round} {number}") for number in range(80)]
        both = [*new, *random.Random(round).sample(old, 8)]
        random.Random(round).shuffle(both)
        outcomes = await asyncio.gather(*map(messages.append, both))
        stands = {one.seq for one, message in zip(outcomes, both, strict=True) if message in old}
        assert all(one.duplicate == (message in old) for one, message in zip(outcomes, both, strict=True))
        assert stands == {old.index(message) + 1 for message in both if message in old}
        # It stops looking, so that the next one is a surprise again.
        messages._queue._looks_until = 0.0
    assert len(await log_of(messages, id)) == 20 + 4 * 80
    assert sum(ahead) > 10


async def test_a_defect_underway_fails_alone(messages: Messages, ahead: list[bool]) -> None:
    id = await talk(messages)
    sent = [text(id, str(number)) for number in range(120)]
    broken = {3, 40, 41, 77, 119}
    asked = [
        replace(one, may_recall="perhaps") if number in broken else one  # type: ignore[arg-type]
        for number, one in enumerate(sent)
    ]
    outcomes = await asyncio.gather(*map(messages.append, asked), return_exceptions=True)
    assert {number for number, one in enumerate(outcomes) if isinstance(one, BaseException)} == broken
    assert await log_of(messages, id) == [str(number) for number in range(120) if number not in broken]
    assert sum(ahead) > 3


async def test_conversations_are_opened_before_what_is_said_in_them(messages: Messages, ahead: list[bool]) -> None:
    said = []
    for number in range(60):
        opening = OpenConversation(id=ids.new_id(), kind="group", facts={}, members=[ANNA, BEN])
        said.append((opening, text(opening.id, str(number), sender_id=ANNA if number % 2 else None)))
    await messages.append_all(said)
    for number, (opening, _) in enumerate(said):
        assert await log_of(messages, opening.id) == [str(number)]


async def test_who_is_told_of_a_message_was_there_when_it_was_said(engine_url: str, ahead: list[bool]) -> None:
    bus, told = Bus(), list[MessageCommitted]()
    bus.subscribe(COMMITTED, told.append)
    messages = await open_messages(engine_url, bus)
    id, members = await talk(messages), [ANNA, BEN]
    joining = [ids.new_id() for _ in range(10)]
    said = []
    for number, one in enumerate(joining):
        members = [*members, one]
        opening = OpenConversation(id=id, kind="group", facts={}, members=members)
        said += [messages.append(text(id, f"{number}")) for _ in range(10)] + [messages.open_conversation(opening)]
    await asyncio.gather(*said, messages.append(text(id, "10")))
    for hint in told:
        assert set(hint.member_ids) == {ANNA, BEN, *joining[: int(hint.message.fallback)]}
    assert len(told) == 101
    await messages.close()


async def test_who_waits_for_a_connection_that_breaks_is_told_at_once(engine_url: str, messages: Messages) -> None:
    blocker = await asyncpg.connect(engine_url)
    async with blocker.transaction():
        # PostgreSQL takes no data meanwhile, and more is sent than fits on the way.
        await blocker.execute("lock table messages.log in access exclusive mode")
        opening = OpenConversation(id=ids.new_id(), kind="group", facts={}, members=[ANNA])
        said = [(opening, text(opening.id, "x" * 12_000)) for _ in range(200)]
        writing = asyncio.create_task(messages.append_all(said))
        pid = messages._writer._link.current().get_server_pid()
        waits = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1"
        await until(lambda: blocker.fetchval(waits, pid))
        await blocker.execute("select pg_terminate_backend($1)", pid)
        async with asyncio.timeout(20):
            with pytest.raises(Busy):
                await writing
    await blocker.close()
    await until(lambda: messages.up)

    async def stands() -> bool:
        try:
            await messages.append_all(said)
        except Busy:
            return False
        return True

    await until(stands)
    assert len(await log_of(messages, opening.id)) == 200
