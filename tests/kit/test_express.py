"""The short way to the busiest routes answers as the framework's own way does."""

import gzip
import json
from typing import Any
from uuid import uuid4

import pytest

from junzi import app
from junzi.checkout import http as checkout
from junzi.client import Client
from tests.support.market import Market, key

JSON = b'{"text": "nothing of ours"}'


class Answer:
    def __init__(self, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        self.status, self.headers = status, headers
        self.body = gzip.decompress(body) if headers.get(b"content-encoding") == b"gzip" else body

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Answer)
        return self.told() == other.told()

    def told(self) -> tuple[Any, ...]:
        names = (b"content-encoding", b"retry-after", b"vary", b"cache-control", b"x-content-type-options")
        kind = self.headers.get(b"content-type", b"").partition(b";")[0]
        return (self.status, kind, [self.headers.get(name) for name in names], json.loads(self.body))


async def asked(asgi: Any, path: str, token: str | None, body: bytes, **headers: str) -> Answer:
    sent = {"host": "localhost", "content-type": "application/json", "content-length": str(len(body)), **headers}
    if token is not None:
        sent["cookie"] = f"junzi_session={token}"
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
    }
    parts = [body[: len(body) // 2], body[len(body) // 2 :]]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await asgi(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in said[1:])
    headers = {name.lower(): value for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], headers, content)


@pytest.fixture
def both(market: Market, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The house as it is served, and without the short way."""
    served = app.asgi(market.house)
    monkeypatch.setattr(checkout, "OFTEN", [])
    return served, app.asgi(market.house)


@pytest.mark.parametrize(
    "body",
    [
        JSON,
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"text": 1}',
        b'{"text": "' + b"a" * 3_000 + b'"}',
        b"[" * 100_000,
        b'"' + b"a" * 300_000 + b'"',
    ],
)
async def test_a_body_is_read_and_refused_alike(market: Market, both: tuple[Any, Any], body: bytes) -> None:
    person = await market.person("xiaoman")
    short, long = [await asked(asgi, "/api/scans", token_of(person), body) for asgi in both]
    assert short == long and short.status >= 400


async def test_a_body_that_is_missing_is_a_bad_request(market: Market, both: tuple[Any, Any]) -> None:
    person = await market.person("xiaoman")
    assert [(await asked(asgi, "/api/scans", token_of(person), b"")).status for asgi in both] == [400, 400]


async def test_whoever_is_not_signed_in_hears_the_same(market: Market, both: tuple[Any, Any]) -> None:
    for token in (None, "", "somebody's", "x" * 5_000):
        short, long = [await asked(asgi, "/api/scans", token, JSON) for asgi in both]
        assert short == long and short.status == 401


async def test_an_idempotency_key_is_asked_for_alike(market: Market, both: tuple[Any, Any]) -> None:
    person = await market.person("xiaoman")
    body = b'{"code": "X", "amount_minor": 1}'
    for headers in (
        {},
        {"idempotency_key": "short"},
        {"idempotency_key": "k" * 65},
        {"idempotency_key": "good enough"},
    ):
        short, long = [await asked(asgi, "/api/orders", token_of(person), body, **headers) for asgi in both]
        assert short == long and short.status in (400, 422)


async def test_what_is_no_id_is_no_address(market: Market, both: tuple[Any, Any]) -> None:
    person = await market.person("xiaoman")
    body = json.dumps({"funding": "balance", "pin": "123456", "coupon_ids": []}).encode()
    for id in ("x", "1234", str(uuid4()), str(uuid4()).upper(), f"{uuid4()}0", uuid4().hex):
        path = f"/api/orders/{id}/payments"
        short, long = [await asked(a, path, token_of(person), body, idempotency_key=key()) for a in both]
        assert short == long and short.status == 404, id


async def test_a_purchase_is_answered_alike_and_compressed_alike(market: Market, both: tuple[Any, Any]) -> None:
    await market.campaign(*[(100, 0)] * 6)
    keeper, buyer = await market.person("keeper"), await market.shopper("buyer", balance_minor=10_000)
    await market.settle()
    shop = await market.shop(keeper)
    code = shop["code"]["code"]
    scan = json.dumps({"text": code}).encode()
    short, long = [await asked(asgi, "/api/scans", token_of(buyer), scan) for asgi in both]
    assert short == long and short.status == 200
    once, order = key(), json.dumps({"code": code, "amount_minor": 1_000}).encode()
    for encoding in ("gzip, br", "identity"):
        headers = {"idempotency_key": once, "accept_encoding": encoding}
        short, long = [await asked(asgi, "/api/orders", token_of(buyer), order, **headers) for asgi in both]
        assert short == long and short.status == 201 and len(short.body) > 1_000
        assert (b"content-encoding" in short.headers) == (encoding != "identity")


def token_of(person: Client) -> str:
    return person.token
