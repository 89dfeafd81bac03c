"""The morning brief, in a browser: read in the group on the phone, followed to its figures, and as a page for any day."""

from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from junzi.kit import clock, town
from tests.coupons.desk import opened_desk
from tests.growth.test_brief import HOUR, at_hour, scans, send
from tests.growth.test_calendar import moved, rival
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market, Time

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "brief"


async def test_the_brief_is_read_on_the_phone_and_as_a_page(market: Market, time: Time) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    await market.settle()
    yesterday = at_hour(time, HOUR)
    for ago, count in ((4, 12), (3, 10), (2, 14), (1, 12), (0, 21)):
        await scans(market, yesterday - timedelta(days=ago), count)
    blue = await rival(desk.drafter)
    await moved(desk.drafter, blue["id"], starts_at=(clock.now() - timedelta(days=1)).isoformat())
    campaign = await desk.run()
    await desk.do(campaign, "pauses")
    await market.settle()
    assert await send(market)
    failures: list[str] = []
    async with chromium() as browser:
        phone = await page_of(await browser.new_context(**PHONE), desk.approver, market.served.url, failures)
        await phone.goto(market.served.url)
        await phone.get_by_text("运营群 Operators").click()
        await expect(phone.get_by_test_id("brief-scans")).to_contain_text("21")
        await expect(phone.get_by_test_id("brief-scans")).to_contain_text("+75%")
        await expect(phone.get_by_test_id("brief-since")).to_have_text("百分比：自Blue Wallet · 消费红包以来")
        await expect(phone.get_by_test_id("incident")).to_have_count(2)
        await phone.screenshot(path=PICTURES / "phone.png", animations="disabled")
        await phone.get_by_test_id("read-brief").click()
        await expect(phone.get_by_test_id("incidents")).to_contain_text("活动已暂停：开业券")
        for scheme in ("light", "dark"):
            await phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = (await Axe().run(phone)).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
            await phone.screenshot(path=PICTURES / f"page-{scheme}.png", full_page=True, animations="disabled")

        page = await page_of(
            await browser.new_context(**{**DESK, "locale": "en-GB"}), desk.drafter, market.served.url, failures
        )
        await desk.drafter.patch("/api/me", {"locale": "en"})
        await page.goto(f"{market.served.url}/ops/brief/{yesterday}")
        await expect(page.get_by_test_id("brief-scans")).to_contain_text("+75% since Blue Wallet · red packets")
        await page.screenshot(path=PICTURES / "en.png", full_page=True, animations="disabled")
        await page.get_by_test_id("brief-scans").click()
        await expect(page.get_by_test_id("figure-scans")).to_have_attribute("aria-pressed", "true")
        await page.goto(f"{market.served.url}/ops/brief/{town.business_date(clock.now()) - timedelta(days=9)}")
        await expect(page.get_by_test_id("incidents")).to_contain_text("No brief was sent of this day")
    assert failures == []
