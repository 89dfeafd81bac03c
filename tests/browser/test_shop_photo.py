"""In a browser: a shop is opened with a photo, whoever pays sees it on every screen, and another waits for the desk's look.

Every screen is photographed into `screenshots/photo/`, for people to look at.
"""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.standing.office import Office
from tests.support.browser import DESK, PHONE, chromium, page_of
from tests.support.market import PIN, Market
from tests.support.until import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "photo"
LOOKS = [("zh", {}), ("en", {"color_scheme": "dark", "locale": "en-GB"})]


@pytest.mark.parametrize(("locale", "look"), LOOKS, ids=["zh", "en"])
async def test_a_shops_photo_from_sign_up_to_the_bill_and_the_desk(
    market: Market, locale: str, look: dict[str, Any]
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    for person in (office.keeper, buyer, office.operator):
        await person.request("PATCH", "/api/me", {"locale": locale})
    failures: list[str] = []

    async def picture(page: Page, name: str) -> None:
        await page.wait_for_timeout(350)  # A sheet has risen and a fade is over.
        await page.screenshot(path=PICTURES / f"{locale} {name}.png")

    async with chromium() as browser:
        counter = await page_of(
            await browser.new_context(**{**PHONE, **look}), office.keeper, market.served.url, failures
        )
        await counter.goto(f"{market.served.url}/shops/new")
        await counter.get_by_test_id("shop-name-field").fill("山脚面馆")
        await counter.locator(".trade").first.tap()
        await counter.locator("form button[type=submit]").tap()
        await counter.get_by_test_id("shop-place-field").fill("南门街 12 号")
        await counter.get_by_test_id("photo-field").set_input_files(front("#b4472e"))
        await shows(counter.get_by_test_id("photo-chosen"))
        await counter.get_by_test_id("photo-field").scroll_into_view_if_needed()
        await picture(counter, "1 sign-up")
        await counter.locator("form button[type=submit]").tap()
        await counter.get_by_test_id("open-without-card").tap()
        await expect(counter.get_by_test_id("shop-code")).to_be_visible()
        [shop] = (await office.keeper.get("/api/shops"))["shops"]
        await market.settle()

        phone = await page_of(await browser.new_context(**{**PHONE, **look}), buyer, market.served.url, failures)
        await phone.goto(f"{market.served.url}/scan")
        await phone.get_by_test_id("scan-text").fill(shop["code"]["url"])
        await phone.locator(".paste button").tap()
        await shows(phone.locator(".picture"))
        await picture(phone, "2 scanned")
        await phone.get_by_test_id("pay-amount").fill("18.50")
        await phone.get_by_test_id("pad-confirm").tap()
        await expect(phone.get_by_test_id("pay")).to_be_visible()
        await shows(phone.locator(".picture").first)
        await picture(phone, "3 pay")
        await phone.get_by_test_id("pay").tap()
        for digit in PIN:
            await phone.keyboard.press(digit)
        await expect(phone.get_by_test_id("paid-seal")).to_be_visible()
        await shows(phone.locator(".picture").first)
        await picture(phone, "4 receipt")
        await market.settle()
        await phone.goto(f"{market.served.url}/wallet/bills")
        await shows(phone.get_by_test_id("bill").first.locator(".picture"))
        await picture(phone, "5 bills")

        await office.do(shop, "reviews", {"tier": "small"})
        await counter.goto(f"{market.served.url}/shops/{shop['id']}/profile")
        await counter.get_by_test_id("photo-field").set_input_files(front("#2e6bb4"))
        await expect(counter.get_by_test_id("photo-away")).to_be_visible()
        await counter.get_by_test_id("profile-save").tap()
        await expect(counter.get_by_test_id("profile-waiting")).to_be_visible()
        await picture(counter, "6 waits")
        await market.settle()
        desk = await page_of(
            await browser.new_context(**{**DESK, **look}), office.operator, market.served.url, failures
        )
        await desk.goto(f"{market.served.url}/ops/shops")
        await desk.get_by_test_id("desk-shop").click()
        await shows(desk.get_by_test_id("change-photo"))
        await picture(desk, "7 desk")
        await desk.get_by_test_id("make-change").click()
        await expect(desk.get_by_test_id("change")).to_have_count(0)
        await counter.reload()
        await counter.get_by_test_id("photo-away").tap()
        await counter.get_by_test_id("profile-save").tap()
        await expect(counter.get_by_test_id("photo-chosen")).to_have_count(0)

        async def is_drawn() -> bool:
            return (await office.keeper.get(f"/api/shops/{shop['id']}"))["picture"] == shop["picture"].partition("/")[0]

        await until(is_drawn)
    assert failures == []


async def shows(picture: Locator) -> None:
    """The photo is there, and not only its place."""
    await expect(picture.locator("img")).to_have_js_property("complete", True)
    await expect(picture.locator("img")).not_to_have_js_property("naturalWidth", 0)


def front(colour: str) -> FilePayload:
    """A photo of a shop's front, as large as a phone takes them, with a remark of the phone's."""
    image = Image.new("RGB", (3000, 4000), "#d9cdbb")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 3300, 3000, 4000), fill="#8a857d")
    pen.rectangle((250, 900, 2750, 3300), fill="#5d3a26")
    pen.rectangle((250, 900, 2750, 1500), fill=colour)
    for place in range(400, 2600, 500):
        pen.ellipse((place, 1050, place + 300, 1350), fill="#f6e3b0")
    pen.rectangle((420, 1700, 1800, 2900), fill="#f4d58a")
    pen.rectangle((1980, 1700, 2560, 3300), fill="#2b1a10")
    exif = Image.Exif()
    exif[0x010F] = "Phone"
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85, exif=exif)
    return {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
