"""The message engine's tables: loading what bears on a batch, writing what was decided, and answering questions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from junzi.kit import sql
from junzi.kit.database import Reader
from junzi.messages.model import (
    MOST_MEMBERS_SHOWN,
    Appended,
    ConversationState,
    MemberState,
    Message,
    NewMessage,
    OpenConversation,
)
from junzi.messages.rules import ClientKey, Conversation, Decision, Facts, Member, MemberKey, Request

_q = sql.queries("junzi.messages")
_CONVERSATION_COLUMNS = list(Conversation.__struct_fields__)
_MEMBER_COLUMNS = list(Member.__struct_fields__)
_MESSAGE_COLUMNS = list(Message.__struct_fields__)
_NO_END = 2**63 - 1


async def last_change(connection: Any) -> int:
    """The last change counted."""
    return int(await _q.clock(connection))


async def load_facts(connection: Any, requests: Sequence[Request]) -> Facts:
    """The conversations, members and earlier messages that these requests name."""
    conversation_ids: set[UUID] = set()
    members: set[MemberKey] = set()
    clients: set[ClientKey] = set()
    for request in requests:
        if isinstance(request, OpenConversation):
            conversation_ids.add(request.id)
            members.update((request.id, member_id) for member_id in request.members)
        elif isinstance(request, NewMessage):
            conversation_ids.add(request.conversation_id)
            clients.add((request.conversation_id, request.sender_id, request.client_id))
            if request.sender_id is not None:
                members.add((request.conversation_id, request.sender_id))
        else:
            conversation_ids.add(request.conversation_id)
            members.add((request.conversation_id, request.member_id))
    facts = Facts({}, {}, {})
    async for row in _q.conversations(connection, ids=list(conversation_ids)):
        fields = dict(row)
        fields["facts"] = msgspec.json.decode(fields["facts"])
        facts.conversations[row["id"]] = Conversation(**fields)
    if members:
        pairs = list(members)
        async for row in _q.named_members(
            connection, conversation_ids=[pair[0] for pair in pairs], member_ids=[pair[1] for pair in pairs]
        ):
            facts.members[(row["conversation_id"], row["member_id"])] = Member(**row)
    if clients:
        keys = list(clients)
        async for row in _q.earlier_messages(
            connection,
            conversation_ids=[key[0] for key in keys],
            sender_ids=[key[1] for key in keys],
            client_ids=[key[2] for key in keys],
        ):
            key = (row["conversation_id"], row["sender_id"], row["client_id"])
            facts.earlier[key] = Appended(row["seq"], row["at"], duplicate=True)
    return facts


async def write(connection: Any, decision: Decision) -> None:
    """Write what was decided, inside the caller's transaction. JSON goes as text on the writer's own connection."""
    if decision.new_conversations:
        await _copy(connection, "conversations", _CONVERSATION_COLUMNS, decision.new_conversations)
    if decision.new_members:
        await _copy(connection, "members", _MEMBER_COLUMNS, decision.new_members)
    if decision.new_messages:
        await _copy(connection, "log", _MESSAGE_COLUMNS, decision.new_messages)
    if decision.changed_conversations:
        conversations = decision.changed_conversations
        await _q.update_conversations(
            connection,
            ids=[conversation.id for conversation in conversations],
            facts=[_json(conversation.facts) for conversation in conversations],
            head_seqs=[conversation.head_seq for conversation in conversations],
            member_counts=[conversation.member_count for conversation in conversations],
            changed=[conversation.changed for conversation in conversations],
            changed_at=[conversation.changed_at for conversation in conversations],
        )
    if decision.changed_members:
        members = decision.changed_members
        await _q.update_members(
            connection,
            conversation_ids=[member.conversation_id for member in members],
            member_ids=[member.member_id for member in members],
            read_seqs=[member.read_seq for member in members],
            changed=[member.changed for member in members],
        )
    await _q.set_clock(connection, changed=decision.changed)


async def member_ids(connection: Any, conversation_ids: set[UUID]) -> dict[UUID, list[UUID]]:
    """Everybody in each of these conversations."""
    if not conversation_ids:
        return {}
    rows = _q.member_ids(connection, conversation_ids=list(conversation_ids))
    return {row["conversation_id"]: row["member_ids"] async for row in rows}


async def changes(reader: Reader, member_id: UUID, cursor: int, most: int) -> list[ConversationState]:
    """A member's conversations that changed after the cursor, oldest change first, in one query."""
    rows = _q.changes(reader, member_id=member_id, cursor=cursor, most=most, most_shown=MOST_MEMBERS_SHOWN)
    return [_state(row) async for row in rows]


async def conversation(reader: Reader, conversation_id: UUID, member_id: UUID) -> ConversationState | None:
    """One conversation as its member sees it; None for everybody else."""
    row = await _q.state(reader, conversation_id=conversation_id, member_id=member_id, most_shown=MOST_MEMBERS_SHOWN)
    return None if row is None else _state(row)


async def members(reader: Reader, conversation_id: UUID) -> list[MemberState]:
    """Everybody in a conversation, by id."""
    return [MemberState(**row) async for row in _q.members(reader, conversation_id=conversation_id)]


async def history(
    reader: Reader, conversation_id: UUID, *, before: int | None, after: int | None, most: int
) -> list[Message]:
    """Messages in ascending order: the first after a position, or else the last before one."""
    before = _NO_END if before is None else before
    if after is not None:
        rows = _q.messages_after(reader, conversation_id=conversation_id, after=after, before=before, most=most)
        return [Message(**row) async for row in rows]
    rows = _q.messages_before(reader, conversation_id=conversation_id, before=before, most=most)
    return [Message(**row) async for row in rows][::-1]


async def _copy(connection: Any, table: str, columns: list[str], rows: Sequence[Any]) -> None:
    records = [tuple(_column(getattr(row, column)) for column in columns) for row in rows]
    await connection.copy_records_to_table(table, schema_name="messages", columns=columns, records=records)


def _column(value: Any) -> Any:
    return _json(value) if isinstance(value, dict) else value


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _state(row: Any) -> ConversationState:
    last = None
    if row["head_seq"]:
        last = Message(
            conversation_id=row["id"],
            seq=row["head_seq"],
            client_id=row["client_id"],
            sender_id=row["sender_id"],
            kind=row["message_kind"],
            payload=row["payload"],
            fallback=row["fallback"],
            may_recall=row["may_recall"],
            may_forward=row["may_forward"],
            at=row["at"],
        )
    shown = zip(row["member_ids"] or (), row["read_seqs"] or (), row["joined_seqs"] or (), strict=True)
    return ConversationState(
        id=row["id"],
        kind=row["kind"],
        facts=row["facts"],
        head_seq=row["head_seq"],
        read_seq=row["read_seq"],
        joined_seq=row["joined_seq"],
        changed=row["changed"],
        changed_at=row["changed_at"],
        last=last,
        member_count=row["member_count"],
        members=[MemberState(*fields) for fields in shown],
    )
