"""Who may do what in a conversation, and how it looks to one of its members. Facts in, decision out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from junzi.chat.model import (
    DIRECT,
    GROUP,
    MOST_ADMINISTRATORS,
    MOST_FACES,
    MOST_GROUP_MEMBERS,
    DirectFacts,
    GroupFacts,
    GroupFull,
    GroupLeft,
    GroupMuted,
    NobodyReads,
    Place,
    RecallTooLate,
    RequestWaiting,
    group_facts,
)
from junzi.contacts.model import Tie
from junzi.contacts.rules import check_taken
from junzi.kit.errors import InvalidRequest, NotAllowed
from junzi.messages import ConversationState, Message

RECALL_WITHIN = timedelta(minutes=2)
MOST_TEXTS_OF_A_STRANGER = 3
MOST_STRANGERS_A_DAY = 10
DAY = timedelta(days=1)
RECALLED = "recalled"


def peer_of(conversation: ConversationState, me_id: UUID) -> UUID | None:
    """The other one of a direct conversation."""
    if conversation.kind != DIRECT:
        return None
    return next((member.member_id for member in conversation.members if member.member_id != me_id), None)


def request_of(conversation: ConversationState, me_id: UUID) -> Literal["incoming", "outgoing"] | None:
    """Whether a direct conversation is a stranger's that was not accepted yet, and whose."""
    if conversation.kind != DIRECT:
        return None
    facts = msgspec.convert(conversation.facts, DirectFacts)
    if facts.request_from is None or facts.accepted:
        return None
    return "outgoing" if facts.request_from == me_id else "incoming"


def place_of(conversation: ConversationState, me_id: UUID, tie: Tie | None) -> Place:
    """Where and as what I may write. tie: how I stand to the peer of a direct conversation.

    Raises `NobodyReads`, `GroupLeft`, `GroupMuted`, `NotAccepted` or `RequestWaiting`.
    """
    other_ids = [member.member_id for member in conversation.members if member.member_id != me_id]
    if conversation.kind == GROUP:
        group = access_group(conversation)
        if group.mute_all and not leads(group, me_id):
            raise GroupMuted
        return Place(
            conversation_id=conversation.id, is_group=True, member_ids=other_ids, calls_all=leads(group, me_id)
        )
    if tie is None:
        raise NobodyReads("Only notices appear here; nobody would read an answer.")
    check_taken(tie)
    request = None if tie.friends else request_of(conversation, me_id)
    if request == "outgoing" and conversation.head_seq >= MOST_TEXTS_OF_A_STRANGER:
        raise RequestWaiting
    return Place(
        conversation_id=conversation.id, is_group=False, member_ids=other_ids, calls_all=False, request=request
    )


def from_seq(conversation: ConversationState) -> int:
    """The last message that a member may not read: what came before they joined a group, or what they cleared."""
    joined_seq = conversation.joined_seq if conversation.kind == GROUP else 0
    return max(joined_seq, conversation.cleared_seq)


def check_recall(message: Message, me_id: UUID, at: datetime) -> None:
    """Raise `NotAllowed` for the message of another, `RecallTooLate` after two minutes."""
    if message.sender_id != me_id or not message.may_recall:
        raise NotAllowed("Only one's own messages can be recalled, and not all of them.")
    if at > message.at + RECALL_WITHIN:
        raise RecallTooLate


def access_group(conversation: ConversationState) -> GroupFacts:
    """What the log keeps of a group that I am in. Raises `GroupLeft`."""
    group = group_facts(conversation.facts)
    if conversation.left or group.dissolved:
        raise GroupLeft
    return group


def leads(group: GroupFacts, person_id: UUID) -> bool:
    """Whether somebody is owner or administrator."""
    return person_id == group.owner_id or person_id in group.administrator_ids


def check_leads(group: GroupFacts, person_id: UUID) -> None:
    """Raise `NotAllowed` unless they are."""
    if not leads(group, person_id):
        raise NotAllowed("Only the owner and administrators of the group do this.")


def check_owns(group: GroupFacts, person_id: UUID) -> None:
    """Raise `NotAllowed` unless they are the owner."""
    if person_id != group.owner_id:
        raise NotAllowed("Only the owner of the group does this.")


def check_invites(group: GroupFacts, person_id: UUID) -> None:
    """Raise `NotAllowed` where only administrators invite."""
    if group.only_administrators_invite:
        check_leads(group, person_id)


def check_room(member_count: int, more: int) -> None:
    """Raise `GroupFull` when so many more do not fit in."""
    if member_count + more > MOST_GROUP_MEMBERS:
        raise GroupFull


def check_removes(group: GroupFacts, me_id: UUID, other_id: UUID) -> None:
    """Raise `NotAllowed` unless I may remove the other, or leave."""
    if other_id == group.owner_id:
        raise NotAllowed("The owner hands the group over or dissolves it first.")
    if me_id == other_id or me_id == group.owner_id:
        return
    check_leads(group, me_id)
    if leads(group, other_id):
        raise NotAllowed("Only the owner removes administrators.")


def administrators_with(group: GroupFacts, person_id: UUID) -> list[UUID]:
    """The administrators when somebody becomes one. Raises `InvalidRequest`."""
    if person_id == group.owner_id:
        raise InvalidRequest("The owner is more than an administrator.")
    if len(group.administrator_ids) >= MOST_ADMINISTRATORS and person_id not in group.administrator_ids:
        raise InvalidRequest(f"A group has at most {MOST_ADMINISTRATORS} administrators.")
    return [*(id for id in group.administrator_ids if id != person_id), person_id]


def faces(owner_id: UUID, known: Iterable[UUID], gone: Iterable[UUID] = ()) -> list[UUID]:
    """Some members that stand for the group, the owner first."""
    out = set(gone)
    return [id for id in dict.fromkeys([owner_id, *known]) if id not in out][:MOST_FACES]
