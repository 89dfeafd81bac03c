"""A promoter's share of a survey in a browser: looks made without a network, and one whose answer is lost, are there once."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_field import HERE, filled
from tests.browser.test_offline import NO_NETWORK, is_kept
from tests.browser.test_street import examine
from tests.field.street import Street
from tests.support.browser import PHONE, WITH_WORKER, chromium, page_of
from tests.support.market import Market, key

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "field"


async def drawn(street: Street) -> str:
    """A survey of all four places; its id."""
    [blue] = (await street.operator.get("/api/ops/rivals"))["rivals"]
    wanted = {"rival_id": blue["id"], "counts": "codes", "places": 5}
    return str((await street.operator.post("/api/ops/surveys", wanted, idempotency_key=key()))["id"])


async def test_looks_made_without_a_network_are_sent_once(market: Market) -> None:
    street, failures = await filled(market), list[str]()
    survey_id = await drawn(street)
    async with chromium() as browser:
        context = await browser.new_context(**PHONE | HERE | WITH_WORKER)
        phone = await page_of(context, street.promoter, market.served.url, failures)
        await phone.goto(f"{market.served.url}/field/looks")
        await expect(phone.get_by_test_id("looks").locator("li")).to_have_count(4)
        await is_kept(phone)
        await context.set_offline(True)
        await phone.reload()
        for name, toggles, left in (("老张面馆", ("ours", "rivals"), 3), ("溪边书店", ("gone",), 2)):
            await phone.get_by_test_id(f"look-{name}").tap()
            for toggle in toggles:
                await phone.get_by_test_id(toggle).tap()
            await phone.get_by_test_id("send-look").tap()
            await expect(phone.get_by_test_id("looks").locator("li")).to_have_count(left)
        await phone.reload()
        await expect(phone.get_by_test_id("queued")).to_contain_text("2")
        await expect(phone.get_by_test_id("looks").locator("li")).to_have_count(2)
        await examine(phone)
        await phone.screenshot(path=PICTURES / "14 looks offline.png", animations="disabled", full_page=True)
        # Whether something got through before the page knew is nobody's to say; that nothing is there twice is looked at below.
        await context.set_offline(False)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0, timeout=30_000)
        await phone.reload()
        await expect(phone.get_by_test_id("looks").locator("li")).to_have_count(2)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
    seen = await market.rows(
        "select p.name, s.ours, s.rivals from field.survey_places s join field.places p on p.id = s.place_id"
        " where s.seen_at is not null and s.survey_id = $1 order by 1",
        survey_id,
    )
    assert [tuple(row) for row in seen] == [("溪边书店", 0, 0), ("老张面馆", 1, 1)]
    assert [one for one in failures if not any(known in one for known in NO_NETWORK)] == []


async def test_a_look_whose_answer_was_lost_is_taken_again_after_the_survey_is_closed(market: Market) -> None:
    street, failures = await filled(market), list[str]()
    survey_id = await drawn(street)
    route = (await street.promoter.get("/api/field/looks"))["places"]
    for place in route[1:]:
        path = f"/api/field/surveys/{survey_id}/places/{place['place_id']}"
        await street.promoter.request("PUT", path, {"ours": 0, "rivals": 1})
    async with chromium() as browser:
        context = await browser.new_context(**PHONE, **HERE)
        phone = await page_of(context, street.promoter, market.served.url, failures)
        await phone.goto(f"{market.served.url}/field/looks")
        await phone.get_by_test_id(f"look-{route[0]['name']}").tap()
        await phone.get_by_test_id("ours").tap()
        lost = asyncio.Event()

        async def lose(route: Route) -> None:
            await route.fetch()
            await route.abort()
            lost.set()

        await phone.route("**/surveys/**", lose)
        await phone.get_by_test_id("send-look").tap()
        await asyncio.wait_for(lost.wait(), 30)
        await expect(phone.get_by_test_id("queued")).to_be_visible()
        await street.operator.post(f"/api/ops/surveys/{survey_id}/closings")
        before = await market.rows("select * from field.survey_places order by place_id")
        await phone.unroute("**/surveys/**")
        await phone.reload()
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
        await expect(phone.get_by_test_id("refused-note")).to_have_count(0)
    assert await market.rows("select * from field.survey_places order by place_id") == before
