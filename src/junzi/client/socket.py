"""The WebSocket of the client: frames in a queue, and why it ended."""

import asyncio
import logging
from typing import Any

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

MOST_FRAME_BYTES = 16 * 1024 * 1024

_log = logging.LoggerAdapter(logging.getLogger("junzi.client.socket"))


class Ended(msgspec.Struct, frozen=True):
    """The connection is gone. code: that of the close frame, 1006 without one."""

    code: int
    reason: str


class Socket:
    """An open connection. `incoming` yields every frame, and an `Ended` at last."""

    def __init__(self, transport: WSTransport, incoming: "asyncio.Queue[dict[str, Any] | Ended]") -> None:
        self.incoming = incoming
        self._transport = transport

    def send(self, frame: object) -> None:
        self.send_raw(msgspec.json.encode(frame))

    def send_raw(self, data: bytes, *, last: bool = True, first: bool = True) -> None:
        """Send bytes as they are: a whole text frame, or one part of it."""
        self._transport.send(WSMsgType.TEXT if first else WSMsgType.CONTINUATION, data, fin=last)

    def stop_reading(self) -> None:
        """Let what comes pile up at the server, as a device does that fell asleep."""
        self._transport.underlying_transport.pause_reading()

    def start_reading(self) -> None:
        self._transport.underlying_transport.resume_reading()

    async def close(self) -> None:
        self._transport.send_close()
        self._transport.disconnect()
        await self._transport.wait_disconnected()

    def abort(self) -> None:
        """Be gone without a word, as a phone that lost its network."""
        self._transport.disconnect(False)


async def connect(url: str, headers: dict[str, str]) -> Socket:
    """Open a connection. Raises picows' `WSError` when the server refuses the upgrade, `OSError` when nobody is there."""
    incoming: asyncio.Queue[dict[str, Any] | Ended] = asyncio.Queue()
    transport, _ = await ws_connect(
        lambda: _Listener(incoming),
        url,
        extra_headers=headers,
        max_frame_size=MOST_FRAME_BYTES,
        logger_name=_log,
        # With it, uvloop keeps the watch of a socket that was reset, and no later socket of that number can be opened.
        use_aiofastnet=False,
    )
    if transport.is_disconnected and incoming.empty():
        # What ends before it is upgraded looks to picows like one that was, and its listener never hears of the end.
        raise ConnectionResetError("the server hung up before it answered")
    return Socket(transport, incoming)


class _Listener(WSListener):
    def __init__(self, incoming: "asyncio.Queue[dict[str, Any] | Ended]") -> None:
        self._incoming = incoming

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._incoming.put_nowait(msgspec.json.decode(frame.get_payload_as_bytes()))
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        handshake = transport.close_handshake
        received = handshake.recv if handshake is not None else None
        code: Any = received.code if received is not None else 1006
        self._incoming.put_nowait(Ended(int(code), received.reason if received is not None else ""))

    def pause_writing(self) -> None:
        """What is written piles up in memory; a test that sends much means it."""

    def resume_writing(self) -> None:
        """Nothing waits for it."""
