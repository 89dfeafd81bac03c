"""A shop signs up on a phone: every way back keeps what was typed, a card is bound on the spot, a wrong PIN opens no second."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from junzi.client import Client
from tests.support.browser import PHONE, chromium, page_of
from tests.support.market import PIN, Market
from tests.support.page import walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "sign_up"


async def test_a_shop_signs_up_with_a_card_that_is_bound_on_the_spot(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, failures = await market.person("guifang", "吴桂芳"), list[str]()
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**PHONE), keeper, market.served.url, failures)
        await say_what_and_where(page, market)
        await go_back_and_forth(page)
        await bind_a_card(page, market)
        await page.get_by_test_id("open-with-card").tap()
        await enter_pin(page, "000000")
        await expect(page.get_by_test_id("pin-sheet").get_by_test_id("refusal")).to_be_visible()
        await enter_pin(page, PIN)
        await expect(page.get_by_test_id("bank-chosen")).to_contain_text("0004")
        await picture(page, "5 opened")
        await page.reload()
        await expect(page.get_by_test_id("shop-code")).to_be_visible()
        await page.goto(f"{market.served.url}/shops/new?step=3")
        await expect(page.get_by_test_id("shop-name-field")).to_have_value("")
    assert [failure for failure in failures if "422" not in failure and "403" not in failure] == []
    [shop] = (await keeper.get("/api/shops"))["shops"]
    assert (shop["name"], shop["trade"], shop["place"], shop["picture"]) == ("山脚咖啡", "coffee", "南门街 12 号", "🍵")
    assert (await keeper.get(f"/api/shops/{shop['id']}/money"))["bank_account"]["automatic"] is True
    await market.books_are_right()


async def test_a_shop_that_signs_up_without_a_card_is_told_what_does_not_happen(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    keeper, failures = await english(await market.person("guifang", "Wu Guifang")), list[str]()
    async with chromium() as browser:
        page = await page_of(
            await browser.new_context(**PHONE, color_scheme="dark"), keeper, market.served.url, failures
        )
        await say_what_and_where(page, market)
        await expect(page.get_by_test_id("bank-step")).to_contain_text("nothing goes to a bank")
        await picture(page, "6 English, dark")
        await page.get_by_test_id("open-without-card").tap()
        await expect(page.get_by_test_id("bank-later")).to_contain_text("nothing goes to a bank")
        await picture(page, "7 opened without")
    assert failures == []
    [shop] = (await keeper.get("/api/shops"))["shops"]
    assert (await keeper.get(f"/api/shops/{shop['id']}/money"))["bank_account"] is None


async def say_what_and_where(page: Page, market: Market) -> None:
    await page.goto(f"{market.served.url}/shops/new")
    await page.get_by_test_id("shop-name-field").fill("山脚咖啡")
    await page.locator(".trade").nth(2).tap()
    await picture(page, "1 what")
    await page.locator("form button[type=submit]").tap()
    await page.get_by_test_id("shop-place-field").fill("南门街 12 号")
    await page.locator(".choice").nth(2).tap()
    await picture(page, "2 where")
    await page.locator("form button[type=submit]").tap()
    await expect(page.get_by_test_id("bank-step")).to_be_visible()


async def go_back_and_forth(page: Page) -> None:
    """By the phone's own button, by the page's, and by loading it anew."""
    await page.go_back()
    await expect(page.get_by_test_id("shop-place-field")).to_have_value("南门街 12 号")
    await page.get_by_test_id("step-back").tap()
    await expect(page.get_by_test_id("shop-name-field")).to_have_value("山脚咖啡")
    await page.go_forward()
    await page.reload()
    await expect(page.get_by_test_id("shop-place-field")).to_have_value("南门街 12 号")
    await expect(page.locator(".choice.chosen input")).to_have_value("🍵")
    await page.go_forward()
    await expect(page.get_by_test_id("account-bind")).to_be_visible()
    await picture(page, "3 no card yet")


async def bind_a_card(page: Page, market: Market) -> None:
    """The bank's own page is walked beside the browser, which then comes back from it."""

    async def blank(route: Route) -> None:
        await route.fulfill(body="<title>bank</title>", content_type="text/html")

    await page.route(re.compile("/pages/"), blank)
    await page.get_by_test_id("account-bind").tap()
    await page.wait_for_url(re.compile("/pages/"))
    back = await walk(market.bank, page.url, card_number="6200000100000004")
    await page.goto(f"{market.served.url}{back[back.index('/wallet/') :]}")
    await page.get_by_test_id("go-on").tap()
    await expect(page.locator(".row.chosen")).to_contain_text("0004")
    await picture(page, "4 card bound")


async def english(keeper: Client) -> Client:
    await keeper.request("PATCH", "/api/me", {"locale": "en"})
    return keeper


async def enter_pin(page: Page, pin: str) -> None:
    pad = page.get_by_test_id("number-pad").last
    for digit in pin:
        await pad.get_by_role("button", name=digit, exact=True).tap()


async def picture(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", full_page=True)
