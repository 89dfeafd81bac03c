"""The calendar, in a browser: a rival's move recorded, answered by two, live, and flagged on the charts with how long it took."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from junzi.growth import actions
from junzi.growth.model import Fact, Kind
from junzi.kit import clock, ids
from tests.coupons.desk import opened_desk
from tests.growth.test_calendar import rival
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "calendar"


async def test_a_move_is_answered_from_the_calendar_and_the_phone(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    await rival(desk.drafter)
    await actions.record(market.house.database, scans())
    failures: list[str] = []
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**DESK), desk.drafter, market.served.url, failures)
        phone = await page_of(await browser.new_context(**PHONE), desk.approver, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops")
        await page.get_by_test_id("calendar-desk").click()
        await page.get_by_test_id("record-move").click()
        await page.get_by_test_id("kind-coupon").click()
        await page.get_by_test_id("face").get_by_role("spinbutton").fill("18")
        await page.get_by_test_id("threshold").get_by_role("spinbutton").fill("60")
        await page.get_by_test_id("move-source").fill("南门口的海报")
        await page.screenshot(path=PICTURES / "move.png", animations="disabled")
        await page.get_by_test_id("save-move").click()
        await expect(page.get_by_test_id("flag")).to_have_text("Blue Wallet · 优惠券 ¥18.00")

        await page.get_by_test_id("answer").click()
        await expect(page.get_by_test_id("offer").get_by_role("spinbutton").first).to_have_value("18.00")
        await page.screenshot(path=PICTURES / "answer.png", animations="disabled")
        await page.get_by_test_id("save").click()
        await expect(page.get_by_test_id("answered")).to_contain_text("等待另一位管理员批准")
        await market.settle()

        await phone.goto(market.served.url)
        await phone.get_by_text("运营", exact=True).click()
        await expect(phone.get_by_test_id("approve-it")).to_be_visible()
        await phone.screenshot(path=PICTURES / "phone.png", animations="disabled")
        await phone.get_by_test_id("approve-it").click()
        await phone.get_by_test_id("approve").click()
        await expect(phone.get_by_test_id("approve")).to_have_count(0)
        assert await market.value("select state from coupons.campaigns") == "running"
        await market.settle()

        await page.reload()
        await expect(page.get_by_test_id("answered")).to_contain_text("记录后 1 分钟上线")
        await expect(page.get_by_test_id("flag")).to_have_count(2)
        await expect(page.locator("canvas")).to_have_count(2)
        async with page.expect_download() as downloading:
            await page.get_by_test_id("calendar-csv").click()
        lines = (await (await downloading.value).path()).read_text("utf-8-sig").splitlines()
        assert len(lines) == 3 and lines[0].startswith("at,whose,what,name")
        await is_fine(page, "calendar")
        await page.goto(f"{market.served.url}/ops")
        await expect(page.get_by_test_id("chart-flags").get_by_role("listitem")).to_have_count(3)
        await expect(page.get_by_test_id("week-flags")).to_contain_text("Blue Wallet · 优惠券 ¥18.00")
        await page.screenshot(path=PICTURES / "today.png", full_page=True, animations="disabled")
        await page.goto(f"{market.served.url}/ops/people")
        await expect(page.get_by_test_id("actives").get_by_test_id("chart-flags")).to_contain_text("今天就减")
    assert failures == []


async def is_fine(page: Page, name: str) -> None:
    """Nothing serious for a screen reader; a picture of it by day and by night, in both languages."""
    for size, scheme in ((DESK["viewport"], "light"), (PHONE["viewport"], "dark")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        found = (await Axe().run(page)).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
        await page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True, animations="disabled")
    await page.set_viewport_size(DESK["viewport"])
    await page.emulate_media(color_scheme="light")


def scans() -> list[Fact]:
    """Four weeks in which people scan more and more."""
    chance, now = random.Random(5), clock.now()
    return [
        actions.fact(ids.new_id(), kind, ids.new_id(), now - timedelta(days=ago, minutes=chance.randrange(600)))
        for ago in range(28)
        for kind, most in ((Kind.CODE_SCANNED, 40 - ago), (Kind.CARD_BOUND, 8), (Kind.ACTIVE, 30 - ago))
        for _ in range(chance.randrange(max(1, most // 2), most + 2))
    ]
