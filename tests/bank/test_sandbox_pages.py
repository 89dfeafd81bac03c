"""The sandbox issuer's pages under our address: what passes, and what does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.house import Running, running

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n"
    b"Set-Cookie: junzi_session=chosen; Path=/\r\n\r\npage"
)


async def test_no_cookie_passes_to_the_issuer_or_from_it(database_url: str, tmp_path: Path) -> None:
    async with passed_through(database_url, tmp_path) as (served, asked):
        answer = await got(served, b"/pages/x", b"Cookie: junzi_session=secret\r\nAccept-Language: \xe9\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"page")
        assert b"set-cookie" not in answer.lower()
        [request] = asked
        assert request.startswith(b"GET /pages/x HTTP/1.1\r\n")
        assert b"secret" not in request


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/debits",
        b"/pages",
        b"/pages/",
        b"/pages/../v1/debits",
        b"/pages/%2e%2e/v1/debits",
        b"/pages/%252e%252e/v1/debits",
        b"/pages/..%2fv1%2fdebits",
        b"//v1/debits",
        b"/pages/a%3fb",
        b"/pages/%00",
        b"/pages/%0d%0aX:%20y",
        b"/pages/%e5%90%9b",
        b"/pages/@example.org/",
        b"/static/../v1",
    ],
)
async def test_nothing_but_a_page_or_a_file_of_it_is_asked_of_the_issuer(
    database_url: str, tmp_path: Path, path: bytes
) -> None:
    async with passed_through(database_url, tmp_path) as (served, asked):
        assert (await got(served, path)).startswith(b"HTTP/1.1 404 ")
        assert asked == []


@asynccontextmanager
async def passed_through(database_url: str, data: Path) -> AsyncIterator[tuple[Running, list[bytes]]]:
    """A served house, and the heads of what its issuer was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    issuer = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with issuer:
        url = f"http://127.0.0.1:{issuer.sockets[0].getsockname()[1]}"
        async with running(database_url, data, works=False, issuer_url=url, issuer_proxy=True) as served:
            yield served, asked


async def got(served: Running, path: bytes, headers: bytes = b"") -> bytes:
    """The whole answer, asked for byte by byte as no client library would."""
    host = served.url.removeprefix("http://")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    head = b"GET /sandbox-bank" + path + b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\nConnection: close\r\n"
    writer.write(head + headers + b"\r\n")
    answer = await reader.read()
    writer.close()
    return answer
