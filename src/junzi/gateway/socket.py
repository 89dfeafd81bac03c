"""WebSockets on the port of the HTTP server: uvicorn hands an upgraded connection over, picows carries its frames.

The only file that knows either library's inside. What picows leaves to its user is done here: the bound on a message in several
frames, an answer to frames that are too large, and an end to every connection when the server ends.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from picows import (
    WSAutoPingStrategy,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from junzi.gateway.connection import Connection
from junzi.gateway.gateway import Gateway
from junzi.gateway.model import MOST_FRAME_BYTES, PATH, CloseCode
from junzi.kit.errors import NotFound, Refusal
from junzi.kit.web import PROBLEM, WrongOrigin
from junzi.people.http import SEAT_PARAMETER, cookie_of

READ_BUFFER_BYTES = 2048
PING_IDLE_S, PING_ANSWER_S = 25.0, 20.0
CLOSE_ANSWER_S = 2.0
DISCARD_QUIET_S = 0.3
"""After a frame that is too large, the rest of it is read and thrown away until the peer is quiet for so long: closing
a socket with unread bytes resets it, and the peer would never see why."""

_NEVER = 1 << 62
_log = logging.LoggerAdapter(logging.getLogger("junzi.gateway.socket"))


def socket_class(gateway: Gateway) -> type:
    """The class for uvicorn's `ws` setting; uvicorn makes one object of it a connection."""

    sending = _Sending()

    class GatewaySocket(_Socket):
        def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:
            super().__init__(gateway, server_state, sending)

    return GatewaySocket


class _Sending:
    """Connections that were told something and have not sent it yet. All of them send in a moment, after those who became ready
    with whoever tells it: an answer to the same connection is often among them."""

    def __init__(self) -> None:
        self._waiting: list[_Frames] = []

    def soon(self, frames: "_Frames") -> None:
        if not self._waiting:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._flush)
        self._waiting.append(frames)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for frames in waiting:
            try:
                frames.flush()
            except Exception as failure:
                # One connection's end is not that of the others.
                _log.warning("nothing can be sent any more", exc_info=failure)


class _Socket(WSProtocol):  # type: ignore[misc]
    """One upgraded connection, from the replayed upgrade request to its end."""

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        return WSProtocol.__new__(cls)

    def __init__(self, gateway: Gateway, server_state: Any, sending: _Sending) -> None:
        self._server_state = server_state
        self._frames = _Frames(gateway, self, sending)
        self._unframed_bytes = 0
        self._discarding: bytearray | None = None
        self._discarded_at = 0.0
        super().__init__(
            None, None, False, self._listener_for, _log, True, 30, True, PING_IDLE_S, PING_ANSWER_S,
            WSAutoPingStrategy.PING_WHEN_IDLE, False, _NEVER, None, READ_BUFFER_BYTES,
        )  # fmt: skip

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # Whoever stands here is told when the server ends, and waited for.
        self._server_state.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take the upgrade request that uvicorn read."""
        while data:
            buffer = self.get_buffer(-1)
            taken = min(len(buffer), len(data))
            buffer[:taken] = data[:taken]
            del buffer
            self.buffer_updated(taken)
            data = data[taken:]
        self._unframed_bytes = 0

    def get_buffer(self, size_hint: int) -> Any:
        return super().get_buffer(size_hint) if self._discarding is None else self._discarding

    def buffer_updated(self, count: int) -> None:
        if self._discarding is not None:
            self._discarded_at = asyncio.get_running_loop().time()
            return
        # Counted from the end of the last frame; `on_frame` sets it back. More than the limit without a frame is a frame
        # beyond the limit, and need not be gathered to its end.
        self._unframed_bytes += count
        super().buffer_updated(count)
        if self._unframed_bytes > MOST_FRAME_BYTES + 14:
            self._frames.too_large()

    def framed(self, rest_bytes: int) -> None:
        """A frame is complete; so many bytes after it are in the buffer."""
        self._unframed_bytes = rest_bytes

    def discard(self) -> None:
        """Throw away what still comes, then end."""
        self._discarding = bytearray(MOST_FRAME_BYTES)
        loop = asyncio.get_running_loop()
        self._discarded_at = loop.time()
        give_up_at = loop.time() + CLOSE_ANSWER_S

        def look() -> None:
            quiet = loop.time() - self._discarded_at >= DISCARD_QUIET_S
            if quiet or loop.time() >= give_up_at:
                self.transport.disconnect()
            else:
                loop.call_later(DISCARD_QUIET_S / 2, look)

        loop.call_later(DISCARD_QUIET_S, look)

    def shutdown(self) -> None:
        """Called by uvicorn when the server ends."""
        self._frames.close(CloseCode.SERVER_RESTARTS)
        self.transport.disconnect()

    def connection_lost(self, failure: Exception | None) -> None:
        self._server_state.connections.discard(self)
        super().connection_lost(failure)

    def _listener_for(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        refusal = _refused(request)
        if refusal is None:
            self._frames.token = _cookie(request, cookie_of(_seat(request)))
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(), self._frames)
        answer = WSUpgradeResponse.create_error_response(
            HTTPStatus(refusal.status), msgspec.json.encode(refusal.problem()), {"Content-Type": PROBLEM}
        )
        return WSUpgradeResponseWithListener(answer, None)


class _Frames(WSListener):
    """What picows tells of one connection, and the wire that the connection speaks through."""

    def __init__(self, gateway: Gateway, socket: _Socket, sending: _Sending) -> None:
        self.token = ""
        self._sending = sending
        self._connection = Connection(gateway, self)
        self._socket = socket
        self._transport: WSTransport | None = None
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self._outgoing: list[bytes] = []
        self._outgoing_bytes = 0
        self._crowded = False

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.underlying_transport.pause_reading()
        self._connection.open(self.token)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._socket.framed(frame.tail_size)
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG and not transport.is_close_frame_sent:
            self._take(frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._connection.on_closed()

    def is_user_specific_pong(self, frame: WSFrame) -> bool:
        answered = frame.msg_type == WSMsgType.PONG
        if answered:
            self._socket.framed(frame.tail_size)
        return answered

    def pause_writing(self) -> None:
        self._crowded = True

    def resume_writing(self) -> None:
        self._crowded = False
        self._connection.on_drained()

    def send(self, data: bytes) -> None:
        """In a moment, with what else this connection is told in it: a write costs more than all that it carries."""
        if not self._outgoing:
            self._sending.soon(self)
        self._outgoing.append(data)
        self._outgoing_bytes += len(data)

    def flush(self) -> None:
        """Now."""
        outgoing, self._outgoing, self._outgoing_bytes = self._outgoing, [], 0
        transport = self._transport
        if not outgoing or transport is None or transport.is_disconnected or transport.is_close_frame_sent:
            return
        if len(outgoing) == 1:
            transport.send(WSMsgType.TEXT, outgoing[0])
        else:
            transport.underlying_transport.write(b"".join(map(_framed, outgoing)))
        if not self._crowded:
            self._connection.on_drained()

    def close(self, code: CloseCode) -> None:
        self.flush()
        transport = self._transport
        if transport is None or transport.is_close_frame_sent:
            return
        transport.send_close(code, code.name.lower())  # type: ignore[arg-type]
        if code == CloseCode.FRAME_TOO_LARGE:
            self._socket.discard()
            return
        self.start_reading()
        asyncio.get_running_loop().call_later(CLOSE_ANSWER_S, transport.disconnect, False)

    def unsent_bytes(self) -> int:
        if not self._crowded or self._transport is None:
            return self._outgoing_bytes
        buffered: int = self._transport.underlying_transport.get_write_buffer_size()
        return self._outgoing_bytes + buffered

    def start_reading(self) -> None:
        if self._transport is not None and not self._transport.is_disconnected:
            self._transport.underlying_transport.resume_reading()

    def too_large(self) -> None:
        if self._transport is not None and not self._transport.is_close_frame_sent:
            self._connection.on_too_large()

    def _take(self, frame: WSFrame) -> None:
        if self._parts_bytes + frame.payload_size > MOST_FRAME_BYTES:
            self.too_large()
        elif frame.fin and not self._parts:
            self._connection.on_frame(frame.get_payload_as_bytes())
        else:
            self._parts.append(frame.get_payload_as_bytes())
            self._parts_bytes += frame.payload_size
            if frame.fin:
                whole = b"".join(self._parts)
                self._parts, self._parts_bytes = [], 0
                self._connection.on_frame(whole)


def _framed(data: bytes) -> bytes:
    """A whole text frame of a server: RFC 6455, section 5.2."""
    length = len(data)
    if length < 126:
        return bytes((0x81, length)) + data
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2) + data
    return b"\x81\x7f" + length.to_bytes(8) + data


def _refused(request: WSUpgradeRequest) -> Refusal | None:
    """What speaks against an upgrade. Nothing may be raised here: picows shows the text of an exception to the peer."""
    try:
        path = request.path.decode("latin-1").partition("?")[0]
        if path != PATH:
            return NotFound()
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
            return WrongOrigin()
    except Exception as failure:
        _log.warning("unreadable upgrade request", exc_info=failure)
        return NotFound()
    return None


def _seat(request: WSUpgradeRequest) -> str:
    [seat, *_] = parse_qs(urlsplit(request.path.decode("latin-1")).query).get(SEAT_PARAMETER, [""])
    return seat


def _cookie(request: WSUpgradeRequest, name: str) -> str:
    for line in request.headers.getall("cookie", []):
        for part in line.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
    return ""
