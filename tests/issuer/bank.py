"""The issuer as these tests meet it: a process, reached over a socket with the operator's key."""

import asyncio
import html
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from tests.issuer.operator import Operator
from tests.support.until import LONGEST_S, until

KEY = "a-key-that-only-these-tests-know"
PUBLIC_URL = "http://localhost:8810"
RETURN_URL = "http://localhost:1/wallet/cards/bound?binding=1"

WORKS = "6200000100000004"
INSUFFICIENT = "6200000000001003"
BLOCKED = "6200000000002001"
LIMITED = "6200000000003009"
SLOW = "6200000000004007"
SILENT = "6200000000005004"
TWICE = "6200000000006002"
CUT_AFTER = "6200000000007000"
CUT_BEFORE = "6200000000008008"
UNBINDABLE = "6200000000009006"

QUICK_TIMES = {
    "ISSUER_DELAY_MS": "300",
    "ISSUER_TIMEOUT_MS": "600",
    "ISSUER_RETRY_MS": "10",
}
# A connection that waits for its next request may be closed just as that is sent.
EACH_ITS_OWN_CONNECTION = httpx.Limits(max_keepalive_connections=0)


@dataclass
class Bank:
    """Starts a process of its own on entering and stops it on leaving; `said` is all it ever said."""

    database_url: str
    operator: Operator
    folder: Path
    times: dict[str, str] = field(default_factory=dict)
    public_url: str = PUBLIC_URL
    port: int = 0
    process: asyncio.subprocess.Process | None = None
    client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(
            timeout=20, trust_env=False, verify=False, limits=EACH_ITS_OWN_CONNECTION
        )
    )

    @property
    def said(self) -> str:
        path = self.folder / "issuer.err"
        return path.read_text() if path.exists() else ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.stop()

    async def stop(self) -> None:
        """The hard way, which is the quick one."""
        await self.client.aclose()
        if self.process is not None and self.process.returncode is None:
            await self.kill()

    async def start(self) -> None:
        self.process = await run_issuer(
            ["serve", "--port", str(self.port), *self.arguments()], QUICK_TIMES | self.times, self.folder / "issuer.err"
        )
        assert self.process.stdout is not None
        line = (await asyncio.wait_for(self.process.stdout.readline(), LONGEST_S)).decode()
        assert line.startswith("junzi-issuer listens on http://127.0.0.1:"), (line, self.said)
        self.port = int(line.rpartition(":")[2])
        await until(self._answers)

    def arguments(self) -> list[str]:
        key_file = self.folder / "issuer.key"
        key_file.write_text(f"{KEY}\n")
        return [
            *("--database-url", self.database_url, "--key-file", str(key_file)),
            *("--public-url", self.public_url, "--notify-url", self.operator.notify_url),
        ]

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def request(self, method: str, path: str, body: object = None, key: str = KEY) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return await self.client.request(method, f"{self.url}{path}", json=body, headers=headers)

    async def start_binding(self, **fields: object) -> dict[str, Any]:
        body = {"reference": str(uuid4()), "return_url": RETURN_URL, "holder_hint": "林小满"} | fields
        response = await self.request("POST", "/v1/bindings", body)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def open_page(self, **fields: object) -> "Page":
        binding = await self.start_binding(**fields)
        page = Page(self, binding["reference"], "/pages/" + binding["page_url"].rpartition("/")[2])
        await page.load()
        return page

    async def read_binding(self, reference: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.request("GET", f"/v1/bindings/{reference}")).json()
        return answer

    async def bind(self, card_number: str) -> str:
        """The token of a card bound without its page."""
        reference = (await self.start_binding())["reference"]
        response = await self.request("POST", f"/v1/bindings/{reference}/simulate", {"card_number": card_number})
        assert response.status_code == 200, response.text
        token: str = response.json()["token"]
        return token

    async def pay(self, kind: str, token: str, amount_minor: int, reference: UUID | None = None) -> httpx.Response:
        body = payment(token, amount_minor, reference or uuid4())
        return await self.request("POST", f"/v1/{kind}s", body)

    async def debit(self, token: str, amount_minor: int, reference: UUID | None = None) -> httpx.Response:
        return await self.pay("debit", token, amount_minor, reference)

    async def find_debit(self, reference: UUID) -> httpx.Response:
        return await self.request("GET", f"/v1/debits/{reference}")

    async def _answers(self) -> bool:
        try:
            return (await self.client.get(f"{self.url}/healthz")).status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class Page:
    """A page of the issuer and what a browser would do with it: keep its fields, follow its own redirects."""

    bank: Bank
    reference: str
    path: str
    response: httpx.Response | None = None
    html: str = ""
    language: str = "en-GB"

    @property
    def csrf_token(self) -> str:
        return re.findall(r'name="csrf_token" value="([^"]+)"', self.html)[0]

    @property
    def faults(self) -> list[str]:
        found = re.findall(r'<p class="(?:fault|notice|gone)"[^>]*>([^<]+)</p>', self.html)
        return [html.unescape(text) for text in found]

    @property
    def message_code(self) -> str:
        return re.findall(r'data-one-time-code="(\d{6})"', self.html)[0]

    @property
    def wrong_code(self) -> str:
        return f"{(int(self.message_code) + 1) % 1_000_000:06d}"

    async def load(self, query: str = "") -> httpx.Response:
        self.response = await self.bank.client.get(
            f"{self.bank.url}{self.path}{query}", headers={"Accept-Language": self.language}
        )
        self.html = self.response.text
        return self.response

    async def submit(self, step: str, **fields: str) -> httpx.Response:
        """Sends a form; loads the page anew where the answer leads to itself."""
        data = {"csrf_token": self.csrf_token, "step": step} | fields
        headers = {"Accept-Language": self.language}
        self.response = await self.bank.client.post(f"{self.bank.url}{self.path}", data=data, headers=headers)
        self.html = self.response.text or self.html
        location = self.response.headers.get("location", "")
        if location.startswith(self.path.rpartition("/")[2]):
            await self.bank.client.get(self.response.url.join(location))
            await self.load()
        return self.response

    async def enter_card(self, card_number: str, holder: str = "林小满") -> httpx.Response:
        return await self.submit("card", card_number=card_number, holder=holder)

    async def enter_code(self, code: str) -> httpx.Response:
        return await self.submit("code", code=code)


def payment(token: str, amount_minor: int, reference: UUID, **fields: object) -> dict[str, object]:
    body: dict[str, object] = {"reference": str(reference), "token": token, "amount_minor": amount_minor}
    return body | {"currency": "CNY", "text": "Junzi top-up"} | fields


async def run_issuer(
    arguments: list[str], environment: dict[str, str] | None = None, stderr: Path | None = None
) -> asyncio.subprocess.Process:
    """A process of the issuer's command line."""
    command = [sys.executable, "-m", "junzi_issuer.cli", *arguments]
    sink = os.open(stderr or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=sink, env=os.environ | (environment or {})
        )
    finally:
        os.close(sink)


async def audit(database_url: str) -> tuple[int, str]:
    """Exit code and words of `junzi-issuer audit`."""
    process = await run_issuer(["audit", "--database-url", database_url])
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
