"""The message engine's door: what other rooms call."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from junzi.kit.bus import Bus
from junzi.kit.database import Database, open_database
from junzi.kit.errors import Busy
from junzi.kit.group_commit import GroupCommit
from junzi.kit.handed_in import HandedIn
from junzi.kit.leased_connection import BY_KEY, busy_when_unreachable
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.messages import handed_in, store
from junzi.messages.model import (
    MOST_CALLED,
    MOST_CLIENT_ID_CHARACTERS,
    MOST_FALLBACK_CHARACTERS,
    MOST_KIND_CHARACTERS,
    MOST_MEMBERS,
    MOST_PAYLOAD_BYTES,
    MOST_ROWS,
    NO_END,
    Appended,
    ChangeConversation,
    Changes,
    ConversationState,
    InvalidMessage,
    MemberState,
    Message,
    NewMessage,
    OpenConversation,
)
from junzi.messages.pipeline import Pipeline
from junzi.messages.rules_model import DeleteMessages, EditMessage, MarkRead, Outcome, Request, SetMember
from junzi.messages.writer import Writer

T = TypeVar("T")
FIRST = UUID(int=0)
"""Before every id."""
_READERS = 4
_HANDS = 2
"""Questions that are on their way to the writer of another process at a time."""


class Messages:
    """Conversations and their logs. Every answer is given after the commit that carries it.

    `Busy` means that nothing is known to be done: the queue was full, or PostgreSQL went away at a moment when the commit may
    or may not have counted. Send the same again; it has its effect once.

    Hints go to the bus after the commit: the subjects of `model.py`. Where several processes are on the bus, one of them is the
    writer, and what the others are asked is handed in to it.
    """

    def __init__(self, url: str, bus: Bus, reads: Database) -> None:
        self._handed_in = HandedIn(bus, "messages", self._answer)
        self._writer = Writer(url, bus, gained=self._handed_in.begin, lost=self._handed_in.end)
        self._reads = reads
        self._queue = Pipeline(self._writer)
        self._to_hand_in: GroupCommit[Request, Outcome] = GroupCommit(
            "messages of others",
            self._hand_in,
            is_outage=lambda failure: isinstance(failure, Busy),
            weigh=handed_in.weight,
            most_in_batch=handed_in.MOST_AT_ONCE,
            lanes=_HANDS,
        )

    async def open_conversation(self, conversation: OpenConversation) -> bool:
        """Make it be there with at least these members and exactly these facts; whether it is new.

        Raises `InvalidMessage`, `DifferentKind` or `Busy`.
        """
        return await self._submit(_checked_conversation(conversation), bool)

    async def change_conversation(self, change: ChangeConversation) -> bool:
        """Change facts and members as decided on one version; False, with nothing done, when that has passed.

        Raises `InvalidMessage`, `DifferentKind` or `Busy`.
        """
        _check_text("kind", change.kind, MOST_KIND_CHARACTERS)
        if len(change.add) > MOST_MEMBERS:
            raise InvalidMessage(f"A conversation has at most {MOST_MEMBERS} members.")
        facts, notes = _plain("facts", change.facts), [_checked(note) for note in change.notes]
        return await self._submit(msgspec.structs.replace(change, facts=facts, notes=notes), bool)

    async def set_member(
        self,
        conversation_id: UUID,
        member_id: UUID,
        *,
        facts: dict[str, Any] | None = None,
        own: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Change what is kept of a member, name by name, `None` takes one away; answers their own as it is now.

        facts:  shown to all members; own: to the member alone

        Raises `InvalidMessage`, `UnknownConversation`, `NotAMember` or `Busy`.
        """
        request = SetMember(
            conversation_id=conversation_id,
            member_id=member_id,
            facts=_plain("facts", facts or {}),
            own=_plain("own", own or {}),
        )
        return await self._submit(request, dict)

    async def append(self, message: NewMessage) -> Appended:
        """Put it at the end of the log, or answer where it stands already.

        Raises `InvalidMessage`, `UnknownConversation`, `NotAMember` or `Busy`.
        """
        return await self._submit(_checked(message), Appended)

    def append_soon(self, message: NewMessage) -> "asyncio.Future[Outcome]":
        """The same for who goes on before the commit: what comes of it is `Appended`, or what `append` raises.

        Raises `InvalidMessage` or `Busy`.
        """
        return self._way().put(_checked(message))

    async def append_all(self, messages: Sequence[tuple[OpenConversation, NewMessage]]) -> None:
        """Put each at the end of its conversation, which is made to be there first.

        Raises what either does, of the first that fails; the others stand all the same.
        """
        requests: list[Request] = []
        for conversation, message in messages:
            requests += [_checked_conversation(conversation), _checked(message)]
        for outcome in await asyncio.gather(*map(self._way().put, requests)):
            if isinstance(outcome, Exception):
                raise outcome

    async def edit(
        self, conversation_id: UUID, seq: int, *, kind: str, payload: dict[str, Any], fallback: str
    ) -> Message:
        """Let a standing message become another, which nobody recalls or forwards; answers it.

        Raises `InvalidMessage`, `UnknownConversation`, `UnknownMessage` or `Busy`.
        """
        _check_text("kind", kind, MOST_KIND_CHARACTERS)
        _check_text("fallback", fallback, MOST_FALLBACK_CHARACTERS)
        request = EditMessage(
            conversation_id=conversation_id, seq=seq, kind=kind, payload=_plain("payload", payload), fallback=fallback
        )
        return await self._submit(request, Message)

    async def delete(
        self, conversation_id: UUID, member_id: UUID, *, seqs: Sequence[int] = (), up_to_seq: int = 0
    ) -> int:
        """A member deletes messages for themself: these, and all up to `up_to_seq`; answers up to where all are deleted.

        Raises `UnknownConversation`, `NotAMember` or `Busy`.
        """
        request = DeleteMessages(
            conversation_id=conversation_id, member_id=member_id, seqs=list(seqs), up_to_seq=up_to_seq
        )
        return await self._submit(request, int)

    async def mark_read(self, conversation_id: UUID, member_id: UUID, seq: int) -> int:
        """A member has read up to `seq`; never backwards, never beyond the last message. Returns how far it is now.

        Raises `UnknownConversation`, `NotAMember` or `Busy`.
        """
        return await self._submit(MarkRead(conversation_id, member_id, seq), int)

    async def history(
        self,
        conversation_id: UUID,
        *,
        before: int | None = None,
        after: int | None = None,
        from_seq: int = 0,
        limit: int = 50,
    ) -> list[Message]:
        """Messages in ascending order: the first ones after `after`, or else the last ones before `before`, or the last ones;
        none of those up to `from_seq`.

        Who may read them is the caller's question. Raises `Busy`.
        """
        refuse_inside_transaction()
        most, before = _rows(limit), NO_END if before is None else before
        async with busy_when_unreachable(), self._reads.read() as reader:
            if after is None:
                return await store.latest(reader, conversation_id, after=from_seq, before=before, most=most)
            return await store.history(reader, conversation_id, after=max(after, from_seq), before=before, most=most)

    async def seq_at(self, conversation_id: UUID, at: datetime, *, after: int, head_seq: int) -> int:
        """The number of the first message beyond `after` that was written at that moment or later; head_seq + 1 for none.

        Found by halving, since numbers follow time and no index does. Raises `Busy`.
        """
        refuse_inside_transaction()
        low, high = after + 1, head_seq + 1
        async with busy_when_unreachable(), self._reads.read() as reader:
            while low < high:
                middle = (low + high) // 2
                written_at = await store.at_of(reader, conversation_id, middle)
                if written_at is not None and written_at >= at:
                    high = middle
                else:
                    low = middle + 1
        return low

    async def deleted_between(self, conversation_id: UUID, member_id: UUID, first: int, last: int) -> set[int]:
        """Which messages of a stretch, both ends included, a member deleted for themself. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.deleted_between(reader, conversation_id, member_id, first, last)

    async def changes(self, member_id: UUID, cursor: int = 0, limit: int = 100, *, below: int | None = None) -> Changes:
        """What changed for a member after the cursor, newest change first; 0 for everything. One query. Raises `Busy`."""
        refuse_inside_transaction()
        most, below = _rows(limit), NO_END if below is None else below
        async with busy_when_unreachable(), self._reads.read() as reader:
            found = await store.changes(reader, member_id, cursor, below, most + 1)
        page = found[:most]
        if not page:
            return Changes(page, cursor, 0, more=False)
        return Changes(page, page[0].changed, page[-1].changed, more=len(found) > most)

    async def conversation(self, conversation_id: UUID, member_id: UUID) -> ConversationState | None:
        """A conversation as one of its members sees it; None when there is none or it is not theirs. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.conversation(reader, conversation_id, member_id)

    async def members(self, conversation_id: UUID, *, after: UUID = FIRST, limit: int = MOST_ROWS) -> list[MemberState]:
        """Who is in a conversation, by id, from after one of them on. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.members(reader, conversation_id, after, _rows(limit))

    async def of_them(self, conversation_id: UUID, member_ids: Sequence[UUID]) -> set[UUID]:
        """Which of these are in a conversation. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.of_them(reader, conversation_id, member_ids)

    @property
    def up(self) -> bool:
        """Whether there is a connection to write through at this moment, or a way to whoever has one."""
        return self._writer.up or self._handed_in.reaches_holder

    async def close(self) -> None:
        """Answer what waits, then let go of the lease."""
        self._handed_in.end()
        await self._to_hand_in.stop()
        await self._queue.stop()
        await self._writer.close()
        await self._reads.close()

    async def open(self) -> None:
        """Raises `EngineTaken` where another process is the writer and is not on the bus, or asyncpg's connection errors."""
        await self._writer.open()

    async def _submit(self, request: Request, kind: type[T]) -> T:
        outcome = await self._way().submit(request)
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, kind)
        return outcome

    def _way(self) -> GroupCommit[Request, Outcome] | Pipeline:
        """Where a request goes: to the writer of this process, or to that of another. Raises `Busy` when there is neither."""
        if self._writer.up:
            return self._queue
        # Without a connection every request would wait in a queue only to be told the same.
        if not self._handed_in.reaches_holder:
            raise Busy
        return self._to_hand_in

    async def _hand_in(self, requests: list[Request]) -> list[Outcome]:
        found: list[Outcome] = []
        for question, count in handed_in.questions(requests):
            part = requests[len(found) : len(found) + count]
            answer = await self._handed_in.ask(question, here=lambda: self._writer.up)
            if answer is None:
                found += await asyncio.gather(*map(self._queue.put, part))
            else:
                found += handed_in.outcomes_of(answer, part)
        return found

    async def _answer(self, question: bytes) -> bytes:
        """What another process hands in."""
        if not self._writer.up:
            raise Busy
        requests = handed_in.requests_of(question)
        outcomes = await asyncio.gather(*[self._queue.submit(one) for one in requests], return_exceptions=True)
        return handed_in.answer(outcomes)


async def open_messages(url: str, bus: Bus) -> Messages:
    """The message engine in this process, as its writer or beside the one on the bus.

    Raises `EngineTaken` when another process is the writer and is not on the bus, or asyncpg's connection errors.
    """
    reads = await open_database(url, size=_READERS, settings=BY_KEY)
    messages = Messages(url, bus, reads)
    try:
        await messages.open()
    except BaseException:
        await reads.close()
        raise
    return messages


def _checked_conversation(conversation: OpenConversation) -> OpenConversation:
    _check_text("kind", conversation.kind, MOST_KIND_CHARACTERS)
    if len(conversation.members) > MOST_MEMBERS:
        raise InvalidMessage(f"A conversation has at most {MOST_MEMBERS} members.")
    return msgspec.structs.replace(conversation, facts=_plain("facts", conversation.facts))


def _rows(limit: int) -> int:
    return max(1, min(limit, MOST_ROWS))


def _checked(message: NewMessage) -> NewMessage:
    """The message as it will be stored. Raises `InvalidMessage`."""
    _check_text("client_id", message.client_id, MOST_CLIENT_ID_CHARACTERS)
    _check_text("kind", message.kind, MOST_KIND_CHARACTERS)
    _check_text("fallback", message.fallback, MOST_FALLBACK_CHARACTERS)
    if len(message.calls) > MOST_CALLED:
        raise InvalidMessage(f"A message calls at most {MOST_CALLED} members by name.")
    return msgspec.structs.replace(message, payload=_plain("payload", message.payload))


def _plain(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The value as it will come back from the database. Raises `InvalidMessage`."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        raise _unstorable(name) from None
    if len(encoded) > MOST_PAYLOAD_BYTES:
        raise InvalidMessage(f"{name} is longer than {MOST_PAYLOAD_BYTES} bytes as JSON.")
    # An escaped NUL, as against an escaped backslash before "u0000".
    if b"\\u0000" in encoded.replace(b"\\\\", b""):
        raise _unstorable(name)
    plain: dict[str, Any] = msgspec.json.decode(encoded)
    return plain


def _check_text(name: str, value: str, most: int) -> None:
    if len(value) > most:
        raise InvalidMessage(f"{name} is longer than {most} characters.")
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        raise _unstorable(name) from None
    if b"\0" in encoded:
        raise _unstorable(name)


def _unstorable(name: str) -> InvalidMessage:
    return InvalidMessage(f"{name} holds a character that cannot be stored.")
