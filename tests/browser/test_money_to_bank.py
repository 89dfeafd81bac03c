"""A shop's money in a browser: a card is chosen, money sent to it, a silent bank told honestly, a statement kept; the desk."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.test_till import lines_of
from tests.issuer.bank import CUT_AFTER
from tests.settlement.test_agreements import desk_of
from tests.settlement.till import Till, till_of
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import PIN, Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "money"


async def test_a_shops_money_goes_to_the_bank(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    till = await till_of(market, sold_minor=8_650)
    payment = await till.sell(1_850)
    await till.refund(payment, 350)
    await market.bind(till.keeper, CUT_AFTER)
    await market.settle()
    failures: list[str] = []
    async with chromium() as browser:
        phone = await page_of(await browser.new_context(**PHONE), till.keeper, market.served.url, failures)
        await choose_a_card(phone, till)
        await send_a_part(phone, till)
        await send_the_rest_to_a_bank_that_says_nothing(phone, till)
        await keep_a_statement(phone)
        await phone.emulate_media(color_scheme="dark")
        await picture(phone, "6 dark", whole=True)
        await till.keeper.request("PATCH", "/api/me", {"locale": "en"})
        await phone.reload()
        await expect(phone.get_by_test_id("payout")).to_have_count(2)
        await picture(phone, "7 English", whole=True)
        desk = await page_of(await browser.new_context(**DESK), await desk_of(market), market.served.url, failures)
        await agree_on_a_fee(desk, till)
        await phone.reload()
        await expect(phone.get_by_test_id("fee")).to_have_text("0.38 %")
    assert failures == []
    await market.settle()
    await market.books_are_right()


async def choose_a_card(phone: Page, till: Till) -> None:
    await phone.goto(f"{till.market.served.url}/shops/{till.shop['id']}")
    await phone.get_by_test_id("open-money").tap()
    await expect(phone.get_by_test_id("shop-balance")).to_contain_text("101.50")
    await picture(phone, "1 nothing chosen", whole=True)
    await phone.get_by_test_id("pay-out").tap()
    await expect(phone.get_by_test_id("account-card")).to_have_count(2)
    await picture(phone, "2 choose")
    await phone.get_by_test_id("account-card").first.tap()
    await enter_pin(phone)
    await expect(phone.get_by_test_id("bank-account")).to_contain_text("0004")
    await expect(phone.get_by_test_id("automatic")).to_have_attribute("aria-checked", "true")


async def send_a_part(phone: Page, till: Till) -> None:
    await phone.get_by_test_id("pay-out").tap()
    await expect(phone.get_by_test_id("payout-amount")).to_have_value("101.50")
    await phone.get_by_test_id("payout-amount").fill("200")
    await expect(phone.get_by_test_id("payout-next")).to_be_disabled()
    await phone.get_by_test_id("payout-amount").fill("60")
    await picture(phone, "3 how much")
    await phone.get_by_test_id("payout-next").tap()
    await expect(phone.get_by_test_id("pin-amount")).to_contain_text("60.00")
    await enter_pin(phone)
    await expect(phone.locator("[data-testid=payout][data-state=done]")).to_contain_text("60.00")
    await expect(phone.get_by_test_id("shop-balance")).to_contain_text("41.50")
    assert await till.arrived() == 6_000 + 350, "what went back to the buyer's card is beside it"


async def send_the_rest_to_a_bank_that_says_nothing(phone: Page, till: Till) -> None:
    """Another card, at a bank whose answer is lost: the page says that it is under way, until the bank is asked again."""
    await phone.get_by_test_id("bank-account").tap()
    await phone.get_by_test_id("account-card").nth(1).tap()
    await enter_pin(phone)
    await expect(phone.get_by_test_id("bank-account")).to_contain_text(CUT_AFTER[-4:])
    await phone.get_by_test_id("automatic").tap()
    await expect(phone.get_by_test_id("automatic")).to_have_attribute("aria-checked", "false")
    looked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        looked.set()
        await go_on.wait()
        await route.continue_()

    await phone.route("**/payouts/*", hold)
    await phone.get_by_test_id("pay-out").tap()
    await phone.get_by_test_id("payout-next").tap()
    await enter_pin(phone)
    await expect(phone.locator("[data-testid=payout][data-state=processing]")).to_contain_text("41.50")
    await expect(phone.get_by_test_id("shop-balance")).to_contain_text("0.00")
    await picture(phone, "4 under way", whole=True)
    await asyncio.wait_for(looked.wait(), 10)
    go_on.set()
    await expect(phone.locator("[data-testid=payout][data-state=done]")).to_have_count(2)
    assert await till.arrived() == 10_150 + 350


async def keep_a_statement(phone: Page) -> None:
    await expect(phone.get_by_test_id("statement-closing")).to_contain_text("0.00")
    await phone.get_by_test_id("span-month").tap()
    await expect(phone.get_by_test_id("statement-month")).to_be_visible()
    await picture(phone, "5 statement", whole=True)
    async with phone.expect_download() as csv:
        await phone.get_by_test_id("statement-csv").tap()
    lines = [line.split(",") for line in lines_of(await (await csv.value).path())]
    assert [line[2] for line in lines] == [
        "kind", "opening", "payment", "payment", "refund", "payout", "payout", "sum", "closing",
    ]  # fmt: skip
    assert lines[-1][10] == "0.00"
    async with phone.expect_download() as pdf:
        await phone.get_by_test_id("statement-pdf").tap()
    assert (await (await pdf.value).path()).read_bytes().startswith(b"%PDF")


async def agree_on_a_fee(desk: Page, till: Till) -> None:
    await desk.goto(f"{till.market.served.url}/ops")
    await desk.get_by_test_id("money-desk").click()
    await expect(desk.get_by_test_id("desk-payouts")).to_contain_text("60.00")
    await picture(desk, "8 desk")
    await desk.get_by_test_id(f"fee-of-{till.shop['name']}").click()
    await desk.get_by_test_id("rate-field").fill("0.38")
    await desk.get_by_test_id("agree").click()
    await expect(desk.get_by_test_id("history")).to_contain_text("0.38 %")
    await picture(desk, "9 agreed")


async def enter_pin(phone: Page) -> None:
    pad = phone.get_by_test_id("number-pad").last
    for digit in PIN:
        await pad.get_by_role("button", name=digit, exact=True).tap()


async def picture(page: Page, name: str, *, whole: bool = False) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", full_page=whole)
