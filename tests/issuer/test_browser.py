"""The page in a real browser, on a phone's screen, behind a path prefix, in both languages and both schemes."""

from collections.abc import AsyncIterator, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from tests.issuer.bank import Bank
from tests.issuer.proxy import PREFIX, Proxy
from tests.support.browser import CHROMIUM, FLAGS

pytestmark = pytest.mark.browser

RETURN_PATH = "/wallet/cards/bound?binding=1"


@pytest.fixture
async def proxy(make_bank: Callable[..., Bank]) -> AsyncIterator[tuple[Proxy, Bank]]:
    async with Proxy() as proxy, make_bank(public_url=f"{proxy.url}{PREFIX}") as bank:
        proxy.issuer_url = bank.url
        yield proxy, bank


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        await browser.close()


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
async def test_a_person_binds_a_card_on_a_phone_behind_a_prefix(
    proxy: tuple[Proxy, Bank], browser: Browser, locale: str, scheme: str
) -> None:
    web, bank = proxy
    binding = await bank.start_binding(return_url=f"{web.url}{RETURN_PATH}")
    page = await _open(browser, locale, scheme)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("requestfailed", lambda request: failures.append(request.url))
    await page.goto(binding["page_url"])
    assert await page.locator("html").get_attribute("lang") == ("zh-CN" if locale == "zh-CN" else "en")
    await _assert_accessible(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390

    await page.locator(".test-card").nth(2).tap()
    assert await page.locator("#card_number").input_value() == "6200 0003 0000 0002"
    await page.locator("button.primary").tap()
    await page.wait_for_selector("#code")
    await _assert_accessible(page)
    await page.locator("[data-fill-code]").tap()
    await page.locator("button.primary").tap()
    await page.wait_for_url(f"{web.url}{RETURN_PATH}")
    assert (await bank.read_binding(binding["reference"]))["state"] == "confirmed"
    assert web.returned[0] == RETURN_PATH
    assert failures == []

    await page.goto(binding["page_url"])
    await _assert_accessible(page)


async def test_a_mistake_is_shown_where_it_is_and_the_language_can_be_changed(
    proxy: tuple[Proxy, Bank], browser: Browser
) -> None:
    web, bank = proxy
    binding = await bank.start_binding(return_url=f"{web.url}{RETURN_PATH}")
    page = await _open(browser, "en-GB", "light")
    await page.goto(binding["page_url"])
    await page.locator("#card_number").press_sequentially("6200000100000005")
    assert await page.locator("#card_number").input_value() == "6200 0001 0000 0005"
    await page.locator("button.primary").tap()
    await page.wait_for_selector("#card_number_fault:not(:empty)")
    assert await page.evaluate("document.activeElement.id") == "card_number"
    await _assert_accessible(page)
    await page.locator("a.language").tap()
    await page.wait_for_selector("html[lang=zh-CN]")
    await page.locator("form:has(input[value=cancel]) button").tap()
    await page.wait_for_url(f"{web.url}{RETURN_PATH}")
    assert (await bank.read_binding(binding["reference"]))["reason"] == "cancelled"


async def _open(browser: Browser, locale: str, scheme: str) -> Page:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    return await context.new_page()


async def _assert_accessible(page: Page) -> None:
    violations = (await Axe().run(page)).response["violations"]
    assert [(violation["id"], violation["nodes"][0]["target"]) for violation in violations] == []
