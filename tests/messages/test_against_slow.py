"""The engine and the slow one give the same answers, and a device that follows its cursor sees what a fresh one sees."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from junzi.kit.bus import Bus
from junzi.messages import (
    ChangeConversation,
    ConversationState,
    Message,
    Messages,
    NewMessage,
    NotAMember,
    OpenConversation,
    UnknownConversation,
    UnknownMessage,
    open_messages,
)
from tests.messages.slow import SlowMessages
from tests.support.examples import examples

_conversations = st.integers(1, 3)
_people = st.integers(11, 14)
_opens = st.tuples(
    st.just("open"), _conversations, st.sampled_from(["", "a", "b"]), st.lists(_people, min_size=1, max_size=3)
)
_some = st.lists(_people, max_size=2)
_changes = st.tuples(
    st.just("change"), _conversations, st.integers(0, 3), st.sampled_from(["", "a", "b"]), _some, _some
)
_appends = st.tuples(
    st.just("append"),
    _conversations,
    st.one_of(_people, st.none()),
    st.sampled_from("xyz"),
    st.text(max_size=3),
    _some,
    st.booleans(),
)
_reads = st.tuples(st.just("read"), _conversations, _people, st.integers(-1, 6))
_keeps = st.tuples(
    st.just("keep"), _conversations, _people, st.dictionaries(st.sampled_from("pq"), st.sampled_from([1, 2, None]))
)
_edits = st.tuples(st.just("edit"), _conversations, st.integers(0, 5), st.sampled_from(["gone", "new"]))
_deletes = st.tuples(
    st.just("delete"), _conversations, _people, st.lists(st.integers(1, 6), max_size=2), st.sampled_from([0, 0, 2, 9])
)
_looks = st.tuples(st.just("look"), _people, st.integers(1, 3))
_steps = st.lists(
    st.one_of(_opens, _changes, _appends, _appends, _reads, _keeps, _edits, _deletes, _looks), min_size=1, max_size=25
)

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
            assert reading == {id: member.read for id, member in conversation.there().items()}
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
    if step[0] == "change":
        _, conversation, version, title, add, remove = step
        facts, joining, leaving = {"title": title}, [id(one) for one in add], [id(one) for one in remove]
        name = f"note {version} {title}"
        note = NewMessage(
            conversation_id=id(conversation),
            sender_id=None,
            client_id=name,
            kind="note",
            payload={"text": name},
            fallback="",
        )
        change = ChangeConversation(
            id=id(conversation), kind="group", version=version, facts=facts, add=joining, remove=leaving, notes=[note]
        )
        return asyncio.ensure_future(messages.change_conversation(change)), slow.change(
            id(conversation), "group", version, facts, joining, leaving, name
        )
    if step[0] == "append":
        _, conversation, sender, client_id, text, calls, calls_all = step
        text = text.replace("\0", "")
        called = [id(one) for one in calls]
        message = NewMessage(
            conversation_id=id(conversation),
            sender_id=id(sender),
            client_id=client_id,
            kind="text",
            payload={"text": text},
            fallback=text,
            calls=called,
            calls_all=calls_all,
        )
        return asyncio.ensure_future(messages.append(message)), slow.append(
            id(conversation), id(sender), client_id, text, called, calls_all
        )
    if step[0] == "keep":
        _, conversation, person, own = step
        return asyncio.ensure_future(messages.set_member(id(conversation), id(person), own=own)), slow.keep(
            id(conversation), id(person), own
        )
    if step[0] == "edit":
        _, conversation, seq, text = step
        edited = messages.edit(id(conversation), seq, kind="edited", payload={"text": text}, fallback=text)
        return asyncio.ensure_future(edited), slow.edit(id(conversation), seq, text)
    if step[0] == "delete":
        _, conversation, person, seqs, up_to = step
        deleting = messages.delete(id(conversation), id(person), seqs=seqs, up_to_seq=up_to)
        return asyncio.ensure_future(deleting), slow.delete(id(conversation), id(person), seqs, up_to)
    _, conversation, person, seq = step
    return asyncio.ensure_future(messages.mark_read(id(conversation), id(person), seq)), slow.mark_read(
        id(conversation), id(person), seq
    )


async def _settle(waiting: list[tuple[asyncio.Task[Any], Any]]) -> None:
    for task, expected in waiting:
        try:
            answer = await task
        except (UnknownConversation, UnknownMessage):
            answer = "unknown"
        except NotAMember:
            answer = "not a member"
        if isinstance(answer, dict | Message):
            assert expected is None
        else:
            assert (answer if isinstance(answer, bool | int | str) else (answer.seq, answer.duplicate)) == expected
    waiting.clear()


class Device:
    """Keeps the states and messages it was told and its cursor, and pulls what changed."""

    def __init__(self) -> None:
        self.cursor = 0
        self.states: dict[UUID, ConversationState] = {}
        self.logs: dict[UUID, dict[int, Message]] = {}

    async def sync(self, messages: Messages, person: UUID, *, limit: int) -> None:
        cursor, below, more = self.cursor, None, True
        while more:
            changes = await messages.changes(person, cursor, limit, below=below)
            assert len(changes.conversations) <= limit
            for state in changes.conversations:
                await self._take(messages, person, state)
            if below is None:
                self.cursor = changes.cursor
            below, more = changes.below, changes.more

    async def _take(self, messages: Messages, person: UUID, state: ConversationState) -> None:
        self.states[state.id] = state
        log = self.logs.setdefault(state.id, {})
        known = max(log, default=0)
        for message in await messages.history(state.id, after=known, before=state.head_seq + 1, limit=100):
            log[message.seq] = message
        gone = await messages.deleted_between(state.id, person, known + 1, state.head_seq)
        for edited in state.edited:
            log[edited.seq] = edited
        for seq in [*gone, *state.deleted, *(seq for seq in log if seq <= state.cleared_seq)]:
            # What is deleted stays known as deleted, so that what is known has no gaps.
            log[seq] = replace(log[seq], kind="deleted")

    def picture(self) -> dict[UUID, tuple[Any, ...]]:
        return {
            state.id: (
                state.kind,
                state.facts,
                state.head_seq,
                state.unread,
                state.called_seq,
                state.left,
                state.own,
                _entry(state.last) if state.last else None,
                {seq: _entry(one) for seq, one in self.logs[state.id].items() if one.kind != "deleted"},
                {member.member_id: member.read_seq for member in state.members},
            )
            for state in self.states.values()
        }


def _entry(message: Message) -> tuple[UUID | None, str, str]:
    return message.sender_id, message.client_id, message.payload["text"]
