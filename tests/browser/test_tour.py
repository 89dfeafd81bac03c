"""The tour of a demo town, in a browser: three devices beside each other, each signed in apart, and the story to its end."""

import re
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect

from tests.support.browser import CHROMIUM, FLAGS
from tests.support.market import Market
from tests.support.up import Starter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.crash]

PICTURES = Path(__file__).parents[2] / "screenshots" / "tour"
STEPS = 8
WIDE, NARROW = {"width": 1600, "height": 1000}, {"width": 390, "height": 844}


async def test_the_tour_from_the_first_message_to_the_campaign(start: Starter) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    up = start()
    found = re.search(r"http://\S+/tour#\S+", up.printed())
    assert found is not None
    failures: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await (await browser.new_context(viewport=WIDE, locale="zh-CN")).new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
        await page.goto(found[0])
        await expect(page.get_by_test_id("simulated")).to_contain_text("模拟")
        assert "#" not in page.url, "passwords leave the address"
        shown = {seat: page.frame_locator(f'[data-testid="frame-{seat}"]') for seat in ("customer", "shop", "operator")}
        await step(page, 1)
        await expect(shown["shop"].get_by_text("面包店能用君子付钱吗")).to_be_visible()
        await step(page, 2)
        await expect(shown["customer"].get_by_text("绑卡见面礼").first).to_be_visible()
        await step(page, 3)
        await step(page, 4)
        await expect(shown["shop"].get_by_text("麦田面包").first).to_be_visible()
        # What is done stays done when the page is loaded again.
        await page.reload()
        await expect(page.get_by_test_id("step")).to_have_text("老板同意")
        await step(page, 5)
        await step(page, 6)
        await expect(shown["customer"].get_by_text("麦田面包").first).to_be_visible()
        await step(page, 7)
        await expect(shown["operator"].get_by_test_id("gate")).to_contain_text("门槛已打开")
        await page.screenshot(path=PICTURES / "third.png", animations="disabled")
        await step(page, 8)
        await expect(page.get_by_test_id("step")).to_have_text("导览到此")
        for size, scheme in ((WIDE, "light"), (NARROW, "dark")):
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=PICTURES / f"end-{scheme}.png", animations="disabled")
            violations = (await Axe().run(page)).response["violations"]
            serious = [one for one in violations if one["impact"] in ("serious", "critical")]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
        await browser.close()
    # Each page asks who is signed in, and the tour's own page, like any that nobody is signed in to, hears: nobody.
    assert [one for one in failures if "401 (Unauthorized)" not in one] == []


async def test_each_seat_is_signed_in_apart(market: Market) -> None:
    customer, keeper = await market.person("yinuo"), await market.person("hefang")
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False) as window:
        window.cookies.set("junzi_session.customer", customer.token)
        window.cookies.set("junzi_session.shop", keeper.token)

        async def asks(seat: str) -> httpx.Response:
            return await window.get("/api/me", headers={"x-junzi-seat": seat})

        assert (await asks("customer")).json()["handle"] == "yinuo"
        assert (await asks("shop")).json()["handle"] == "hefang"
        for stranger in ("operator", "", "SHOP", "shop;", "shop.customer"):
            assert (await asks(stranger)).status_code == 401
        await window.delete("/api/sessions/current", headers={"x-junzi-seat": "shop", "origin": market.served.url})
        assert (await asks("shop")).status_code == 401
        assert (await asks("customer")).status_code == 200


async def test_pages_of_a_town_that_is_no_demonstration_stand_in_no_frame(market: Market) -> None:
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False) as window:
        policy = (await window.get("/")).headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy


async def step(page: Page, number: int) -> None:
    """Do the step that the page offers, which is that one, and wait for the next."""
    await expect(page.locator(".count")).to_contain_text(f"第 {number} 步")
    heading = page.get_by_test_id("step")
    before = await heading.inner_text()
    await page.get_by_test_id("go").click()
    await expect(heading).not_to_have_text(before, timeout=90_000)
    await expect(page.get_by_test_id("refusal")).to_have_count(0)
