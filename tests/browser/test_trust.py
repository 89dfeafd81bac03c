"""Trust in a browser: a bound and its review, a seal that moves alike on two screens, a discreet shop, a code taken back."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext, Page, expect

from junzi.client import Client
from junzi.operators.actions import make_administrator
from tests.support.browser import COUNTER, DESK, PHONE, chromium
from tests.support.market import PIN, Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "trust"


async def test_a_shop_is_trusted_step_by_step(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, buyer, operator = await people(market)
    shop = await market.shop(keeper)
    await market.settle()
    failures: list[str] = []
    url = market.served.url
    async with chromium() as browser:
        phone = await page_of(await browser.new_context(**PHONE), buyer, url, failures)
        keepers = await page_of(await browser.new_context(**PHONE), keeper, url, failures)
        desk = await page_of(await browser.new_context(**DESK), operator, url, failures)

        # Too much for a new shop: said before a PIN is asked, and to the shop how to get more.
        await enter(phone, url, shop, "2000.01")
        await expect(phone.locator(".refusal")).to_contain_text("今天收不了这么多")
        await phone.screenshot(path=PICTURES / "1 limit.png")
        await market.settle()
        await keepers.goto(f"{url}/shops/{shop['id']}/standing")
        await expect(keepers.get_by_test_id("room-left")).to_contain_text("2,000.00")
        await keepers.get_by_test_id("answer").fill("卖面，每天约三千")
        await keepers.screenshot(path=PICTURES / "2 standing.png", full_page=True)
        await keepers.get_by_test_id("send-answer").tap()
        await expect(keepers.get_by_test_id("answer")).to_have_value("")

        await desk.goto(f"{url}/ops/shops")
        await expect(desk.get_by_test_id("desk-shop")).to_have_count(1)
        await desk.screenshot(path=PICTURES / "3 queue.png")
        await desk.get_by_test_id("desk-shop").click()
        await expect(desk.get_by_test_id("desk-detail")).to_contain_text("卖面，每天约三千")
        await desk.get_by_test_id("tier-small").click()
        await desk.wait_for_timeout(400)
        await desk.screenshot(path=PICTURES / "4 review.png")
        await desk.get_by_test_id("give-tier").click()
        await expect(desk.get_by_test_id("desk-shop")).to_have_count(0)
        await expect(desk.get_by_test_id("desk-detail")).to_contain_text("小额")
        await market.settle()
        await keepers.reload()
        await expect(keepers.get_by_test_id("review-state")).to_have_text("已审核")
        await expect(keepers.get_by_test_id("room-left")).to_contain_text("20,000.00")
        await keepers.screenshot(path=PICTURES / "5 reviewed.png", full_page=True)
    assert [failure for failure in failures if "409" not in failure] == []


async def test_the_seal_moves_alike_for_payer_and_keeper(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, buyer, _ = await people(market)
    shop = await market.shop(keeper)
    await market.settle()
    failures: list[str] = []
    async with chromium() as browser:
        phone = await page_of(await browser.new_context(**PHONE), buyer, market.served.url, failures)
        counter = await page_of(await browser.new_context(**COUNTER), keeper, market.served.url, failures)
        await counter.goto(f"{market.served.url}/shops/{shop['id']}")
        await enter(phone, market.served.url, shop, "18.50")
        await phone.get_by_test_id("pay").tap()
        for digit in PIN:
            await phone.keyboard.press(digit)
        seal = phone.get_by_test_id("moving-seal")
        await expect(seal).to_be_visible()
        await expect(counter.get_by_test_id("moving-seal")).to_be_visible()
        await expect(phone.locator(".receipt")).to_contain_text("山脚面馆")
        first, slot = await seal.screenshot(), await seal.get_attribute("data-slot")
        words = await phone.get_by_test_id("seal-words").inner_text()
        await phone.screenshot(path=PICTURES / "6 seal.png")
        await counter.screenshot(path=PICTURES / "7 counter.png")
        await expect(seal).not_to_have_attribute("data-slot", str(slot))
        assert await seal.screenshot() != first
        assert await phone.get_by_test_id("seal-words").inner_text() != words or int(slot or 0) > 0
        await same_slot(phone, counter)
        await phone.emulate_media(color_scheme="dark", reduced_motion="reduce")
        await phone.evaluate("document.documentElement.dataset.theme = 'dark'")
        assert (
            await phone.locator(".moving .turn").first.evaluate("one => getComputedStyle(one).animationName") == "none"
        )
        await phone.screenshot(path=PICTURES / "8 seal dark.png")
        still = await seal.get_attribute("data-slot")
        await expect(seal).not_to_have_attribute("data-slot", str(still))
    assert failures == []


async def test_a_discreet_shop_and_a_code_taken_back(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, buyer, operator = await people(market)
    shop = await market.shop(keeper)
    await market.settle()
    failures: list[str] = []
    url = market.served.url
    async with chromium() as browser:
        phone = await page_of(await browser.new_context(**PHONE), buyer, url, failures)
        keepers = await page_of(await browser.new_context(**PHONE), keeper, url, failures)
        desk = await page_of(await browser.new_context(**DESK), operator, url, failures)
        await keepers.goto(f"{url}/shops/{shop['id']}/standing")
        await keepers.get_by_test_id("discreet").tap()
        await expect(keepers.get_by_test_id("discreet")).to_have_attribute("aria-checked", "true")
        await keepers.get_by_test_id("discreet").scroll_into_view_if_needed()
        await keepers.screenshot(path=PICTURES / "9 discreet.png")
        await phone.goto(f"{url}/checkout/{shop['code']['code']}")
        await expect(phone.get_by_test_id("shop-name")).to_contain_text("商户 Shop")
        await expect(phone.locator("body")).not_to_contain_text("山脚面馆")
        await expect(phone.locator("body")).not_to_contain_text("南门街")
        await phone.screenshot(path=PICTURES / "10 neutral.png")

        await desk.goto(f"{url}/ops/shops")
        await expect(desk.get_by_test_id("desk-shop")).to_contain_text("商户 Shop")
        await desk.get_by_test_id("desk-shop").click()
        await desk.get_by_test_id("look-up").click()
        await expect(desk.get_by_test_id("desk-detail")).to_contain_text("山脚面馆")
        await desk.get_by_test_id("reason").click()
        await desk.get_by_role("option", name="身份未证明").click()
        await desk.get_by_test_id("take-back").scroll_into_view_if_needed()
        await desk.wait_for_timeout(400)
        await desk.screenshot(path=PICTURES / "11 take back.png")
        await desk.get_by_test_id("take-back").click()
        await expect(desk.get_by_test_id("reinstate")).to_be_visible()
        await market.settle()
        await phone.goto(f"{url}/checkout/{shop['code']['code']}")
        await expect(phone.locator(".refusal")).to_contain_text("这个码不能收款")
        await phone.screenshot(path=PICTURES / "12 taken back.png")
        await keepers.goto(f"{url}/shops/{shop['id']}")
        await expect(keepers.get_by_test_id("standing-line")).to_contain_text("已被收回")
        await keepers.get_by_test_id("standing-line").tap()
        await expect(keepers.get_by_test_id("withdrawal")).to_contain_text("身份未证明")
        await keepers.get_by_test_id("objection").fill("身份证已重新上传，请再看")
        await keepers.screenshot(path=PICTURES / "13 objection.png", full_page=True)
        await keepers.locator(".taken button").tap()
        await expect(keepers.get_by_test_id("withdrawal")).to_be_visible()
        await desk.goto(f"{url}/ops/shops")
        await desk.get_by_test_id("queue-withdrawn").click()
        await expect(desk.locator(".objects")).to_have_text("有申诉")
        await desk.get_by_test_id("desk-shop").click()
        await desk.get_by_test_id("reinstate").click()
        await expect(desk.get_by_test_id("take-back")).to_be_visible()
        assert (await market.order(buyer, shop, 100))["shop"]["name"].startswith("商户 Shop")
    assert [failure for failure in failures if "409" not in failure] == []


async def test_a_code_scanned_far_from_its_shop_is_noticed(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, buyer, operator = await people(market)
    shop = await market.shop(keeper)
    failures: list[str] = []
    url = market.served.url
    async with chromium() as browser:
        at_shop = {"latitude": 32.0412, "longitude": 118.7781}
        counter = await browser.new_context(**PHONE, geolocation=at_shop, permissions=["geolocation"])
        keepers = await page_of(counter, keeper, url, failures)
        await keepers.goto(f"{url}/shops/{shop['id']}/standing")
        await keepers.get_by_test_id("set-position").tap()
        await expect(keepers.get_by_test_id("position")).to_be_visible()
        await keepers.get_by_test_id("position").scroll_into_view_if_needed()
        await keepers.screenshot(path=PICTURES / "14 position.png")

        elsewhere = {"latitude": 31.2304, "longitude": 121.4737}
        phone = await page_of(
            await browser.new_context(**PHONE, geolocation=elsewhere, permissions=["geolocation"]), buyer, url, failures
        )
        for wanted in (False, True):
            await phone.goto(f"{url}/scan")
            await phone.get_by_test_id("near").set_checked(wanted)
            await phone.screenshot(path=PICTURES / "15 scan.png")
            await phone.get_by_test_id("scan-text").fill(shop["code"]["url"])
            await phone.locator(".paste button").tap()
            await expect(phone.get_by_test_id("shop-name")).to_be_visible()
            await expect(phone.get_by_test_id("away")).to_have_count(int(wanted))
        await expect(phone.get_by_test_id("away")).to_contain_text("270 公里")
        await phone.screenshot(path=PICTURES / "16 away.png")
        await phone.get_by_test_id("pay-amount").fill("18.50")
        await phone.get_by_test_id("pad-confirm").tap()
        await expect(phone.get_by_test_id("payable")).to_contain_text("18.50")
        await expect(phone.get_by_test_id("away")).to_contain_text("270 公里")
        desk = await page_of(await browser.new_context(**DESK), operator, url, failures)
        await market.settle()
        await desk.goto(f"{url}/ops/shops")
        await expect(desk.get_by_test_id("far-scans")).to_contain_text("100 公里以上")
        await desk.screenshot(path=PICTURES / "17 desk.png")
    # Without a camera the scan page says so; nothing else goes wrong.
    assert failures == []


async def people(market: Market) -> tuple[Client, Client, Client]:
    keeper = await market.person("guifang", "吴桂芳")
    buyer = await market.shopper("xiaoman", balance_minor=50_000)
    operator = await market.person("yuan", "周予安")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(operator.me["id"]))
    return keeper, buyer, operator


async def enter(phone: Page, url: str, shop: dict[str, Any], amount: str) -> None:
    await phone.goto(f"{url}/checkout/{shop['code']['code']}")
    await phone.get_by_test_id("pay-amount").fill(amount)
    await phone.get_by_test_id("pad-confirm").tap()


async def same_slot(one: Page, other: Page) -> None:
    """In some slot both show the same words: the two are asked one after the other, so one pair may straddle a change."""
    for _ in range(5):
        seen = [
            (
                await page.get_by_test_id("moving-seal").get_attribute("data-slot"),
                await page.get_by_test_id("seal-words").inner_text(),
            )
            for page in (one, other)
        ]
        if seen[0][0] == seen[1][0]:
            assert seen[0][1] == seen[1][1]
            return
    raise AssertionError(f"never in the same slot: {seen}")


async def page_of(context: BrowserContext, client: Client, url: str, failures: list[str]) -> Page:
    """A page of somebody who is signed in. What goes wrong in it is noted."""
    host = urlsplit(url).hostname or ""
    await context.add_cookies([{"name": "junzi_session", "value": client.token, "domain": host, "path": "/"}])
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    return page
