"""Open a conversation with a friend, write, read, and list what changed. The log itself is the engine's."""

from typing import Any
from uuid import UUID

from junzi.chat import rules
from junzi.chat.model import DIRECT, TEXT, Conversation, History, Page, shown
from junzi.contacts.actions import require_friends
from junzi.kit import ids
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.kit.text import one_line
from junzi.messages import Appended, ConversationState, Messages, NewMessage, OpenConversation
from junzi.notices.model import SERVICE, SHOP
from junzi.people.actions import person_of, persons_of
from junzi.people.model import Person

LONGEST_CLIENT_ID = 64


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


async def open_with_friend(database: Database, messages: Messages, me_id: UUID, friend_id: UUID) -> Conversation:
    """My conversation with a friend, opened if need be. Raises `NotFound` or `NotFriends`."""
    async with database.read() as reader:
        friend = await person_of(reader, friend_id)
        await require_friends(reader, me_id, friend_id)
    conversation_id = await open_direct(messages, me_id, friend_id)
    state = await _access(messages, conversation_id, me_id)
    return _seen(state, me_id, {friend.id: friend})


async def require_writable(database: Database, messages: Messages, sender_id: UUID, conversation_id: UUID) -> None:
    """Raise what speaks against this person writing there: `NotFound`, `NotAllowed` or `NotFriends`."""
    conversation = await _access(messages, conversation_id, sender_id)
    peer_id = rules.reader_of(conversation, sender_id)
    async with database.read() as reader:
        await require_friends(reader, sender_id, peer_id)


async def send(
    messages: Messages,
    *,
    sender_id: UUID,
    conversation_id: UUID,
    client_id: str,
    kind: str,
    payload: dict[str, Any],
) -> Appended:
    """Write where `require_writable` raised nothing; returns after the commit. The same client_id again is the same message.

    Raises `MessageEmpty`, `MessageTooLong`, `InvalidRequest`, `NotFound`, or `Busy`.
    """
    client_id = one_line(client_id, field="client_id", least=1, most=LONGEST_CLIENT_ID)
    text = rules.text_from(kind, payload)
    return await messages.append(
        NewMessage(
            conversation_id=conversation_id,
            sender_id=sender_id,
            client_id=client_id,
            kind=TEXT,
            payload={"text": text},
            fallback=text,
            may_recall=True,
            may_forward=True,
        )
    )


async def mark_read(messages: Messages, reader_id: UUID, conversation_id: UUID, seq: int) -> None:
    """I have read up to this message; going back changes nothing. Raises `NotFound`."""
    await messages.mark_read(conversation_id, reader_id, seq)


async def conversations_since(database: Database, messages: Messages, person_id: UUID, cursor: int, limit: int) -> Page:
    """What changed for a person after the cursor, newest first within the page; cursor 0 is everything."""
    changes = await messages.changes(person_id, cursor, limit)
    peer_ids = {peer_id for one in changes.conversations if (peer_id := rules.peer_of(one, person_id))}
    async with database.read() as reader:
        persons = await persons_of(reader, peer_ids)
    seen = [_seen(one, person_id, persons) for one in reversed(changes.conversations)]
    return Page(seen, changes.cursor, changes.more)


async def history(
    messages: Messages,
    person_id: UUID,
    conversation_id: UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> History:
    """A stretch of the log: what follows `after`, or what precedes `before`, or the end. Raises `NotFound`."""
    conversation = await _access(messages, conversation_id, person_id)
    found = await messages.history(conversation_id, before=before, after=after, limit=limit)
    return History([shown(message) for message in found], conversation.head_seq)


async def _access(messages: Messages, conversation_id: UUID, person_id: UUID) -> ConversationState:
    """The conversation as this person sees it. Raises `NotFound`, also for conversations of others."""
    conversation = await messages.conversation(conversation_id, person_id)
    if conversation is None:
        raise NotFound
    return conversation


def _seen(state: ConversationState, me_id: UUID, persons: dict[UUID, Person]) -> Conversation:
    peer_id = rules.peer_of(state, me_id)
    peer = next((member for member in state.members if member.member_id == peer_id), None)
    return Conversation(
        id=state.id,
        kind=state.kind,  # type: ignore[arg-type]
        service=state.facts.get("service") if state.kind == SERVICE else None,
        peer=persons.get(peer_id) if peer_id else None,
        title=state.facts.get("name") if state.kind == SHOP else None,
        head_seq=state.head_seq,
        read_seq=state.read_seq,
        unread=state.unread,
        peer_read_seq=peer.read_seq if peer else None,
        last=shown(state.last) if state.last else None,
        changed_at=state.changed_at,
    )
