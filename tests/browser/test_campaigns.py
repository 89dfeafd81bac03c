"""A campaign's life at the desk, in a browser: one drafts, another approves, people ask, it is paused and reported."""

from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.coupons.desk import opened_desk
from tests.support.browser import CHROMIUM, DESK, FLAGS, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "campaigns"


async def test_a_campaign_is_drafted_approved_paused_and_reported(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    buyer = await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(await market.person("guifang"))
    failures: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        drafter = await page_of(await browser.new_context(**DESK), desk.drafter, market.served.url, failures)
        approver = await page_of(await browser.new_context(**DESK), desk.approver, market.served.url, failures)
        await drafter.goto(f"{market.served.url}/ops")
        await drafter.get_by_test_id("manage-campaigns").click()
        await drafter.get_by_test_id("draft").click()
        await drafter.locator("input[name=zh]").fill("开业满减")
        await drafter.locator("input[name=en]").fill("Opening gift")
        await expect(drafter.get_by_test_id("draft-form")).to_be_visible()
        await drafter.screenshot(path=PICTURES / "1 draft.png")
        await drafter.get_by_test_id("save").click()
        await expect(drafter.get_by_test_id("approve")).to_be_disabled()

        await approver.goto(f"{market.served.url}/ops/campaigns")
        await approver.get_by_role("button", name="开业满减").click()
        await approver.get_by_test_id("approve").click()
        await expect(approver.get_by_test_id("pause")).to_be_visible()

        [campaign] = (await buyer.get("/api/campaigns"))["campaigns"]
        await desk.claim(buyer, campaign)
        order = await market.order(buyer, shop, 3_000)
        await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
        await approver.get_by_test_id("pause").click()
        await expect(approver.get_by_test_id("resume")).to_be_visible()
        await expect(approver.get_by_test_id("campaign-detail")).to_contain_text("30.00")
        await approver.screenshot(path=PICTURES / "2 report.png")
        await approver.get_by_test_id("resume").click()
        approver.on("dialog", lambda dialog: dialog.accept())
        await approver.get_by_test_id("end").click()
        await expect(approver.get_by_test_id("end")).to_have_count(0)
        await browser.close()
    assert failures == []
    assert await market.value("select state from coupons.campaigns") == "ended"
    await market.books_are_right()
