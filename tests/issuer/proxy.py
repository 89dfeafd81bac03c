"""The operator's web server as a browser sees it: the issuer's page below a path, the operator's own page elsewhere."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

import httpx

PREFIX = "/sandbox-bank"
OWN_PAGE = b"<!doctype html><html lang=en><title>Bound</title><main><h1>Back at the operator</h1></main></html>"
PASSED_ON = ("accept-language", "content-type")
PASSED_BACK = ("content-type", "location", "content-security-policy", "cache-control")


@dataclass
class Proxy:
    """`returned` holds the paths of its own that browsers came back to."""

    issuer_url: str = ""
    port: int = 0
    returned: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=60))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._client.aclose()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            writer.close()
            return
        method, path, _ = head.split("\r\n", 1)[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if path.startswith(f"{PREFIX}/"):
            passed = {name: headers[name] for name in PASSED_ON if name in headers}
            response = await self._client.request(
                method, f"{self.issuer_url}{path.removeprefix(PREFIX)}", content=body, headers=passed
            )
            back = {name: response.headers[name] for name in PASSED_BACK if name in response.headers}
            await _send(writer, response.status_code, back, response.content)
        else:
            self.returned.append(path)
            await _send(writer, 200, {"content-type": "text/html; charset=utf-8"}, OWN_PAGE)


async def _send(writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: bytes) -> None:
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await writer.drain()
    writer.close()
