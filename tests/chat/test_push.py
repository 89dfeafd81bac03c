"""Pushes: who gets a line, what it says, and what becomes of devices that are gone. The push service is one of our own."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from junzi.client import Client, Refused
from junzi.notices.push import MOST_FAILURES, encrypted
from tests.chat.talk import group, keeps, people, say
from tests.support.house import Running, running
from tests.support.until import until

AUTH = b"0123456789abcdef"


class Service:
    """A push service: what it was given, and what it answers."""

    def __init__(self) -> None:
        self.given: list[tuple[dict[str, str], bytes]] = []
        self.status = 201
        self.address = ""


class Phone:
    """A device's end of a subscription."""

    def __init__(self, service: Service, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.endpoint = f"http://{service.address}/push/{name}"

    @property
    def subscription(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "p256dh": base64url(point(self.key)), "auth": base64url(AUTH)}

    def read(self, body: bytes) -> Any:
        salt, sender, record = body[:16], body[21:86], body[86:]
        assert (int.from_bytes(body[16:20], "big"), body[20]) == (4096, 65)
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        keying = derived(shared, AUTH, b"WebPush: info\0" + point(self.key) + sender, 32)
        key = derived(keying, salt, b"Content-Encoding: aes128gcm\0", 16)
        plain = AESGCM(key).decrypt(derived(keying, salt, b"Content-Encoding: nonce\0", 12), record, None)
        assert plain.endswith(b"\x02")
        return json.loads(plain[:-1])


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    service = Service()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head[1:] if line}
        headers["path"] = head[0].split()[1]
        service.given.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {service.status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    service.address = f"{host}:{port}"
    try:
        yield service
    finally:
        server.close()


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as service:
        yield service


@pytest_asyncio.fixture
async def town(database_url: str, tmp_path: Path, service: Service) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, push_hosts=service.address) as served:
        yield served


async def drained(town: Running) -> None:
    """All that has happened so far is pushed, also what the background still had to tell."""
    await until(town.has_told)
    await town.house.pusher.drain()


async def test_a_phone_that_does_not_look_gets_a_line_it_alone_can_read(town: Running, service: Service) -> None:
    anna, bela = await people(town, "anna", "bela")
    id = await town.friends(anna, bela)
    await drained(town)
    phone = Phone(service, "anna")
    await anna.put("/api/push", phone.subscription)
    said = await say(bela, id, "a secret")
    await until(lambda: service.given)
    headers, body = service.given[0]
    assert (headers["path"], headers["content-encoding"], headers["ttl"]) == ("/push/anna", "aes128gcm", "86400")
    assert b"secret" not in body
    assert phone.read(body) == {
        "kind": "message", "conversation_id": id, "seq": said["seq"], "title": None, "body": None, "unread": 1
    }  # fmt: skip
    is_signed(headers["authorization"], service.address, (await anna.get("/api/push"))["public_key"])


async def test_words_are_pushed_where_the_person_wants_them(town: Running, service: Service) -> None:
    anna, bela = await people(town, "anna", "bela")
    crowd = await group(town, bela, anna)
    await drained(town)
    phone = Phone(service, "anna")
    await anna.put("/api/push", {**phone.subscription, "shows_text": True})
    assert (await anna.get("/api/push"))["shows_text"] is True
    await say(bela, crowd["id"], "at nine")
    await until(lambda: service.given)
    line = phone.read(service.given[0][1])
    assert (line["title"], line["body"]) == ("Hikers", "Bela: at nine")


async def test_who_looks_sleeps_or_muted_it_gets_none(town: Running, service: Service) -> None:
    anna, bela, cora = await people(town, "anna", "bela", "cora")
    id, crowd = await town.friends(anna, bela), (await group(town, bela, anna))["id"]
    await drained(town)
    await anna.put("/api/push", Phone(service, "anna").subscription)

    async def nothing_for(client: Client, conversation_id: str) -> None:
        await say(client, conversation_id, "psst")
        await drained(town)
        assert service.given == []

    await anna.connect()
    await nothing_for(bela, id)
    await anna.disconnect()
    await until(lambda: not town.house.gateway.is_online(_id(anna)))
    for hours in (("00:00", "23:59"), ("23:59", "23:58")):
        await anna.put("/api/push/quiet-hours", {"quiet_from": hours[0], "quiet_until": hours[1]})
        await nothing_for(bela, id)
    assert (await anna.get("/api/push"))["quiet_until"] == "23:58"
    await anna.put("/api/push/quiet-hours", {"quiet_from": None, "quiet_until": None})
    await keeps(anna, crowd, muted=True)
    await nothing_for(bela, crowd)
    stranger = await cora.post("/api/conversations", {"person_id": anna.me["id"]})
    await nothing_for(cora, stranger["id"])
    # Who is called is told, however muted it is.
    await say(bela, crowd, "@Anna", mentions=[anna.me["id"]])
    await until(lambda: len(service.given) == 1)


async def test_a_device_that_is_gone_is_forgotten(town: Running, service: Service) -> None:
    anna, bela = await people(town, "anna", "bela")
    id = await town.friends(anna, bela)
    await drained(town)
    service.status = 410
    await anna.put("/api/push", Phone(service, "anna").subscription)
    await say(bela, id, "hello?")
    await until(lambda: _none_is_subscribed(town))
    assert (await anna.get("/api/push"))["subscribed"] is False


async def test_a_service_that_fails_is_asked_again_and_given_up_at_last(town: Running, service: Service) -> None:
    anna, bela = await people(town, "anna", "bela")
    id = await town.friends(anna, bela)
    await drained(town)
    service.status = 500
    await anna.put("/api/push", Phone(service, "anna").subscription)
    for number in range(MOST_FAILURES):
        assert not await _none_is_subscribed(town)
        await say(bela, id, f"{number}")
        await until(lambda number=number: len(service.given) == number + 1)
    await until(lambda: _none_is_subscribed(town))


async def test_signing_out_ends_pushes(town: Running, service: Service) -> None:
    anna, bela = await people(town, "anna", "bela")
    id = await town.friends(anna, bela)
    await drained(town)
    await anna.put("/api/push", Phone(service, "anna").subscription)
    await anna.delete("/api/sessions/current")
    await say(bela, id, "gone?")
    await until(lambda: _none_is_subscribed(town))
    assert service.given == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://127.0.0.1:5432/"},
        {"endpoint": "https://example.org/push"},
        {"endpoint": "https://fcm.googleapis.com.example.org/x"},
        {"endpoint": "https://user:word@fcm.googleapis.com/x"},
        {"endpoint": "https://fcm.googleapis.com:8443/x"},
        {"endpoint": "https://[::1/"},
        {"p256dh": base64.urlsafe_b64encode(b"\x04" + b"x" * 64).decode()},
        {"p256dh": "not base64!"},
        {"auth": "AAAA"},
    ],
)
async def test_what_no_browser_gives_is_refused(town: Running, service: Service, wrong: dict[str, str]) -> None:
    anna = await town.person("anna")
    await anna.put("/api/push", {**Phone(service, "x").subscription, "endpoint": "https://fcm.googleapis.com/x"})
    with pytest.raises(Refused, match="invalid-request"):
        await anna.put("/api/push", {**Phone(service, "x").subscription, **wrong})


def test_a_line_is_encrypted_as_the_standard_shows() -> None:
    """RFC 8291, appendix A."""
    line = b"When I grow up, I want to be a watermelon"
    receiver = unbase64("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    sender = ec.derive_private_key(
        int.from_bytes(unbase64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    body = encrypted(
        line, receiver, unbase64("BTBZMqHH6r4Tts7J_aSIgg"), sender=sender, salt=unbase64("DGv6ra1nlYgDCS1FRnbzlw")
    )
    assert base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4M"
        "qgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


async def _none_is_subscribed(town: Running) -> bool:
    return await town.count("select count(*) from notices.subscriptions") == 0


def _id(client: Client) -> Any:
    return UUID(client.me["id"])


def is_signed(authorization: str, address: str, public_key: str) -> None:
    """RFC 8292: a token for that service, signed with the operator's key."""
    fields = dict(part.strip().split("=", 1) for part in authorization.removeprefix("vapid ").split(","))
    assert fields["k"] == public_key
    head, claims, signature = fields["t"].split(".")
    assert json.loads(unbase64(claims))["aud"] == f"http://{address}"
    raw = unbase64(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unbase64(public_key))
    whole = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(whole, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
