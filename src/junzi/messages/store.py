"""The message engine's tables: loading what bears on a batch, writing what was decided, and answering questions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from junzi.kit import sql
from junzi.kit.database import Reader
from junzi.messages.memory import Memory
from junzi.messages.model import (
    MOST_EDITED,
    MOST_MEMBERS_SHOWN,
    Appended,
    ChangeConversation,
    ConversationState,
    MemberState,
    Message,
    NewMessage,
    OpenConversation,
)
from junzi.messages.rules_model import (
    ClientKey,
    Conversation,
    Decision,
    EditMessage,
    Facts,
    Member,
    MemberKey,
    MessageKey,
    Request,
)

_q = sql.queries("junzi.messages")
_CONVERSATION_COLUMNS = list(Conversation.__struct_fields__)
_MEMBER_COLUMNS = list(Member.__struct_fields__)
_MESSAGE_COLUMNS = list(Message.__struct_fields__)


async def last_change(connection: Any) -> int:
    """The last change counted."""
    return int(await _q.clock(connection))


async def load_facts(connection: Any, requests: Sequence[Request], memory: Memory, *, looks: bool) -> Facts:
    """The conversations, members and messages that these requests name, as far as they are not remembered.

    All that was decided is committed. looks: whether to look if any of these messages stands already; if not, those that are not
    among the newest are refused by the log's index
    """
    conversation_ids: set[UUID] = set()
    members: set[MemberKey] = set()
    clients: set[ClientKey] = set()
    standing: set[MessageKey] = set()
    for request in requests:
        if isinstance(request, NewMessage):
            conversation_ids.add(request.conversation_id)
            _name_message(request, members, clients)
        elif isinstance(request, OpenConversation):
            conversation_ids.add(request.id)
            members.update((request.id, member_id) for member_id in request.members)
        elif isinstance(request, ChangeConversation):
            conversation_ids.add(request.id)
            members.update((request.id, member_id) for member_id in (*request.add, *request.remove))
            if request.actor_id is not None:
                members.add((request.id, request.actor_id))
            for note in request.notes:
                _name_message(note, members, clients)
        elif isinstance(request, EditMessage):
            conversation_ids.add(request.conversation_id)
            standing.add((request.conversation_id, request.seq))
        else:
            conversation_ids.add(request.conversation_id)
            members.add((request.conversation_id, request.member_id))
    memory.make_room()
    earlier: dict[ClientKey, Appended] = {}
    facts = Facts({}, {}, earlier if looks else memory.newest, {})
    unknown = [id for id in conversation_ids if id not in memory.conversations]
    if unknown:
        async for row in _q.conversations(connection, ids=unknown):
            fields = dict(row)
            fields["facts"] = msgspec.json.decode(fields["facts"])
            facts.conversations[row["id"]] = Conversation(**fields)
    pairs = [pair for pair in members if pair not in memory.members]
    if pairs:
        async for row in _q.named_members(
            connection, conversation_ids=[pair[0] for pair in pairs], member_ids=[pair[1] for pair in pairs]
        ):
            fields = dict(row)
            fields["facts"] = msgspec.json.decode(fields["facts"])
            fields["own"] = msgspec.json.decode(fields["own"])
            facts.members[(row["conversation_id"], row["member_id"])] = Member(**fields)
    memory.learn(facts)
    for id in conversation_ids:
        remembered = memory.conversations.get(id)
        if remembered is not None:
            facts.conversations[id] = remembered
    for pair in members:
        member = memory.members.get(pair)
        if member is not None:
            facts.members[pair] = member
    if clients and looks:
        keys = list(clients)
        async for row in _q.earlier_messages(
            connection,
            conversation_ids=[key[0] for key in keys],
            sender_ids=[key[1] for key in keys],
            client_ids=[key[2] for key in keys],
        ):
            key = (row["conversation_id"], row["sender_id"], row["client_id"])
            earlier[key] = Appended(row["seq"], row["at"], duplicate=True)
    if standing:
        places = list(standing)
        async for row in _q.standing_messages(
            connection, conversation_ids=[place[0] for place in places], seqs=[place[1] for place in places]
        ):
            fields = dict(row)
            fields["payload"] = msgspec.json.decode(fields["payload"])
            facts.messages[(row["conversation_id"], row["seq"])] = Message(**fields)
    return facts


def plain_arguments(decision: Decision) -> dict[str, Any]:
    """What `write_plain` writes, where only messages and reading were decided."""
    messages, conversations, members = decision.new_messages, decision.changed_conversations, decision.moved_members
    return {
        "log_conversation_ids": [one.conversation_id for one in messages],
        "seqs": [one.seq for one in messages],
        "client_ids": [one.client_id for one in messages],
        "sender_ids": [one.sender_id for one in messages],
        "kinds": [one.kind for one in messages],
        "payloads": [_json(one.payload) for one in messages],
        "fallbacks": [one.fallback for one in messages],
        "may_recall": [one.may_recall for one in messages],
        "may_forward": [one.may_forward for one in messages],
        "at": [one.at for one in messages],
        "ids": [one.id for one in conversations],
        "head_seqs": [one.head_seq for one in conversations],
        "called_seqs": [one.called_seq for one in conversations],
        "changed": [one.changed for one in conversations],
        "changed_at": [one.changed_at for one in conversations],
        "conversation_ids": [one.conversation_id for one in members],
        "member_ids": [one.member_id for one in members],
        "read_seqs": [one.read_seq for one in members],
        "members_called_seqs": [one.called_seq for one in members],
        "members_changed": [one.changed for one in members],
        "last_changed": decision.changed,
    }


async def write_plain(connection: Any, arguments: dict[str, Any]) -> None:
    """Write messages and reading: one statement, which is its own transaction."""
    await _q.write_plain(connection, **arguments)


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
            versions=[conversation.version for conversation in conversations],
            called_seqs=[conversation.called_seq for conversation in conversations],
            edited=[conversation.edited for conversation in conversations],
            changed=[conversation.changed for conversation in conversations],
            changed_at=[conversation.changed_at for conversation in conversations],
        )
    if decision.moved_members:
        members = decision.moved_members
        await _q.update_reading(
            connection,
            conversation_ids=[member.conversation_id for member in members],
            member_ids=[member.member_id for member in members],
            read_seqs=[member.read_seq for member in members],
            called_seqs=[member.called_seq for member in members],
            changed=[member.changed for member in members],
        )
    if decision.changed_members:
        members = decision.changed_members
        await _q.update_members(
            connection,
            conversation_ids=[member.conversation_id for member in members],
            member_ids=[member.member_id for member in members],
            read_seqs=[member.read_seq for member in members],
            joined_seqs=[member.joined_seq for member in members],
            left_seqs=[member.left_seq for member in members],
            cleared_seqs=[member.cleared_seq for member in members],
            called_seqs=[member.called_seq for member in members],
            facts=[_json(member.facts) for member in members],
            own=[_json(member.own) for member in members],
            deleted=[member.deleted for member in members],
            changed=[member.changed for member in members],
        )
        await _q.drop_cleared(
            connection,
            conversation_ids=[member.conversation_id for member in members],
            member_ids=[member.member_id for member in members],
            cleared_seqs=[member.cleared_seq for member in members],
        )
    if decision.deleted:
        await _q.insert_deleted(
            connection,
            conversation_ids=[one.conversation_id for one in decision.deleted],
            member_ids=[one.member_id for one in decision.deleted],
            seqs=[one.seq for one in decision.deleted],
            changed=[one.changed for one in decision.deleted],
        )
    if decision.edited_messages:
        edited = decision.edited_messages
        await _q.edit_messages(
            connection,
            conversation_ids=[one.message.conversation_id for one in edited],
            seqs=[one.message.seq for one in edited],
            kinds=[one.message.kind for one in edited],
            payloads=[_json(one.message.payload) for one in edited],
            fallbacks=[one.message.fallback for one in edited],
            changed=[one.changed for one in edited],
        )
    await _q.set_clock(connection, changed=decision.changed)


async def member_ids(connection: Any, conversation_ids: set[UUID], memory: Memory) -> dict[UUID, list[UUID]]:
    """Everybody in each of these conversations; one that all have left is not among them."""
    unknown = memory.unknown_audiences(conversation_ids)
    found: dict[UUID, list[UUID]] = {}
    if unknown:
        rows = _q.member_ids(connection, conversation_ids=list(unknown))
        found = {row["conversation_id"]: row["member_ids"] async for row in rows}
    known = {id: memory.audiences[id] for id in conversation_ids - unknown}
    memory.learn_audiences(found)
    return {**known, **found}


async def changes(reader: Reader, member_id: UUID, cursor: int, below: int, most: int) -> list[ConversationState]:
    """A member's conversations that changed after the cursor and below a bound, newest change first, in one query."""
    rows = _q.changes(
        reader,
        member_id=member_id,
        cursor=cursor,
        below=below,
        most=most,
        most_shown=MOST_MEMBERS_SHOWN,
        most_edited=MOST_EDITED + 1,
    )
    return [_state(row) async for row in rows]


async def conversation(reader: Reader, conversation_id: UUID, member_id: UUID) -> ConversationState | None:
    """One conversation as its member sees it; None for everybody else."""
    row = await _q.state(reader, conversation_id=conversation_id, member_id=member_id, most_shown=MOST_MEMBERS_SHOWN)
    return None if row is None else _state(row)


async def members(reader: Reader, conversation_id: UUID, after: UUID, most: int) -> list[MemberState]:
    """Who is in a conversation, by id, from after one of them on."""
    rows = _q.members(reader, conversation_id=conversation_id, after=after, most=most)
    return [MemberState(**row) async for row in rows]


async def of_them(reader: Reader, conversation_id: UUID, member_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are in a conversation."""
    return set(await _q.of_them(reader, conversation_id=conversation_id, member_ids=list(member_ids)) or ())


async def history(reader: Reader, conversation_id: UUID, *, after: int, before: int, most: int) -> list[Message]:
    """The first messages between two positions, both excluded."""
    rows = _q.messages_after(reader, conversation_id=conversation_id, after=after, before=before, most=most)
    return [Message(**row) async for row in rows]


async def latest(reader: Reader, conversation_id: UUID, *, after: int, before: int, most: int) -> list[Message]:
    """The last messages between two positions, both excluded; in ascending order too."""
    rows = _q.messages_before(reader, conversation_id=conversation_id, after=after, before=before, most=most)
    return [Message(**row) async for row in rows][::-1]


async def at_of(reader: Reader, conversation_id: UUID, seq: int) -> datetime | None:
    """When a message was written."""
    found: datetime | None = await _q.at_of(reader, conversation_id=conversation_id, seq=seq)
    return found


async def deleted_between(reader: Reader, conversation_id: UUID, member_id: UUID, first: int, last: int) -> set[int]:
    """Which messages of a stretch, both ends included, a member deleted for themself."""
    rows = _q.deleted_between(reader, conversation_id=conversation_id, member_id=member_id, first=first, last=last)
    return {row["seq"] async for row in rows}


def _name_message(message: NewMessage, members: set[MemberKey], clients: set[ClientKey]) -> None:
    clients.add((message.conversation_id, message.sender_id, message.client_id))
    if message.sender_id is not None:
        members.add((message.conversation_id, message.sender_id))
    members.update((message.conversation_id, member_id) for member_id in message.calls)


async def _copy(connection: Any, table: str, columns: list[str], rows: Sequence[Any]) -> None:
    records = [tuple(_column(getattr(row, column)) for column in columns) for row in rows]
    await connection.copy_records_to_table(table, schema_name="messages", columns=columns, records=records)


def _column(value: Any) -> Any:
    return _json(value) if isinstance(value, dict) else value


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _state(row: Any) -> ConversationState:
    last = None
    if row["last_seq"] is not None:
        last = Message(
            conversation_id=row["id"],
            seq=row["last_seq"],
            client_id=row["client_id"],
            sender_id=row["sender_id"],
            kind=row["message_kind"],
            payload=row["payload"],
            fallback=row["fallback"],
            may_recall=row["may_recall"],
            may_forward=row["may_forward"],
            at=row["at"],
        )
    columns = (row["member_ids"], row["read_seqs"], row["joined_seqs"], row["shown_facts"])
    shown = zip(*(column or () for column in columns), strict=True)
    edits, gone = row["edits"] or [], row["gone"] or []
    return ConversationState(
        id=row["id"],
        kind=row["kind"],
        facts=row["facts"],
        head_seq=row["head_seq"],
        read_seq=row["read_seq"],
        joined_seq=row["joined_seq"],
        version=row["version"],
        left=row["left_seq"] is not None,
        cleared_seq=row["cleared_seq"],
        called_seq=row["called_seq"],
        changed=row["changed"],
        changed_at=row["changed_at"],
        last=last,
        member_count=row["member_count"],
        members=[MemberState(*fields) for fields in shown],
        facts_of_member=row["member_facts"],
        own=row["own"],
        deletes=row["deleted"] > 0,
        edited=msgspec.convert(edits[:MOST_EDITED], list[Message]),
        deleted=gone[:MOST_EDITED],
        stale=max(len(edits), len(gone)) > MOST_EDITED,
    )
