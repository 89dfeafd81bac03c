"""Write into a conversation: whether one may, what it becomes, and one line at the end of its log."""

import asyncio
from typing import Any
from uuid import UUID

from junzi.chat import rules, saying, spoken
from junzi.chat.access import access, changed
from junzi.chat.model import DIRECT, DirectFacts, MediaGone, NotForwardable, Place, ShownMessage, shown, stored
from junzi.chat.saying import Stored
from junzi.contacts.actions import tie_between
from junzi.contacts.model import NotFriends
from junzi.kit import ids
from junzi.kit.database import Database
from junzi.kit.errors import NotAllowed, NotFound
from junzi.kit.text import one_line, refused
from junzi.media import actions as media
from junzi.media.model import Kind, Media
from junzi.messages import Appended, ChangeConversation, ConversationState, Messages, NewMessage, Outcome
from junzi.people.actions import person_of

LONGEST_CLIENT_ID = 64
ROOM = "chat"
"""Under which name chat lets people read files."""


async def place_to_write(database: Database, messages: Messages, sender_id: UUID, conversation_id: UUID) -> Place:
    """Where and as what this person may write.

    Raises `NotFound`, `NobodyReads`, `GroupLeft`, `GroupMuted`, `NotAccepted` or `RequestWaiting`.
    """
    conversation = await access(messages, conversation_id, sender_id)
    peer_id = rules.peer_of(conversation, sender_id)
    tie = None
    if peer_id is not None:
        async with database.read() as reader:
            tie = await tie_between(reader, sender_id, peer_id)
    return rules.place_of(conversation, sender_id, tie)


async def send(
    database: Database,
    messages: Messages,
    place: Place,
    *,
    sender_id: UUID,
    client_id: str,
    kind: str,
    payload: dict[str, Any],
) -> Appended:
    """Write where `place_to_write` says; returns after the commit. The same client_id again is the same message.

    Raises `MessageEmpty`, `MessageTooLong`, `MediaGone`, `NotForwardable`, `NotFriends`, `NotAllowed`, `InvalidRequest`,
    `NotFound`, or `Busy`.
    """
    client_id = _name(client_id)
    said = saying.read(kind, payload)
    if place.request == "outgoing" and not isinstance(said, saying.Text):
        raise NotAllowed("Until they accept, you can only send them words.")
    if isinstance(said, saying.Text):
        message = saying.text(said)
    elif isinstance(said, saying.Forward):
        message = await _forwarded(database, messages, place, sender_id, client_id, said)
    elif isinstance(said, saying.Contact):
        message = await _contact(database, sender_id, said)
    else:
        message = await _with_media(database, place, sender_id, client_id, said)
    new = _new(place, sender_id, client_id, message)
    if place.request == "incoming":
        # Whoever answers has accepted.
        await accept_request(database, messages, sender_id, place.conversation_id)
    sent = await messages.append(new)
    await spoken.note(database, sender_id)
    return sent


def goes_straight(place: Place, sender_id: UUID, kind: str) -> bool:
    """Whether all that `send` would ask for is known already, so that `send_straight` does."""
    return kind == "text" and place.request is None and spoken.is_told(sender_id)


def send_straight(
    messages: Messages, place: Place, *, sender_id: UUID, client_id: str, payload: dict[str, Any]
) -> "asyncio.Future[Outcome]":
    """Write a text that `goes_straight`, and go on before the commit; what comes of it is `Appended`, or what `append` raises.

    Raises `MessageEmpty`, `MessageTooLong`, `NotAllowed`, `InvalidRequest` or `Busy`.
    """
    client_id = _name(client_id)
    message = saying.text(saying.read_text(payload))
    return messages.append_soon(_new(place, sender_id, client_id, message))


async def say(
    database: Database,
    messages: Messages,
    *,
    sender_id: UUID,
    conversation_id: UUID,
    client_id: str,
    kind: str,
    payload: dict[str, Any],
) -> ShownMessage:
    """Both at once, for whoever writes seldom; answers the message as it stands."""
    place = await place_to_write(database, messages, sender_id, conversation_id)
    sent = await send(database, messages, place, sender_id=sender_id, client_id=client_id, kind=kind, payload=payload)
    (message,) = await messages.history(conversation_id, after=sent.seq - 1, limit=1)
    return shown(message)


async def accept_request(database: Database, messages: Messages, me_id: UUID, conversation_id: UUID) -> None:
    """Take a stranger's message request; again changes nothing. Raises `NotFound` where there is none to me."""

    async with database.read() as reader:
        me = await person_of(reader, me_id)

    def accepted(state: ConversationState, _: set[UUID]) -> ChangeConversation | None:
        if state.kind != DIRECT or state.facts.get("request_from") in (None, str(me_id)):
            raise NotFound
        if rules.request_of(state, me_id) is None:
            return None
        note = NewMessage(
            conversation_id=state.id,
            sender_id=None,
            client_id=str(ids.new_id()),
            kind="request.accepted",
            payload={"by": {"id": str(me_id), "name": me.name}},
            fallback=f"{me.name} 接受了聊天请求",
        )
        facts = DirectFacts(UUID(state.facts["request_from"]), accepted=True)
        return ChangeConversation(
            id=state.id, kind=DIRECT, version=state.version, facts=stored(facts), notes=[note], actor_id=me_id
        )

    await changed(messages, conversation_id, me_id, accepted)


def _name(client_id: str) -> str:
    return one_line(client_id, field="client_id", least=1, most=LONGEST_CLIENT_ID)


def _new(place: Place, sender_id: UUID, client_id: str, message: Stored) -> NewMessage:
    if message.calls_all and not place.calls_all:
        raise NotAllowed("Only the owner and administrators of a group address everybody.")
    return NewMessage(
        conversation_id=place.conversation_id,
        sender_id=sender_id,
        client_id=client_id,
        kind=message.kind,
        payload=message.payload,
        fallback=message.fallback,
        may_recall=True,
        may_forward=True,
        calls=message.calls if place.is_group else [],
        calls_all=message.calls_all,
    )


async def _with_media(
    database: Database,
    place: Place,
    sender_id: UUID,
    client_id: str,
    said: saying.Pictures | saying.Voice | saying.File,
) -> Stored:
    if isinstance(said, saying.Pictures):
        wanted, kind = [(one.media_id, one.original) for one in said.pictures], Kind.PICTURE
    else:
        wanted = [(said.media_id, True)]
        kind = Kind.VOICE if isinstance(said, saying.Voice) else Kind.FILE
    if len({media_id for media_id, _ in wanted}) < len(wanted):
        raise refused("payload.pictures", "A picture is named twice.")
    async with database.transaction() as tx:
        found = await media.show_to_place(
            tx,
            sender_id,
            wanted,
            room=ROOM,
            place_id=place.conversation_id,
            reference=reference_of(sender_id, client_id),
        )
        if len(found) < len(wanted) or any(one.kind is not kind for one in found.values()):
            raise MediaGone
    if isinstance(said, saying.Pictures):
        shown_pictures = [{**_facts(found[id]), "original": original} for id, original in wanted]
        return Stored("pictures", saying.replying({"pictures": shown_pictures}, said.reply_to), "[图片]")
    (file,) = found.values()
    if isinstance(said, saying.Voice):
        facts = {"media_id": str(file.id), "duration_ms": said.duration_ms, "bytes": file.bytes, "type": file.type}
        return Stored("voice", saying.replying(facts, said.reply_to), "[语音]")
    facts = {"media_id": str(file.id), "name": file.name, "bytes": file.bytes, "type": file.type}
    return Stored("file", saying.replying(facts, said.reply_to), f"[文件] {file.name}")


async def _contact(database: Database, sender_id: UUID, said: saying.Contact) -> Stored:
    async with database.read() as reader:
        person = await person_of(reader, said.person_id)
        if person.id != sender_id and not (await tie_between(reader, sender_id, person.id)).friends:
            raise NotFriends
    facts = {"person_id": str(person.id), "handle": person.handle, "name": person.name, "avatar": person.avatar}
    return Stored("contact", saying.replying(facts, said.reply_to), f"[名片] {person.name}")


async def _forwarded(
    database: Database, messages: Messages, place: Place, sender_id: UUID, client_id: str, said: saying.Forward
) -> Stored:
    source = await access(messages, said.conversation_id, sender_id)
    from_seq = rules.from_seq(source)
    found = await messages.history(
        source.id, after=said.seq - 1, before=min(said.seq, source.head_seq) + 1, from_seq=from_seq, limit=1
    )
    if not found or await messages.deleted_between(source.id, sender_id, said.seq, said.seq):
        raise NotFound
    (message,) = found
    if not message.may_forward or message.kind not in saying.FORWARDED_KINDS:
        raise NotForwardable
    if message.sender_id is not None:
        async with database.transaction() as tx:
            await media.show_elsewhere(
                tx,
                room=ROOM,
                from_place=(source.id, reference_of(message.sender_id, message.client_id)),
                to_place=(place.conversation_id, reference_of(sender_id, client_id)),
            )
    left_out = ("reply_to", "mentions", "mention_all")
    payload = {name: value for name, value in message.payload.items() if name not in left_out}
    return Stored(message.kind, payload, message.fallback)


def reference_of(sender_id: UUID, client_id: str) -> str:
    """What of a conversation shows files: a message, by its sender and the sender's name for it."""
    return f"{sender_id}:{client_id}"


def _facts(picture: Media) -> dict[str, Any]:
    return {
        "media_id": str(picture.id),
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.bytes,
        "type": picture.type,
    }
