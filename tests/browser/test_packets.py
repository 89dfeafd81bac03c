"""A person asks for a red packet, opens it, and sees what a percentage saves, in a browser."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.coupons.desk import opened_desk
from tests.support.browser import PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "packets"


async def test_a_red_packet_is_asked_for_and_opened(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    await desk.run(
        {"amount_minor": 777, "kind": "packet", "least_minor": 777},
        {"amount_minor": 800, "kind": "percent", "percent": 20},
        valid_days=3,
    )
    person = await market.person("xiaoman")
    failures: list[str] = []
    async with chromium() as browser:
        phone = await page_of(await browser.new_context(**PHONE), person, market.served.url, failures)
        await phone.goto(f"{market.served.url}/coupons")
        await phone.get_by_test_id("claim").tap()
        await expect(phone.get_by_test_id("coupon")).to_have_count(2)
        await expect(phone.get_by_test_id("claimable")).to_have_count(0)
        await expect(phone.get_by_text("7.77")).to_have_count(0)
        await phone.screenshot(path=PICTURES / "1 sealed.png")
        await phone.get_by_test_id("open-packet").tap()
        await expect(phone.get_by_text("7.77")).to_be_visible()
        await expect(phone.get_by_test_id("open-packet")).to_have_count(0)
        await phone.screenshot(path=PICTURES / "2 opened.png")
        # Coupons that arrive meanwhile are there without a touch.
        await desk.claim(person, await desk.run({"amount_minor": 300}))
        await market.settle()
        await expect(phone.get_by_test_id("coupon")).to_have_count(3)
        await phone.screenshot(path=PICTURES / "3 arrived.png")
    assert failures == []
