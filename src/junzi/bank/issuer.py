"""The adapter to a card issuer: its machine API, and nothing of ours.

Every call carries our reference, so that asking twice has one effect. A call that is not answered, or not in words that we know,
raises `Unanswered`: the issuer may have acted, and only asking again tells.
"""

from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec

from junzi.bank.model import BindingAnswer, PaymentAnswer, Unanswered

TIMEOUT_S = 5.0

T = TypeVar("T")


class Issuer:
    def __init__(self, url: str, key: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {key}"},
            timeout=timeout_s,
            trust_env=False,
            # Reading every authority's certificate takes its time, and is for nothing where nobody speaks TLS.
            verify=url.startswith("https:"),
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=10),
        )

    async def start_binding(self, reference: UUID, *, return_url: str, public_url: str) -> BindingAnswer:
        """Where the person confirms a card. Raises `Unanswered`."""
        body = {"reference": str(reference), "return_url": return_url, "holder_hint": "", "public_url": public_url}
        return _told(await self._ask(BindingAnswer, "POST", "/v1/bindings", body))

    async def binding(self, reference: UUID) -> BindingAnswer | None:
        """What became of a binding; `None` when the issuer never heard of it. Raises `Unanswered`."""
        answer = await self._ask(BindingAnswer, "GET", f"/v1/bindings/{reference}")
        if answer is not None and answer.state == "confirmed" and not _names_card(answer):
            raise Unanswered("a confirmed binding names no card")
        return answer

    async def debit(self, reference: UUID, *, token: str, amount_minor: int, currency: str, text: str) -> PaymentAnswer:
        """Take money from a card, once for a reference. Raises `Unanswered`."""
        body = {
            "reference": str(reference),
            "token": token,
            "amount_minor": amount_minor,
            "currency": currency,
            "text": text,
        }
        try:
            return _told(await self._ask(PaymentAnswer, "POST", "/v1/debits", body))
        except _NotTaken:
            return PaymentAnswer("declined", "refused-by-bank")

    async def debit_outcome(self, reference: UUID) -> PaymentAnswer | None:
        """What became of a debit; `None` when the issuer never heard of it. Raises `Unanswered`."""
        return await self._ask(PaymentAnswer, "GET", f"/v1/debits/{reference}")

    async def credit(
        self, reference: UUID, *, token: str, amount_minor: int, currency: str, text: str
    ) -> PaymentAnswer:
        """Give money back to a card, once for a reference. Raises `Unanswered`."""
        body = {
            "reference": str(reference),
            "token": token,
            "amount_minor": amount_minor,
            "currency": currency,
            "text": text,
        }
        try:
            return _told(await self._ask(PaymentAnswer, "POST", "/v1/credits", body))
        except _NotTaken:
            return PaymentAnswer("declined", "refused-by-bank")

    async def credit_outcome(self, reference: UUID) -> PaymentAnswer | None:
        """What became of a credit; `None` when the issuer never heard of it. Raises `Unanswered`."""
        return await self._ask(PaymentAnswer, "GET", f"/v1/credits/{reference}")

    async def revoke(self, token: str) -> None:
        """Make a card's token worthless. Raises `Unanswered`."""
        await self._ask(None, "DELETE", f"/v1/tokens/{token}")

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, kind: type[T] | None, method: str, path: str, body: dict[str, Any] | None = None) -> T | None:
        """The answer as `kind`; `None` when there is no such thing there, or no answer is wanted."""
        try:
            response = await self._client.request(method, path, json=body)
        except httpx.HTTPError as failure:
            raise Unanswered(type(failure).__name__) from failure
        if response.status_code == 404:
            return None
        if response.status_code in (400, 422):
            raise _NotTaken(f"{method} answered {response.status_code}")
        if not response.is_success:
            raise Unanswered(f"{method} answered {response.status_code}")
        try:
            return None if kind is None else msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as failure:
            raise Unanswered(f"{method} answered what we do not understand") from failure


def _names_card(answer: BindingAnswer) -> bool:
    return bool(answer.token and answer.bank_name and answer.last4 and answer.fingerprint)


def _told(answer: T | None) -> T:
    if answer is None:
        raise Unanswered("the issuer knows no such address")
    return answer


class _NotTaken(Unanswered):
    """The issuer does not take the request as it stands, so nothing happened and nothing will."""
