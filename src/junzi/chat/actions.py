"""The list of conversations, one stretch of a log, and what a person does with them for themself."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from junzi.chat import rules, saying, store
from junzi.chat.access import access
from junzi.chat.model import (
    DIRECT,
    GROUP,
    Conversation,
    DirectFacts,
    Draft,
    Group,
    GroupFacts,
    History,
    Mine,
    Page,
    ShownMessage,
    TooManyStrangers,
    group_facts,
    mine,
    shown,
    stored,
)
from junzi.chat.send import ROOM, reference_of
from junzi.contacts import rules as contact_rules
from junzi.contacts.actions import tie_between
from junzi.kit import clock, ids
from junzi.kit.database import Database
from junzi.kit.errors import InvalidRequest, NotFound
from junzi.media import actions as media
from junzi.messages import ChangeConversation, ConversationState, Message, Messages, OpenConversation
from junzi.notices.model import SERVICE, SHOP
from junzi.people.actions import person_of, persons_of
from junzi.people.model import Person

DELETED = "deleted"
"""The kind under which a message stands for whoever deleted it for themself."""


class MineChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of what a person keeps about a conversation; what is unset stays."""

    pinned: bool | UnsetType = UNSET
    muted: bool | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    marked_unread: bool | UnsetType = UNSET
    draft: "NewDraft | UnsetType | None" = UNSET


class NewDraft(msgspec.Struct, frozen=True):
    text: str
    reply_to: saying.Seq | None = None


def direct_conversation_id(one_id: UUID, other_id: UUID) -> UUID:
    """The conversation of these two, whoever of them is named first."""
    first, second = sorted((one_id, other_id))
    return ids.derived(first, f"direct:{second}")


async def open_direct(messages: Messages, one_id: UUID, other_id: UUID) -> UUID:
    """Let the conversation of two friends be there; returns its id. Whether they are friends, the caller knows."""
    conversation_id = direct_conversation_id(one_id, other_id)
    await messages.open_conversation(
        OpenConversation(id=conversation_id, kind=DIRECT, facts={}, members=sorted((one_id, other_id)))
    )
    return conversation_id


async def open_with(database: Database, messages: Messages, me_id: UUID, other_id: UUID) -> Conversation:
    """My conversation with somebody, opened if need be: with a stranger as a message request.

    Raises `NotFound`, `InvalidRequest`, `NotAccepted`, or `TooManyStrangers` after ten in a day.
    """
    if me_id == other_id:
        raise InvalidRequest("That is you.")
    async with database.read() as reader:
        await person_of(reader, other_id)
        tie = await tie_between(reader, me_id, other_id)
    conversation_id = direct_conversation_id(me_id, other_id)
    if tie.friends:
        await open_direct(messages, me_id, other_id)
    elif await messages.conversation(conversation_id, me_id) is None:
        contact_rules.check_taken(tie)
        at = clock.now()
        async with database.transaction() as tx:
            if await store.requests_since(tx, me_id, at - rules.DAY) >= rules.MOST_STRANGERS_A_DAY:
                raise TooManyStrangers
            await store.insert_request(tx, me_id, other_id, at)
        # When the other one was faster by a moment, theirs is the one that stands.
        await messages.change_conversation(
            ChangeConversation(
                id=conversation_id,
                kind=DIRECT,
                version=0,
                facts=stored(DirectFacts(me_id)),
                add=sorted((me_id, other_id)),
            )
        )
    return await conversation(database, messages, me_id, conversation_id)


async def conversation(database: Database, messages: Messages, person_id: UUID, conversation_id: UUID) -> Conversation:
    """One conversation as a person sees it. Raises `NotFound`."""
    state = await access(messages, conversation_id, person_id)
    return (await _seen(database, person_id, [state]))[0]


async def conversations_since(
    database: Database, messages: Messages, person_id: UUID, cursor: int, below: int | None, limit: int
) -> Page:
    """What changed for a person after the cursor, newest change first; cursor 0 is everything."""
    changes = await messages.changes(person_id, cursor, limit, below=below)
    return Page(await _seen(database, person_id, changes.conversations), changes.cursor, changes.below, changes.more)


async def history(
    messages: Messages,
    person_id: UUID,
    conversation_id: UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> History:
    """A stretch of the log: what follows `after` or a moment, or what precedes `before`, or the end. Raises `NotFound`."""
    state = await access(messages, conversation_id, person_id)
    end, from_seq = state.head_seq, rules.from_seq(state)
    if since is not None:
        after = await messages.seq_at(state.id, since, after=from_seq, head_seq=end) - 1
    found = await messages.history(
        state.id, before=min(before or end + 1, end + 1), after=after, from_seq=from_seq, limit=limit
    )
    gone: set[int] = set()
    if found and state.deletes:
        gone = await messages.deleted_between(state.id, person_id, found[0].seq, found[-1].seq)
    return History([_deleted(one) if one.seq in gone else shown(one) for one in found], end)


async def mark_read(messages: Messages, reader_id: UUID, conversation_id: UUID, seq: int) -> None:
    """I have read up to this message; going back changes nothing. Raises `NotFound`."""
    await messages.mark_read(conversation_id, reader_id, seq)


async def change_mine(messages: Messages, person_id: UUID, conversation_id: UUID, change: MineChange) -> Mine:
    """Pin, mute, hide, mark as unread, or keep a draft. Raises `NotFound` or `InvalidRequest`."""
    state = await access(messages, conversation_id, person_id)
    known, at = mine(state.own, state.head_seq), clock.now()
    # What was hidden until a message came is not hidden any more once it did.
    own: dict[str, Any] = {} if known.hidden else {"hidden_seq": None}
    if change.pinned is not UNSET:
        own["pinned_at"] = (known.pinned_at or at) if change.pinned else None
    if change.muted is not UNSET:
        own["muted"] = change.muted or None
    if change.hidden is not UNSET:
        own["hidden_seq"] = state.head_seq if change.hidden else None
    if change.marked_unread is not UNSET:
        own["marked_unread"] = change.marked_unread or None
    if change.draft is not UNSET:
        own["draft"] = _draft(change.draft, at)
    kept = await messages.set_member(conversation_id, person_id, own=msgspec.to_builtins(own))
    return mine(kept, state.head_seq)


async def recall(
    database: Database, messages: Messages, person_id: UUID, conversation_id: UUID, seq: int
) -> ShownMessage:
    """Take a message of one's own back within two minutes; what stands there instead says so.

    Raises `NotFound`, `NotAllowed` or `RecallTooLate`.
    """
    state = await access(messages, conversation_id, person_id)
    found = await messages.history(
        state.id, after=seq - 1, before=min(seq, state.head_seq) + 1, from_seq=rules.from_seq(state), limit=1
    )
    if not found:
        raise NotFound
    (message,) = found
    if message.kind == rules.RECALLED and message.sender_id == person_id:
        return shown(message)
    rules.check_recall(message, person_id, clock.now())
    async with database.transaction() as tx:
        await media.show_no_more(tx, room=ROOM, place_id=state.id, reference=reference_of(person_id, message.client_id))
    return shown(await messages.edit(state.id, seq, kind=rules.RECALLED, payload={}, fallback="撤回了一条消息"))


async def delete(messages: Messages, person_id: UUID, conversation_id: UUID, seqs: list[int], up_to_seq: int) -> None:
    """Delete messages for oneself, on all one's devices. Raises `NotFound`."""
    await access(messages, conversation_id, person_id)
    await messages.delete(conversation_id, person_id, seqs=seqs, up_to_seq=up_to_seq)


async def _seen(database: Database, me_id: UUID, states: list[ConversationState]) -> list[Conversation]:
    """Conversations as I see them, with everybody's names in one query."""
    groups = {state.id: group_facts(state.facts) for state in states if state.kind == GROUP}
    wanted = {peer_id for state in states if (peer_id := rules.peer_of(state, me_id))}
    wanted.update(id for group in groups.values() for id in group.face_ids)
    async with database.read() as reader:
        persons = await persons_of(reader, wanted)
    return [_one_seen(state, me_id, persons, groups.get(state.id)) for state in states]


def _one_seen(
    state: ConversationState, me_id: UUID, persons: dict[UUID, Person], group: GroupFacts | None
) -> Conversation:
    peer_id = rules.peer_of(state, me_id)
    peer = next((member for member in state.members if member.member_id == peer_id), None)
    from_seq = rules.from_seq(state)
    title = state.facts.get("name") if state.kind == SHOP else group.name if group else None
    return Conversation(
        id=state.id,
        kind=state.kind,  # type: ignore[arg-type]
        service=state.facts.get("service") if state.kind == SERVICE else None,
        peer=persons.get(peer_id) if peer_id else None,
        title=title,
        group=_shown_group(state, group, persons) if group else None,
        head_seq=state.head_seq,
        read_seq=state.read_seq,
        unread=state.unread,
        from_seq=from_seq,
        peer_read_seq=peer.read_seq if peer else None,
        mentioned_seq=state.called_seq if state.called_seq > max(state.read_seq, from_seq) else None,
        last=shown(state.last) if state.last and state.last.seq > from_seq else None,
        changed_at=state.changed_at,
        left=state.left or (group is not None and group.dissolved),
        request=rules.request_of(state, me_id),
        mine=mine(state.own, state.head_seq),
        edited=[shown(message) for message in state.edited],
        deleted=state.deleted,
        cleared_seq=state.cleared_seq,
        stale=state.stale,
    )


def _shown_group(state: ConversationState, group: GroupFacts, persons: dict[UUID, Person]) -> Group:
    return Group(
        name=group.name,
        notice=group.notice,
        notice_at=group.notice_at,
        owner_id=group.owner_id,
        administrator_ids=group.administrator_ids,
        mute_all=group.mute_all,
        only_administrators_invite=group.only_administrators_invite,
        dissolved=group.dissolved,
        member_count=state.member_count,
        nickname=state.facts_of_member.get("nickname", ""),
        faces=[persons[id] for id in group.face_ids if id in persons],
    )


def _draft(draft: NewDraft | None, at: datetime) -> Draft | None:
    if draft is None or not draft.text.strip():
        return None
    return Draft(saying.draft_text(draft.text), draft.reply_to, at)


def _deleted(message: Message) -> ShownMessage:
    return ShownMessage(message.conversation_id, message.seq, message.client_id, None, DELETED, {}, "", message.at)
