"""The issuer's page as a browser walks it, for tests that want more than the machine API."""

import re

import httpx

from tests.support.issuer import SharedBank


async def walk(
    bank: SharedBank, page_url: str, *, card_number: str = "", cancel: bool = False, wrong_codes: int = 0
) -> str:
    """Type the card and the one-time code, or cancel; returns the address the browser is sent to at the end."""
    url = f"{bank.url}/pages/{page_url.rpartition('/')[2]}"
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=60) as browser:
        if cancel:
            return await _submitted(browser, url, step="cancel")
        await _submitted(browser, url, step="card", card_number=card_number, holder="林小满")
        code = _found(r'data-one-time-code="(\d{6})"', (await browser.get(url)).text)
        typed = [f"{(int(code) + 1) % 1_000_000:06d}"] * wrong_codes or [code]
        for one in typed:
            to = await _submitted(browser, url, step="code", code=one)
        return to


async def _submitted(browser: httpx.AsyncClient, url: str, **fields: str) -> str:
    token = _found(r'name="csrf_token" value="([^"]+)"', (await browser.get(url)).text)
    answer = await browser.post(url, data={"csrf_token": token, **fields})
    return str(answer.headers.get("location", ""))


def _found(pattern: str, html: str) -> str:
    match = re.search(pattern, html)
    assert match is not None, html
    return match.group(1)
