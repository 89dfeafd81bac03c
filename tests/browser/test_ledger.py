"""The operator reads the ledger in a browser: from the newest transfers to an account, its balance and its older transfers."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.coupons.desk import opened_desk
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "ledger"


async def test_an_account_is_found_and_read_page_by_page(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    buyer = await market.shopper("xiaoman", balance_minor=50_000)
    shop = await market.shop(await market.person("guifang"))
    for minor in range(100, 123):
        await market.pay(buyer, await market.order(buyer, shop, minor))
    failures: list[str] = []
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**DESK), desk.drafter, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops")
        await page.get_by_test_id("read-ledger").click()
        await expect(page.get_by_test_id("ledger-transfer")).to_have_count(20)
        await page.screenshot(path=PICTURES / "1 newest.png")

        payment = page.get_by_role("row").filter(has_text="付款").first
        await payment.get_by_test_id("ledger-credit").click()
        await expect(page.get_by_test_id("ledger-account")).to_contain_text("应付商户")
        await expect(page.get_by_test_id("ledger-balance")).to_contain_text("25.53")
        await page.screenshot(path=PICTURES / "2 account.png")
        account_id = page.url.rpartition("=")[2]
        await page.get_by_test_id("ledger-older").click()
        await expect(page.get_by_test_id("ledger-transfer")).to_have_count(23)
        await expect(page.get_by_test_id("ledger-older")).to_have_count(0)
        await page.get_by_test_id("ledger-other").last.click()
        await expect(page.get_by_test_id("ledger-account")).to_contain_text("用户余额")
        await expect(page.get_by_test_id("ledger-balance")).to_contain_text("474.47")

        await page.get_by_test_id("ledger-transfer").first.click()
        await expect(page.get_by_test_id("ledger-detail")).to_contain_text(account_id)
        await page.screenshot(path=PICTURES / "3 transfer.png")
        await page.keyboard.press("Escape")

        for wrong in ("not an id", "01890a5d-ac96-774b-bcce-b302099a8057"):
            await page.get_by_test_id("ledger-search").fill(wrong)
            await page.get_by_test_id("ledger-find").click()
            await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_test_id("ledger-search").fill(account_id)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("ledger-account")).to_contain_text("应付商户")

        dark = await browser.new_context(**{**PHONE, "color_scheme": "dark"})
        phone = await page_of(dark, desk.drafter, market.served.url, failures)
        await phone.goto(f"{market.served.url}/ops/ledger?account={account_id}")
        await expect(phone.get_by_test_id("ledger-balance")).to_contain_text("25.53")
        await phone.screenshot(path=PICTURES / "4 phone, dark.png")
        await phone.get_by_test_id("ledger-transfer").first.click()
        await expect(phone.get_by_test_id("ledger-detail")).to_contain_text(account_id)
        await phone.screenshot(path=PICTURES / "5 phone, dark, transfer.png")
    assert [failure for failure in failures if "404" not in failure] == []
    await market.books_are_right()
