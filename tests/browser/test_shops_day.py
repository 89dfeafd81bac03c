"""A shop's whole day in a browser: opened on a phone, sells, hires, gives back, goes over the figures, closes.

Every step is photographed into `screenshots/shops_day/`, for people to look at.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from junzi.client import Client
from tests.support.browser import PHONE, SPOKEN, chromium, page_of
from tests.support.market import Market, refused_as
from tests.support.until import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "shops_day"


async def test_a_shops_day(market: Market) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await market.campaign((500, 1500), budget_minor=10_000)
    keeper, cashier = await market.shopper("guifang"), await market.person("daniel")
    buyers = [await market.shopper(handle, balance_minor=20_000) for handle in ("xiaoman", "azhe")]
    await market.settle()
    failures: list[str] = []
    async with chromium() as browser:
        context = await browser.new_context(**PHONE)
        await context.add_init_script(SPOKEN)
        counter = await page_of(context, keeper, market.served.url, failures)
        helper = await page_of(await browser.new_context(**PHONE), cashier, market.served.url, failures)
        day = Day(market, counter, keeper)

        shop = await day.open_the_shop()
        await day.sell(shop, buyers)
        await day.hire(helper)
        await day.give_back(shop, buyers[0])
        phone = await page_of(await browser.new_context(**PHONE), buyers[0], market.served.url, failures)
        await day.hear_of_it(phone)
        await day.close_the_shop(shop, buyers[1])
    assert failures == []
    await market.books_are_right()


class Day:
    """page: the keeper's phone, on the counter."""

    def __init__(self, market: Market, page: Page, keeper: Client) -> None:
        self.market, self.page, self.keeper = market, page, keeper
        self.pictures = 0

    async def open_the_shop(self) -> dict[str, Any]:
        page = self.page
        await page.goto(f"{self.market.served.url}/shops/new")
        await page.get_by_test_id("shop-name-field").fill("山脚面馆")
        await page.locator(".trade").first.tap()
        await page.locator("form button[type=submit]").tap()
        await page.get_by_test_id("shop-place-field").fill("南门街 12 号")
        await page.locator("form button[type=submit]").tap()
        await page.get_by_test_id("open-without-card").tap()
        await expect(page.get_by_test_id("shop-code")).to_be_visible()
        await self.picture("open")
        await self.market.settle()
        await page.get_by_test_id("open-takings").tap()
        await page.get_by_test_id("sound-on").tap()
        await expect(page.get_by_test_id("takings-today")).to_contain_text("0.00")
        await until(self.announces)
        [shop] = (await self.keeper.get("/api/shops"))["shops"]
        return dict(shop)

    async def sell(self, shop: dict[str, Any], buyers: list[Client]) -> None:
        """Two at the same moment are said one after the other; what came while the page was away is said when it is back."""
        page = self.page
        await self.paid(buyers[0], shop, 1850)
        await self.paid(buyers[1], shop, 900, with_coupon=False)
        await self.market.settle()
        await until(lambda: self.said(2))
        await expect(page.get_by_test_id("takings-today")).to_contain_text("27.50")
        await self.picture("sold")

        await page.goto("about:blank")
        await self.paid(buyers[0], shop, 1200, with_coupon=False)
        await self.paid(buyers[1], shop, 2600, with_coupon=False)
        await self.market.settle()
        await page.goto(f"{self.market.served.url}/shops/{shop['id']}")
        await expect(page.get_by_test_id("takings-count")).to_have_text("4")
        if await page.get_by_test_id("sound-on").count():
            await page.get_by_test_id("sound-on").tap()
        spoken = page.get_by_test_id("spoken")
        for amount in ("12", "26"):
            await expect(spoken).to_contain_text(amount)
        await self.picture("back again")

    async def hire(self, helper: Page) -> None:
        """A cashier sees what comes in, on a phone of their own, and nothing of the bank."""
        page = self.page
        await page.get_by_test_id("open-staff").tap()
        await page.get_by_test_id("staff-handle").fill("daniel")
        await page.locator(".invite button").tap()
        await expect(page.get_by_test_id("staff")).to_have_count(1)
        await helper.goto(f"{self.market.served.url}/shops")
        await helper.get_by_test_id("accept-invitation").tap()
        await self.market.settle()
        await helper.get_by_test_id("shop").tap()
        await expect(helper.get_by_test_id("taking")).to_have_count(4)
        await helper.get_by_test_id("taking").first.click()
        for owners in ("refund-amount", "turn-shop", "open-staff", "open-money"):
            await expect(helper.get_by_test_id(owners)).to_have_count(0)
        await self.picture("cashier", helper)
        await page.go_back()

    async def give_back(self, shop: dict[str, Any], buyer: Client) -> None:
        """In part, then the rest, from the list; more than is left is not to be had."""
        page = self.page
        balance = await self.market.balance(buyer)
        first = page.get_by_test_id("taking").filter(has_text="18.50")
        await self.refund(first, "8.50", told="8.50")
        await page.reload()
        await self.refund(first, "10.01", told=None)
        await page.get_by_test_id("refund-amount").fill("10.00")
        await page.get_by_test_id("refund-send").tap()
        await expect(page.get_by_test_id("refund-told")).to_contain_text("10.00")
        await self.picture("given back")
        await page.reload()
        await first.last.click()
        await expect(page.get_by_test_id("refund-send")).to_have_count(0)
        await self.picture("nothing left")
        assert await self.market.balance(buyer) == balance + 1350, "the payer's part of 18.50 with a coupon of 5.00"
        await self.market.settle()
        assert [refund["amount_minor"] for refund in await self.market.told(buyer, "payment.refunded")] == [850, 1000]
        await page.reload()
        await expect(page.get_by_test_id("takings-today")).to_contain_text("47.00")
        await expect(page.get_by_test_id("taking").first).to_contain_text("−¥2.7")

    async def hear_of_it(self, phone: Page) -> None:
        """The payer's phone says what came back and leads to the receipt."""
        await phone.goto(f"{self.market.served.url}/")
        await phone.get_by_text("山脚面馆").first.tap()
        card = phone.locator("[data-kind='payment.refunded']").last
        await expect(card).to_contain_text("+¥7.30")
        await self.picture("told", phone)
        await card.get_by_role("link").tap()
        await expect(phone.get_by_text("山脚面馆").first).to_be_visible()
        await self.picture("receipt", phone)

    async def close_the_shop(self, shop: dict[str, Any], buyer: Client) -> None:
        page = self.page
        await page.get_by_test_id("turn-shop").click()
        await expect(page.locator(".closed")).to_be_visible()
        await self.picture("closed")
        scanned = await refused_as(buyer.post("/api/scans", {"text": shop["code"]["code"]}))
        assert scanned == "shop-closed"

    async def refund(self, taking: Locator, amount: str, *, told: str | None) -> None:
        await taking.last.click()
        await self.page.get_by_test_id("refund-amount").fill(amount)
        if told is None:
            await expect(self.page.get_by_test_id("refund-send")).to_be_disabled()
            return
        await self.picture("refund sheet")
        await self.page.get_by_test_id("refund-send").tap()
        await expect(self.page.get_by_test_id("refund-told")).to_contain_text(told)

    async def paid(self, buyer: Client, shop: dict[str, Any], amount_minor: int, *, with_coupon: bool = True) -> None:
        order = await self.market.order(buyer, shop, amount_minor)
        chosen = {"coupon_ids": order["best_coupon_ids"]} if with_coupon else {}
        payment = await self.market.pay(buyer, order, **chosen)
        assert payment["state"] == "paid", payment

    async def announces(self) -> bool:
        """Whether the page has found out what came before it was opened, which it will not say."""
        return bool(
            await self.page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('junzi.said.'))")
        )

    async def said(self, times: int) -> bool:
        return len(await self.page.evaluate("window.spokenAloud")) >= times

    async def picture(self, name: str, page: Page | None = None) -> None:
        self.pictures += 1
        await (page or self.page).screenshot(path=PICTURES / f"{self.pictures} {name}.png")
