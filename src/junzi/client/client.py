"""One signed-in device: HTTP requests, a WebSocket, and the catching up that belongs to it."""

import asyncio
import uuid
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from junzi.client.socket import Ended, Socket, connect

COOKIE = "junzi_session"
PAGE = 100


class Refused(Exception):
    """The server said no: `problem` is the object of RFC 9457, `slug` the last part of its type."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        self.slug = str(problem.get("type", "")).rpartition("/")[2]
        self.status = problem.get("status")
        super().__init__(f"{self.slug}: {problem.get('detail') or problem.get('title')}")


class Unreachable(Exception):
    """No answer: whether the request took effect is unknown. Repeat it with the same Idempotency-Key."""


class ConnectionEnded(Exception):
    """The WebSocket is closed; `code` says why."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}")


class Client:
    """Use as `async with Client(url) as client`. Everything answers plain dicts and lists, as they come over the wire.

    me:      what `sign_up` and `sign_in` answered
    cursor:  up to where `catch_up` has seen the conversations
    known:   the last message seen, by conversation id
    """

    def __init__(self, url: str, *, timeout_s: float = 20.0, verify: Any = True) -> None:
        self.url = url.rstrip("/")
        self.me: dict[str, Any] = {}
        self.cursor = 0
        self.known: dict[str, int] = {}
        self._http = httpx.AsyncClient(base_url=self.url, timeout=timeout_s, verify=verify, trust_env=False)
        self._timeout_s = timeout_s
        self._socket: Socket | None = None
        self._pump: asyncio.Task[None] | None = None
        self._frames: asyncio.Queue[dict[str, Any] | Ended] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self.disconnect()
        await self._http.aclose()

    async def request(self, method: str, path: str, json: object = None, *, idempotency_key: str | None = None) -> Any:
        """Ask over HTTP; the decoded answer, None when it is empty. Raises `Refused` or `Unreachable`."""
        headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        content = b"" if json is None else msgspec.json.encode(json)
        if content:
            headers["content-type"] = "application/json"
        response = await self.raw(method, path, content, headers)
        return msgspec.json.decode(response.content) if response.content else None

    async def raw(
        self, method: str, path: str, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Ask over HTTP with bytes for bytes. Raises `Refused` or `Unreachable`."""
        try:
            response = await self._http.request(method, path, content=content, headers=headers)
        except (httpx.HTTPError, AttributeError) as failure:
            # The last is what anyio makes of a connection that the other side closes as it is made.
            raise Unreachable(str(failure)) from failure
        if response.status_code >= 400:
            raise Refused(_problem(response))
        return response

    async def get(self, path: str) -> Any:
        return await self.request("GET", path)

    async def post(self, path: str, json: object = None, *, idempotency_key: str | None = None) -> Any:
        return await self.request("POST", path, {} if json is None else json, idempotency_key=idempotency_key)

    async def put(self, path: str, json: object = None) -> Any:
        return await self.request("PUT", path, {} if json is None else json)

    async def patch(self, path: str, json: object) -> Any:
        return await self.request("PATCH", path, json)

    async def delete(self, path: str) -> Any:
        return await self.request("DELETE", path)

    async def upload(self, kind: str, content: bytes, name: str = "", *, media_id: str | None = None) -> dict[str, Any]:
        """Upload a picture, voice or file; what it turned out to be. Raises `Refused` or `Unreachable`."""
        media_id = media_id or str(uuid.uuid4())
        answer = await self.raw("PUT", f"/api/media/{media_id}?kind={kind}&name={quote(name)}", content)
        found: dict[str, Any] = msgspec.json.decode(answer.content)
        return found

    async def sign_up(self, handle: str, name: str, password: str, locale: str = "zh") -> dict[str, Any]:
        wanted = {"handle": handle, "name": name, "password": password, "locale": locale}
        self.me = await self.post("/api/people", wanted)
        return self.me

    async def sign_in(self, handle: str, password: str) -> dict[str, Any]:
        self.me = await self.post("/api/sessions", {"handle": handle, "password": password})
        return self.me

    @property
    def token(self) -> str:
        """The session's token: with it another client is the same device."""
        return self._http.cookies.get(COOKIE) or ""

    @token.setter
    def token(self, token: str) -> None:
        self._http.cookies.clear()
        if token:
            self._http.cookies.set(COOKIE, token)

    async def connect(self, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Open the WebSocket and wait for its welcome. Raises `ConnectionEnded`, or what picows raises."""
        await self.disconnect()
        address = self.url.replace("http", "ws", 1) + "/ws"
        self._frames = asyncio.Queue()
        self._socket = await connect(address, {"Cookie": f"{COOKIE}={self.token}", **(headers or {})})
        self._pump = asyncio.create_task(self._sort(self._socket))
        return await self.receive("welcome")

    async def disconnect(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        if self._pump is not None:
            await self._pump
            self._pump = None

    @property
    def socket(self) -> Socket:
        """The open WebSocket, to send what no well-behaved client sends."""
        if self._socket is None:
            raise ConnectionEnded(1006, "not connected")
        return self._socket

    async def send_text(self, conversation_id: str, text: str, *, client_id: str | None = None) -> dict[str, Any]:
        """Write a text, as `send` does."""
        return await self.send(conversation_id, "text", {"text": text}, client_id=client_id)

    async def send(
        self, conversation_id: str, kind: str, payload: dict[str, Any], *, client_id: str | None = None
    ) -> dict[str, Any]:
        """Write a message and wait until it is committed: the `sent` frame. Raises `Refused` or `ConnectionEnded`.

        After `ConnectionEnded` or `TimeoutError` send it again under the same client_id: it is then the same message.
        """
        client_id = client_id or str(uuid.uuid4())
        frame = {
            "op": "send",
            "conversation_id": conversation_id,
            "client_id": client_id,
            "kind": kind,
            "payload": payload,
        }
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[client_id] = answer
        try:
            self.socket.send(frame)
            async with asyncio.timeout(self._timeout_s):
                return await answer
        finally:
            self._answers.pop(client_id, None)

    def mark_read(self, conversation_id: str, seq: int) -> None:
        self.socket.send({"op": "read", "conversation_id": conversation_id, "seq": seq})

    def type(self, conversation_id: str) -> None:
        """Let the others see that one is writing."""
        self.socket.send({"op": "typing", "conversation_id": conversation_id})

    async def ping(self) -> None:
        self.socket.send({"op": "ping"})
        await self.receive("pong")

    async def receive(self, op: str | None = None) -> dict[str, Any]:
        """The next frame, or the next of that kind; those before it are passed over. Raises `ConnectionEnded`."""
        async with asyncio.timeout(self._timeout_s):
            while True:
                frame = await self._frames.get()
                if isinstance(frame, Ended):
                    self._frames.put_nowait(frame)
                    raise ConnectionEnded(frame.code, frame.reason)
                if op is None or frame["op"] == op:
                    return frame

    @property
    def pending_frames(self) -> int:
        """How many frames have come that nobody asked for yet."""
        return self._frames.qsize()

    async def catch_up(self) -> list[dict[str, Any]]:
        """Everything written since the last time, in each conversation in order; from the start on a new device."""
        missed: list[dict[str, Any]] = []
        cursor, below, more = 0, "", True
        while more:
            page = await self.get(f"/api/conversations?cursor={self.cursor}&limit={PAGE}{below}")
            for conversation in page["conversations"]:
                missed += await self._missed(conversation["id"], conversation["head_seq"])
            cursor, below, more = cursor or page["cursor"], f"&below={page['below']}", page["more"]
        self.cursor = cursor
        return missed

    async def _missed(self, conversation_id: str, head_seq: int) -> list[dict[str, Any]]:
        missed: list[dict[str, Any]] = []
        while (known := self.known.get(conversation_id, 0)) < head_seq:
            path = f"/api/conversations/{conversation_id}/messages?after={known}&limit={PAGE}"
            stretch = (await self.get(path))["messages"]
            if not stretch:
                break
            missed += stretch
            self.known[conversation_id] = stretch[-1]["seq"]
        return missed

    async def _sort(self, socket: Socket) -> None:
        """Give answers to whoever waits for them, everything else to `receive`."""
        while True:
            frame = await socket.incoming.get()
            if isinstance(frame, Ended):
                self._frames.put_nowait(frame)
                for waiting in self._answers.values():
                    if not waiting.done():
                        waiting.set_exception(ConnectionEnded(frame.code, frame.reason))
                return
            answer = self._answers.get(frame.get("client_id", ""))
            if answer is None or answer.done():
                self._frames.put_nowait(frame)
            elif frame["op"] == "sent":
                answer.set_result(frame)
            elif frame["op"] == "refused":
                answer.set_exception(Refused(frame["problem"]))


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        problem = {}
    return {"type": "/problems/unknown", "title": response.reason_phrase, "status": response.status_code, **problem}
