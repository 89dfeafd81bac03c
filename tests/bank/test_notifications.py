"""Word from the issuer: only a hint, taken only with its signature, harmless however often it comes."""

import hashlib
import hmac
import json
from datetime import timedelta
from uuid import uuid4

import httpx

from junzi.kit import clock
from tests.issuer.bank import KEY
from tests.support.issuer import NOTIFICATIONS
from tests.support.market import Market

UNREADABLE = {
    "nothing": "",
    "no digest": "t=1",
    "no time": "v1=00",
    "a time in words": "t=yesterday,v1=00",
    "a digit that is no number": "t=\u00b2,v1=00",
    "a time beyond all numbers": f"t={'9' * 400},v1=00",
    "a time too long to read": f"t={'9' * 5000},v1=00",
    "nothing but marks": "=,=,,t",
}
STORED = "select count(*) from kit.outbox where type = 'bank.debit_answered' and payload->>'debit_id' = $1"
WAITING = STORED + " and delivered_at is null"


async def test_word_with_the_right_signature_is_stored(market: Market) -> None:
    body = word()
    assert (await send(market, body, signature(body))).status_code == 204
    assert await market.value(STORED, reference(body)) == 1


async def test_word_of_a_credit_wakes_nobody(market: Market) -> None:
    body = word(kind="credit")
    assert (await send(market, body, signature(body))).status_code == 204
    assert await market.value(STORED, reference(body)) == 0


async def test_word_of_a_debit_that_nobody_asked_for_is_harmless_however_often_it_comes(market: Market) -> None:
    body = word()
    for _ in range(3):
        assert (await send(market, body, signature(body))).status_code == 204
    assert await market.value(WAITING, reference(body)) == 3
    await market.settle()
    assert await market.value(WAITING, reference(body)) == 0
    await market.books_are_right()


async def test_word_with_a_signature_that_cannot_be_read_is_refused(market: Market) -> None:
    body = word()
    for what, header in UNREADABLE.items():
        answer = await send(market, body, header)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed"), what
    assert await market.value(STORED, reference(body)) == 0


async def test_word_that_somebody_else_signed_or_that_was_changed_or_is_old_is_refused(market: Market) -> None:
    body, changed, long_ago = word(), word(), clock.now() - timedelta(seconds=301)
    forged = {
        "another key": (body, signature(body, key="a key that somebody guessed")),
        "no key": (body, signature(body, key="")),
        "another body": (changed, signature(body)),
        "another time": (
            body,
            signature(body, at=int(long_ago.timestamp())).replace(str(int(long_ago.timestamp())), now()),
        ),
        "too old": (body, signature(body, at=int(long_ago.timestamp()))),
        "from the future": (body, signature(body, at=int(clock.now().timestamp()) + 400)),
        "not a digest": (body, f"t={now()},v1=\u00e9\u00e9"),
    }
    for forgery, (sent, header) in forged.items():
        answer = await send(market, sent, header)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed"), forgery
    assert await market.value(STORED, reference(body)) == await market.value(STORED, reference(changed)) == 0


async def test_signed_word_that_says_nothing_is_refused(market: Market) -> None:
    for body in (b"", b"null", b"[" * 9_999, b'{"reference": 1}', b'{"kind": "debit"}', b'{"kind": "\xff"}'):
        answer = await send(market, body, signature(body))
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request"), body[:20]


def word(kind: str = "debit") -> bytes:
    return json.dumps({"reference": str(uuid4()), "kind": kind, "state": "succeeded", "nonce": str(uuid4())}).encode()


def reference(body: bytes) -> str:
    return str(json.loads(body)["reference"])


def signature(body: bytes, *, key: str = KEY, at: int | None = None) -> str:
    stamp = now() if at is None else str(at)
    return f"t={stamp},v1={hmac.new(key.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def now() -> str:
    return str(int(clock.now().timestamp()))


async def send(market: Market, body: bytes, header: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=60) as client:
        headers = [(b"issuer-signature", header.encode("latin-1")), (b"content-type", b"application/json")]
        return await client.post(NOTIFICATIONS, content=body, headers=headers)
