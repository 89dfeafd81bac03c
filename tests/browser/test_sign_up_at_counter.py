"""A shop is signed up at its counter, in a browser: the promoter's phone, its owner's, and a printed code."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.test_field import filled
from tests.browser.test_offline import NO_NETWORK
from tests.browser.test_street import examine
from tests.support.browser import PHONE, chromium, page_of
from tests.support.issuer import SharedBank
from tests.support.market import Market, key, opened_market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "field"


@pytest_asyncio.fixture
async def market(database_url: str, tmp_path: Path, shared_bank: SharedBank) -> AsyncIterator[Market]:
    """One whose address phones reach, as it stands on posters."""
    async with opened_market(database_url, tmp_path, shared_bank, public_url="https://junzi.example") as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_promoter_signs_a_shop_up_and_its_owner_agrees_by_scan_or_by_code(market: Market, scheme: str) -> None:
    street, failures = await filled(market), list[str]()
    owner = await market.person("owner", "老张")
    await street.operator.post("/api/ops/sheets", {"blanks": 1}, idempotency_key=key())
    blank = await market.value("select code from field.blanks")
    rule = {"amount_minor": 2_000, "budget_minor": 10_000, "after_days": 30, "payers": 10}
    await street.operator.post("/api/ops/commissions", rule, idempotency_key=key())
    if scheme == "dark":
        for person in (owner, street.promoter):
            await person.request("PATCH", "/api/me", {"locale": "en"})
    async with chromium() as browser:
        look = {**PHONE, "color_scheme": scheme}
        phone = await page_of(await browser.new_context(**look), street.promoter, market.served.url, failures)
        owners = await page_of(await browser.new_context(**look), owner, market.served.url, failures)
        await phone.goto(f"{market.served.url}/field")
        await phone.get_by_test_id("stop").filter(has_text="老张面馆").tap()
        await phone.get_by_test_id("sign-up").tap()
        await expect(phone.get_by_test_id("sign-up-name")).to_have_value("老张面馆")
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"5 what {scheme}.png", animations="disabled", full_page=True)
        await phone.get_by_test_id("ask-owner").tap()
        await expect(phone.get_by_test_id("sign-up-code")).to_be_visible()
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"6 owner {scheme}.png", animations="disabled", full_page=True)
        if scheme == "light":
            token = await market.value("select token from field.sign_ups")
            await owners.goto(f"{market.served.url}/s/{token}")
            await expect(owners.get_by_test_id("asked-to-open")).to_contain_text("老张面馆")
            await examine(owners)
            await owners.screenshot(path=PICTURES / "7 owners phone light.png", animations="disabled")
            await owners.get_by_test_id("agree").tap()
            await expect(owners.get_by_test_id("to-my-shop")).to_be_visible()
        else:
            await owners.goto(f"{market.served.url}/shops")
            await owners.get_by_test_id("show-owner-code").tap()
            shown = await owners.get_by_test_id("owner-code-shown").inner_text()
            await examine(owners)
            await owners.screenshot(path=PICTURES / "7 owners phone dark.png", animations="disabled")
            await phone.get_by_test_id("owner-code").fill(shown.replace(" ", ""))
            await phone.get_by_test_id("type-owner-code").tap()
        await expect(phone.get_by_test_id("signed-up")).to_contain_text("老张")
        await phone.get_by_test_id("blank-text").fill(blank)
        await phone.get_by_test_id("bind-blank").tap()
        await expect(phone.get_by_test_id("blank-text")).to_have_value("")
        async with phone.expect_download() as opened:
            await phone.get_by_test_id("open-a5").tap()
        assert (await opened.value).suggested_filename == "poster-a5.pdf"
        for piece in ("a5", "sticker"):
            await phone.get_by_test_id(f"piece-{piece}").check()
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"8 stands {scheme}.png", animations="disabled", full_page=True)
        # Handed over where there is no network: it waits on the phone, and is there once.
        await phone.context.set_offline(True)
        await phone.get_by_test_id("hand-over-pieces").tap()
        await expect(phone.get_by_test_id("queued")).to_be_visible()
        await phone.context.set_offline(False)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0, timeout=30_000)
        await expect(phone.get_by_test_id("handed-over")).to_be_visible()
        await phone.get_by_test_id("on-with-route").tap()
        await expect(phone.get_by_test_id("stop")).to_have_count(2)
        await owners.goto(f"{market.served.url}/shops")
        await expect(owners.get_by_test_id("shop")).to_have_count(1)
        await market.settle()
        await phone.reload()
        await phone.get_by_test_id("earned").locator("summary").tap()
        await expect(phone.get_by_test_id("earned")).to_contain_text("20.00")
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"9 earned {scheme}.png", animations="disabled", full_page=True)
    shop_id = await market.value("select shop_id from field.blanks")
    assert shop_id == await market.value("select shop_id from field.sign_ups") is not None
    assert await market.rows("select pieces from field.visits where outcome = 'called'") == [(["a5", "sticker"],)]
    assert [one for one in failures if not any(known in one for known in NO_NETWORK)] == []
