"""The message engine's door: what other rooms call."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from junzi.kit.bus import Bus
from junzi.kit.database import Database, open_database
from junzi.kit.errors import Busy
from junzi.kit.group_commit import GroupCommit
from junzi.kit.leased_connection import BY_KEY, busy_when_unreachable, is_outage
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.messages import store
from junzi.messages.model import (
    MOST_CLIENT_ID_CHARACTERS,
    MOST_FALLBACK_CHARACTERS,
    MOST_KIND_CHARACTERS,
    MOST_MEMBERS,
    MOST_PAYLOAD_BYTES,
    MOST_ROWS,
    Appended,
    Changes,
    ConversationState,
    InvalidMessage,
    MemberState,
    Message,
    NewMessage,
    OpenConversation,
)
from junzi.messages.rules import MarkRead, Outcome, Request
from junzi.messages.writer import Writer

T = TypeVar("T")
_READERS = 4


class Messages:
    """Conversations and their logs. Every answer is given after the commit that carries it.

    `Busy` means that nothing is known to be done: the queue was full, or PostgreSQL went away at a moment when the commit may
    or may not have counted. Send the same again; it has its effect once.

    Hints go to the bus after the commit: "messages.committed" (`MessageCommitted`), "messages.read" (`ReadMoved`),
    "messages.opened" (`ConversationOpened`).
    """

    def __init__(self, writer: Writer, reads: Database) -> None:
        self._writer = writer
        self._reads = reads
        self._queue: GroupCommit[Request, Outcome] = GroupCommit("messages", writer.write, is_outage=is_outage)

    async def open_conversation(self, conversation: OpenConversation) -> bool:
        """Make it be there with at least these members and exactly these facts; whether it is new.

        Raises `InvalidMessage`, `DifferentKind` or `Busy`.
        """
        return await self._submit(_checked_conversation(conversation), bool)

    async def append(self, message: NewMessage) -> Appended:
        """Put it at the end of the log, or answer where it stands already.

        Raises `InvalidMessage`, `UnknownConversation`, `NotAMember` or `Busy`.
        """
        return await self._submit(_checked(message), Appended)

    async def append_all(self, messages: Sequence[tuple[OpenConversation, NewMessage]]) -> None:
        """Put each at the end of its conversation, which is made to be there first.

        Raises what either does, of the first that fails; the others stand all the same.
        """
        requests: list[Request] = []
        for conversation, message in messages:
            requests += [_checked_conversation(conversation), _checked(message)]
        if not self._writer.up:
            raise Busy
        for outcome in await asyncio.gather(*map(self._queue.put, requests)):
            if isinstance(outcome, Exception):
                raise outcome

    async def mark_read(self, conversation_id: UUID, member_id: UUID, seq: int) -> int:
        """A member has read up to `seq`; never backwards, never beyond the last message. Returns how far it is now.

        Raises `UnknownConversation`, `NotAMember` or `Busy`.
        """
        return await self._submit(MarkRead(conversation_id, member_id, seq), int)

    async def history(
        self, conversation_id: UUID, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[Message]:
        """Messages in ascending order: the first ones after `after`, or else the last ones before `before`, or the last ones.

        Who may read them is the caller's question. Raises `Busy`.
        """
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.history(reader, conversation_id, before=before, after=after, most=_rows(limit))

    async def changes(self, member_id: UUID, cursor: int = 0, limit: int = 100) -> Changes:
        """What changed for a member after the cursor, oldest change first; 0 for everything. One query. Raises `Busy`."""
        refuse_inside_transaction()
        most = _rows(limit)
        async with busy_when_unreachable(), self._reads.read() as reader:
            found = await store.changes(reader, member_id, cursor, most + 1)
        page = found[:most]
        return Changes(page, page[-1].changed if page else cursor, more=len(found) > most)

    async def conversation(self, conversation_id: UUID, member_id: UUID) -> ConversationState | None:
        """A conversation as one of its members sees it; None when there is none or it is not theirs. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.conversation(reader, conversation_id, member_id)

    async def members(self, conversation_id: UUID) -> list[MemberState]:
        """Everybody in a conversation, by id. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.members(reader, conversation_id)

    @property
    def up(self) -> bool:
        """Whether there is a connection to write through at this moment."""
        return self._writer.up

    async def close(self) -> None:
        """Answer what waits, then let go of the lease."""
        await self._queue.stop()
        await self._writer.close()
        await self._reads.close()

    async def _submit(self, request: Request, kind: type[T]) -> T:
        # Without a connection every request would wait in the queue only to be told the same.
        if not self._writer.up:
            raise Busy
        outcome = await self._queue.submit(request)
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, kind)
        return outcome


async def open_messages(url: str, bus: Bus) -> Messages:
    """Become this database's one message writer. Raises `EngineTaken` when another process is, or asyncpg's connection errors."""
    reads = await open_database(url, size=_READERS, settings=BY_KEY)
    writer = Writer(url, bus)
    try:
        await writer.open()
    except BaseException:
        await reads.close()
        raise
    return Messages(writer, reads)


def _checked_conversation(conversation: OpenConversation) -> OpenConversation:
    _check_text("kind", conversation.kind, MOST_KIND_CHARACTERS)
    if len(conversation.members) > MOST_MEMBERS:
        raise InvalidMessage(f"A conversation has at most {MOST_MEMBERS} members.")
    return msgspec.structs.replace(conversation, facts=_plain("facts", conversation.facts))


def _checked(message: NewMessage) -> NewMessage:
    _check_text("client_id", message.client_id, MOST_CLIENT_ID_CHARACTERS)
    _check_text("kind", message.kind, MOST_KIND_CHARACTERS)
    _check_text("fallback", message.fallback, MOST_FALLBACK_CHARACTERS)
    return msgspec.structs.replace(message, payload=_plain("payload", message.payload))


def _rows(limit: int) -> int:
    return max(1, min(limit, MOST_ROWS))


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
