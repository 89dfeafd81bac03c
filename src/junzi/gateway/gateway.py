"""Who is connected, and the delivery of hints to every device of everybody concerned."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from time import monotonic
from uuid import UUID

import msgspec
from prometheus_client import Counter, Gauge

from junzi.chat.model import mine, shown
from junzi.contacts.model import BLOCKS_CHANGED
from junzi.gateway.connection import Connection
from junzi.gateway.model import (
    PRESENCE,
    SENDS_PER_S,
    TYPING,
    Changed,
    CloseCode,
    Deleted,
    Edited,
    MineChanged,
    ReadBy,
    Told,
    TypingBy,
    TypingHint,
)
from junzi.kit.bus import Bus
from junzi.kit.database import Database
from junzi.messages import (
    COMMITTED,
    DELETED,
    EDITED,
    OPENED,
    OWN,
    READ,
    RESUMED,
    ConversationOpened,
    MessageCommitted,
    MessageEdited,
    Messages,
    MessagesDeleted,
    OwnChanged,
    ReadMoved,
)
from junzi.people.model import SESSION_ENDED

ENDED_REMEMBERED_S = 30.0
"""A connection whose session is being checked learns of its end even so, if it ended so lately."""

TOLD_TO_LOOK_AT_ONCE, TOLD_TO_LOOK_EVERY_S = 200, 0.1
"""When hints may have been lost, so many connections are told to look at a time: all of them at once would ask at once."""

_open = Gauge("junzi_gateway_connections", "Connections whose session was checked")
_deliveries = Counter("junzi_gateway_deliveries_total", "Hints sent to connections")
_encode = msgspec.json.Encoder().encode
_ids = msgspec.msgpack.Decoder(list[UUID])
_packed = msgspec.msgpack.Encoder(uuid_format="bytes").encode


class Gateway:
    """The connections of one process.

    sends_per_s: how many messages a second a connection may send for long
    """

    def __init__(self, database: Database, messages: Messages, bus: Bus, *, sends_per_s: float = SENDS_PER_S) -> None:
        self.database = database
        self.messages = messages
        self.bus = bus
        self.sends_per_s = sends_per_s
        self._by_person: dict[UUID, set[Connection]] = {}
        self._ended_lately: deque[tuple[float, UUID]] = deque()
        bus.subscribe(COMMITTED, self._on_committed)
        bus.subscribe(READ, self._on_read)
        bus.subscribe(OPENED, self._on_opened)
        bus.subscribe(EDITED, self._on_edited)
        bus.subscribe(OWN, self._on_own)
        bus.subscribe(DELETED, self._on_deleted)
        bus.subscribe(TYPING, self._on_typing)
        bus.subscribe(BLOCKS_CHANGED, self._on_blocks_changed)
        bus.subscribe(SESSION_ENDED, self._on_session_ended)
        bus.subscribe(RESUMED, lambda _: self._on_gap())
        bus.on_gap(self._on_gap)
        bus.answer(PRESENCE, self._tell_who_looks)
        self._to_tell: deque[Connection] = deque()

    def enter(self, connection: Connection) -> bool:
        """Deliver to this connection from here on. False when its session ended while it was being checked."""
        person = connection.person
        if person is None or any(session_id == person.session_id for _, session_id in self._ended_lately):
            return False
        self._by_person.setdefault(person.person_id, set()).add(connection)
        _open.inc()
        return True

    def leave(self, connection: Connection) -> None:
        """Deliver nothing more to it."""
        person = connection.person
        if person is None:
            return
        connections = self._by_person.get(person.person_id, set())
        if connection in connections:
            connections.remove(connection)
            _open.dec()
            if not connections:
                del self._by_person[person.person_id]

    def is_online(self, person_id: UUID) -> bool:
        """Whether a device of this person is connected here."""
        return person_id in self._by_person

    async def who_looks(self, person_ids: Sequence[UUID]) -> set[UUID]:
        """The sessions of these people whose devices are connected, here or at another process of this database."""
        looking = self._who_looks_here(person_ids)
        for answer in await self.bus.ask_all(PRESENCE, _packed(list(person_ids))):
            looking.update(_ids.decode(answer))
        return looking

    async def _tell_who_looks(self, question: bytes) -> bytes:
        return _packed(list(self._who_looks_here(_ids.decode(question))))

    def _who_looks_here(self, person_ids: Iterable[UUID]) -> set[UUID]:
        return {
            connection.person.session_id
            for person_id in person_ids
            for connection in self._by_person.get(person_id, ())
            if connection.person is not None
        }

    def _on_gap(self) -> None:
        """Hints may have been lost: everybody looks for themselves, some after the others."""
        is_telling = bool(self._to_tell)
        self._to_tell = deque(connection for connections in self._by_person.values() for connection in connections)
        if self._to_tell and not is_telling:
            self._tell_some_to_look()

    def _tell_some_to_look(self) -> None:
        changed = _encode(Changed())
        for _ in range(min(TOLD_TO_LOOK_AT_ONCE, len(self._to_tell))):
            connection = self._to_tell.popleft()
            connection.forget_places()
            connection.tell(changed)
        if self._to_tell:
            asyncio.get_running_loop().call_later(TOLD_TO_LOOK_EVERY_S, self._tell_some_to_look)

    def _on_committed(self, hint: MessageCommitted) -> None:
        self._deliver(hint.member_ids, Told(shown(hint.message)))

    def _on_read(self, hint: ReadMoved) -> None:
        self._deliver(hint.member_ids, ReadBy(hint.conversation_id, hint.member_id, hint.seq))

    def _on_opened(self, hint: ConversationOpened) -> None:
        # With facts and members, rights have changed.
        self._forget_places(hint.member_ids)
        self._deliver(hint.member_ids, Changed())

    def _on_edited(self, hint: MessageEdited) -> None:
        self._deliver(hint.member_ids, Edited(shown(hint.message)))

    def _on_own(self, hint: OwnChanged) -> None:
        # Hidden is only what no message came to since; who hides says so of the newest one.
        self._deliver([hint.member_id], MineChanged(hint.conversation_id, mine(hint.own, 0)))

    def _on_deleted(self, hint: MessagesDeleted) -> None:
        self._deliver([hint.member_id], Deleted(hint.conversation_id, hint.seqs, hint.cleared_seq))

    def _on_typing(self, hint: TypingHint) -> None:
        self._deliver(hint.member_ids, TypingBy(hint.conversation_id, hint.person_id))

    def _on_blocks_changed(self, pair: tuple[UUID, UUID]) -> None:
        self._forget_places(pair)

    def _forget_places(self, person_ids: Iterable[UUID]) -> None:
        for person_id in person_ids:
            for connection in self._by_person.get(person_id, ()):
                connection.forget_places()

    def _deliver(self, member_ids: list[UUID], frame: msgspec.Struct) -> None:
        told, data = 0, b""
        for member_id in member_ids:
            for connection in self._by_person.get(member_id, ()):
                data = data or _encode(frame)
                connection.tell(data)
                told += 1
        _deliveries.inc(told)

    def _on_session_ended(self, session_id: UUID) -> None:
        at = monotonic()
        while self._ended_lately and at - self._ended_lately[0][0] > ENDED_REMEMBERED_S:
            self._ended_lately.popleft()
        self._ended_lately.append((at, session_id))
        for connections in list(self._by_person.values()):
            for connection in list(connections):
                if connection.person is not None and connection.person.session_id == session_id:
                    connection.close(CloseCode.SESSION_ENDED)
