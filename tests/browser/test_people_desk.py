"""The desk of people, in a browser: weeks of coming and going, drawn, explained and taken along as CSV."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from junzi.growth import actions, audience
from junzi.growth.audience_model import By
from junzi.growth.model import Fact, Kind
from junzi.kit import clock, ids, town
from tests.coupons.desk import opened_desk
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "people"
PEOPLE, DAYS = 60, 40


async def test_who_comes_and_comes_again(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = await opened_desk(market)
    await actions.record(market.house.database, weeks())
    await audience.roll_up(market.house.database)
    failures: list[str] = []
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**DESK), desk.drafter, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops")
        await page.get_by_test_id("people-desk").click()
        await expect(page.locator("canvas")).to_have_count(5)
        [today] = (await desk.drafter.get("/api/ops/people?count=1"))["spans"]
        assert today["actives"] > 0 and today["habit"] > 0 and 0 < today["stickiness"] <= 1
        await expect(page.get_by_test_id("actives").locator("strong")).to_have_text(str(today["actives"]))
        chart = page.get_by_test_id("actives").get_by_role("img")
        await expect(chart).to_have_attribute("aria-label", words_of(today))
        await page.get_by_test_id("by-week").click()
        [week] = (await desk.drafter.get("/api/ops/people?by=week&count=1"))["spans"]
        await expect(page.get_by_test_id("actives").locator("strong")).to_have_text(str(week["actives"]))
        async with page.expect_download() as downloading:
            await page.get_by_test_id("people-csv").click()
        text = (await (await downloading.value).path()).read_text("utf-8-sig")
        assert text.splitlines()[0].startswith("first,last,actives,new,kept,returned,lost")
        assert len(text.splitlines()) == 1 + audience.MOST[By.WEEK]
        await page.get_by_test_id("by-day").click()
        await expect(page.get_by_test_id("cohorts").get_by_role("row")).to_have_count(13)
        [*_, cohort] = (await desk.drafter.get("/api/ops/cohorts"))["cohorts"]
        await expect(page.get_by_test_id("cohorts").get_by_role("row").last).to_contain_text(str(cohort["size"]))
        for size, scheme in ((DESK["viewport"], "light"), (PHONE["viewport"], "dark")):
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=scheme)
            await expect(page.locator("canvas")).to_have_count(5)
            found = await Axe().run(page)
            serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
            assert serious == [], scheme
            await page.screenshot(path=PICTURES / f"{scheme}.png", full_page=True, animations="disabled")
    assert failures == []


def words_of(span: dict[str, int]) -> str:
    return f"共 {span['actives']} 人：新增 {span['new']}，留存 {span['kept']}，回流 {span['returned']}；流失 {span['lost']}"


def weeks() -> list[Fact]:
    """Sixty people, some of whom come every day, some now and then; more of them as the weeks go on."""
    chance, facts, now = random.Random(7), list[Fact](), clock.now()
    people = [ids.new_id() for _ in range(PEOPLE)]
    for ago in range(DAYS):
        at = now - timedelta(days=ago)
        for number, person in enumerate(people[ago:]):
            if chance.random() > (0.9 if number % 5 == 0 else 0.25):
                continue
            kinds = [Kind.ACTIVE]
            if chance.random() < 0.7:
                kinds.append(Kind.SPOKE)
            if chance.random() < 0.5:
                kinds.append(Kind.CODE_SCANNED)
                coupon_minor = 500 if chance.random() < 0.6 else 0
                amount_minor = chance.randrange(1_000, 6_000)
                facts.append(
                    actions.fact(
                        ids.new_id(),
                        Kind.PAYMENT_MADE,
                        person,
                        at,
                        amount_minor=amount_minor,
                        coupon_minor=coupon_minor,
                        business_date=town.business_date(at),
                    )
                )
            day = town.business_date(at)
            facts += [actions.fact(ids.new_id(), kind, person, at, business_date=day) for kind in kinds]
    for number, person in enumerate(people):
        at = now - timedelta(days=min(number, DAYS - 1))
        joined = actions.fact(ids.new_id(), Kind.SIGNED_UP, person, at, business_date=town.business_date(at))
        facts.append(joined)
    return facts
