"""A client for benchmarks: one kept-alive HTTP connection with as little around it as can be."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import msgspec


class Wire:
    """One kept-alive connection; a client as small as can be, so that it takes little of the machine that it measures."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def post(self, path: str, token: str, body: object) -> dict[str, str]:
        sent = msgspec.json.encode(body)
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncookie: junzi_session={token}\r\nidempotency-key: {uuid4()}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(sent)}\r\n\r\n".encode()
            + sent
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        answer = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(f"{path}: {head.partition(bytes([13]))[0].decode()} {answer.decode()[:300]}")
        return json.loads(answer)  # type: ignore[no-any-return]


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
