"""What may be said, and where. Facts in, decision out."""

from typing import Any
from uuid import UUID

from junzi.chat.model import DIRECT, LONGEST_TEXT, TEXT, MessageEmpty, MessageTooLong, NobodyReads
from junzi.kit.text import is_control, refused, tidy
from junzi.messages import ConversationState


def text_from(kind: str, payload: dict[str, Any]) -> str:
    """The text of a message as it is stored. Raises `InvalidRequest`, `MessageEmpty` or `MessageTooLong`."""
    if kind != TEXT:
        raise refused("kind", f"Messages of kind {TEXT} are taken here.")
    text = payload.get("text")
    if not isinstance(text, str):
        raise refused("payload.text", "The payload of a text has a string named text.")
    cleaned = _without_controls(tidy(text))
    if not cleaned:
        raise MessageEmpty
    if len(cleaned) > LONGEST_TEXT:
        raise MessageTooLong(f"A message has at most {LONGEST_TEXT} characters; this one has {len(cleaned)}.")
    return cleaned


def peer_of(conversation: ConversationState, me_id: UUID) -> UUID | None:
    """The other one of a direct conversation."""
    if conversation.kind != DIRECT:
        return None
    return next((member.member_id for member in conversation.members if member.member_id != me_id), None)


def reader_of(conversation: ConversationState, me_id: UUID) -> UUID:
    """Who would read what I write here. Raises `NobodyReads` where only the house speaks."""
    peer_id = peer_of(conversation, me_id)
    if peer_id is None:
        raise NobodyReads("Only notices appear here; nobody would read an answer.")
    return peer_id


def _without_controls(text: str) -> str:
    # Most text is printable through and through, which is quick to see.
    if text.isprintable():
        return text
    return "".join(character for character in text if character in "\n\t" or not is_control(character)).strip()
