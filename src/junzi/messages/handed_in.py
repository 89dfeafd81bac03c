"""The engine's requests as they travel to the process that holds its lease, and what became of them as it travels back."""

from collections.abc import Sequence
from typing import Any

import msgspec

from junzi.kit.errors import Busy
from junzi.messages.model import (
    Appended,
    ChangeConversation,
    DifferentKind,
    InvalidMessage,
    Message,
    NewMessage,
    NotAMember,
    OpenConversation,
    UnknownConversation,
    UnknownMessage,
)
from junzi.messages.rules_model import DeleteMessages, EditMessage, MarkRead, Outcome, Request, SetMember

MOST_QUESTION_BYTES = 512 * 1024
"""Half of what NATS carries as it is shipped, and more than any single request."""
MOST_AT_ONCE = 256

_OUTCOMES: dict[type[Any], Any] = {
    OpenConversation: bool,
    ChangeConversation: bool,
    NewMessage: Appended,
    MarkRead: int,
    SetMember: dict[str, Any],
    EditMessage: Message,
    DeleteMessages: int,
}
_FAILURES = {
    kind.__name__: kind
    for kind in (UnknownConversation, NotAMember, UnknownMessage, InvalidMessage, DifferentKind, Busy)
}


class _Answer(msgspec.Struct, array_like=True, frozen=True):
    """outcome, or failure: the name of what is to be raised, with its words"""

    outcome: msgspec.Raw = msgspec.Raw(b"\xc0")
    failure: str = ""
    detail: str = ""


_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_decode_requests = msgspec.msgpack.Decoder(list[Request]).decode
_decode_answers = msgspec.msgpack.Decoder(list[_Answer]).decode
_decoders = {kind: msgspec.msgpack.Decoder(outcome) for kind, outcome in _OUTCOMES.items()}


def weight(request: Request) -> int:
    """What a request brings to a question of `MOST_AT_ONCE`, by how much its outcome may say."""
    return 64 if isinstance(request, SetMember | EditMessage) else 1


def questions(requests: Sequence[Request]) -> list[tuple[bytes, int]]:
    """The requests in their order, as few questions as can be carried, each with how many it holds."""
    found: list[tuple[bytes, int]] = []
    whole = _encode(requests)
    if len(whole) <= MOST_QUESTION_BYTES or len(requests) == 1:
        found.append((whole, len(requests)))
    else:
        middle = len(requests) // 2
        found += questions(requests[:middle]) + questions(requests[middle:])
    return found


def requests_of(question: bytes) -> list[Request]:
    return _decode_requests(question)


def answer(outcomes: Sequence[Outcome | BaseException]) -> bytes:
    """What became of each request, in order. Raises what is no refusal: a defect, told to nobody."""
    answers = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            name = type(outcome).__name__
            if name not in _FAILURES:
                raise outcome
            answers.append(_Answer(failure=name, detail=str(outcome)))
        else:
            answers.append(_Answer(msgspec.Raw(_encode(outcome))))
    return _encode(answers)


def outcomes_of(answer: bytes, requests: Sequence[Request]) -> list[Outcome | Busy]:
    """What became of these requests, in order."""
    found: list[Outcome | Busy] = []
    for request, one in zip(requests, _decode_answers(answer), strict=True):
        if one.failure:
            found.append(_FAILURES[one.failure](one.detail))
        else:
            found.append(_decoders[type(request)].decode(one.outcome))
    return found
