"""What was said to a shop, in a browser: recorded with photos, once, without a network too; handed over and read at the desk."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.test_field import filled
from tests.browser.test_offline import NO_NETWORK, is_kept
from tests.browser.test_street import examine
from tests.chat.talk import picture
from tests.support.browser import DESK, PHONE, WITH_WORKER, chromium, page_of
from tests.support.market import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "incidents"
SAID = "周五前把他们的码撤了，不然就收走我们的。"
PHOTO = {"name": "here.jpg", "mimeType": "image/jpeg", "buffer": picture()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_shop_records_what_was_said_to_it_and_hands_it_to_the_operator(market: Market, scheme: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    street, failures = await filled(market), list[str]()
    place = (await street.seen("面馆"))[0]
    keeper = await market.person("keeper", "老张")
    shop = await market.shop(keeper, "老张面馆")
    await street.link(place, shop)
    await market.settle()
    if scheme == "dark":
        for person in (keeper, street.operator):
            await person.request("PATCH", "/api/me", {"locale": "en"})
    async with chromium() as browser:
        context = await browser.new_context(**PHONE | WITH_WORKER, color_scheme=scheme)
        phone = await page_of(context, keeper, market.served.url, failures)
        await phone.goto(f"{market.served.url}/shops/{shop['id']}")
        await phone.get_by_test_id("open-incidents").tap()
        await phone.get_by_test_id("new-incident").tap()
        await phone.get_by_test_id("incident-words").fill(SAID)
        await phone.get_by_test_id("incident-speaker").fill("自称蓝钱包的人，四十来岁")
        await phone.get_by_test_id("incident-rival").select_option(label="Blue Wallet")
        await phone.get_by_test_id("incident-spot").fill("前台")
        await phone.get_by_test_id("take-photo").set_input_files(PHOTO)
        await phone.get_by_test_id("choose-photos").set_input_files([PHOTO, PHOTO])
        await expect(phone.get_by_test_id("incident-form").locator("img")).to_have_count(3)
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"1 form {scheme}.png", animations="disabled", full_page=True)
        await phone.get_by_test_id("record-incident").tap()
        await expect(phone.get_by_test_id("incident")).to_have_count(1)
        await expect(phone.get_by_test_id("incident").locator("img")).to_have_count(3)

        await is_kept(phone)
        await context.set_offline(True)
        await phone.reload()
        await expect(phone.get_by_test_id("incident")).to_contain_text(SAID)
        await phone.get_by_test_id("new-incident").tap()
        await phone.get_by_test_id("incident-account").fill("第二天有人来拍了我们的码。")
        await phone.get_by_test_id("take-photo").set_input_files(PHOTO)
        await phone.get_by_test_id("record-incident").tap()
        await expect(phone.get_by_test_id("queued")).to_contain_text("1")
        await phone.reload()
        await expect(phone.get_by_test_id("queued")).to_contain_text("1")
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"2 offline {scheme}.png", animations="disabled", full_page=True)
        await context.set_offline(False)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0, timeout=30_000)
        await expect(phone.get_by_test_id("incident")).to_have_count(2)

        first = phone.get_by_test_id("incident").filter(has_text=SAID)
        await phone.reload()
        await first.get_by_test_id("hand-over").tap()
        await first.get_by_test_id("sure").tap()
        await expect(first.get_by_test_id("hand-over")).to_have_count(0)
        await first.get_by_test_id("add-to-incident").tap()
        await first.get_by_test_id("more-text").fill("他今天又来了。")
        await first.get_by_test_id("send-more").tap()
        await expect(first.locator("ol li")).to_have_count(2)
        second = phone.get_by_test_id("incident").filter(has_not_text=SAID)
        await second.get_by_test_id("withdraw-incident").tap()
        await second.get_by_test_id("sure").tap()
        await expect(second.locator("li.withdrawn")).to_have_count(1)
        await examine(phone)
        await phone.screenshot(path=PICTURES / f"3 list {scheme}.png", animations="disabled", full_page=True)

        context = await browser.new_context(**{**DESK, "color_scheme": scheme})
        desk = await page_of(context, street.operator, market.served.url, failures)
        await desk.goto(f"{market.served.url}/ops/street")
        await desk.get_by_test_id("view-incidents").click()
        await expect(desk.get_by_test_id("incident")).to_have_count(1)
        await expect(desk.get_by_test_id("incident")).to_contain_text("他今天又来了。")
        await expect(desk.get_by_test_id("incident").locator("img").first).to_have_js_property("complete", True)
        await examine(desk)
        await desk.screenshot(path=PICTURES / f"4 desk {scheme}.png", animations="disabled")
        await desk.get_by_test_id("view-table").click()
        await desk.get_by_test_id("table-place").filter(has_text="老张面馆").click()
        told = desk.get_by_test_id("place-detail").get_by_test_id("incident")
        await expect(told).to_contain_text(SAID)
        await told.scroll_into_view_if_needed()
        await examine(desk)
        await desk.screenshot(path=PICTURES / f"5 place {scheme}.png", animations="disabled")
    rows = await market.rows("select words, cardinality(photo_ids) as photos from field.incidents order by recorded_at")
    assert [(row["words"], row["photos"]) for row in rows] == [(SAID, 3), ("", 1)]
    assert [one for one in failures if not any(known in one for known in NO_NETWORK)] == []
