"""Several processes on one bus: what one publishes all hear, what nobody heard is noticed, who is asked answers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
import pytest_asyncio

from junzi.kit import ids, nats_bus
from junzi.kit.bus import NobodyAnswers, Subject
from junzi.kit.errors import Busy
from junzi.kit.nats_bus import NatsBus, NatsUnreachable, open_nats_bus
from tests.support.nats import NatsNode, nats_nodes
from tests.support.ports import free_port
from tests.support.until import until

PAIRS = Subject("test.pairs", tuple[UUID, UUID])
NUMBERS = Subject("test.numbers", int)

Join = Callable[[], "asyncio.Future[NatsBus]"]


@pytest.fixture
def node() -> Iterator[NatsNode]:
    with nats_nodes(1) as nodes:
        yield nodes[0]


@pytest_asyncio.fixture
async def buses(database_url: str, node: NatsNode) -> AsyncIterator[list[NatsBus]]:
    """Three processes' buses, which have heard of each other."""
    async with AsyncExitStack() as stack:
        found = [await open_nats_bus(node.url, database_url) for _ in range(3)]
        for bus in found:
            stack.push_async_callback(bus.close)
        await until(lambda: all(len(bus._peers) == 2 for bus in found))
        yield found


async def test_all_hear_what_one_publishes_once_and_in_order(buses: list[NatsBus]) -> None:
    heard: list[list[int]] = [[] for _ in buses]
    own: list[int] = []
    for bus, numbers in zip(buses, heard, strict=True):
        bus.subscribe(NUMBERS, numbers.append)
    buses[0].subscribe(NUMBERS, own.append, own=True)
    for number in range(500):
        buses[0].publish(NUMBERS, number)
        if number % 100 == 0:
            await asyncio.sleep(0)
    assert heard[0] == list(range(500)), "what one says oneself is told at once"
    await until(lambda: [len(numbers) for numbers in heard] == [500] * 3)
    assert heard == [list(range(500))] * 3
    buses[1].publish(NUMBERS, 500)
    await until(lambda: [numbers[-1] for numbers in heard] == [500] * 3)
    assert own == list(range(500))


async def test_a_hint_arrives_as_what_it_was(buses: list[NatsBus]) -> None:
    heard: list[tuple[UUID, UUID]] = []
    buses[1].subscribe(PAIRS, heard.append)
    pair = (ids.new_id(), ids.new_id())
    buses[0].publish(PAIRS, pair)
    await until(lambda: heard)
    assert heard == [pair]


async def test_two_databases_on_one_nats_hear_nothing_of_each_other(
    buses: list[NatsBus], node: NatsNode, postgres_url: str
) -> None:
    stranger = await open_nats_bus(node.url, postgres_url)
    heard: list[int] = []
    stranger.subscribe(NUMBERS, heard.append)
    others: list[int] = []
    buses[1].subscribe(NUMBERS, others.append)
    buses[0].publish(NUMBERS, 1)
    await until(lambda: others == [1])
    await stranger.close()
    assert heard == []


async def test_hints_that_nobody_could_hear_are_noticed_as_a_gap(buses: list[NatsBus], node: NatsNode) -> None:
    gaps: list[int] = []
    heard: list[int] = []
    for bus in buses[1:]:
        bus.on_gap(lambda: gaps.append(1))
        bus.subscribe(NUMBERS, heard.append)
    # What a client's buffer cannot hold is gone, as is what was on its way through a server that was killed.
    buses[0]._number += 1
    buses[0].publish(NUMBERS, 1)
    await until(lambda: len(heard) == 2)
    await until(lambda: len(gaps) == 2)


async def test_a_process_that_falls_silent_is_a_gap(buses: list[NatsBus], monkeypatch: pytest.MonkeyPatch) -> None:
    gaps: list[int] = []
    for bus in buses[1:]:
        bus.on_gap(lambda: gaps.append(1))
    monkeypatch.setattr(nats_bus, "SILENT_AFTER_S", 1.5)
    buses[0]._sending.cancel()
    await until(lambda: len(gaps) == 2)


async def test_it_goes_on_after_the_server_was_away(buses: list[NatsBus], node: NatsNode) -> None:
    heard: list[int] = []
    buses[1].subscribe(NUMBERS, heard.append)
    node.kill()
    await until(lambda: not any(bus.up for bus in buses))
    with pytest.raises(Busy):
        await buses[1].ask("anything", b"?")
    node.start()
    await until(lambda: all(bus.up for bus in buses))

    def is_heard() -> bool:
        buses[0].publish(NUMBERS, 7)
        return 7 in heard

    await until(is_heard)


async def test_questions_are_answered_by_who_says_so_until_they_stop(buses: list[NatsBus]) -> None:
    async def answered() -> bytes | None:
        try:
            return await buses[1].ask("name", b"who")
        except NobodyAnswers:
            return None
        except Busy:
            # Three servers that find each other on a busy machine may not hear a question in time.
            return b""

    async def nobody_does() -> bool:
        return await answered() is None

    await until(nobody_does)

    async def respond(question: bytes) -> bytes:
        if question == b"busy":
            raise Busy
        if question == b"defect":
            raise RuntimeError("broken")
        return question + b"!"

    stop = buses[0].answer("name", respond)
    assert await until(answered) == b"who!"
    for question in (b"busy", b"defect"):
        with pytest.raises(Busy):
            await buses[1].ask("name", question)
    stop()
    await until(nobody_does)


async def test_all_others_are_asked_and_a_silent_one_is_not_waited_for_long(buses: list[NatsBus]) -> None:
    async def silent(_: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def here(question: bytes) -> bytes:
        return b"here"

    buses[0].answer("roll", here)
    buses[1].answer("roll", here)

    async def both() -> bool:
        return await buses[2].ask_all("roll", b"?") == [b"here"] * 2

    await until(both)
    buses[1].answer("call", here)
    buses[0].answer("call", silent)

    async def one() -> bool:
        return await buses[2].ask_all("call", b"?") == [b"here"]

    await until(one)


async def test_where_no_server_answers_it_says_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_bus, "CONNECT_S", 0.3)
    with pytest.raises(NatsUnreachable, match="JUNZI_NATS_URL"):
        await open_nats_bus(f"nats://127.0.0.1:{free_port()}", database_url)
