"""In a browser: posters are kept and read again, a personal code becomes the shop's, a till charges, a second store opens."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
import zxingcpp
from playwright.async_api import Browser, Page, expect

from junzi.client import Client
from tests.browser.test_till import page_of
from tests.support.browser import PHONE, chromium
from tests.support.issuer import SharedBank
from tests.support.market import PIN, Market, opened_market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "stores"
PRINTED_AS = "http://192.168.1.20:8800"


@pytest_asyncio.fixture
async def market(database_url: str, tmp_path: Path, shared_bank: SharedBank) -> AsyncIterator[Market]:
    """A house that knows an address which can be printed."""
    async with opened_market(database_url, tmp_path, shared_bank, public_url=PRINTED_AS) as market:
        yield market


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        yield browser


async def test_a_poster_is_kept_and_read_again_from_the_album(market: Market, browser: Browser, tmp_path: Path) -> None:
    keeper, buyer = await market.person("guifang", "吴桂芳"), await market.person("xiaoman")
    shop, failures = await market.shop(keeper), list[str]()
    page = await page_of(await browser.new_context(**PHONE), keeper, market.served.url, failures)
    phone = await page_of(await browser.new_context(**PHONE), buyer, market.served.url, failures)
    await page.goto(f"{market.served.url}/shops/{shop['id']}/poster")
    kinds = {
        "a5": ["format-a5"],
        "a4": ["format-a4"],
        "tent": ["format-tent"],
        "square": ["format-sticker", "shape-square"],
        "round": ["shape-round"],
        "emv": ["says-emv"],
    }
    for name, taps in kinds.items():
        for tap in taps:
            await page.get_by_test_id(tap).tap()
        await seen(page, f"poster {name}")
        async with page.expect_download() as download:
            await page.get_by_test_id("print").tap()
        file = await (await download.value).path()
        picture = tmp_path / f"{name}.png"
        pypdfium2.PdfDocument(file)[0].render(scale=3).to_pil().save(picture)
        code, *other_side = zxingcpp.read_barcodes(pypdfium2.PdfDocument(file)[0].render(scale=3).to_pil())
        assert [one.text for one in other_side] == ([code.text] if name == "tent" else [])
        assert (code.text == f"{PRINTED_AS}/c/{shop['code']['code']}") is (name != "emv")
        await phone.goto(f"{market.served.url}/scan")
        await phone.get_by_test_id("scan-picture").set_input_files(picture)
        await expect(phone.get_by_test_id("shop-name")).to_have_text("山脚面馆")
        await phone.goto(f"{market.served.url}/scan")
        await phone.get_by_test_id("scan-text").fill(code.text)
        await phone.locator(".paste button").tap()
        await expect(phone.get_by_test_id("shop-name")).to_have_text("山脚面馆")
    assert failures == []


async def test_a_personal_code_on_the_wall_becomes_the_shops(market: Market, browser: Browser) -> None:
    await market.campaign((200, 0))
    keeper, buyer = await market.person("guifang", "吴桂芳"), await market.shopper("xiaoman", balance_minor=5_000)
    await market.settle()
    shop, failures = await market.shop(keeper), list[str]()
    code = (await keeper.get("/api/wallet"))["code"]["code"]
    page = await page_of(await browser.new_context(**PHONE), keeper, market.served.url, failures)
    phone = await page_of(await browser.new_context(**PHONE), buyer, market.served.url, failures)
    await phone.goto(f"{market.served.url}/wallet/transfer/{code}")
    await expect(phone.get_by_test_id("no-coupons")).to_be_visible()

    await page.goto(f"{market.served.url}/me/card")
    await expect(page.get_by_test_id("my-code")).to_be_visible()
    await seen(page, "card")
    await page.get_by_test_id("turn-my-code").tap()
    await expect(page.get_by_test_id("turn-code")).to_be_visible()
    await seen(page, "turn")
    await page.get_by_test_id("turn-code").tap()
    await expect(page.get_by_test_id("turned")).to_be_visible()
    await seen(page, "turned")

    await phone.goto(f"{market.served.url}/wallet/transfer/{code}")
    await expect(phone.get_by_test_id("shop-name")).to_have_text("山脚面馆")
    await phone.get_by_test_id("pay-amount").fill("9")
    await phone.get_by_test_id("pad-confirm").tap()
    await phone.get_by_test_id("pay").tap()
    await type_pin(phone)
    await expect(phone.get_by_test_id("paid-seal")).to_be_visible()
    await market.settle()
    assert await market.balance(buyer) == 5_000 - 700

    await page.goto(f"{market.served.url}/shops/{shop['id']}/poster")
    await expect(page.get_by_test_id("adopted")).to_contain_text(code)
    await seen(page, "poster with a turned code")
    await page.get_by_test_id("turn-back").tap()
    await expect(page.get_by_test_id("adopted")).to_have_count(0)
    assert (await buyer.post("/api/scans", {"text": code}))["person"]["handle"] == "guifang"
    assert failures == []


async def test_a_till_charges_and_a_second_store_opens(market: Market, browser: Browser) -> None:
    keeper, buyer = await market.person("guifang", "吴桂芳"), await market.shopper("xiaoman", balance_minor=9_000)
    shop, failures = await market.shop(keeper), list[str]()
    await market.settle()
    page = await page_of(await browser.new_context(**PHONE), keeper, market.served.url, failures)
    await page.goto(f"{market.served.url}/shops/{shop['id']}")
    await expect(page.get_by_test_id("open-tills")).to_be_visible()
    await expect(page.get_by_test_id("store-switch")).to_have_count(0)
    await page.get_by_test_id("open-tills").tap()
    for number, name in enumerate(("前台", "2 号台"), 1):
        await page.get_by_test_id("till-name").fill(name)
        await page.get_by_test_id("add-till").tap()
        await expect(page.get_by_test_id("till")).to_have_count(number)
    await page.goto(f"{market.served.url}/shops/{shop['id']}/till")
    await page.get_by_test_id("charge-till").select_option(label="2 号台")
    await seen(page, "till")
    await page.get_by_test_id("pay-amount").fill("18.50")
    await page.get_by_test_id("pad-confirm").tap()
    await expect(page.get_by_test_id("charge-code")).to_be_visible()
    code = await market.value("select code from codes.codes where kind = 'O'")
    await market.pay(buyer, await market.order(buyer, {"code": {"code": code}}, 1_850))
    await market.settle()
    await expect(page.get_by_test_id("paid-seal")).to_be_visible()
    await page.get_by_test_id("next-charge").tap()
    await expect(page.get_by_test_id("charge-till")).to_have_value(await till_id(keeper, shop, "2 号台"))

    await page.goto(f"{market.served.url}/shops/{shop['id']}/tills")
    await expect(page.get_by_test_id("till").nth(1)).to_contain_text("18.50")
    await seen(page, "tills")
    await page.get_by_test_id("till").nth(1).tap()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="贴纸（PDF）").tap()
    [printed] = zxingcpp.read_barcodes(
        pypdfium2.PdfDocument(await (await download.value).path())[0].render(scale=3).to_pil()
    )
    assert (await buyer.post("/api/scans", {"text": printed.text}))["till"] == "2 号台"
    phone = await page_of(await browser.new_context(**PHONE), buyer, market.served.url, failures)
    await phone.goto(f"{market.served.url}/c/{printed.text.rpartition('/')[2]}")
    await expect(phone.locator(".shop")).to_contain_text("2 号台")

    await page.goto(f"{market.served.url}/shops/{shop['id']}/stores")
    await page.get_by_test_id("store-branch").fill("东门店")
    await page.get_by_test_id("store-place").fill("东门街 3 号")
    await seen(page, "another store")
    await page.get_by_test_id("open-store").tap()
    await expect(page.get_by_test_id("store")).to_have_count(2)
    await market.settle()
    second = (await keeper.get(f"/api/shops/{shop['id']}/stores"))["stores"][1]["shop"]
    east = await keeper.get(f"/api/shops/{second['id']}")
    await market.pay(buyer, await market.order(buyer, east, 500))
    await market.settle()
    await page.goto(f"{market.served.url}/shops/{east['id']}")
    await expect(page.get_by_test_id("takings-today")).to_contain_text("5.00")
    await page.get_by_test_id("store-switch").get_by_role("link", name="山脚面馆").tap()
    await expect(page.get_by_test_id("takings-today")).to_contain_text("18.50")
    await expect(page.get_by_test_id("taking-till")).to_have_text("2 号台")
    await seen(page, "takings", full=True)
    await page.get_by_test_id("all-stores").tap()
    await expect(page.get_by_test_id("stores-sum")).to_contain_text("23.50")
    await expect(page.get_by_test_id("store")).to_have_count(2)
    await seen(page, "stores")

    await page.goto(f"{market.served.url}/shops/{shop['id']}/staff")
    await page.get_by_test_id("staff-handle").fill("xiaoman")
    await page.locator(".invite button").tap()
    await expect(page.get_by_test_id("works-too")).to_have_attribute("aria-pressed", "false")
    await page.get_by_test_id("works-too").tap()
    await expect(page.get_by_test_id("works-too")).to_have_attribute("aria-pressed", "true")
    await seen(page, "staff")
    asked = (await buyer.get("/api/shops/invitations"))["invitations"]
    assert {one["shop"]["id"] for one in asked} == {shop["id"], east["id"]}
    assert failures == []


async def till_id(keeper: Client, shop: dict[str, Any], name: str) -> str:
    tills = (await keeper.get(f"/api/shops/{shop['id']}/tills"))["tills"]
    return str(next(till["id"] for till in tills if till["name"] == name))


async def type_pin(phone: Page) -> None:
    for digit in PIN:
        await phone.keyboard.press(digit)


async def seen(page: Page, name: str, *, full: bool = False) -> None:
    """Pictures of the page by day and by night."""
    await page.wait_for_load_state("networkidle")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.screenshot(path=PICTURES / f"{name} {scheme}.png", full_page=full)
    await page.emulate_media(color_scheme="light")
