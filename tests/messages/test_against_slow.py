"""The engine and the slow one give the same answers, and a device that follows its cursor sees what a fresh one sees."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from junzi.kit.bus import Bus
from junzi.messages import (
    ConversationState,
    Messages,
    NewMessage,
    NotAMember,
    OpenConversation,
    UnknownConversation,
    open_messages,
)
from tests.messages.slow import SlowMessages
from tests.support.examples import examples

_conversations = st.integers(1, 3)
_people = st.integers(11, 14)
_opens = st.tuples(
    st.just("open"), _conversations, st.sampled_from(["", "a", "b"]), st.lists(_people, min_size=1, max_size=3)
)
_appends = st.tuples(
    st.just("append"), _conversations, st.one_of(_people, st.none()), st.sampled_from("xyz"), st.text(max_size=3)
)
_reads = st.tuples(st.just("read"), _conversations, _people, st.integers(-1, 6))
_looks = st.tuples(st.just("look"), _people, st.integers(1, 3))
_steps = st.lists(st.one_of(_opens, _appends, _appends, _reads, _looks), min_size=1, max_size=25)

Step = tuple[Any, ...]


def test_the_engine(engine_url: str) -> None:
    numbers = itertools.count(1)

    @given(_steps)
    @settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def same_answers(steps: list[Step]) -> None:
        asyncio.run(_same_answers(engine_url, next(numbers), steps))

    same_answers()


async def _same_answers(url: str, run: int, steps: list[Step]) -> None:
    slow, messages = SlowMessages(), await open_messages(url, Bus())
    devices = {UUID(int=run << 64 | person): Device() for person in range(11, 15)}
    try:
        # What comes between two looks is sent at once, so that it travels in batches of any size.
        waiting: list[tuple[asyncio.Task[Any], Any]] = []
        for step in [*steps, ("look", 11, 3)]:
            if step[0] == "look":
                await _settle(waiting)
                person = UUID(int=run << 64 | step[1])
                await devices[person].sync(messages, person, limit=step[2])
                assert devices[person].picture() == slow.picture(person)
            else:
                waiting.append(_send(messages, slow, run, step))
                await asyncio.sleep(0)
        for id, conversation in slow.conversations.items():
            log = [(m.sender_id, m.client_id, m.payload["text"]) for m in await messages.history(id, limit=100)]
            assert log == conversation.log
            reading = {member.member_id: member.read_seq for member in await messages.members(id)}
            assert reading == conversation.read
        for person, device in devices.items():
            await device.sync(messages, person, limit=1)
            assert device.picture() == slow.picture(person)
    finally:
        await messages.close()


def _send(messages: Messages, slow: SlowMessages, run: int, step: Step) -> tuple[asyncio.Task[Any], Any]:
    """The engine's answer to come, and the slow one's."""

    def id(number: int | None) -> Any:
        return None if number is None else UUID(int=run << 64 | number)

    if step[0] == "open":
        _, conversation, title, members = step
        facts, people = {"title": title}, [id(member) for member in members]
        request = OpenConversation(id=id(conversation), kind="group", facts=facts, members=people)
        return asyncio.ensure_future(messages.open_conversation(request)), slow.open(
            id(conversation), "group", facts, people
        )
    if step[0] == "append":
        _, conversation, sender, client_id, text = step
        text = text.replace("\0", "")
        message = NewMessage(
            conversation_id=id(conversation),
            sender_id=id(sender),
            client_id=client_id,
            kind="text",
            payload={"text": text},
            fallback=text,
        )
        return asyncio.ensure_future(messages.append(message)), slow.append(
            id(conversation), id(sender), client_id, text
        )
    _, conversation, person, seq = step
    return asyncio.ensure_future(messages.mark_read(id(conversation), id(person), seq)), slow.mark_read(
        id(conversation), id(person), seq
    )


async def _settle(waiting: list[tuple[asyncio.Task[Any], Any]]) -> None:
    for task, expected in waiting:
        try:
            answer = await task
        except UnknownConversation:
            answer = "unknown"
        except NotAMember:
            answer = "not a member"
        assert (answer if isinstance(answer, bool | int | str) else (answer.seq, answer.duplicate)) == expected
    waiting.clear()


class Device:
    """Keeps the states it was told and its cursor, and pulls what changed."""

    def __init__(self) -> None:
        self.cursor = 0
        self.states: dict[UUID, ConversationState] = {}

    async def sync(self, messages: Messages, person: UUID, *, limit: int) -> None:
        more = True
        while more:
            changes = await messages.changes(person, self.cursor, limit)
            assert len(changes.conversations) <= limit
            self.states.update({state.id: state for state in changes.conversations})
            self.cursor, more = changes.cursor, changes.more

    def picture(self) -> dict[UUID, tuple[Any, ...]]:
        return {
            state.id: (
                state.kind,
                state.facts,
                state.head_seq,
                state.unread,
                (state.last.sender_id, state.last.client_id, state.last.payload["text"]) if state.last else None,
                {member.member_id: member.read_seq for member in state.members},
            )
            for state in self.states.values()
        }
