"""A person at checkout with five coupons, in a browser: the best of them chosen, why the others are not, another choice, paid."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from junzi.coupons.model import Stacking, Words
from tests.support.browser import PHONE, chromium, page_of
from tests.support.market import PIN, Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "checkout"
HOUSE, SHOP, ALONE = (
    Words("新城欢迎券", "Welcome to town"),
    Words("老街街坊券", "Old Street"),
    Words("周三大额券", "Big Wednesday"),
)
PACKET, FAR = Words("晚饭红包", "Supper packet"), Words("满百券", "Hundred and more")


@pytest.mark.parametrize(
    ("locale", "look", "not_with", "reason"),
    [
        ("zh", {}, ("不能和已选的 3 张一起用", "不能和「周三大额券 −¥4」一起用"), "满 ¥100 才能用"),
        (
            "en",
            {"color_scheme": "dark", "locale": "en-GB"},
            ("Not with those 3 chosen", "Not with Big Wednesday −¥4"),
            "Only from ¥100",
        ),
    ],
)
async def test_a_person_chooses_among_five_coupons_and_pays(
    market: Market, locale: str, look: dict[str, Any], not_with: tuple[str, str], reason: str
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await market.campaign((300, 1_500), stacking=Stacking.HOUSE, title=HOUSE)
    await market.campaign((200, 0), stacking=Stacking.SHOP, title=SHOP)
    await market.campaign((77, 0), stacking=Stacking.PACKET, title=PACKET, valid_days=2)
    await market.campaign((400, 0), title=ALONE)
    await market.campaign((5_000, 10_000), stacking=Stacking.EVENT, title=FAR)
    keeper, buyer = await market.person("guifang", "吴桂芳"), await market.shopper("xiaoman", balance_minor=5_000)
    await buyer.request("PATCH", "/api/me", {"locale": locale})
    await market.settle()
    shop = await market.shop(keeper)
    failures: list[str] = []
    async with chromium() as browser:
        page = await page_of(await browser.new_context(**{**PHONE, **look}), buyer, market.served.url, failures)

        async def picture(name: str) -> None:
            await page.wait_for_timeout(350)  # A sheet has risen and a fade is over.
            await page.screenshot(path=PICTURES / f"{locale} {name}.png")

        await page.goto(f"{market.served.url}/scan")
        await page.get_by_test_id("scan-text").fill(shop["code"]["url"])
        await page.locator(".paste button").tap()
        await page.get_by_test_id("pay-amount").fill("32.00")
        await page.get_by_test_id("pad-confirm").tap()
        await has_chosen(page, "26.23", ["0.77", "3.00", "2.00"])
        await expect(page.get_by_test_id("best")).to_be_visible()
        await picture("1 the best combination")

        await page.get_by_test_id("coupon-line").tap()
        choices, asides = page.get_by_test_id("coupon-choice"), page.get_by_test_id("coupon-aside")
        await expect(choices).to_have_count(4)
        await expect(page.get_by_test_id("coupon-unusable")).to_contain_text(reason)
        await expect(asides).to_have_count(1)
        await expect(asides).to_contain_text(not_with[0])
        await picture("2 all five")
        await choices.nth(3).tap()
        await expect(page.get_by_test_id("sheet-payable")).to_contain_text("28.00")
        await expect(asides).to_have_count(3)
        await expect(asides.first).to_contain_text(not_with[1])
        await expect(choices.nth(3)).to_be_checked()
        await picture("3 another one")
        await page.get_by_test_id("choose-none").tap()
        await expect(page.get_by_test_id("sheet-payable")).to_contain_text("32.00")
        await expect(page.get_by_test_id("sheet-saved")).to_have_count(0)
        await choices.nth(1).focus()
        await page.keyboard.press("Space")
        await page.get_by_test_id("coupons-done").tap()
        await expect(page.get_by_test_id("coupon-used")).to_have_count(1)
        await expect(page.get_by_test_id("best")).to_have_count(0)
        await picture("4 one of them")
        await page.get_by_test_id("coupon-line").tap()
        await page.get_by_test_id("choose-best").tap()
        await page.get_by_test_id("coupons-done").tap()
        await has_chosen(page, "26.23", ["0.77", "3.00", "2.00"])

        await page.get_by_test_id("pay").tap()
        await expect(page.get_by_test_id("pin-amount")).to_contain_text("26.23")
        await picture("5 PIN")
        for digit in PIN:
            await page.keyboard.press(digit)
        await expect(page.get_by_test_id("paid-seal")).to_be_visible()
        await expect(page.get_by_test_id("saved")).to_contain_text("5.77")
        await expect(page.get_by_test_id("receipt-coupon")).to_have_count(3)
        await picture("6 receipt")
        await page.goto(f"{market.served.url}/wallet")
        await expect(page.get_by_test_id("saved-this-month")).to_contain_text("5.77")
        await page.goto(f"{market.served.url}/wallet/bills")
        await expect(page.get_by_test_id("bill-saved")).to_contain_text("5.77")
        await picture("7 bills")
        await page.get_by_test_id("bill").first.tap()
        await expect(page.get_by_test_id("receipt-coupon")).to_have_count(3)
    assert failures == []
    await market.books_are_right()


async def has_chosen(page: Page, payable: str, taken_off: list[str]) -> None:
    await expect(page.get_by_test_id("payable")).to_contain_text(payable)
    used = page.get_by_test_id("coupon-used")
    await expect(used).to_have_count(len(taken_off))
    for place, amount in enumerate(taken_off):
        await expect(used.nth(place)).to_contain_text(amount)
