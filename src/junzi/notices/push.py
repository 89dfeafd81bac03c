"""Web Push: what a browser's push service is given so that a phone shows a line (RFC 8030, 8188, 8291, 8292).

The service reads nothing: the line is encrypted for the device. It is asked at an address that `rules.check_endpoint` let in.
"""

import asyncio
import base64
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from prometheus_client import Counter
from py_vapid import Vapid02

from junzi.kit import clock
from junzi.kit.database import Database
from junzi.notices import store
from junzi.notices.model import Subscription

RECORD_BYTES = 4096
KEPT_S = 24 * 3600
"""How long the service keeps a line for a phone that is off."""
PATIENCE_S = 10.0
MOST_FAILURES = 20
GONE = frozenset({404, 410})
TOKEN_LIFE = timedelta(hours=12)

_log = structlog.get_logger("push")
_pushes = Counter("junzi_pushes_total", "Lines given to push services", ["result"])


class Push:
    """Gives lines to push services, under the operator's key (VAPID).

    secret:      32 random bytes, the private key on P-256
    contact:     where a push service finds the operator: a `mailto:` or `https:` address
    more_hosts:  `host:port` of push services of the operator's own
    """

    def __init__(self, database: Database, secret: bytes, contact: str, more_hosts: frozenset[str]) -> None:
        self.more_hosts = more_hosts
        self._database = database
        self._vapid = Vapid02.from_raw(base64.urlsafe_b64encode(secret).rstrip(b"="))
        self._contact = contact
        self._http: httpx.AsyncClient | None = None
        self.public_key = _base64(_public_bytes(self._vapid.public_key))

    async def send(self, subscription: Subscription, line: bytes, *, topic: str, urgent: bool) -> None:
        """Give one line for one device; a device that is gone is forgotten, another failure is noted. Raises nothing.

        topic: a later line of the same one takes the place of an earlier that was not delivered yet; up to 32 characters
        """
        try:
            status = await self._given(subscription, line, topic, urgent)
        except (httpx.HTTPError, TimeoutError, ValueError) as failure:
            _log.info("push service not reached", failure=type(failure).__name__)
            status = 0
        arrived = 200 <= status < 300
        _pushes.labels("arrived" if arrived else "gone" if status in GONE else "failed").inc()
        async with self._database.transaction() as tx:
            if status in GONE:
                await store.delete_subscriptions(tx, [subscription.session_id])
            else:
                await store.note_push(tx, subscription.session_id, failed=not arrived, most_failures=MOST_FAILURES)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _given(self, subscription: Subscription, line: bytes, topic: str, urgent: bool) -> int:
        if self._http is None:
            # Reading every authority's certificate takes longer than all the rest, and most tests push nothing.
            self._http = await asyncio.to_thread(
                httpx.AsyncClient, timeout=PATIENCE_S, trust_env=False, follow_redirects=False
            )
        parts = urlsplit(subscription.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self._contact,
            "exp": int((clock.now() + TOKEN_LIFE).timestamp()),
        }
        headers = {
            **self._vapid.sign(claims),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(KEPT_S),
            "topic": topic,
            "urgency": "high" if urgent else "normal",
        }
        body = encrypted(line, subscription.p256dh, subscription.auth)
        async with asyncio.timeout(PATIENCE_S):
            answer = await self._http.post(subscription.endpoint, content=body, headers=headers)
        return answer.status_code


def encrypted(
    line: bytes,
    receiver_key: bytes,
    auth: bytes,
    *,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """A line as only that device reads it: one record of aes128gcm (RFC 8188), keyed as RFC 8291, section 3.4, says.

    receiver_key: the device's public key, an uncompressed point of P-256. Raises `ValueError` when it is none.
    """
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    salt = salt or secrets.token_bytes(16)
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver_key)
    sender_key = _public_bytes(sender.public_key())
    shared = sender.exchange(ec.ECDH(), receiver)
    keying = _derived(shared, auth, b"WebPush: info\0" + receiver_key + sender_key, 32)
    key = _derived(keying, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(keying, salt, b"Content-Encoding: nonce\0", 12)
    # The 2 marks the last record; it is the only one.
    record = AESGCM(key).encrypt(nonce, line + b"\x02", None)
    return salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender_key)]) + sender_key + record


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
