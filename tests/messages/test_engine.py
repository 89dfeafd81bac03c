"""The message engine through its door, on PostgreSQL."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from junzi.kit import ids
from junzi.kit.bus import Bus
from junzi.kit.database import open_database
from junzi.kit.errors import Busy, NotFound
from junzi.messages import (
    COMMITTED,
    OPENED,
    READ,
    Appended,
    ChangeConversation,
    ConversationOpened,
    DifferentKind,
    EngineTaken,
    InvalidMessage,
    MemberState,
    MessageCommitted,
    Messages,
    NewMessage,
    NotAMember,
    OpenConversation,
    ReadMoved,
    UnknownConversation,
    memory,
    open_messages,
)
from junzi.messages.model import (
    MOST_CLIENT_ID_CHARACTERS,
    MOST_FALLBACK_CHARACTERS,
    MOST_KIND_CHARACTERS,
    MOST_MEMBERS,
    MOST_MEMBERS_SHOWN,
    MOST_PAYLOAD_BYTES,
)
from tests.support.until import until


class Heard:
    """Everything the bus was told, in order."""

    def __init__(self, bus: Bus) -> None:
        self.hints: list[Any] = []
        for subject in (COMMITTED, READ, OPENED):
            bus.subscribe(subject, self.hints.append)


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def messages(engine_url: str, bus: Bus) -> AsyncIterator[Messages]:
    messages = await open_messages(engine_url, bus)
    yield messages
    await messages.close()


async def talk(messages: Messages, *members: UUID, **fields: Any) -> UUID:
    """A new conversation of these members."""
    request = OpenConversation(id=ids.new_id(), kind="group", facts={}, members=list(members))
    assert await messages.open_conversation(replace(request, **fields)) is True
    return fields.get("id", request.id)  # type: ignore[no-any-return]


def text(conversation_id: UUID, sender_id: UUID | None, body: str = "hello", **fields: Any) -> NewMessage:
    plain = NewMessage(
        conversation_id=conversation_id,
        sender_id=sender_id,
        client_id=str(ids.new_id()),
        kind="text",
        payload={"text": body},
        fallback=body,
    )
    return replace(plain, **fields)


ANNA, BEN, CARL = ids.new_id(), ids.new_id(), ids.new_id()


async def test_a_message_is_numbered_and_found(messages: Messages) -> None:
    conversation = await talk(messages, ANNA, BEN)
    sent = text(conversation, ANNA, "hello", may_recall=True, may_forward=True)
    first = await messages.append(sent)
    second = await messages.append(text(conversation, None, kind="notice", payload={"n": [1, {"é": None}]}))
    assert (first.seq, first.duplicate, second.seq) == (1, False, 2)
    found = await messages.history(conversation)
    assert [message.seq for message in found] == [1, 2]
    assert found[0].at == first.at
    stored = set(sent.__struct_fields__) & set(found[0].__struct_fields__)
    assert {name: getattr(found[0], name) for name in stored} == {name: getattr(sent, name) for name in stored}
    assert (found[1].sender_id, found[1].kind, found[1].payload) == (None, "notice", {"n": [1, {"é": None}]})


async def test_a_resend_is_the_same_message_even_with_another_body(messages: Messages) -> None:
    conversation = await talk(messages, ANNA, BEN)
    first = await messages.append(text(conversation, ANNA, "one", client_id="a"))
    assert await messages.append(text(conversation, ANNA, "two", client_id="a")) == Appended(
        1, first.at, duplicate=True
    )
    # The name is each sender's own, and the house's too.
    assert (await messages.append(text(conversation, BEN, client_id="a"))).seq == 2
    house = await messages.append(text(conversation, None, client_id="a"))
    assert await messages.append(text(conversation, None, "other", client_id="a")) == replace(house, duplicate=True)
    assert [message.payload["text"] for message in await messages.history(conversation)] == ["one", "hello", "hello"]


async def test_everybody_at_once_leaves_no_gap_and_no_double(messages: Messages) -> None:
    conversations = [await talk(messages, ANNA, BEN) for _ in range(3)]
    sends = [
        text(random.Random(number).choice(conversations), random.Random(number).choice([ANNA, BEN, None]), str(number))
        for number in range(300)
    ]
    resent = sends * 3
    random.Random(1).shuffle(resent)
    answers = await asyncio.gather(*(messages.append(message) for message in resent))
    seqs: dict[tuple[UUID, str], set[int]] = {}
    for message, answer in zip(resent, answers, strict=True):
        seqs.setdefault((message.conversation_id, message.client_id), set()).add(answer.seq)
    assert all(len(found) == 1 for found in seqs.values())
    assert sum(not answer.duplicate for answer in answers) == 300
    for conversation in conversations:
        log = await messages.history(conversation, limit=500)
        assert [message.seq for message in log] == list(range(1, len(log) + 1))
        assert {(conversation, message.client_id) for message in log} == {key for key in seqs if key[0] == conversation}


async def test_messages_of_one_caller_keep_their_order(messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    await asyncio.gather(*(messages.append(text(conversation, ANNA, str(number))) for number in range(100)))
    log = await messages.history(conversation, limit=500)
    assert [message.payload["text"] for message in log] == [str(number) for number in range(100)]


async def test_history_by_page(messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    for _ in range(7):
        await messages.append(text(conversation, ANNA))

    async def seqs(**bounds: Any) -> list[int]:
        return [message.seq for message in await messages.history(conversation, **bounds)]

    assert await seqs(limit=3) == [5, 6, 7]
    assert await seqs(before=5, limit=3) == [2, 3, 4]
    assert await seqs(before=1, limit=3) == []
    assert await seqs(after=0, limit=3) == [1, 2, 3]
    assert await seqs(after=5, limit=3) == [6, 7]
    assert await seqs(after=2, before=4, limit=3) == [3]
    assert await seqs(limit=0) == [7]
    assert await messages.history(ids.new_id()) == []


async def test_only_members_speak_and_read(messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    with pytest.raises(NotAMember):
        await messages.append(text(conversation, BEN))
    with pytest.raises(NotAMember):
        await messages.mark_read(conversation, BEN, 1)
    with pytest.raises(UnknownConversation):
        await messages.append(text(ids.new_id(), ANNA))
    with pytest.raises(UnknownConversation):
        await messages.mark_read(ids.new_id(), ANNA, 1)
    assert issubclass(NotAMember, NotFound)
    assert issubclass(UnknownConversation, NotFound)
    assert await messages.conversation(conversation, BEN) is None
    assert await messages.conversation(ids.new_id(), ANNA) is None


async def test_reading_goes_forward_only_and_no_further_than_the_last_message(messages: Messages) -> None:
    conversation = await talk(messages, ANNA, BEN)
    for _ in range(3):
        await messages.append(text(conversation, ANNA))
    assert [await messages.mark_read(conversation, BEN, seq) for seq in (2, 1, -5, 99)] == [2, 2, 2, 3]


async def test_unread_counts_what_others_wrote(messages: Messages) -> None:
    conversation = await talk(messages, ANNA, BEN)

    async def unread() -> list[int]:
        states = [await messages.conversation(conversation, person) for person in (ANNA, BEN)]
        return [state.unread for state in states if state]

    await messages.append(text(conversation, ANNA))
    await messages.append(text(conversation, None))
    assert await unread() == [1, 2]
    await messages.append(text(conversation, BEN))
    assert await unread() == [2, 0]
    await messages.mark_read(conversation, ANNA, 2)
    assert await unread() == [1, 0]


async def test_whoever_calls_themselves_is_called(messages: Messages) -> None:
    ann, ben = ids.new_id(), ids.new_id()
    talk_id = await talk(messages, ann, ben)
    await messages.append(replace(text(talk_id, ann), calls=[ann, ben]))
    for member in (ann, ben):
        [state] = (await messages.changes(member, 0, 10)).conversations
        assert state.called_seq == 1
    [state] = (await messages.changes(ann, 0, 10)).conversations
    assert state.unread == 0


async def test_a_note_where_nobody_is_left_reaches_the_bus_too(messages: Messages, bus: Bus) -> None:
    ann = ids.new_id()
    talk_id = await talk(messages, ann)
    heard = Heard(bus)
    left = replace(text(talk_id, None), kind="note")
    await messages.change_conversation(
        ChangeConversation(id=talk_id, kind="group", version=1, facts={}, add=[], remove=[ann], notes=[left])
    )
    [committed] = [hint for hint in heard.hints if isinstance(hint, MessageCommitted)]
    assert (committed.message.kind, committed.member_ids) == ("note", [])


async def test_opening_again_adds_members_and_changes_facts(messages: Messages, bus: Bus) -> None:
    heard = Heard(bus)
    conversation = await talk(messages, ANNA, BEN, facts={"title": "a"})
    await messages.append(text(conversation, ANNA))
    request = OpenConversation(id=conversation, kind="group", facts={"title": "a"}, members=[ANNA])
    assert await messages.open_conversation(request) is False
    assert len(heard.hints) == 2
    assert await messages.open_conversation(replace(request, members=[CARL, CARL])) is False
    assert await messages.open_conversation(replace(request, facts={"title": "b"})) is False
    assert heard.hints[2:] == [ConversationOpened(conversation, sorted([ANNA, BEN, CARL]))] * 2
    state = await messages.conversation(conversation, CARL)
    assert state is not None
    assert (state.facts, state.member_count, state.unread, state.joined_seq) == ({"title": "b"}, 3, 0, 1)
    assert state.members == [MemberState(ANNA, 1, 0), MemberState(BEN, 0, 0), MemberState(CARL, 1, 1)]
    assert await messages.members(conversation) == state.members
    with pytest.raises(DifferentKind):
        await messages.open_conversation(replace(request, kind="direct"))


async def test_facts_are_compared_as_they_are_stored(messages: Messages, bus: Bus) -> None:
    heard = Heard(bus)
    conversation = await talk(messages, ANNA, facts={"owner": ANNA, "pair": (1, 2)})
    again = OpenConversation(id=conversation, kind="group", facts={"owner": ANNA, "pair": (1, 2)}, members=[])
    assert await messages.open_conversation(again) is False
    assert len(heard.hints) == 1
    state = await messages.conversation(conversation, ANNA)
    assert state is not None
    assert state.facts == {"owner": str(ANNA), "pair": [1, 2]}


async def test_changes_come_once_in_order_by_page(messages: Messages) -> None:
    conversations = [await talk(messages, ANNA, BEN) for _ in range(5)]
    await talk(messages, BEN)
    first = await messages.changes(ANNA, 0, 3)
    newest_first = conversations[::-1]
    assert [state.id for state in first.conversations] == newest_first[:3]
    assert first.more
    # What changes meanwhile is beyond the first page's cursor, and comes the next time.
    await messages.append(text(newest_first[4], BEN))
    rest = await messages.changes(ANNA, 0, 3, below=first.below)
    assert [state.id for state in rest.conversations] == newest_first[3:4]
    assert not rest.more
    again = await messages.changes(ANNA, first.cursor, 3)
    assert [state.id for state in again.conversations] == newest_first[4:]
    nothing = await messages.changes(ANNA, again.cursor)
    assert (nothing.conversations, nothing.cursor, nothing.more) == ([], again.cursor, False)
    rest = again
    await messages.append(text(conversations[1], BEN))
    await messages.mark_read(conversations[0], BEN, 9)
    changed = await messages.changes(ANNA, rest.cursor)
    assert [state.id for state in changed.conversations] == [conversations[1]]
    last = changed.conversations[0].last
    assert last is not None
    assert (last.seq, last.sender_id) == (1, BEN)


async def test_a_peer_s_reading_is_a_change(messages: Messages) -> None:
    conversation = await talk(messages, ANNA, BEN)
    await messages.append(text(conversation, ANNA))
    before = await messages.changes(ANNA)
    await messages.mark_read(conversation, BEN, 1)
    after = await messages.changes(ANNA, before.cursor)
    assert [member.read_seq for member in after.conversations[0].members] == [1, 1]
    # Reading is no reason to move a conversation to the top of a list.
    assert after.conversations[0].changed_at == before.conversations[0].changed_at


async def test_a_large_conversation_comes_without_its_list_of_members(messages: Messages, bus: Bus) -> None:
    crowd = [ids.new_id() for _ in range(MOST_MEMBERS_SHOWN - 1)]
    shown = await talk(messages, ANNA, *crowd)
    hidden = await talk(messages, ANNA, BEN, *crowd)
    states = {state.id: state for state in (await messages.changes(ANNA)).conversations}
    assert len(states[shown].members) == MOST_MEMBERS_SHOWN
    assert (states[hidden].members, states[hidden].member_count) == ([], MOST_MEMBERS_SHOWN + 1)
    assert len(await messages.members(hidden)) == MOST_MEMBERS_SHOWN + 1
    await messages.append(text(hidden, None))
    cursor = (await messages.changes(ANNA)).cursor
    heard = Heard(bus)
    await messages.mark_read(hidden, BEN, 1)
    assert heard.hints == [ReadMoved(hidden, BEN, 1, [BEN])]
    assert (await messages.changes(ANNA, cursor)).conversations == []
    assert [state.unread for state in (await messages.changes(BEN, cursor)).conversations] == [0]


async def test_the_bus_hears_after_the_commit(messages: Messages, bus: Bus) -> None:
    heard = Heard(bus)
    conversation = await talk(messages, ANNA, BEN)
    await messages.append(text(conversation, ANNA, client_id="a"))
    await messages.append(text(conversation, ANNA, client_id="a"))
    await messages.mark_read(conversation, BEN, 1)
    await messages.mark_read(conversation, BEN, 1)
    log = await messages.history(conversation)
    everybody = sorted([ANNA, BEN])
    assert heard.hints == [
        ConversationOpened(conversation, everybody),
        MessageCommitted(log[0], everybody),
        ReadMoved(conversation, BEN, 1, everybody),
    ]


async def test_a_receiver_that_fails_does_not_undo_a_message(messages: Messages, bus: Bus) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("deaf")

    bus.subscribe(COMMITTED, fail)
    conversation = await talk(messages, ANNA)
    assert [(await messages.append(text(conversation, ANNA))).seq for _ in range(2)] == [1, 2]
    assert [message.seq for message in await messages.history(conversation)] == [1, 2]


LONG = "x" * MOST_PAYLOAD_BYTES


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": {"text": LONG}},
        {"payload": {"text": "nul \0"}},
        {"payload": {"nul \0": 1}},
        {"payload": {"text": "\\\\\0"}},
        {"payload": {"text": "\ud800"}},
        {"fallback": "x" * (MOST_FALLBACK_CHARACTERS + 1)},
        {"fallback": "\0"},
        {"fallback": "\ud800"},
        {"client_id": "x" * (MOST_CLIENT_ID_CHARACTERS + 1)},
        {"client_id": "\0"},
        {"kind": "x" * (MOST_KIND_CHARACTERS + 1)},
        {"kind": "\udfff"},
    ],
)
async def test_what_cannot_be_stored_is_refused(messages: Messages, fields: dict[str, Any]) -> None:
    conversation = await talk(messages, ANNA)
    with pytest.raises(InvalidMessage):
        await messages.append(text(conversation, ANNA, **fields))


@pytest.mark.parametrize("body", ["\\u0000", "\\\\u0000", "\x01\x1f", "祝你发财🧧", "x" * 12_000, ""])
async def test_what_can_be_stored_comes_back_as_it_was(messages: Messages, body: str) -> None:
    conversation = await talk(messages, ANNA)
    await messages.append(text(conversation, ANNA, body))
    found = (await messages.history(conversation))[0]
    assert (found.payload, found.fallback) == ({"text": body}, body)


async def test_the_number_of_members_is_bounded(messages: Messages) -> None:
    many = [UUID(int=number) for number in range(1, MOST_MEMBERS + 2)]
    with pytest.raises(InvalidMessage):
        await talk(messages, *many)
    conversation = await talk(messages, *many[:-1])
    with pytest.raises(InvalidMessage):
        await messages.open_conversation(OpenConversation(id=conversation, kind="group", facts={}, members=many[-1:]))


async def test_one_caller_s_defect_does_not_fail_its_neighbours(messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    good = [text(conversation, ANNA) for _ in range(10)]
    broken = text(conversation, ANNA, may_recall="perhaps")
    answers = await asyncio.gather(
        *(messages.append(message) for message in [*good[:5], broken, *good[5:]]), return_exceptions=True
    )
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(failed) == 1
    assert not isinstance(failed[0], Busy)
    assert [message.seq for message in await messages.history(conversation)] == list(range(1, 11))


async def test_a_second_opener_is_refused_in_clear_words(engine_url: str, messages: Messages) -> None:
    with pytest.raises(EngineTaken, match="already run by another process"):
        await open_messages(engine_url, Bus())
    await messages.close()
    successor = await open_messages(engine_url, Bus())
    await successor.close()


async def test_it_refuses_to_be_called_inside_a_transaction(engine_url: str, messages: Messages) -> None:
    database = await open_database(engine_url)
    async with database.transaction():
        for call in (
            messages.append(text(ANNA, ANNA)),
            messages.history(ANNA),
            messages.changes(ANNA),
            messages.members(ANNA),
            messages.conversation(ANNA, ANNA),
        ):
            with pytest.raises(AssertionError, match="open transaction"):
                await call
    await database.close()


async def test_it_is_busy_while_postgresql_is_away_and_goes_on_by_itself(engine_url: str, messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    other = await asyncpg.connect(engine_url)
    await other.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    await other.close()
    message, refused = text(conversation, ANNA), 0

    async def stands() -> Appended | None:
        nonlocal refused
        try:
            return await messages.append(message)
        except Busy:
            refused += 1
            return None

    assert (await until(stands)).seq == 1  # type: ignore[union-attr]
    assert refused > 0
    assert (await messages.append(text(conversation, ANNA))).seq == 2


async def test_what_it_remembers_has_a_bound_and_nothing_is_forgotten_with_it(
    messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST_ROWS", 8)
    talks = [await talk(messages, ANNA, BEN) for _ in range(6)]
    sent = [text(talks[number % 6], ANNA if number % 4 else BEN) for number in range(60)]
    for message in sent:
        await messages.append(message)
    again = [(await messages.append(message)).seq for message in sent]
    assert again == [number // 6 + 1 for number in range(60)]
    assert len(messages._writer._memory.conversations) <= 8


async def test_a_resend_among_new_messages_stands_once(messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    first = text(conversation, ANNA)
    await messages.append(first)
    outcomes = await asyncio.gather(
        *(messages.append(one) for one in (text(conversation, ANNA), first, text(conversation, ANNA), first))
    )
    assert [(one.seq, one.duplicate) for one in outcomes] == [(2, False), (1, True), (3, False), (1, True)]


async def test_a_batch_that_fails_leaves_nothing_in_its_memory(messages: Messages) -> None:
    conversation = await talk(messages, ANNA)
    for _ in range(3):
        broken = text(conversation, ANNA, may_recall="perhaps")
        good = text(conversation, ANNA)
        outcomes = await asyncio.gather(*map(messages.append, (good, broken)), return_exceptions=True)
        assert isinstance(outcomes[1], Exception)
    assert [message.seq for message in await messages.history(conversation)] == [1, 2, 3]
