"""The tour of a demo town, in a browser: three devices beside each other, each signed in apart, and the story to its end."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from tests.support import tour
from tests.support.browser import chromium
from tests.support.market import Market
from tests.support.until import until
from tests.support.up import Starter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.crash]

PICTURES = Path(__file__).parents[2] / "screenshots" / "tour"
NARROW = {"width": 390, "height": 844}
STEPS = range(1, len(tour.SCRIPT) + 1)
RESIDENTS_WITHIN_S = 120
GIVEN_FOR_A_CARD = 3


async def test_the_tour_from_the_first_message_to_the_campaign(start: Starter) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    link = tour.link_in(start().printed())
    failures: list[str] = []
    async with chromium() as browser:
        page = await (await browser.new_context(viewport=tour.WIDE, locale="zh-CN")).new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
        await page.goto(link)
        await expect(page.get_by_test_id("simulated")).to_contain_text("模拟")
        assert "#" not in page.url, "passwords leave the address"
        await tour.is_at(page, 1)
        before = await figures(page)
        for number in STEPS:
            await tour.is_at(page, number)
            if number == 1:
                await press_without_answer(page, "**/api/conversations/*/messages")
            if number == 8:
                await press_without_answer(page, "**/api/ops/campaigns")
            await tour.press(page)
            await tour.see(page, number)
            if number == 1:
                # Pressed again after its answer was lost, a step has one effect.
                said = tour.device(page, "shop").get_by_test_id("message").filter(has_text=tour.SCRIPT[0].words[0])
                await expect(said).to_have_count(1)
            if number == 4:
                # What is done stays done when the page is loaded again.
                await page.reload()
                await expect(page.get_by_test_id("step")).to_have_text("老板同意")
            if number == 7:
                await page.screenshot(path=PICTURES / "third.png", animations="disabled")
        await expect(page.get_by_test_id("step")).to_have_text("导览到此")
        await look_at_the_end(page)
        assert await how_many_campaigns(page, "三分之一庆祝券") == 1

        await page.set_viewport_size(tour.WIDE)
        ours = await codes_of_ours(page)
        await page.get_by_test_id("again").click()
        for number in STEPS:
            await tour.is_at(page, number)
            if number == 1:
                await expect(page.locator(".step")).to_contain_text(tour.NEXT)
            await tour.press(page)
            await tour.see(page, number, tour.AGAIN)
            await expect(page.get_by_test_id("already")).to_have_count(0)
            if number == 7:
                await page.screenshot(path=PICTURES / "again.png", animations="disabled")
        assert await codes_of_ours(page) == ours + 1
        assert await how_many_campaigns(page, "三分之一庆祝券") == 1

        # Whoever opens it by its link anew sees the town's own people, and of what they did before that it was done.
        await page.goto(link)
        for number in (1, 2):
            await tour.is_at(page, number)
            await tour.press(page)
            await tour.see(page, number)
        await expect(page.get_by_test_id("already")).to_have_count(1)

        async def others_acted() -> bool:
            now = await figures(page)
            paid, given = now["payments"] - before["payments"], now["coupons_given"] - before["coupons_given"]
            return paid > 2 or given > GIVEN_FOR_A_CARD

        # Each deed of a resident is one of these two with a chance of one in three.
        await until(others_acted, timeout_s=RESIDENTS_WITHIN_S)
    # Each page asks who is signed in, and the tour's own page, like any that nobody is signed in to, hears: nobody.
    assert [one for one in failures if "401 (Unauthorized)" not in one and "ERR_FAILED" not in one] == []


async def test_each_seat_is_signed_in_apart(market: Market) -> None:
    customer, keeper = await market.person("yinuo"), await market.person("hefang")
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=60) as window:
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
    async with httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=60) as window:
        policy = (await window.get("/")).headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy


async def press_without_answer(page: Page, address: str) -> None:
    """Press, and lose the answer of that address on its way, so that nobody knows whether it was done, which it was."""

    async def lose(route: Route) -> None:
        if route.request.method != "POST":
            return await route.fallback()
        await route.fetch()
        return await route.abort()

    await page.route(address, lose)
    await page.get_by_test_id("go").click()
    await expect(page.get_by_test_id("refusal")).to_be_visible()
    await page.unroute(address, lose)


async def look_at_the_end(page: Page) -> None:
    for size, scheme in ((tour.WIDE, "light"), (NARROW, "dark")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=PICTURES / f"end-{scheme}.png", animations="disabled")
        violations = (await Axe().run(page)).response["violations"]
        serious = [one for one in violations if one["impact"] in ("serious", "critical")]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []


async def how_many_campaigns(page: Page, title: str) -> int:
    campaigns = (await as_operator(page, "/api/ops/campaigns"))["campaigns"]
    return sum(one["title"]["zh"] == title for one in campaigns)


async def codes_of_ours(page: Page) -> float:
    """What the newest survey counted."""
    ratios = (await as_operator(page, "/api/ops/ratio?counts=codes"))["ratios"]
    return max(one["ours"] for one in ratios)


async def figures(page: Page) -> dict[str, int]:
    return (await as_operator(page, "/api/ops/today"))["figures"]


async def as_operator(page: Page, address: str) -> dict[str, Any]:
    ask = "address => fetch(address, { headers: { 'x-junzi-seat': 'operator' } }).then((answer) => answer.json())"
    return await page.evaluate(ask, address)
