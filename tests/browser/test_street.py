"""The street in a browser: a person asks for a shop they found, scanned or named, and the desk sees it on plan and table."""

import csv
import math
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from tests.field.street import HEAD, opened_street
from tests.support.browser import DESK, PHONE, WITH_WORKER, chromium, page_of
from tests.support.issuer import SharedBank
from tests.support.market import Market, key, opened_market
from tests.support.tiles import TILE, middle_of_ink, opened_tiles
from tests.support.until import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "street"
LIST = "\n".join(
    (
        HEAD,
        "1,老张面馆,noodles,南门街 3 号,,32.0410,118.7800,small",
        "2,溪边书店,books,南门街 21 号,,32.0412,118.7832,small",
        "3,好邻超市,groceries,北门街 1 号,,32.0431,118.7812,chain",
        "4,街角花店,flowers,北门街 8 号,,32.0432,118.7826,small",
    )
)
DENSE = "\n".join(
    f"{number},第{number}家,noodles,南门街 {number} 号,,{32.041 + number % 2 / 20_000:.6f},{118.78 + number / 10_000:.6f},small"
    for number in range(5, 29)
)
"""A street with a shop every ten metres."""
UPON_EACH_OTHER = """() => {
  const drawn = [...document.querySelectorAll('[data-testid="street-map"] :is(.mark, .empty, .word)')]
  const boxes = drawn.map((one) => one.getBoundingClientRect())
  const along = (one, other) => one.left < other.right && other.left < one.right
  const upon = (one, other) => along(one, other) && one.top < other.bottom && other.top < one.bottom
  const pairs = boxes.flatMap((one, at) => boxes.slice(0, at).map((other, index) => [at, index, upon(one, other)]))
  return pairs.filter((pair) => pair[2]).map(([at, index]) => drawn[at].outerHTML + drawn[index].outerHTML)
}"""
"""Marks and words of the plan that lie upon another."""


async def test_a_person_asks_for_shops_they_find_scan_or_name(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    street = await opened_street(market)
    await street.operator.post("/api/ops/street/lists", {"csv": LIST})
    await street.rival("Blue Wallet", "https://pay.blue.example/")
    shop = await market.shop(await market.person("guifang"), "老张面馆")
    await street.link((await street.seen("老张"))[0], shop)
    person, failures = await market.person("xiaoman"), list[str]()
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**PHONE), person, market.served.url, failures)
        await page.goto(f"{market.served.url}/scan")
        await page.get_by_test_id("scan-text").fill("https://pay.blue.example/7Q")
        await page.locator("form.paste button").tap()
        await expect(page.get_by_test_id("pay-here")).to_be_visible()
        failures.clear()  # The browser writes every refusal into its console.
        await page.get_by_test_id("pay-here").tap()
        await expect(page.get_by_test_id("rivals-sticker")).to_contain_text("Blue Wallet")
        await expect(page.get_by_test_id("street-place")).to_have_count(4)
        await expect(page.get_by_test_id("wish")).to_have_count(3)
        await page.screenshot(path=PICTURES / "1 street.png", animations="disabled", full_page=True)
        await expect(page.get_by_test_id("dot")).to_have_count(4)
        await expect(page.get_by_test_id("count-ours")).to_have_text("1")
        await page.get_by_test_id("dot").filter(has=page.locator("title", has_text="老张面馆")).click()
        await expect(page.get_by_test_id("map-place")).to_contain_text("可以付款")
        await page.keyboard.press("Escape")
        await page.get_by_test_id("dot").filter(has=page.locator("title", has_text="溪边书店")).click()
        await examine(page)
        await page.screenshot(path=PICTURES / "1 map.png", animations="disabled")
        await page.get_by_test_id("map-wish").tap()
        await expect(page.get_by_test_id("map-wish")).to_have_count(0)
        await expect(page.get_by_test_id("map-place")).to_contain_text("本月已说过")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("wish")).to_have_count(2)
        await page.get_by_test_id("street-search").fill("花店")
        await expect(page.get_by_test_id("street-place")).to_have_count(1)
        await page.get_by_test_id("wish").tap()
        await expect(page.get_by_test_id("wish")).to_have_count(0)
        await page.get_by_test_id("street-search").fill("夜市烧烤")
        await expect(page.get_by_test_id("street-place")).to_have_count(0)
        await page.get_by_test_id("name-new").tap()
        await expect(page.get_by_test_id("new-name")).to_have_value("夜市烧烤")
        await page.get_by_test_id("new-address").fill("河边 2 号")
        await examine(page)
        await page.screenshot(path=PICTURES / "2 new.png", animations="disabled", full_page=True)
        await page.get_by_test_id("wish-new").tap()
        await expect(page.get_by_test_id("wish-new")).to_have_count(0)
    assert [one["place"]["name"] for one in await street.kept(state="proposed")] == ["夜市烧烤"]
    wished = [one["name"] for one in (await person.get("/api/street"))["places"] if one["wished"]]
    assert wished == ["街角花店", "溪边书店"]
    assert failures == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_desk_reads_a_list_in_and_sees_the_street(market: Market, scheme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    street, failures = await opened_street(market), list[str]()
    await street.operator.post("/api/ops/areas", {"zh": "老城", "en": "Old town"}, idempotency_key=key())
    await market.served.person("newcomer")
    if scheme == "dark":
        await street.operator.request("PATCH", "/api/me", {"locale": "en"})
    async with chromium() as browser:
        context = await browser.new_context(**{**DESK, "color_scheme": scheme})
        page = await page_of(context, street.operator, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops")
        await page.get_by_test_id("street-desk").click()
        await page.get_by_test_id("street-lists").click()
        await page.get_by_test_id("csv").fill(LIST.replace("books", "boats"))
        await page.get_by_test_id("read-in").click()
        await expect(page.get_by_test_id("mistakes")).to_contain_text("trade")
        await page.screenshot(path=PICTURES / f"3 mistakes {scheme}.png", animations="disabled")
        failures.clear()
        await page.get_by_test_id("csv").fill(LIST)
        await page.get_by_test_id("read-in").click()
        await expect(page.get_by_test_id("mistakes")).to_have_count(0)
        await page.get_by_test_id("rival-name").fill("Blue Wallet")
        await page.get_by_test_id("rival-starts").fill("https://pay.blue.example/")
        await page.get_by_test_id("add-rival").click()
        await expect(page.get_by_test_id("rival")).to_have_count(1)
        await page.get_by_test_id("edit-rival").click()
        await page.get_by_test_id("rival-name").fill("Blue Wallet 2")
        await page.get_by_test_id("add-rival").click()
        await expect(page.get_by_test_id("rival")).to_contain_text("Blue Wallet 2")
        await page.get_by_test_id("promoter-handle").fill("newcomer")
        await page.get_by_test_id("take-in").click()
        await expect(page.get_by_test_id("member")).to_have_count(2)
        await page.keyboard.press("Escape")
        shop = await market.shop(await market.person("guifang"), "好邻超市")
        await street.link((await street.seen("好邻"))[0], shop)
        for number in range(6):
            await street.wish(await market.served.person(f"wisher_{number}"), (await street.seen("书店"))[0])
        await page.reload()
        await expect(page.get_by_test_id("dot")).to_have_count(4)
        await expect(page.get_by_test_id("count-ours")).to_have_text("1")
        await page.get_by_test_id("dot").nth(2).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("place-demand")).to_contain_text("5")
        await page.get_by_test_id("code-threatened").click()
        await page.get_by_test_id("note-code").click()
        await expect(page.get_by_test_id("code-history").locator("li")).to_have_count(1)
        await page.screenshot(path=PICTURES / f"4 place {scheme}.png", animations="disabled")
        await expect(page.get_by_test_id("edit-where")).to_have_value("32.0412, 118.7832")
        await page.get_by_test_id("edit-name").fill("溪边书店二店")
        await page.get_by_test_id("edit-save").scroll_into_view_if_needed()
        await page.screenshot(path=PICTURES / f"4b edit {scheme}.png", animations="disabled")
        await page.get_by_test_id("edit-save").click()
        await expect(page.get_by_role("dialog")).to_contain_text("溪边书店二店")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("count-rival")).to_have_text("1")
        await expect(page.get_by_test_id("place-detail")).to_be_hidden()
        await examine(page)
        await page.screenshot(path=PICTURES / f"5 plan {scheme}.png", animations="disabled")
        await page.get_by_test_id("view-table").click()
        await expect(page.get_by_test_id("table-place")).to_have_count(4)
        await examine(page)
        await page.screenshot(path=PICTURES / f"6 table {scheme}.png", animations="disabled")
        async with page.expect_download() as kept:
            await page.get_by_test_id("street-csv").click()
        assert (await kept.value).suggested_filename == "street.csv"
        await page.get_by_test_id("view-areas").click()
        await page.get_by_test_id("territory").click()
        await page.get_by_role("option", name="walker").click()
        await expect(page.get_by_test_id("territory")).to_contain_text("Walker")
        await examine(page)
        await page.screenshot(path=PICTURES / f"6b areas {scheme}.png", animations="disabled")
    [given] = (await street.operator.get("/api/ops/territories"))["territories"]
    assert given["promoter_id"] == street.promoter.me["id"]
    assert [one["place"]["name"] for one in await street.kept("书店")] == ["溪边书店二店"]
    assert failures == []


async def test_a_map_lies_under_the_marks_where_one_is_configured_and_the_plan_stands_without_it(
    database_url: str, tmp_path: Path, shared_bank: SharedBank
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    places = [(float(row[5]), float(row[6])) for row in csv.reader(LIST.splitlines()[1:])]
    async with (
        opened_tiles(places) as tiles,
        opened_market(
            database_url, tmp_path, shared_bank, map_tiles_url=f"{tiles.url}/{{z}}/{{x}}/{{y}}.png"
        ) as market,
        chromium() as browser,
    ):
        street, failures = await opened_street(market), list[str]()
        await street.operator.post("/api/ops/street/lists", {"csv": LIST})
        context = await browser.new_context(**DESK | WITH_WORKER)
        page = await page_of(context, street.operator, market.served.url, failures)
        shown = await page.goto(f"{market.served.url}/ops/street")
        assert shown is not None
        assert f"img-src 'self' {tiles.url} data: blob:;" in shown.headers["content-security-policy"]
        came = page.locator(".came")
        await expect(page.locator(".credit")).to_have_text("© OpenStreetMap contributors")
        await expect(page.get_by_test_id("road")).to_have_count(0)
        await expect(page.get_by_test_id("dot")).to_have_count(4)
        await until(lambda: any((x + 2 * y) % 6 == 3 for _, x, y in tiles.numbers))
        before = await came.count()
        tiles.hurry.set()
        # What was refused or is no picture is gone, what was late has come.
        await until(lambda: all_there(page))
        assert before < await came.count() < len(tiles.numbers)
        zoom = {number[0] for number in tiles.numbers}.pop()
        under = {(zoom, int(x // TILE), int(y // TILE)) for x, y in tiles.spots(zoom)}
        assert under <= tiles.numbers and len(tiles.numbers) < 40
        await page.add_style_tag(content="* { transition: none !important }")
        for dot in await page.get_by_test_id("dot").all():
            assert await off(page, dot) < 2
        await examine(page)
        await page.screenshot(path=PICTURES / "9 map light.png", animations="disabled")
        await page.emulate_media(color_scheme="dark")
        await page.screenshot(path=PICTURES / "9 map dark.png", animations="disabled")

        await street.operator.post("/api/ops/street/lists", {"csv": f"{HEAD}\n{DENSE}"})
        await page_on_phone(market, browser, failures)
        heads = [head.lower() for head in tiles.asked]
        assert not [head for head in heads if "cookie:" in head or "authorization:" in head]
        # OpenStreetMap's servers want to know from which site they are asked; from which page is nobody's business.
        assert {line for head in heads for line in head.split("\r\n") if line.startswith("referer:")} == {
            f"referer: {market.served.url}/"
        }

        tiles.down = True
        page = await page_of(await browser.new_context(**DESK), street.operator, market.served.url, failures)
        await page.goto(f"{market.served.url}/ops/street")
        await expect(page.get_by_test_id("road")).to_have_count(2)
        await expect(page.get_by_test_id("tile")).to_have_count(0)
        await expect(page.locator(".credit")).to_have_count(0)
    # A browser writes into its console which files it did not get; the page itself has nothing to complain of.
    assert [one for one in failures if not one.startswith("Failed to load resource")] == []


async def page_on_phone(market: Market, browser: Browser, failures: list[str]) -> None:
    """Marks give way to each other there: lines lead from them to where the shops stand on the map."""
    person = await market.served.person("passer_by")
    context = await browser.new_context(**PHONE | WITH_WORKER, color_scheme="dark")
    page = await page_of(context, person, market.served.url, failures)
    await page.goto(f"{market.served.url}/street")
    await expect(page.locator(".credit")).to_be_visible()
    await expect(page.get_by_test_id("lead").first).to_be_attached()
    await until(lambda: all_there(page))
    await examine(page)
    await page.screenshot(path=PICTURES / "10 map dark.png", animations="disabled")
    await page.emulate_media(color_scheme="light")
    await page.screenshot(path=PICTURES / "10 map light.png", animations="disabled")


async def all_there(page: Page) -> bool:
    """Each tile that is still wanted has come."""
    return bool(await page.get_by_test_id("tile").count() == await page.locator(".came").count())


async def off(page: Page, dot: Locator) -> float:
    """How far a mark is from the middle of the ring that the map has around its shop, in pixels."""
    box = await dot.locator(".empty").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    left, top = int(x) - 50, int(y) - 50
    seen = middle_of_ink(
        await page.screenshot(clip={"x": left, "y": top, "width": 100, "height": 100}, animations="disabled")
    )
    return math.hypot(left + seen[0] - x, top + seen[1] - y)


async def test_the_keeper_reads_on_the_counter_how_many_asked(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    street, failures, keeper = await opened_street(market), list[str](), await market.person("guifang")
    await street.operator.post("/api/ops/street/lists", {"csv": LIST})
    await market.campaign((460, 0), budget_minor=10_000)
    place, people = (await street.seen("书店"))[0], [await market.shopper(f"buyer_{number}") for number in range(6)]
    await market.settle()
    for person in people:
        await street.wish(person, place)
    shop = await market.shop(keeper, "溪边书店")
    await street.link(place, shop)
    await market.settle()
    async with chromium() as browser:
        page = await page_of(
            await browser.new_context(**{**PHONE, "color_scheme": "dark"}), keeper, market.served.url, failures
        )
        await page.goto(f"{market.served.url}/shops/{shop['id']}")
        await expect(page.get_by_test_id("demand-line")).to_contain_text("5 位顾客")
        await expect(page.get_by_test_id("demand-line")).to_contain_text("20.00")
        await page.screenshot(path=PICTURES / "7 counter.png", animations="disabled")
        await street.operator.post("/api/ops/street/lists", {"csv": f"{HEAD}\n{DENSE}"})
        await page.goto(f"{market.served.url}/street")
        await expect(page.get_by_test_id("dot")).to_have_count(28)
        assert await page.evaluate(UPON_EACH_OTHER) == []
        await examine(page)
        await page.screenshot(path=PICTURES / "8 street dark.png", animations="disabled")
        await page.emulate_media(color_scheme="light")
        await page.screenshot(path=PICTURES / "8 street light.png", animations="disabled")
    assert failures == []


async def examine(page: Page) -> None:
    """axe finds nothing serious, in colours that have arrived where they were going."""
    await page.add_style_tag(content="* { transition: none !important; animation: none !important }")
    found = (await Axe().run(page)).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
