"""A campaign's life at the desk, in a browser: drafted, agreed to by the shop that pays a part, approved, used, reported."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from junzi.client import Client
from tests.coupons.desk import opened_desk
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "campaigns"


async def test_a_campaign_is_drafted_approved_paused_and_reported(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    await desk.drafter.post("/api/ops/areas", {"zh": "老城", "en": "Old town"}, idempotency_key="the-old-town")
    buyer = await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(await market.person("guifang"))
    failures: list[str] = []
    async with chromium() as browser:
        drafter = await page_of(await browser.new_context(**DESK), desk.drafter, market.served.url, failures)
        approver = await page_of(await browser.new_context(**DESK), desk.approver, market.served.url, failures)
        await drafter.goto(f"{market.served.url}/ops")
        await drafter.get_by_test_id("manage-campaigns").click()
        await drafter.get_by_test_id("draft").click()
        await drafter.get_by_test_id("template-welcome").click()
        await expect(drafter.get_by_test_id("offer")).to_have_count(3)
        await drafter.get_by_test_id("template-answer").click()
        await drafter.locator("input[name=zh]").fill("开业满减")
        await drafter.locator("input[name=en]").fill("Opening gift")
        await expect(drafter.get_by_test_id("preview")).to_contain_text("开业满减")
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
        await market.settle()
        await approver.get_by_test_id("pause").click()
        await expect(approver.get_by_test_id("resume")).to_be_visible()
        await expect(approver.get_by_test_id("campaign-detail")).to_contain_text("30.00")
        await expect(approver.get_by_test_id("new-payers")).to_have_text("1")
        await expect(approver.locator("canvas")).to_have_count(2)
        await approver.screenshot(path=PICTURES / "2 report.png")
        await approver.get_by_test_id("resume").click()
        await expect(approver.get_by_test_id("pause")).to_be_visible()
        await approver.get_by_role("button", name="increase number").last.click()
        await approver.get_by_test_id("raise").click()
        asked = approver.get_by_test_id("raise-asked")
        await expect(asked).to_contain_text(desk.approver.me["name"])
        await expect(approver.get_by_test_id("raise-approve")).to_have_count(0)
        for size, scheme in ((DESK["viewport"], "light"), (PHONE["viewport"], "dark")):
            await drafter.set_viewport_size(size)
            await drafter.emulate_media(color_scheme=scheme)
            await drafter.reload()
            await drafter.get_by_role("button", name="开业满减").click()
            await expect(drafter.locator("canvas")).to_have_count(2)
            await drafter.screenshot(path=PICTURES / f"9 raise {scheme}.png", animations="disabled")
        await drafter.get_by_test_id("raise-approve").click()
        await expect(drafter.get_by_test_id("raise-asked")).to_have_count(0)
        approver.on("dialog", lambda dialog: dialog.accept())
        await approver.get_by_test_id("end").click()
        await expect(approver.get_by_test_id("end")).to_have_count(0)
    assert failures == []
    assert await market.value("select state from coupons.campaigns") == "ended"
    await market.books_are_right()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_shop_pays_a_part_and_all_of_it_is_done_on_phones(market: Market, scheme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    buyer = await market.shopper("xiaoman", balance_minor=100_000)
    await market.pay(buyer, await market.order(buyer, shop, 100_000))
    failures: list[str] = []

    async def phone(browser: Browser, who: Any) -> Page:
        context = await browser.new_context(**PHONE, color_scheme=scheme)
        return await page_of(context, who, market.served.url, failures)

    async with chromium() as browser:
        drafter, approver, owner = [await phone(browser, one) for one in (desk.drafter, desk.approver, keeper)]
        await drafter.goto(f"{market.served.url}/ops/campaigns")
        await drafter.get_by_test_id("draft").tap()
        await drafter.get_by_test_id("template-shop").tap()
        await expect(drafter.get_by_test_id("save")).to_be_disabled()
        await drafter.screenshot(path=PICTURES / f"3 phone draft {scheme}.png")
        await drafter.get_by_test_id("funder").locator("input").fill("山脚")
        await drafter.get_by_role("option", name="山脚面馆").tap()
        await drafter.get_by_test_id("save").scroll_into_view_if_needed()
        await drafter.screenshot(path=PICTURES / f"4 phone funder {scheme}.png")
        await drafter.get_by_test_id("save").tap()
        await expect(drafter.get_by_test_id("shares")).to_contain_text("等店主同意")

        await approver.goto(f"{market.served.url}/ops/campaigns")
        await approver.get_by_role("button", name="与店铺一起送").tap()
        await expect(approver.get_by_test_id("approve")).to_be_disabled()

        await market.settle()
        await owner.goto(f"{market.served.url}/shops/{shop['id']}")
        await owner.get_by_test_id("open-shares").tap()
        await expect(owner.get_by_test_id("share")).to_have_attribute("data-state", "asked")
        await owner.screenshot(path=PICTURES / f"5 phone share {scheme}.png")
        await owner.get_by_test_id("agree").tap()
        await expect(owner.get_by_test_id("share")).to_have_attribute("data-state", "agreed")

        await approver.reload()
        await approver.get_by_role("button", name="与店铺一起送").tap()
        await approver.get_by_test_id("approve").tap()
        await expect(approver.get_by_test_id("pause")).to_be_visible()
        [campaign] = (await buyer.get("/api/campaigns"))["campaigns"]
        await desk.claim(buyer, campaign)
        await desk.claim(keeper, campaign)
        await market.top_up(buyer, 3_000)
        order = await market.order(buyer, shop, 3_000)
        await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
        await market.settle()
        approver.on("dialog", lambda dialog: dialog.accept())
        await approver.reload()
        await approver.get_by_role("button", name="与店铺一起送").tap()
        await expect(approver.locator("canvas")).to_have_count(2)
        await approver.screenshot(path=PICTURES / f"6 phone report {scheme}.png")
        await approver.locator("summary").tap()
        await approver.get_by_test_id("withdraw").tap()
        await expect(approver.locator("summary")).to_have_count(0)
        await approver.get_by_test_id("end").tap()
        await expect(approver.get_by_test_id("end")).to_have_count(0)
        await approver.get_by_test_id("campaign-detail").locator(".funders").scroll_into_view_if_needed()
        await approver.screenshot(path=PICTURES / f"7 phone ended {scheme}.png")
        await owner.reload()
        await expect(owner.get_by_test_id("share")).to_have_attribute("data-state", "paid")
        await owner.screenshot(path=PICTURES / f"8 phone share paid {scheme}.png")
        await market.settle()
        await the_words_are_there(market, keeper, owner, scheme)
    assert failures == []
    await market.books_are_right()


async def the_words_are_there(market: Market, keeper: Client, owner: Page, scheme: str) -> None:
    """What the owner was told: asked, given, withdrawn, returned."""
    conversation = await market.served.conversation(keeper, kind="service", service="coupons")
    await owner.goto(f"{market.served.url}/chat/{conversation['id']}")
    await expect(owner.locator("[data-kind='coupons.share_returned']")).to_be_visible()
    for kind in ("coupons.share_asked", "coupons.given", "coupons.withdrawn"):
        await expect(owner.locator(f"[data-kind='{kind}']")).to_have_count(1)
    await owner.screenshot(path=PICTURES / f"9 phone told {scheme}.png")
