"""The desk of the third, in a browser: a survey drawn, looked at, closed, and the gate opened by it."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.coupons.desk import opened_desk
from tests.growth.test_calendar import moved
from tests.growth.test_third import PLACES, filled, looked, looked_and_closed
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "third"


async def test_a_survey_opens_the_gate(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    street, blue = await filled(market)
    failures: list[str] = []
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**DESK), street.operator, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops")
        await page.get_by_test_id("third-desk").click()
        await expect(page.get_by_test_id("gate")).to_contain_text("门槛关闭")
        await page.get_by_test_id("draw").click()
        await expect(page.get_by_test_id("close-survey")).to_be_disabled()
        phone = await page_of(await browser.new_context(**PHONE), street.promoter, market.served.url, failures)
        await phone.goto(f"{market.served.url}/discover")
        await phone.get_by_test_id("looks").click()
        await phone.get_by_test_id("looks").get_by_role("button").first.click()
        for what in ("ours", "rivals"):
            await phone.get_by_test_id(what).click()
        await phone.screenshot(path=PICTURES / "phone.png", animations="disabled")
        await phone.get_by_test_id("send-look").click()
        await expect(phone.get_by_test_id("looks").get_by_role("listitem")).to_have_count(PLACES - 1)
        assert await market.value("select count(*) from field.survey_places where ours = 1 and rivals = 1") == 1
        await looked(street, ours=4, rivals=PLACES)
        await page.reload()
        await page.get_by_test_id("close-survey").click()
        await expect(page.get_by_test_id("close-survey")).to_have_count(0)
        await market.settle()
        await page.reload()
        await expect(page.get_by_test_id("gate")).to_contain_text("门槛已打开")
        await expect(page.get_by_test_id("ratio-Blue Wallet")).to_contain_text("可以宣布")
        await looked_and_closed(street, blue, ours=5, rivals=PLACES)
        await moved(street.operator, blue["id"])
        await page.reload()
        await expect(page.get_by_test_id("ratio-Blue Wallet").locator("canvas")).to_have_count(1)
        await expect(page.get_by_test_id("chart-flags")).to_contain_text("消费红包 ¥18.00")
        for size, scheme in ((DESK["viewport"], "light"), (PHONE["viewport"], "dark")):
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=scheme)
            found = (await Axe().run(page)).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
            await page.screenshot(path=PICTURES / f"{scheme}.png", full_page=True, animations="disabled")
    assert failures == []


async def test_an_override_takes_two(market: Market) -> None:
    desk = await opened_desk(market)
    await desk.draft(follow_up=True)
    failures: list[str] = []
    async with chromium() as browser:
        pages = [
            await page_of(await browser.new_context(**DESK), client, market.served.url, failures)
            for client in (desk.drafter, desk.approver)
        ]
        for page in pages:
            await page.goto(f"{market.served.url}/ops/third")
            await expect(page.get_by_test_id("overrides")).to_contain_text("开业券")
        first, second = pages
        await expect(first.get_by_test_id("ask-override")).to_be_disabled()
        await first.get_by_test_id("override-reason").fill("对方的码昨夜被撤下")
        await first.get_by_test_id("ask-override").click()
        await expect(first.get_by_test_id("overrides")).to_contain_text("需要另一位管理员同意")
        await expect(first.get_by_test_id("agree-override")).to_have_count(0)
        await second.reload()
        await expect(second.get_by_test_id("overrides")).to_contain_text("Yuan 请求放行：对方的码昨夜被撤下")
        await second.get_by_test_id("agree-override").click()
        await expect(second.get_by_test_id("overrides")).to_contain_text("已放行")
        await second.screenshot(path=PICTURES / "override.png", full_page=True, animations="disabled")
    assert failures == []
    assert await market.value("select count(*) from growth.overrides where agreed_by is not null") == 1
