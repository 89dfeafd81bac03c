"""One client's connection: its session, the order in which its frames are worked on, and what it is told.

It knows no WebSocket library: a `Wire` carries bytes both ways.
"""

import asyncio
from collections import deque
from functools import partial
from random import uniform
from time import monotonic
from typing import Protocol
from uuid import UUID

import msgspec
import structlog
from msgspec import UNSET, UnsetType
from prometheus_client import Counter

from junzi.chat import actions as chat
from junzi.chat.model import Place
from junzi.chat.send import goes_straight, place_to_write, send, send_straight
from junzi.gateway.model import (
    MOST_PENDING,
    MOST_UNSENT_BYTES,
    SENDS_AT_ONCE,
    SESSION_CHECK_S,
    TYPING,
    TYPING_EVERY_S,
    Changed,
    CloseCode,
    FrameTooLarge,
    Named,
    Ping,
    Pong,
    Read,
    Refused,
    Send,
    Sent,
    TooFast,
    Typing,
    TypingHint,
    UnreadableFrame,
    Welcome,
)
from junzi.kit import clock
from junzi.kit.bus import Bus
from junzi.kit.database import Database
from junzi.kit.errors import Busy, Refusal
from junzi.messages import Appended, Messages, Outcome
from junzi.people.actions import authenticate, keep_session
from junzi.people.model import SignedIn

SEEN_EVERY_S = 60.0
PLACE_S = (5.0, 15.0)
"""How long it is taken for granted that somebody may write somewhere, unless a hint says otherwise: somewhere in between, so that
those who came at the same moment do not all ask anew at the same moment."""
MOST_PLACES = 100

_log = structlog.get_logger("gateway")
_frames = Counter("junzi_gateway_frames_total", "Frames that clients sent", ["op"])
_frames_by_kind = {kind: _frames.labels(kind.__struct_config__.tag) for kind in (Send, Read, Typing, Ping)}
_refusals = Counter("junzi_gateway_refusals_total", "Frames that were refused", ["problem"])
_decoder: msgspec.json.Decoder[Send | Read | Typing | Ping] = msgspec.json.Decoder(Send | Read | Typing | Ping)
_named = msgspec.json.Decoder(Named)
_encoder = msgspec.json.Encoder()
_NOWHERE: tuple[float, Place | None] = (0.0, None)
_PONG = _encoder.encode(Pong())
_CHANGED = _encoder.encode(Changed())


class Wire(Protocol):
    """What carries the frames."""

    def send(self, data: bytes) -> None: ...

    def close(self, code: CloseCode) -> None:
        """Tell the peer why, and end. Closing again does nothing."""

    def unsent_bytes(self) -> int: ...

    def start_reading(self) -> None: ...


class House(Protocol):
    """What a connection belongs to."""

    database: Database
    messages: Messages
    bus: Bus
    sends_per_s: float

    def enter(self, connection: "Connection") -> bool:
        """Let hints be delivered to it. False when its session ended in the meantime."""

    def leave(self, connection: "Connection") -> None: ...


class Connection:
    """From the upgrade to the close. `person` is None until the session was checked."""

    __slots__ = (
        "_allowance", "_allowed_at", "_behind", "_closed", "_house", "_pending", "_places", "_seen_at", "_straight", "_typed_at",
        "_wire", "_work", "person",
    )  # fmt: skip

    def __init__(self, house: House, wire: Wire) -> None:
        self.person: SignedIn | None = None
        self._house = house
        self._wire = wire
        self._pending: deque[bytes] = deque()
        self._work: asyncio.Task[None] | None = None
        self._closed = False
        self._behind = False
        self._straight = 0
        self._places: dict[UUID, tuple[float, Place]] = {}
        self._typed_at = 0.0
        self._allowance = float(SENDS_AT_ONCE)
        self._allowed_at = self._seen_at = monotonic()

    def open(self, token: str) -> None:
        """Check the session; until then nothing is read from the wire."""
        self._work = asyncio.create_task(self._check_session(token))

    def on_frame(self, data: bytes) -> None:
        """Take a frame's text in; it is worked on after those before it."""
        if self._closed:
            return
        if len(self._pending) + self._straight >= MOST_PENDING:
            self._refuse(Busy(), _client_id(data))
            return
        if self._pending or self._work is not None or not self._goes_straight(data):
            self._pending.append(data)
            self._go_on()

    def on_too_large(self) -> None:
        """A frame is larger than any may be: say so and end."""
        self._refuse(FrameTooLarge())
        self.close(CloseCode.FRAME_TOO_LARGE)

    def on_drained(self) -> None:
        """The peer has caught up with what was sent."""
        if self._behind:
            self._behind = False
            self.tell(_CHANGED)

    def on_closed(self) -> None:
        """The wire is gone. What is being worked on is finished, what waits is dropped."""
        self._closed = True
        self._pending.clear()
        self._house.leave(self)

    def tell(self, data: bytes) -> None:
        """Send a frame, unless the peer is far behind: then it is told `changed` once it has caught up."""
        if self._closed:
            return
        if self._behind or self._wire.unsent_bytes() > MOST_UNSENT_BYTES:
            self._behind = True
            return
        self._wire.send(data)

    def forget_places(self) -> None:
        """Something changed about where this person may write."""
        self._places.clear()

    def close(self, code: CloseCode) -> None:
        self._closed = True
        self._pending.clear()
        self._wire.close(code)

    async def _check_session(self, token: str) -> None:
        try:
            async with asyncio.timeout(SESSION_CHECK_S):
                self.person = await authenticate(self._house.database, token) if token else None
        except Exception as failure:
            _log.warning("session could not be checked", exc_info=failure)
            self.close(CloseCode.TRY_AGAIN_LATER)
            return
        if self._closed:
            return
        if self.person is None or not self._house.enter(self):
            self.close(CloseCode.SESSION_ENDED)
            return
        self.tell(_encoder.encode(Welcome(self.person.person_id, clock.now())))
        self._wire.start_reading()
        await self._work_off()

    def _goes_straight(self, data: bytes) -> bool:
        """Begin to send a text, where nothing has to be asked for; most frames are that. False when it is none of those.

        It needs no task, and what one connection sends without waiting is written together, in its order.
        """
        at = monotonic()
        if self.person is None or at - self._seen_at >= SEEN_EVERY_S:
            return False
        try:
            frame = _decoded(data)
        except UnreadableFrame:
            return False
        if not isinstance(frame, Send):
            return False
        good_until, place = self._places.get(frame.conversation_id, _NOWHERE)
        person_id = self.person.person_id
        if place is None or good_until < at or not goes_straight(place, person_id, frame.kind):
            return False
        _frames_by_kind[Send].inc()
        try:
            self._spend_allowance()
            sent = send_straight(
                self._house.messages, place, sender_id=person_id, client_id=frame.client_id, payload=frame.payload
            )
        except Exception as failure:
            self._failed(failure, frame.client_id)
        else:
            self._straight += 1
            sent.add_done_callback(partial(self._on_sent, frame))
        return True

    def _on_sent(self, frame: Send, sent: "asyncio.Future[Outcome]") -> None:
        self._straight -= 1
        outcome = sent.exception() or sent.result()
        if isinstance(outcome, Appended):
            self._tell_sent(frame, outcome)
        else:
            self._failed(outcome, frame.client_id)
        self._go_on()

    def _go_on(self) -> None:
        """Work off what waits, when all that came before it is done."""
        if self._pending and self._work is None and not self._straight and self.person is not None:
            self._work = asyncio.create_task(self._work_off())

    async def _work_off(self) -> None:
        while self._pending:
            data = self._pending.popleft()
            try:
                await self._answer(data)
            except Exception as failure:
                self._failed(failure, _client_id(data))
        self._work = None

    async def _answer(self, data: bytes) -> None:
        person = await self._still_signed_in()
        if person is None:
            return
        frame = _decoded(data)
        _frames_by_kind[type(frame)].inc()
        if isinstance(frame, Send):
            self._spend_allowance()
            await self._send(person.person_id, frame)
        elif isinstance(frame, Read):
            await chat.mark_read(self._house.messages, person.person_id, frame.conversation_id, frame.seq)
        elif isinstance(frame, Typing):
            await self._type(person.person_id, frame.conversation_id)
        else:
            self.tell(_PONG)

    async def _send(self, person_id: UUID, frame: Send) -> None:
        place = await self._place(person_id, frame.conversation_id)
        appended = await send(
            self._house.database,
            self._house.messages,
            place,
            sender_id=person_id,
            client_id=frame.client_id,
            kind=frame.kind,
            payload=frame.payload,
        )
        self._tell_sent(frame, appended)

    async def _type(self, person_id: UUID, conversation_id: UUID) -> None:
        """Let the others see that this person is writing; what comes too often is passed over, and nothing is answered."""
        at = monotonic()
        if at - self._typed_at < TYPING_EVERY_S:
            return
        self._typed_at = at
        try:
            place = await self._place(person_id, conversation_id)
        except Refusal:
            return
        # A stranger whose request was not taken is not seen writing.
        if place.member_ids and place.request is None:
            self._house.bus.publish(TYPING, TypingHint(conversation_id, person_id, place.member_ids))

    async def _place(self, person_id: UUID, conversation_id: UUID) -> Place:
        """Ask only now and then whether they may write there: a conversation is many messages and few changes of heart."""
        at = monotonic()
        good_until, place = self._places.get(conversation_id, _NOWHERE)
        if place is None or good_until < at:
            place = await place_to_write(self._house.database, self._house.messages, person_id, conversation_id)
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            # What a stranger may write is counted, so that it is asked each time.
            if place.request is None:
                self._places[conversation_id] = (at + uniform(*PLACE_S), place)
        return place

    async def _still_signed_in(self) -> SignedIn | None:
        """Once a minute, write down that the device was seen; a session that is over ends the connection."""
        person = self.person
        if person is not None and monotonic() - self._seen_at >= SEEN_EVERY_S:
            self._seen_at = monotonic()
            if not await keep_session(self._house.database, person.session_id):
                self.close(CloseCode.SESSION_ENDED)
                return None
        return person

    def _spend_allowance(self) -> None:
        at = monotonic()
        self._allowance = min(SENDS_AT_ONCE, self._allowance + (at - self._allowed_at) * self._house.sends_per_s)
        self._allowed_at = at
        if self._allowance < 1:
            raise TooFast
        self._allowance -= 1

    def _tell_sent(self, frame: Send, appended: Appended) -> None:
        self.tell(_encoder.encode(Sent(frame.conversation_id, frame.client_id, appended.seq, appended.at)))

    def _failed(self, failure: object, client_id: str | UnsetType) -> None:
        if isinstance(failure, Refusal):
            self._refuse(failure, client_id)
            return
        _log.error("defect", exc_info=failure)
        self._refuse(_Defect(), client_id)

    def _refuse(self, refusal: Refusal, client_id: str | UnsetType = UNSET) -> None:
        _refusals.labels(refusal.slug).inc()
        self.tell(_encoder.encode(Refused(refusal.problem(), client_id)))


class _Defect(Refusal):
    slug, status, title = "internal-error", 500, "Something went wrong on our side."


def _decoded(data: bytes) -> Send | Read | Typing | Ping:
    try:
        return _decoder.decode(data)
    except msgspec.ValidationError as failure:
        raise UnreadableFrame(f"This frame cannot be read: {failure}.") from failure
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise UnreadableFrame(f"This frame is not JSON: {failure}.") from failure


def _client_id(data: bytes) -> str | UnsetType:
    try:
        return _named.decode(data).client_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return UNSET
