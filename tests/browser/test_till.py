"""The till in a browser: an amount is charged, paid by phone and shown as paid; the figures have it; somebody is hired."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support.browser import COUNTER, PHONE, chromium, page_of
from tests.support.market import PIN, Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "till"


async def test_a_customer_pays_what_the_till_asks_for(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, buyer = await market.person("guifang", "吴桂芳"), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(keeper)
    await market.settle()
    failures: list[str] = []
    async with chromium() as browser:
        counter = await page_of(await browser.new_context(**COUNTER), keeper, market.served.url, failures)
        phone = await page_of(await browser.new_context(**PHONE), buyer, market.served.url, failures)
        await counter.goto(f"{market.served.url}/shops/{shop['id']}")
        await counter.get_by_test_id("open-till").click()
        await counter.get_by_test_id("charge-note").fill("两碗面")
        await counter.get_by_test_id("pay-amount").fill("18.50")
        await counter.screenshot(path=PICTURES / "1 amount.png")
        await counter.get_by_test_id("pad-confirm").click()
        await expect(counter.get_by_test_id("charge-code")).to_be_visible()
        await counter.wait_for_load_state("networkidle")
        await counter.screenshot(path=PICTURES / "2 code.png")

        code = await market.value("select code from codes.codes where kind = 'O'")
        await phone.goto(f"{market.served.url}/scan")
        await phone.get_by_test_id("scan-text").fill(f"{market.served.url}/c/{code}")
        await phone.locator(".paste button").tap()
        await expect(phone.get_by_test_id("payable")).to_contain_text("18.50")
        await expect(counter.get_by_test_id("charge-code")).to_have_count(0)
        await phone.screenshot(path=PICTURES / "3 order.png")
        await phone.get_by_test_id("pay").tap()
        for digit in PIN:
            await phone.keyboard.press(digit)
        await expect(phone.get_by_test_id("paid-seal")).to_be_visible()
        await market.settle()
        await expect(counter.get_by_test_id("paid-seal")).to_be_visible()
        await counter.screenshot(path=PICTURES / "4 paid.png")

        await counter.get_by_test_id("next-charge").click()
        await expect(counter.get_by_test_id("pay-amount")).to_have_value("")
        await counter.goto(f"{market.served.url}/shops/{shop['id']}")
        for asked in ("today", "week", "month"):
            await counter.get_by_test_id(f"range-{asked}").click()
            await expect(counter.get_by_test_id("figures-amount")).to_contain_text("18.50")
        await counter.screenshot(path=PICTURES / "5 figures.png", full_page=True)
        await counter.get_by_test_id("open-money").click()
        async with counter.expect_download() as download:
            await counter.get_by_test_id("statement-csv").click()
        lines = lines_of(await (await download.value).path())
        assert [line.split(",")[4] for line in lines] == ["amount", "", "18.50", "18.50", ""]
        await counter.go_back()

        await counter.get_by_test_id("open-staff").click()
        await counter.get_by_test_id("staff-handle").fill("xiaoman")
        await counter.locator(".invite button").click()
        await expect(counter.get_by_test_id("staff")).to_have_count(1)
        await counter.screenshot(path=PICTURES / "6 staff.png")
        await phone.goto(f"{market.served.url}/shops")
        await expect(phone.get_by_test_id("invitation")).to_be_visible()
        await phone.screenshot(path=PICTURES / "7 invitation.png")
        await phone.get_by_test_id("accept-invitation").tap()
        await market.settle()
        await phone.get_by_test_id("shop").tap()
        await expect(phone.get_by_test_id("figures-amount")).to_contain_text("18.50")
        for owners in ("open-money", "turn-shop", "open-staff"):
            await expect(phone.get_by_test_id(owners)).to_have_count(0)
        await phone.screenshot(path=PICTURES / "8 cashier.png", full_page=True)
        await counter.goto(f"{market.served.url}/shops/{shop['id']}/poster")
        await counter.get_by_test_id("renew-code").click()
        await counter.get_by_test_id("renew-code").click()
        await expect(counter.locator(f".poster > img:not([src='{shop['code']['svg']}'])")).to_be_visible()
        assert (await keeper.get(f"/api/shops/{shop['id']}"))["code"] != shop["code"]
    assert failures == []


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8-sig").splitlines()
