"""One bus for several processes that serve the same database: NATS core carries what each publishes to all others.

Hints travel in frames, as many in one as gathered meanwhile. Frames of a process are numbered, and one goes out every second
even when there is nothing to say: a number that is missing, or a process that falls silent, is a gap, and whoever cares looks at
the database. NATS keeps nothing, and need not.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncpg
import msgspec
import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from prometheus_client import Counter

from junzi.kit.bus import Bus, Hint, NobodyAnswers, Receiver, Respond, Subject
from junzi.kit.errors import Busy

CONNECT_S = 10.0
ANSWER_S = 3.0
"""How long an answer is waited for; after that it is unknown what became of the question."""
ASK_ALL_S = 0.3
WORD_EVERY_S, SILENT_AFTER_S = 1.0, 3.5
MOST_FRAME_BYTES = 512 * 1024
"""Half of what a NATS server takes as it is shipped, and more than the largest hint."""
MOST_OUTGOING_BYTES = 16 * 1024 * 1024
"""More than this unsent is thrown away; the others see a gap."""
MOST_ANSWERING = 512
"""Questions that are being answered at a time; more are told "busy"."""
_NOT_HERE = b"\0"
"""What a process says that has just stopped answering: with another try the question reaches whoever answers now."""
_RECONNECT_S = 0.1
_PING_S = 5

_log = structlog.get_logger("bus")
_frames = Counter("junzi_bus_frames_total", "Frames of hints from other processes")
_gaps = Counter("junzi_bus_gaps_total", "Times when hints of another process may have been lost")
_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


class NatsUnreachable(Exception):
    """No NATS server answers."""


class _Frame(msgspec.Struct, array_like=True, frozen=True):
    """number: counts from 1 in the life of the sender. hints: the subject's name and the hint, in order"""

    sender: int
    number: int
    hints: list[tuple[str, msgspec.Raw]]


class _Peer(msgspec.Struct):
    """Another process: its last frame, when it came, and whether a gap was told since it fell silent."""

    number: int
    heard_at: float
    silent: bool = False


_frame = msgspec.msgpack.Decoder(_Frame)


class NatsBus(Bus):
    """The bus of one of several processes. Its own hints are told here at once, and to the others in a moment."""

    reaches_others = True

    def __init__(self, client: Client, prefix: str) -> None:
        super().__init__()
        self._client = client
        self._prefix = prefix
        self._me = secrets.randbits(63)
        self._number = 0
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}
        self._peers: dict[int, _Peer] = {}
        self._outgoing: list[tuple[str, msgspec.Raw]] = []
        self._outgoing_bytes = 0
        self._wake = asyncio.Event()
        self._answering = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.create_task(self._send_all(), name="bus sends")
        self._watching = asyncio.create_task(self._watch(), name="bus watches")

    @property
    def up(self) -> bool:
        return self._client.is_connected

    async def open(self) -> None:
        """Hear what the others say."""
        await self._client.subscribe(f"{self._prefix}.hints", cb=self._hear)
        await self._client.flush()

    def subscribe(self, subject: Subject[Hint], receiver: Receiver[Hint], *, own: bool = False) -> None:
        super().subscribe(subject, receiver, own=own)
        if not own:
            self._decoders[subject.name] = msgspec.msgpack.Decoder(subject.type)

    def publish(self, subject: Subject[Hint], hint: Hint) -> None:
        super().publish(subject, hint)
        encoded = _encoder.encode(hint)
        if self._outgoing_bytes + len(encoded) > MOST_OUTGOING_BYTES:
            # A number that nobody gets is how the others learn of it.
            self._number += 1
            return
        self._outgoing.append((subject.name, msgspec.Raw(encoded)))
        self._outgoing_bytes += len(encoded)
        self._wake.set()

    async def ask(self, name: str, question: bytes) -> bytes:
        try:
            answer = await self._client.request(f"{self._prefix}.ask.{name}", question, timeout=ANSWER_S)
        except NoRespondersError:
            raise NobodyAnswers from None
        except Exception as failure:
            # Not connected, or no answer in time: it may or may not have got there.
            _log.warning("no answer", name=name, reason=str(failure) or type(failure).__name__)
            raise Busy from failure
        if answer.data == _NOT_HERE:
            raise NobodyAnswers
        if not answer.data:
            raise Busy
        return answer.data

    async def ask_all(self, name: str, question: bytes) -> list[bytes]:
        expected = sum(not peer.silent for peer in self._peers.values())
        if not expected or not self.up:
            return []
        answers: list[bytes] = []
        inbox = self._client.new_inbox()
        replies = await self._client.subscribe(inbox, max_msgs=expected)
        try:
            await self._client.publish(f"{self._prefix}.ask.{name}", question, reply=inbox)
            async with asyncio.timeout(ASK_ALL_S):
                while len(answers) < expected:
                    reply = await replies.next_msg(timeout=ASK_ALL_S)
                    answers.append(reply.data)
        except Exception:
            # Whoever does not answer within a moment does not count.
            return [answer for answer in answers if answer not in (b"", _NOT_HERE)]
        finally:
            with suppress(Exception):
                await replies.unsubscribe()
        return [answer for answer in answers if answer not in (b"", _NOT_HERE)]

    def answer(self, name: str, respond: Respond) -> Callable[[], None]:
        over = asyncio.Event()
        gone = False

        async def take(question: Msg) -> None:
            # A subscription that could not be taken back may come again with the connection.
            if gone:
                return
            # The client waits for what is called here before it reads on.
            if over.is_set():
                await question.respond(_NOT_HERE)
            elif self._answering >= MOST_ANSWERING:
                await question.respond(b"")
            else:
                self._start(self._respond(question, respond))

        async def serve() -> None:
            nonlocal gone
            asked = await self._client.subscribe(f"{self._prefix}.ask.{name}", cb=take)
            try:
                await over.wait()
            finally:
                with suppress(Exception):
                    # What is on its way is told so.
                    await asked.drain()  # type: ignore[no-untyped-call]
                gone = True

        self._start(serve())
        return over.set

    async def close(self) -> None:
        self._watching.cancel()
        self._sending.cancel()
        await asyncio.gather(self._watching, self._sending, return_exceptions=True)
        with suppress(Exception):
            while self._outgoing:
                await self._send_frame()
            await self._client.flush(1)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(Exception):
            await self._client.close()

    async def _respond(self, question: Msg, respond: Respond) -> None:
        self._answering += 1
        try:
            answer = await respond(question.data)
        except Busy:
            answer = b""
        except Exception as failure:
            _log.error("a question could not be answered", exc_info=failure)
            answer = b""
        finally:
            self._answering -= 1
        with suppress(Exception):
            await question.respond(answer)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self) -> None:
        while True:
            # Not `wait_for`: until Python 3.12 it forgets that it was cancelled when woken at the same moment.
            with suppress(TimeoutError):
                async with asyncio.timeout(WORD_EVERY_S):
                    await self._wake.wait()
            self._wake.clear()
            await self._send_frame()
            while self._outgoing:
                await self._send_frame()

    async def _send_frame(self) -> None:
        taken, size = 0, 0
        for _, hint in self._outgoing:
            if taken and size + len(memoryview(hint)) > MOST_FRAME_BYTES:
                break
            taken += 1
            size += len(memoryview(hint))
        hints, self._outgoing = self._outgoing[:taken], self._outgoing[taken:]
        self._outgoing_bytes -= size
        self._number += 1
        try:
            await self._client.publish(f"{self._prefix}.hints", _encoder.encode(_Frame(self._me, self._number, hints)))
        except Exception as failure:
            # Not connected for so long that even the client's buffer is full. The number is gone with it.
            _log.warning("hints were lost", reason=str(failure) or type(failure).__name__)

    async def _hear(self, message: Msg) -> None:
        try:
            frame = _frame.decode(message.data)
        except msgspec.MsgspecError as defect:
            _log.error("unreadable frame", reason=str(defect))
            return
        if frame.sender == self._me:
            return
        _frames.inc()
        peer = self._peers.get(frame.sender)
        if peer is None:
            peer = self._peers[frame.sender] = _Peer(0, 0.0)
        gap = frame.number != peer.number + 1
        peer.number, peer.heard_at, peer.silent = frame.number, asyncio.get_running_loop().time(), False
        for name, encoded in frame.hints:
            receivers = self._receivers.get(name)
            if not receivers:
                continue
            try:
                hint = self._decoders[name].decode(encoded)
                for receiver in receivers:
                    receiver(hint)
            except Exception as failure:
                _log.error("a hint from another process failed", subject=name, exc_info=failure)
        if gap:
            self._tell_gap()

    async def _watch(self) -> None:
        """A process that fell silent may have had something to say that nobody heard."""
        while True:
            await asyncio.sleep(WORD_EVERY_S)
            now = asyncio.get_running_loop().time()
            quiet = [peer for peer in self._peers.values() if not peer.silent and now - peer.heard_at > SILENT_AFTER_S]
            for peer in quiet:
                peer.silent = True
            if quiet:
                self._tell_gap()

    def _tell_gap(self) -> None:
        _gaps.inc()
        for receiver in self._told_of_gaps:
            receiver()


async def open_nats_bus(nats_url: str, database_url: str) -> NatsBus:
    """Join the processes that serve this database. Raises `NatsUnreachable`, or what asyncpg raises.

    nats_url: one or several `nats://…` (or `tls://…`) with commas between
    """
    prefix = await _prefix(database_url)

    async def failed(failure: Exception) -> None:
        _log.warning("nats", reason=str(failure) or type(failure).__name__)

    async def lost() -> None:
        _log.warning("nats connection lost")

    async def regained() -> None:
        _log.info("nats connection regained")

    try:
        async with asyncio.timeout(CONNECT_S):
            client = await nats.connect(
                [one.strip() for one in nats_url.split(",")],
                name="junzi",
                error_cb=failed,
                disconnected_cb=lost,
                reconnected_cb=regained,
                # What one says oneself is told without a detour.
                no_echo=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=_RECONNECT_S,
                connect_timeout=2,
                ping_interval=_PING_S,
                max_outstanding_pings=2,
            )
    except Exception as failure:
        raise NatsUnreachable("No NATS server answers at the addresses of JUNZI_NATS_URL.") from failure
    bus = NatsBus(client, prefix)
    await bus.open()
    return bus


async def _prefix(database_url: str) -> str:
    """What this database's subjects begin with: two databases may share a NATS, and a copy of one is another."""
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        server = await connection.fetchval("select system_identifier from pg_control_system()")
        database = await connection.fetchval("select oid from pg_database where datname = current_database()")
    finally:
        await connection.close()
    return f"junzi.{server}.{database}"
