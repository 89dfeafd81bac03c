"""In a browser: an owner changes what the shop says of itself, the desk looks at it, and shops are joined and parted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.standing.office import Office
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "details"


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        yield browser


async def test_a_change_is_asked_for_looked_at_and_made(market: Market, browser: Browser) -> None:
    office, failures = await Office.opened(market), list[str]()
    shop = await market.shop(office.keeper)
    await market.settle()
    page = await page_of(await browser.new_context(**PHONE), office.keeper, market.served.url, failures)
    await page.goto(f"{market.served.url}/shops/{shop['id']}")
    await page.get_by_test_id("open-profile").tap()
    await page.get_by_test_id("shop-place-field").fill("北门街 1 号")
    await page.locator(".choice").nth(2).tap()
    await picture(page, "1 new shop")
    await page.get_by_test_id("profile-save").tap()
    await expect(page.get_by_test_id("profile-name").locator("..")).to_contain_text("北门街 1 号")
    assert (await office.keeper.get(f"/api/shops/{shop['id']}"))["place"] == "北门街 1 号"

    await office.do(shop, "reviews", {"tier": "small"})
    await page.reload()
    await page.get_by_test_id("profile-name-field").fill("山脚书屋")
    await page.locator(".trade").nth(6).tap()
    await page.get_by_test_id("profile-save").tap()
    await expect(page.get_by_test_id("profile-waiting")).to_contain_text("山脚书屋")
    await expect(page.get_by_test_id("profile-name")).to_have_text("山脚面馆")
    await picture(page, "2 waits")
    await market.settle()

    desk = await page_of(await browser.new_context(**DESK), office.operator, market.served.url, failures)
    await desk.goto(f"{market.served.url}/ops/shops")
    await desk.get_by_test_id("desk-shop").click()
    await expect(desk.get_by_test_id("change")).to_contain_text("山脚书屋")
    await desk.screenshot(path=PICTURES / "3 desk.png", animations="disabled")
    await desk.get_by_test_id("make-change").click()
    await expect(desk.get_by_test_id("change")).to_have_count(0)
    await market.settle()
    await page.reload()
    await expect(page.get_by_test_id("profile-name")).to_have_text("山脚书屋")
    await page.goto(f"{market.served.url}/")
    await expect(page.get_by_text("山脚书屋").first).to_be_visible()
    await picture(page, "4 told")
    assert failures == []


async def test_shops_are_joined_and_parted_with_a_word_on_what_changes(market: Market, browser: Browser) -> None:
    keeper, failures = await market.person("guifang", "吴桂芳"), list[str]()
    await keeper.request("PATCH", "/api/me", {"locale": "en"})
    shop, other = await market.shop(keeper), await market.shop(keeper, "溪边面馆")
    page = await page_of(await browser.new_context(**PHONE, color_scheme="dark"), keeper, market.served.url, failures)
    await page.goto(f"{market.served.url}/shops/{shop['id']}/stores")
    await expect(page.get_by_test_id("join-shop")).to_be_visible()
    await picture(page, "5 stores, one")
    await page.get_by_test_id("join-shop").tap()
    await page.get_by_test_id("join-branch").fill("东门店")
    await expect(page.get_by_role("dialog").first).to_contain_text("山脚面馆 · 东门店")
    await page.screenshot(path=PICTURES / "6 what changes.png", animations="disabled")
    await page.get_by_test_id("join-now").tap()
    await expect(page.get_by_test_id("store")).to_have_count(2)
    await picture(page, "7 joined")
    await page.goto(f"{market.served.url}/shops/{other['id']}/profile")
    await expect(page.get_by_test_id("profile-name-field")).to_be_disabled()
    await picture(page, "8 named by")
    await page.goto(f"{market.served.url}/shops/{shop['id']}/stores")
    await page.get_by_test_id("part-store").tap()
    await page.screenshot(path=PICTURES / "9 part.png", animations="disabled")
    await page.get_by_role("button", name="Let it stand alone").tap()
    await expect(page.get_by_test_id("join-shop")).to_contain_text("溪边面馆")
    assert failures == []


async def picture(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", full_page=True)
