"""Failed tries to sign in count against the address they come from, also behind a proxy that ends TLS."""

from pathlib import Path

import httpx
import pytest

from junzi.people.rules import FREE_FAILURES_OF_ADDRESS
from tests.support.house import PASSWORD
from tests.support.served import Served
from tests.support.town import found_town


@pytest.mark.slow
@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.1", 201), ("", 429)])
async def test_only_a_trusted_proxy_says_who_asks(
    database_url: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch, trusted: str, status: int
) -> None:
    monkeypatch.setenv("JUNZI_TRUSTED_PROXIES", trusted)
    await found_town(database_url)
    served = Served(database_url, data_folder, issuer_url="http://127.0.0.1:1", issuer_key="")
    await served.start()
    try:
        async with httpx.AsyncClient(base_url=served.url, trust_env=False, timeout=10) as proxy:
            anna = {"handle": "anna", "name": "Anna", "password": PASSWORD, "locale": "en"}
            assert (await proxy.post("/api/people", json=anna)).status_code == 201
            for number in range(FREE_FAILURES_OF_ADDRESS):
                assert await signed_in(proxy, "203.0.113.7", f"somebody_{number}", "a wrong one") == 403
            assert await signed_in(proxy, "203.0.113.7", "anna", PASSWORD) == 429
            assert await signed_in(proxy, "203.0.113.8", "anna", PASSWORD) == status
    finally:
        await served.stop()


async def signed_in(proxy: httpx.AsyncClient, address: str, handle: str, password: str) -> int:
    """The status of the answer to somebody at that address, as the proxy says."""
    headers = {"x-forwarded-for": address, "x-forwarded-proto": "https"}
    answer = await proxy.post("/api/sessions", json={"handle": handle, "password": password}, headers=headers)
    return answer.status_code
