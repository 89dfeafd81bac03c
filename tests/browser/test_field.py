"""A promoter's day in a browser: the route, visits with a photo, a network that goes and comes, and what the desk sees."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_offline import NO_NETWORK, is_kept
from tests.browser.test_street import LIST, examine
from tests.chat.talk import picture
from tests.field.street import Street, opened_street
from tests.support.browser import DESK, PHONE, WITH_WORKER, chromium, page_of
from tests.support.market import Market, key

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "field"
HERE = {"geolocation": {"latitude": 32.0409, "longitude": 118.7799}, "permissions": ["geolocation"]}


async def filled(market: Market) -> Street:
    """Four shops: one asked for, one with a rival's code in danger, one that takes ours."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    street = await opened_street(market)
    await street.operator.post("/api/ops/street/lists", {"csv": LIST})
    blue = await street.rival("Blue Wallet", "https://pay.blue.example/")
    await street.see((await street.seen("超市"))[0], blue, "threatened")
    for number in range(5):
        await street.wish(await market.served.person(f"wisher_{number}"), (await street.seen("书店"))[0])
    await street.link((await street.seen("花店"))[0], await market.shop(await market.person("guifang"), "街角花店"))
    return street


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_promoter_walks_the_route_notes_visits_and_sends_later_what_was_noted_without_a_network(
    market: Market, scheme: str
) -> None:
    street, failures = await filled(market), list[str]()
    if scheme == "dark":
        await street.promoter.request("PATCH", "/api/me", {"locale": "en"})
    async with chromium() as browser:
        context = await browser.new_context(**PHONE | HERE | WITH_WORKER, color_scheme=scheme)
        phone = await page_of(context, street.promoter, market.served.url, failures)
        await phone.goto(f"{market.served.url}/discover")
        await phone.get_by_test_id("field").tap()
        await expect(phone.get_by_test_id("stop")).to_have_count(3)
        await expect(phone.get_by_test_id("stop").first).to_contain_text("好邻超市")
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"1 route {scheme}.png", animations="disabled", full_page=True)

        await phone.get_by_test_id("stop").first.tap()
        await expect(phone.get_by_test_id("visit-here")).to_contain_text("米" if scheme == "light" else "m")
        await phone.get_by_test_id("outcome-no").tap()
        await phone.get_by_test_id("code-of-Blue Wallet").select_option("dead")
        await phone.get_by_test_id("visit-photo").set_input_files(
            {"name": "here.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        )
        await phone.get_by_test_id("visit-note").fill("要先问老板")
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"2 visit {scheme}.png", animations="disabled")
        await phone.get_by_test_id("note-visit").tap()
        await expect(phone.get_by_test_id("stop")).to_have_count(2)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)

        await is_kept(phone)
        await context.set_offline(True)
        await phone.reload()
        await expect(phone.get_by_test_id("old-route")).to_be_visible()
        for left in (1, 0):
            await phone.get_by_test_id("stop").first.tap()
            await phone.get_by_test_id("outcome-shut").tap()
            await phone.get_by_test_id("note-visit").tap()
            await expect(phone.get_by_test_id("stop")).to_have_count(left)
        await phone.reload()
        await expect(phone.get_by_test_id("queued")).to_contain_text("2")
        await expect(phone.get_by_test_id("stop")).to_have_count(0)
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"3 offline {scheme}.png", animations="disabled", full_page=True)

        # Whether something got through before the page knew is nobody's to say; that nothing is there twice is looked at below.
        await context.set_offline(False)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
        await phone.reload()
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
    rows = await market.rows("select outcome, photo_id, latitude_e6 from field.visits order by recorded_at")
    assert [row["outcome"] for row in rows] == ["no", "shut", "shut"]
    assert rows[0]["photo_id"] is not None and rows[0]["latitude_e6"] == 32_040_900
    assert [one for one in failures if not any(known in one for known in NO_NETWORK)] == []


async def test_an_answer_that_was_lost_makes_no_second_visit(market: Market) -> None:
    street, failures = await filled(market), list[str]()
    async with chromium() as browser:
        phone = await page_of(
            await browser.new_context(**PHONE, **HERE),
            street.promoter,
            market.served.url,
            failures,
        )
        await phone.goto(f"{market.served.url}/field")
        await phone.get_by_test_id("stop").first.tap()
        await phone.get_by_test_id("outcome-no").tap()

        lost = asyncio.Event()

        async def lose(route: Route) -> None:
            await route.fetch()
            await route.abort()
            lost.set()

        await phone.route("**/visits", lose)
        await phone.get_by_test_id("note-visit").tap()
        await asyncio.wait_for(lost.wait(), 30)
        await expect(phone.get_by_test_id("queued")).to_be_visible()
        await phone.unroute("**/visits")
        await phone.reload()
        await expect(phone.get_by_test_id("stop")).to_have_count(2)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
    assert await market.value("select count(*) from field.visits") == 1


async def test_the_desk_gives_a_place_to_a_promoter_and_sees_who_was_there(market: Market) -> None:
    street, failures = await filled(market), list[str]()
    place = (await street.seen("书店"))[0]
    photo = await street.promoter.upload("picture", picture())
    visit = {
        "outcome": "no",
        "photo_id": photo["id"],
        "position": {"latitude_e6": 32_041_300, "longitude_e6": 118_783_200},
    }
    await street.promoter.post(f"/api/field/places/{place['id']}/visits", visit, idempotency_key=key())
    async with chromium() as browser:
        desk = await page_of(await browser.new_context(**DESK), street.operator, market.served.url, failures)
        await desk.goto(f"{market.served.url}/ops/street")
        await desk.get_by_test_id("view-table").click()
        await desk.get_by_test_id("table-place").filter(has_text="溪边书店").click()
        await expect(desk.get_by_test_id("visits").locator("li")).to_have_count(1)
        await expect(desk.get_by_test_id("visits").locator("img")).to_have_js_property("complete", True)
        await expect(desk.get_by_test_id("goes")).to_contain_text("谁都可以")
        await desk.get_by_test_id("goes").click()
        await desk.get_by_role("option", name="Walker").click()
        await expect(desk.get_by_test_id("goes")).to_contain_text("Walker")
        await examine(desk)
        await desk.screenshot(path=PICTURES / "4 desk.png", animations="disabled")
        await desk.reload()
        await desk.get_by_test_id("street-lists").click()
        await desk.get_by_test_id("make-sheet").click()
        await expect(desk.get_by_test_id("sheet")).to_have_count(1)
        await desk.get_by_test_id("set-commission").click()
        await expect(desk.get_by_test_id("commission-rule")).to_contain_text("20.00")
        await desk.get_by_test_id("commission-books").scroll_into_view_if_needed()
        await examine(desk)
        await desk.screenshot(path=PICTURES / "10 kept.png", animations="disabled")
    stops = (await street.promoter.get("/api/field/route"))["stops"]
    assert {stop["place"]["name"] for stop in stops} == {"老张面馆", "好邻超市"}
    assert await market.value("select count(*) from field.assignments") == 1
    assert await market.value("select count(*) from field.blanks") == 12
    assert await market.value("select budget_minor from field.commission_rules") == 200_000
    assert failures == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_desk_takes_a_shop_in_danger_under_shelter(market: Market, scheme: str) -> None:
    street, failures = await filled(market), list[str]()
    [blue] = (await street.promoter.get("/api/field/rivals"))["rivals"]
    await street.see((await street.seen("花店"))[0], blue, "dead")
    if scheme == "dark":
        await street.operator.request("PATCH", "/api/me", {"locale": "en"})
    async with chromium() as browser:
        context = await browser.new_context(**{**DESK, "color_scheme": scheme})
        desk = await page_of(context, street.operator, market.served.url, failures)
        await desk.goto(f"{market.served.url}/ops/street")
        await desk.get_by_test_id("view-table").click()
        await desk.get_by_test_id("table-place").filter(has_text="街角花店").click()
        await desk.get_by_test_id("begin-shelter").click()
        await expect(desk.get_by_test_id("shelter-runs")).to_contain_text("500.00")
        # What is pointed at is to be read as well.
        await desk.get_by_test_id("aim-coupons").hover()
        await examine(desk)
        await desk.screenshot(path=PICTURES / f"11 shelter {scheme}.png", animations="disabled")
        await desk.get_by_test_id("aim-coupons").click()
        await expect(desk.get_by_test_id("only-at")).to_contain_text("街角花店")
        await expect(desk.locator("input[name=zh]")).to_have_value("街角花店专用券")
        await examine(desk)
        await desk.screenshot(path=PICTURES / f"15 aimed {scheme}.png", animations="disabled")
        await desk.get_by_test_id("save").click()
        await expect(desk.get_by_test_id("shelter-campaigns")).to_contain_text("500.00")
        await expect(desk.get_by_test_id("draft-form")).to_have_count(0)
        await examine(desk)
        await desk.screenshot(path=PICTURES / f"16 sheltered with coupons {scheme}.png", animations="disabled")
        await desk.keyboard.press("Escape")
        await expect(desk.get_by_test_id("shelters")).to_contain_text("500.00")
        await examine(desk)
        await desk.screenshot(path=PICTURES / f"12 sheltered {scheme}.png", animations="disabled")
    [stop] = [one for one in (await street.promoter.get("/api/field/route"))["stops"] if one["reason"] == "sheltered"]
    assert stop["place"]["name"] == "街角花店"
    [campaign] = await market.rows("select terms, ends_at, state from coupons.campaigns")
    assert json.loads(campaign["terms"])["limits"]["shop_ids"] == [
        str(await market.value("select shop_id from field.shelters"))
    ]
    ends_at = await market.value("select ends_at from field.shelters")
    assert (campaign["state"], abs(campaign["ends_at"] - ends_at) < timedelta(seconds=1)) == ("draft", True)
    assert failures == []
