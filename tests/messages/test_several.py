"""Several engines on one database: one writes, the others hand in to it, and one of them takes its place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest
import pytest_asyncio

from junzi.kit import ids
from junzi.kit.bus import Bus
from junzi.kit.errors import Busy
from junzi.kit.nats_bus import NatsBus, open_nats_bus
from junzi.messages import (
    COMMITTED,
    Appended,
    ChangeConversation,
    DifferentKind,
    EngineTaken,
    InvalidMessage,
    Messages,
    NewMessage,
    NotAMember,
    OpenConversation,
    UnknownConversation,
    UnknownMessage,
    open_messages,
)
from tests.support.nats import nats_nodes
from tests.support.until import until

ANNA, BEN = ids.new_id(), ids.new_id()


@pytest_asyncio.fixture
async def engines(engine_url: str) -> AsyncIterator[list[tuple[Messages, NatsBus]]]:
    """The writer, and two that stand by."""
    async with AsyncExitStack() as stack:
        (node,) = stack.enter_context(nats_nodes(1))
        found = []
        for _ in range(3):
            bus = await open_nats_bus(node.url, engine_url)
            stack.push_async_callback(bus.close)
            messages = await open_messages(engine_url, bus)
            stack.push_async_callback(messages.close)
            found.append((messages, bus))
        yield found


def text(conversation_id: object, words: str = "hello", **fields: object) -> NewMessage:
    wanted = {"sender_id": ANNA, "client_id": str(ids.new_id()), "kind": "text", "payload": {"text": words}, **fields}
    return NewMessage(conversation_id=conversation_id, fallback=words, **wanted)  # type: ignore[arg-type]


async def test_whoever_stands_by_does_what_the_writer_does(engines: list[tuple[Messages, NatsBus]]) -> None:
    (writer, _), (second, bus), (third, _) = engines
    heard: list[str] = []
    bus.subscribe(COMMITTED, lambda hint: heard.append(hint.message.fallback))
    talk = ids.new_id()
    opening = OpenConversation(id=talk, kind="group", facts={"name": "山脚"}, members=[ANNA, BEN])
    assert await second.open_conversation(opening) is True
    assert await third.open_conversation(opening) is False
    message = text(talk, "你好")
    first = await second.append(message)
    assert (first.seq, first.duplicate) == (1, False)
    again = await third.append(message)
    assert again == Appended(1, first.at, duplicate=True)
    await third.append_all([(opening, text(talk, "all"))])
    assert await second.mark_read(talk, BEN, 9) == 2
    assert await second.set_member(talk, BEN, own={"muted": True}) == {"muted": True}
    edited = await third.edit(talk, 1, kind="recalled", payload={}, fallback="")
    assert (edited.seq, edited.kind, edited.at) == (1, "recalled", first.at)
    assert await second.delete(talk, BEN, up_to_seq=1) == 1
    change = ChangeConversation(id=talk, kind="group", version=1, facts={"name": "山顶"}, notes=[text(talk, "renamed")])
    outcomes = [await third.change_conversation(change), await third.change_conversation(change)]
    assert outcomes == [True, False]
    assert [one.seq for one in await writer.history(talk)] == [1, 2, 3]
    await until(lambda: heard == ["你好", "all", "renamed"])


async def test_refusals_come_back_as_what_they_were(engines: list[tuple[Messages, NatsBus]]) -> None:
    second = engines[1][0]
    talk = ids.new_id()
    await second.open_conversation(OpenConversation(id=talk, kind="direct", facts={}, members=[ANNA]))
    with pytest.raises(UnknownConversation):
        await second.append(text(ids.new_id()))
    with pytest.raises(NotAMember):
        await second.append(text(talk, sender_id=BEN))
    with pytest.raises(UnknownMessage):
        await second.edit(talk, 5, kind="recalled", payload={}, fallback="")
    with pytest.raises(DifferentKind):
        await second.open_conversation(OpenConversation(id=talk, kind="group", facts={}, members=[]))
    with pytest.raises(InvalidMessage):
        await second.append(text(talk, "x" * 20_000))


async def test_many_at_once_from_every_side_stand_once_and_without_gaps(
    engines: list[tuple[Messages, NatsBus]],
) -> None:
    talk = ids.new_id()
    await engines[1][0].open_conversation(OpenConversation(id=talk, kind="direct", facts={}, members=[ANNA]))
    sent = [text(talk, "x" * (number % 50) * 100) for number in range(600)]
    twice = [
        engine.append(message)
        for message in sent
        for engine, _ in (engines[0], engines[1 + len(message.client_id) % 2])
    ]
    outcomes = await asyncio.gather(*twice)
    assert sorted({one.seq for one in outcomes}) == list(range(1, 601))
    assert sum(one.duplicate for one in outcomes) == 600


async def test_one_that_stands_by_takes_the_place_of_a_writer_that_closes(
    engines: list[tuple[Messages, NatsBus]],
) -> None:
    (writer, _), (second, _), (third, _) = engines
    talk = ids.new_id()
    await writer.open_conversation(OpenConversation(id=talk, kind="direct", facts={}, members=[ANNA]))
    assert (await second.append(text(talk))).seq == 1
    await writer.close()
    # Nobody writes for a moment; who asks waits for the next writer, or hears from the one that ends that it is busy.
    assert await seq_of(second, text(talk)) == 2
    assert await seq_of(third, text(talk)) == 3


async def seq_of(engine: Messages, message: NewMessage) -> int:
    """Where the message stands, sent again while the answer is "busy"."""
    async with asyncio.timeout(30):
        while True:
            with suppress(Busy):
                return (await engine.append(message)).seq
            await asyncio.sleep(0.05)


async def test_a_lost_connection_moves_the_writer_and_every_message_stands_once(
    engine_url: str, engines: list[tuple[Messages, NatsBus]]
) -> None:
    talk = ids.new_id()
    await engines[0][0].open_conversation(OpenConversation(id=talk, kind="direct", facts={}, members=[ANNA]))

    said = 0

    async def say(engine: Messages, count: int) -> None:
        nonlocal said
        for _ in range(count):
            message, done = text(talk), False
            while not done:
                with suppress(Busy):
                    await engine.append(message)
                    done = True
                    said += 1
                await asyncio.sleep(0)

    speaking = asyncio.gather(*(say(engine, 150) for engine, _ in engines for _ in range(4)))
    killer = await asyncpg.connect(engine_url)
    for number in range(3):
        await until(lambda number=number: said > 400 * number, timeout_s=30)
        await killer.execute(
            "select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid "
            "where l.locktype = 'advisory' and l.granted and a.application_name = 'junzi messages' "
            "and a.datname = current_database()"
        )
    await killer.close()
    await speaking
    after, seqs = 0, []
    while page := await engines[1][0].history(talk, after=after, limit=500):
        seqs += [one.seq for one in page]
        after = page[-1].seq
    assert seqs == list(range(1, 1801))


async def test_one_that_is_not_on_the_bus_is_refused(engine_url: str, engines: list[tuple[Messages, NatsBus]]) -> None:
    with pytest.raises(EngineTaken):
        await open_messages(engine_url, Bus())
