"""Word from the issuer that a debit or credit has an outcome. It only wakes the flow that waits; the outcome itself is asked for.

The signature is `Issuer-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">` under the shared key.
"""

import hashlib
import hmac
import re
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post

from junzi.bank.model import CreditAnswered, DebitAnswered
from junzi.kit import clock
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.errors import NotAllowed
from junzi.kit.web import decoded

FRESH_S = 300

_SECONDS = re.compile(r"[0-9]{1,12}")


class Notification(msgspec.Struct):
    reference: UUID
    kind: str


@post("/api/bank/notifications", status_code=204)
async def receive_notification(request: Request[Any, Any, Any], database: Database, settings: Settings) -> None:
    body = await request.body()
    if not _signed(request.headers.get("issuer-signature", ""), body, settings.issuer_key):
        raise NotAllowed("The signature does not fit, or is older than five minutes.")
    notification = decoded(body, Notification)
    if notification.kind == "debit":
        async with database.transaction() as tx:
            await tx.emit(DebitAnswered(debit_id=notification.reference))
    elif notification.kind == "credit":
        async with database.transaction() as tx:
            await tx.emit(CreditAnswered(credit_id=notification.reference))


def _signed(header: str, body: bytes, key: str) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at, signature = parts.get("t", ""), parts.get("v1", "")
    if not key or not _SECONDS.fullmatch(at) or abs(clock.now().timestamp() - int(at)) > FRESH_S:
        return False
    expected = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


ROUTES: list[Any] = [receive_notification]
