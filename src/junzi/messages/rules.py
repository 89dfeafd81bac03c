"""What becomes of a batch of requests: which number a message gets, who has read how far, and what everybody sees change.

Pure: no database, no clock. Requests are decided in order, each seeing what those before it did.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from junzi.messages.model import (
    MOST_MEMBERS,
    MOST_MEMBERS_SHOWN,
    Appended,
    ChangeConversation,
    DifferentKind,
    InvalidMessage,
    Message,
    MessagesDeleted,
    NewMessage,
    NotAMember,
    OpenConversation,
    OwnChanged,
    UnknownConversation,
    UnknownMessage,
)
from junzi.messages.rules_model import (
    ClientKey,
    Conversation,
    Decision,
    Deleted,
    DeleteMessages,
    Edited,
    EditMessage,
    Facts,
    Happening,
    MarkRead,
    Member,
    MemberKey,
    MemberRead,
    MessageKey,
    Opened,
    Outcome,
    Request,
    SetMember,
)


def decide(facts: Facts, requests: Sequence[Request], changed: int, at: datetime) -> Decision:
    """Run the requests in order. changed: the last change counted so far."""
    draft = _Draft(facts, changed, at)
    return draft.decision([_decided(draft, request) for request in requests])


class _Draft:
    def __init__(self, facts: Facts, changed: int, at: datetime) -> None:
        self._facts = facts
        self.conversations = dict(facts.conversations)
        self.members = dict(facts.members)
        self.named: dict[ClientKey, Appended] = {}
        self.messages: dict[MessageKey, Message] = dict(facts.messages)
        self.appended: list[MessageKey] = []
        self.edited: dict[MessageKey, int] = {}
        self.deleted: list[Deleted] = []
        self.rewritten: set[MemberKey] = set()
        self.happened: list[Happening] = []
        self.changed = changed
        self.at = at

    def standing(self, key: ClientKey) -> Appended | None:
        """Where a message stands that was written before, in this batch or an earlier one."""
        return self.named.get(key) or self._facts.earlier.get(key)

    def member(self, conversation_id: UUID, member_id: UUID) -> Member | None:
        """Whoever is a member at this moment."""
        member = self.members.get((conversation_id, member_id))
        return None if member is None or member.left_seq is not None else member

    def keep(self, member: Member) -> None:
        """Other things than their reading have changed."""
        key = (member.conversation_id, member.member_id)
        self.members[key] = member
        self.rewritten.add(key)

    def decision(self, outcomes: list[Outcome]) -> Decision:
        appended = set(self.appended)
        members = _different(self._facts.members, self.members)
        return Decision(
            outcomes=outcomes,
            new_conversations=_new(self._facts.conversations, self.conversations),
            changed_conversations=_different(self._facts.conversations, self.conversations),
            new_members=_new(self._facts.members, self.members),
            moved_members=[one for one in members if (one.conversation_id, one.member_id) not in self.rewritten],
            changed_members=[one for one in members if (one.conversation_id, one.member_id) in self.rewritten],
            # A message that is edited in the batch that brings it is written as it is at the end.
            new_messages=[self.messages[key] for key in self.appended],
            edited_messages=[
                Edited(self.messages[key], changed) for key, changed in self.edited.items() if key not in appended
            ],
            deleted=self.deleted,
            happened=self.happened,
            changed=self.changed,
            named=self.named,
        )


def _decided(draft: _Draft, request: Request) -> Outcome:
    if isinstance(request, NewMessage):
        return _append(draft, request)
    if isinstance(request, MarkRead):
        return _mark_read(draft, request)
    if isinstance(request, OpenConversation):
        return _open(draft, request)
    if isinstance(request, ChangeConversation):
        return _change(draft, request)
    if isinstance(request, SetMember):
        return _set_member(draft, request)
    if isinstance(request, EditMessage):
        return _edit(draft, request)
    return _delete(draft, request)


def _append(draft: _Draft, new: NewMessage) -> Outcome:
    conversation = draft.conversations.get(new.conversation_id)
    if conversation is None:
        return UnknownConversation()
    sender = None
    if new.sender_id is not None:
        sender = draft.member(new.conversation_id, new.sender_id)
        if sender is None:
            return NotAMember()
    # It is remembered: by ids that are there anyway, not by those that came with the request.
    key = (conversation.id, None if sender is None else sender.member_id, new.client_id)
    standing = draft.standing(key)
    if standing is not None:
        return replace(standing, duplicate=True)

    # From here on it must succeed.
    draft.changed += 1
    seq = conversation.head_seq + 1
    message = Message(
        conversation_id=new.conversation_id,
        seq=seq,
        client_id=new.client_id,
        sender_id=new.sender_id,
        kind=new.kind,
        payload=new.payload,
        fallback=new.fallback,
        may_recall=new.may_recall,
        may_forward=new.may_forward,
        at=draft.at,
    )
    draft.messages[(new.conversation_id, seq)] = message
    draft.appended.append((new.conversation_id, seq))
    draft.happened.append(message)
    draft.conversations[conversation.id] = replace(
        conversation,
        head_seq=seq,
        called_seq=seq if new.calls_all else conversation.called_seq,
        changed=draft.changed,
        changed_at=draft.at,
    )
    for member_id in new.calls:
        called = draft.member(conversation.id, member_id)
        if called is not None:
            draft.members[(conversation.id, member_id)] = replace(called, called_seq=seq, changed=draft.changed)
    if sender is not None:
        # Unread stays arithmetic: nobody's own message is unread to them. They may have called themselves.
        sender = draft.members[(conversation.id, sender.member_id)]
        draft.members[(conversation.id, sender.member_id)] = replace(sender, read_seq=seq, changed=draft.changed)
    draft.named[key] = Appended(seq, draft.at, duplicate=False)
    return draft.named[key]


def _mark_read(draft: _Draft, request: MarkRead) -> Outcome:
    conversation = draft.conversations.get(request.conversation_id)
    if conversation is None:
        return UnknownConversation()
    key = (request.conversation_id, request.member_id)
    member = draft.members.get(key)
    if member is None:
        return NotAMember()
    seq = min(request.seq, _end(conversation, member))
    if seq <= member.read_seq:
        return member.read_seq

    # From here on it must succeed.
    draft.changed += 1
    draft.members[key] = replace(member, read_seq=seq, changed=draft.changed)
    seen = conversation.member_count <= MOST_MEMBERS_SHOWN and member.left_seq is None
    if seen:
        draft.conversations[conversation.id] = replace(conversation, changed=draft.changed)
    draft.happened.append(MemberRead(conversation.id, member.member_id, seq, seen))
    return seq


def _open(draft: _Draft, request: OpenConversation) -> Outcome:
    conversation = draft.conversations.get(request.id)
    if conversation is not None and conversation.kind != request.kind:
        return DifferentKind(f"conversation {request.id} is a {conversation.kind}, not a {request.kind}")
    missing = _missing(draft, request.id, request.members)
    member_count = (conversation.member_count if conversation else 0) + len(missing)
    if member_count > MOST_MEMBERS:
        return InvalidMessage(f"A conversation has at most {MOST_MEMBERS} members.")
    if conversation is not None and not missing and conversation.facts == request.facts:
        return False

    # From here on it must succeed.
    _enter(draft, conversation, request.id, request.kind, request.facts, missing, ())
    draft.happened.append(Opened(request.id))
    return conversation is None


def _change(draft: _Draft, request: ChangeConversation) -> Outcome:
    conversation = draft.conversations.get(request.id)
    if request.version != (conversation.version if conversation else 0):
        return False
    if conversation is not None and conversation.kind != request.kind:
        return DifferentKind(f"conversation {request.id} is a {conversation.kind}, not a {request.kind}")
    missing = _missing(draft, request.id, request.add)
    leaving = [one for id in dict.fromkeys(request.remove) if (one := draft.member(request.id, id)) is not None]
    member_count = (conversation.member_count if conversation else 0) + len(missing) - len(leaving)
    if member_count > MOST_MEMBERS:
        return InvalidMessage(f"A conversation has at most {MOST_MEMBERS} members.")

    # From here on it must succeed.
    _enter(draft, conversation, request.id, request.kind, request.facts, missing, [one.member_id for one in leaving])
    for note in request.notes:
        _append(draft, note)
    head_seq = draft.conversations[request.id].head_seq
    for member_id in [*([request.actor_id] if request.actor_id else []), *(one.member_id for one in leaving)]:
        member = draft.members.get((request.id, member_id))
        if member is None:
            continue
        left_seq = head_seq if any(one.member_id == member_id for one in leaving) else member.left_seq
        is_actor = member_id == request.actor_id
        draft.keep(
            replace(
                member,
                # To whoever did it, what is said about it is no news.
                read_seq=head_seq if is_actor and request.notes else member.read_seq,
                left_seq=left_seq,
                changed=draft.changed,
            )
        )
    draft.happened.append(Opened(request.id, tuple(one.member_id for one in leaving)))
    return True


def _set_member(draft: _Draft, request: SetMember) -> Outcome:
    conversation = draft.conversations.get(request.conversation_id)
    if conversation is None:
        return UnknownConversation()
    member = draft.members.get((request.conversation_id, request.member_id))
    if member is None or (request.facts and member.left_seq is not None):
        return NotAMember()
    facts, own = _patched(member.facts, request.facts), _patched(member.own, request.own)
    if (facts, own) == (member.facts, member.own):
        return own

    # From here on it must succeed.
    draft.changed += 1
    draft.keep(replace(member, facts=facts, own=own, changed=draft.changed))
    if facts != member.facts:
        draft.conversations[conversation.id] = replace(conversation, changed=draft.changed)
        draft.happened.append(Opened(conversation.id))
    if own != member.own:
        draft.happened.append(OwnChanged(conversation.id, member.member_id, own))
    return own


def _edit(draft: _Draft, request: EditMessage) -> Outcome:
    conversation = draft.conversations.get(request.conversation_id)
    if conversation is None:
        return UnknownConversation()
    key = (request.conversation_id, request.seq)
    message = draft.messages.get(key)
    if message is None:
        return UnknownMessage()
    if (message.kind, message.payload, message.fallback) == (request.kind, request.payload, request.fallback):
        return message

    # From here on it must succeed.
    draft.changed += 1
    edited = replace(
        message,
        kind=request.kind,
        payload=request.payload,
        fallback=request.fallback,
        may_recall=False,
        may_forward=False,
    )
    draft.messages[key] = edited
    draft.edited[key] = draft.changed
    draft.conversations[conversation.id] = replace(conversation, edited=draft.changed, changed=draft.changed)
    draft.happened.append(Edited(edited, draft.changed))
    return edited


def _delete(draft: _Draft, request: DeleteMessages) -> Outcome:
    conversation = draft.conversations.get(request.conversation_id)
    if conversation is None:
        return UnknownConversation()
    member = draft.members.get((request.conversation_id, request.member_id))
    if member is None:
        return NotAMember()
    end = _end(conversation, member)
    cleared_seq = max(member.cleared_seq, min(request.up_to_seq, end))
    seqs = sorted({seq for seq in request.seqs if cleared_seq < seq <= end})
    if not seqs and cleared_seq == member.cleared_seq:
        return cleared_seq

    # From here on it must succeed.
    draft.changed += 1
    draft.deleted += [Deleted(conversation.id, member.member_id, seq, draft.changed) for seq in seqs]
    deleted = draft.changed if seqs else member.deleted
    draft.keep(replace(member, cleared_seq=cleared_seq, deleted=deleted, changed=draft.changed))
    draft.happened.append(MessagesDeleted(conversation.id, member.member_id, seqs, cleared_seq))
    # What cannot be read any more does not wait to be read.
    _mark_read(draft, MarkRead(conversation.id, member.member_id, cleared_seq))
    return cleared_seq


def _enter(
    draft: _Draft,
    conversation: Conversation | None,
    id: UUID,
    kind: str,
    facts: dict[str, Any],
    joining: Sequence[UUID],
    leaving: Sequence[UUID],
) -> None:
    """The conversation with these facts, these members more and those less."""
    draft.changed += 1
    head_seq = conversation.head_seq if conversation else 0
    for member_id in joining:
        before = draft.members.get((id, member_id))
        if before is None:
            draft.members[(id, member_id)] = Member(
                id, member_id, head_seq, head_seq, None, 0, 0, {}, {}, 0, draft.changed
            )
        else:
            draft.keep(
                replace(before, read_seq=head_seq, joined_seq=head_seq, left_seq=None, facts={}, changed=draft.changed)
            )
    draft.conversations[id] = Conversation(
        id=id,
        kind=kind,
        facts=facts,
        head_seq=head_seq,
        member_count=(conversation.member_count if conversation else 0) + len(joining) - len(leaving),
        version=(conversation.version if conversation else 0) + 1,
        called_seq=conversation.called_seq if conversation else 0,
        edited=conversation.edited if conversation else 0,
        changed=draft.changed,
        changed_at=draft.at,
        at=conversation.at if conversation else draft.at,
    )


def _missing(draft: _Draft, conversation_id: UUID, member_ids: Iterable[UUID]) -> list[UUID]:
    return [id for id in dict.fromkeys(member_ids) if draft.member(conversation_id, id) is None]


def _end(conversation: Conversation, member: Member) -> int:
    """The last message that a member may read."""
    return conversation.head_seq if member.left_seq is None else member.left_seq


def _patched(before: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**before, **patch}.items() if value is not None}


def _new(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    return [value for key, value in after.items() if key not in before]


def _different(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    return [after[key] for key, value in before.items() if after[key] is not value]
