"""What every request passes: whom it names as its host, and which page it comes from."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from junzi.kit import database
from tests.support.market import Market, at_once

LONG = b"a" * 3_000


@pytest.mark.parametrize(
    "hosts",
    [
        [b"["],
        [b"[::1"],
        [b"[:::::]"],
        [b"x:99999"],
        [b"x:0"],
        [b"x:"],
        [b"evil@x"],
        [b"%00"],
        [LONG],
        [b"x", b"y"],
        [b"[", b"x"],
    ],
)
async def test_a_host_of_which_no_address_can_be_made_is_a_bad_request(market: Market, hosts: list[bytes]) -> None:
    person = await market.person("xiaoman")
    code = (await person.get("/api/wallet"))["code"]["code"].encode()
    for path in (b"/api/town", b"/api/codes/" + code + b"/image.svg", b"/"):
        lines = b"".join(b"Host: " + host + b"\r\n" for host in hosts)
        answer = await said(market, b"GET " + path + b" HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 "), path
        assert b"/problems/invalid-request" in answer


@pytest.mark.parametrize(
    "host", [b"localhost", b"127.0.0.1:8800", b"[::1]:8800", b"pay.example.org", b"my_shop.local:65535"]
)
async def test_every_host_that_is_one_is_answered(market: Market, host: bytes) -> None:
    answer = await said(market, b"GET /api/town HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("origin", [b"null", b"", b"file://", b"http://"])
async def test_a_page_of_nowhere_is_another_sites_page_even_where_no_host_is_named(
    market: Market, origin: bytes
) -> None:
    head = b"POST /api/sessions HTTP/1.0\r\nOrigin: " + origin + b"\r\nContent-Length: 2\r\n"
    for host in (b"", b"Host: \r\n"):
        assert b"/problems/wrong-origin" in await said(market, head + host + b"\r\n{}")


async def test_who_finds_no_free_connection_to_the_database_is_told_that_it_is_busy(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await market.person("xiaoman")
    async with AsyncExitStack() as stack:
        for _ in range(market.house.settings.pool_size):
            await stack.enter_async_context(market.house.database.read())
        monkeypatch.setattr(database, "PATIENCE_S", 0.2)
        assert await at_once(*[person.get("/api/me") for _ in range(5)]) == ["busy"] * 5
    assert (await person.get("/api/me"))["handle"] == "xiaoman"


async def said(market: Market, request: bytes) -> bytes:
    """The whole answer to what no client library would send."""
    name, _, port = market.host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer
