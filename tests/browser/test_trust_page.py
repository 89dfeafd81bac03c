"""How a phone comes to trust this machine: the page before and after it does, in both languages and schemes."""

import asyncio
import ssl
from pathlib import Path

import pytest
from playwright.async_api import expect

from junzi.cli.local_authority import fingerprint, secured
from tests.support.browser import PHONE, chromium
from tests.support.house import running
from tests.support.ports import free_port
from tests.support.talk import Talk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALIVE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


async def test_the_page_says_how_and_notices_when_it_is_done(database_url: str, tmp_path: Path) -> None:
    kept, port = secured(tmp_path / "https", "Junzi", []), free_port()
    told = {
        "https_url": f"https://localhost:{port}",
        "authority": str(kept.authority),
        "authority_fingerprint": fingerprint(kept.authority),
    }
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept.server)
    async with (
        running(database_url, tmp_path, **told) as served,
        await asyncio.start_server(answer, "127.0.0.1", port, ssl=context),
        chromium() as browser,
    ):
        talk = Talk(served, browser, "trust page")
        phone = await (await browser.new_context(**PHONE)).new_page()
        await phone.goto(f"{served.url}/trust")
        await expect(phone.get_by_test_id("trust-state")).to_contain_text("还不信任")
        async with phone.expect_download() as download:
            await phone.get_by_test_id("trust-download").tap()
        assert (await (await download.value).path()).read_bytes() == kept.authority.read_bytes()
        await phone.get_by_test_id("trust-iphone").tap()
        await expect(phone.locator("ol li")).to_have_count(4)
        await talk.examine(phone)
        await talk.picture(phone, "1 not yet")

        # A browser that believes every certificate stands for one to which ours was given.
        trusting = await browser.new_context(
            **PHONE | {"locale": "en-GB"}, ignore_https_errors=True, color_scheme="dark"
        )
        other = await trusting.new_page()
        await other.goto(f"{served.url}/trust")
        await expect(other.get_by_test_id("trust-state")).to_have_text("Trusted")
        await expect(other.get_by_test_id("trust-open")).to_have_attribute("href", told["https_url"])
        await talk.examine(other)
        await talk.picture(other, "2 trusted")


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ALIVE)
    await writer.drain()
    writer.close()
