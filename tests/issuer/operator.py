"""The operator's end of the line in these tests: takes notifications over a real socket and remembers them."""

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass
class Received:
    at: float
    signature: str
    body: bytes

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = msgspec.json.decode(self.body)
        return facts

    def is_signed_with(self, key: str) -> bool:
        stamp, _, digest = self.signature.partition(",v1=")
        expected = hmac.new(key.encode(), stamp.removeprefix("t=").encode() + b"." + self.body, hashlib.sha256)
        return hmac.compare_digest(digest, expected.hexdigest())


@dataclass
class Operator:
    """`refusals` is how many notifications are answered with 503 before one is taken."""

    refusals: int = 0
    received: list[Received] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    @property
    def notify_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/notify"

    def told_of(self, reference: object) -> list[Received]:
        return [one for one in self.received if one.facts["reference"] == str(reference)]

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Received(time.monotonic(), headers["issuer-signature"], body))
        status = "204 No Content"
        if self.refusals:
            self.refusals -= 1
            status = "503 Service Unavailable"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
