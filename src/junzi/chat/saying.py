"""What can be said: the kinds of messages that people send, how they are checked, and what they say in plain text."""

import unicodedata
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from junzi.chat.model import LONGEST_TEXT, MessageEmpty, MessageTooLong
from junzi.kit.errors import InvalidRequest
from junzi.kit.text import is_control, refused, tidy

MOST_PICTURES = 9
MOST_MENTIONS = 50
LONGEST_VOICE_MS = 60_000
FORWARDED_KINDS = frozenset({"text", "pictures", "voice", "file", "contact"})
"""What a person says, as against what is forwarded or told by the house."""

Seq = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


class Text(msgspec.Struct, frozen=True):
    text: str
    reply_to: Seq | None = None
    mentions: Annotated[list[UUID], msgspec.Meta(max_length=MOST_MENTIONS)] = []
    mention_all: bool = False


class Picture(msgspec.Struct, frozen=True):
    """original: whether the readers may ask for the picture in its full size."""

    media_id: UUID
    original: bool = False


class Pictures(msgspec.Struct, frozen=True):
    pictures: Annotated[list[Picture], msgspec.Meta(min_length=1, max_length=MOST_PICTURES)]
    reply_to: Seq | None = None


class Voice(msgspec.Struct, frozen=True):
    media_id: UUID
    duration_ms: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_VOICE_MS)]
    reply_to: Seq | None = None


class File(msgspec.Struct, frozen=True):
    media_id: UUID
    reply_to: Seq | None = None


class Contact(msgspec.Struct, frozen=True):
    person_id: UUID
    reply_to: Seq | None = None


class Forward(msgspec.Struct, frozen=True):
    conversation_id: UUID
    seq: Seq


T = TypeVar("T")
Said: TypeAlias = Text | Pictures | Voice | File | Contact | Forward
_KINDS: dict[str, type[Said]] = {
    "text": Text,
    "pictures": Pictures,
    "voice": Voice,
    "file": File,
    "contact": Contact,
    "forward": Forward,
}


class Stored(msgspec.Struct, frozen=True):
    """A message as it is put into the log. media: the files it shows, and of which everybody may have the original."""

    kind: str
    payload: dict[str, Any]
    fallback: str
    calls: list[UUID] = []
    calls_all: bool = False
    media: list[Picture] = []


def read(kind: str, payload: dict[str, Any]) -> Said:
    """What a client wants to say. Raises `InvalidRequest` that names the field."""
    wanted = _KINDS.get(kind)
    if wanted is None:
        raise refused("kind", f"Messages of these kinds are taken here: {', '.join(_KINDS)}.")
    return _converted(payload, wanted)


def read_text(payload: dict[str, Any]) -> Text:
    """The same of a text."""
    return _converted(payload, Text)


def _converted(payload: dict[str, Any], wanted: type[T]) -> T:
    try:
        return msgspec.convert(payload, wanted)
    except msgspec.ValidationError as failure:
        message, _, place = str(failure).partition(" - at `$")
        field = "payload" + place.rstrip("`")
        raise InvalidRequest(f"{field}: {message}", errors=[{"field": field, "message": message}]) from failure


def text(said: Text) -> Stored:
    """A text as it is stored. Raises `MessageEmpty` or `MessageTooLong`."""
    cleaned = cleaned_text(said.text)
    payload: dict[str, Any] = {"text": cleaned}
    calls = list(dict.fromkeys(said.mentions))
    if said.reply_to is not None:
        payload["reply_to"] = said.reply_to
    if calls:
        payload["mentions"] = [str(id) for id in calls]
    if said.mention_all:
        payload["mention_all"] = True
    return Stored("text", payload, cleaned, calls, said.mention_all)


def cleaned_text(text: str) -> str:
    """Words as they are stored. Raises `MessageEmpty` or `MessageTooLong`."""
    cleaned = _without_controls(tidy(text))
    if not cleaned:
        raise MessageEmpty
    if len(cleaned) > LONGEST_TEXT:
        raise MessageTooLong(f"A message has at most {LONGEST_TEXT} characters; this one has {len(cleaned)}.")
    return cleaned


def draft_text(text: str) -> str:
    """Words that were not sent yet, as they are stored. Raises `MessageTooLong`."""
    kept = _without_controls(unicodedata.normalize("NFC", text.replace("\r\n", "\n")), trim=False)
    if len(kept) > LONGEST_TEXT:
        raise MessageTooLong
    return kept


def replying(payload: dict[str, Any], reply_to: int | None) -> dict[str, Any]:
    """The payload with the message it answers, if it does."""
    return payload if reply_to is None else {**payload, "reply_to": reply_to}


def _without_controls(text: str, *, trim: bool = True) -> str:
    # Most text is printable through and through, which is quick to see.
    if text.isprintable():
        return text
    kept = "".join(character for character in text if character in "\n\t" or not is_control(character))
    return kept.strip() if trim else kept
