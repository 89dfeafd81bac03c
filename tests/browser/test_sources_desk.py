"""Sources, in a browser: a poster's code made, its link opened on a phone, somebody signed up, and the funnel shows it."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from junzi.growth import audience
from tests.field.street import opened_street
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.house import PASSWORD
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "sources"


async def test_a_poster_brings_somebody(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    street = await opened_street(market)
    failures: list[str] = []
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**DESK), street.operator, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops")
        await page.get_by_test_id("sources-desk").click()
        await page.get_by_test_id("source-name").fill("南门口海报")
        await page.get_by_test_id("make-source").click()
        link = await page.get_by_test_id("source-code").get_by_role("link").get_attribute("href")
        assert link
        await page.screenshot(path=PICTURES / "code.png", animations="disabled")

        phone = await (await browser.new_context(**PHONE)).new_page()
        async with phone.expect_response(lambda answer: answer.url.endswith("/api/openings")) as told:
            await phone.goto(link)
        assert (await told.value).status == 204
        await phone.locator("input[name=username]").fill("newcomer")
        await phone.locator("input[name=name]").fill("新来的")
        await phone.locator("input[type=password]").fill(PASSWORD)
        await phone.locator("form button[type=submit]").click()
        await phone.wait_for_url(f"{market.served.url}/")
        await phone.goto(f"{market.served.url}/me/invite")
        await expect(phone.get_by_test_id("invitation")).to_contain_text("/?from=")
        await phone.screenshot(path=PICTURES / "invite.png", animations="disabled")
        await market.settle()
        await audience.roll_up(market.house.database)

        await page.reload()
        row = page.get_by_test_id("funnel").get_by_role("row").filter(has_text="南门口海报")
        await expect(row.get_by_role("cell")).to_have_text(["南门口海报海报", "1", "0", "1", "0", "0"])
        for size, scheme in ((DESK["viewport"], "light"), (PHONE["viewport"], "dark")):
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=scheme)
            found = (await Axe().run(page)).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
            await page.screenshot(path=PICTURES / f"{scheme}.png", full_page=True, animations="disabled")
    assert failures == []
