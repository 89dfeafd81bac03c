"""Reading and writing a conversation: a long log, what is new in it, a day of it, and three columns on a desk."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import DESK, PHONE
from tests.support.house import Running
from tests.support.talk import message, talking
from tests.support.until import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 20_000


async def test_a_log_of_twenty_thousand_messages_is_read_from_both_ends(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "conversation") as talk:
        await talk.fill(conversation, azhe, LONG)
        phone = await talk.page(xiaoman, PHONE)
        await talk.open(phone, conversation)
        await expect(message(phone, f"第 {LONG} 条")).to_be_in_viewport()
        await talk.picture(phone, "1 newest")
        assert await drawn(phone) < 60

        # Upwards past several pages: what one looks at stays where it is while older ones come in above.
        for _ in range(12):
            await scroll(phone, -2500)
        await until(lambda: first_seen(phone, below=LONG - 150))
        assert await drawn(phone) < 60
        await talk.picture(phone, "2 older")

        # What arrives meanwhile is counted, not jumped to; and said to whoever listens.
        await azhe.connect()
        await azhe.send_text(conversation, "刚说的")
        await azhe.send_text(conversation, "还有一句")
        await expect(phone.get_by_test_id("below")).to_contain_text("2")
        await expect(phone.get_by_test_id("spoken-message")).to_have_text("阿哲: 还有一句")
        await expect(message(phone, "还有一句")).to_have_count(0)
        await talk.examine(phone)
        await phone.get_by_test_id("below").tap()
        await expect(message(phone, "还有一句")).to_be_in_viewport()

        # The unread that lie far above are one tap away, under their divider.
        other = await talk.page(azhe, PHONE, color_scheme="dark")
        await talk.open(other, conversation)
        await talk.write(other, "好")
        unread = await talk.page(await served.second_device(xiaoman), PHONE, locale="en-GB")
        await talk.open(unread, conversation)
        await expect(message(unread, "好")).to_be_in_viewport()
        await talk.picture(other, "3 dark")

        # What lies far above is reported from where it stands.
        await unread.goto(f"{served.url}/chat/{conversation}/report?seq=101")
        chosen = unread.locator("label").filter(has=unread.locator("[data-testid=reported]:checked"))
        await expect(chosen).to_have_count(1)
        await expect(chosen).to_contain_text("第 100 条")


async def test_unread_messages_stand_below_a_divider(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "conversation") as talk:
        phone = await talk.page(xiaoman, PHONE)
        await talk.open(phone, conversation)
        await expect(message(phone, "hello")).to_be_visible()
        await phone.get_by_test_id("back").tap()
        await talk.fill(conversation, azhe, 120)
        listed = phone.get_by_test_id("conversation").filter(has_text="第 120 条")
        await expect(listed.get_by_test_id("unread")).to_contain_text("99+")
        await listed.tap()
        await expect(message(phone, "第 120 条")).to_be_in_viewport()
        await expect(phone.get_by_test_id("unread-above")).to_contain_text("120")
        await talk.picture(phone, "4 unread above")
        await phone.get_by_test_id("unread-above").tap()
        await expect(phone.get_by_test_id("unread-divider")).to_be_in_viewport()
        await expect(message(phone, "第 1 条")).to_be_in_viewport()
        await talk.picture(phone, "5 divider")
        await phone.get_by_test_id("below").tap()
        await expect(message(phone, "第 120 条")).to_be_in_viewport()
        await phone.get_by_test_id("back").tap()
        await expect(listed.get_by_test_id("unread")).to_have_count(0)


async def test_a_long_text_is_folded_and_copied_and_a_sign_put_at_the_caret(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    long = "君子和而不同。" * 300 + "结束"
    async with talking(served, "conversation") as talk:
        phone = await talk.page(xiaoman, PHONE, permissions=["clipboard-read", "clipboard-write"])
        await talk.open(phone, conversation)
        await talk.write(phone, long)
        fold = message(phone, "结束").get_by_test_id("fold")
        await expect(fold).to_have_attribute("aria-expanded", "false")
        await talk.picture(phone, "6 folded")
        await fold.tap()
        await expect(fold).to_have_attribute("aria-expanded", "true")
        await message(phone, "结束").locator(".bubble").dispatch_event("contextmenu")
        await talk.picture(phone, "7 menu")
        await phone.get_by_test_id("deed-copy").tap()
        assert await phone.evaluate("navigator.clipboard.readText()") == long
        field = phone.get_by_test_id("message-field")
        # Ten thousand signs, whatever each of them takes, and one more.
        await field.fill("🍜" * 10_000)
        await expect(phone.get_by_text("还可以写 0 字")).to_be_visible()
        await field.fill("🍜" * 10_001)
        await expect(phone.get_by_text("超出 1 字")).to_be_visible()
        await expect(phone.get_by_test_id("send")).to_be_disabled()
        await field.fill("七点见")
        await field.evaluate("box => box.setSelectionRange(2, 2)")
        await phone.get_by_test_id("emoji").tap()
        await phone.get_by_role("button", name="🍜", exact=True).tap()
        await expect(field).to_have_value("七点🍜见")
        await talk.examine(phone)
        await talk.picture(phone, "8 emoji")


async def test_a_desk_has_three_columns_and_keys(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman, "面馆见？")
    async with talking(served, "conversation") as talk:
        desk = await talk.page(xiaoman, DESK)
        await desk.goto(served.url)
        await expect(desk.get_by_test_id("conversation")).to_have_count(2)
        await desk.keyboard.press("?")
        await expect(desk.get_by_role("dialog")).to_contain_text("Alt")
        await talk.picture(desk, "9 keys")
        await desk.keyboard.press("Escape")
        await desk.keyboard.press("Alt+ArrowDown")
        await desk.keyboard.press("Alt+ArrowDown")
        await desk.keyboard.press("Alt+ArrowUp")
        await expect(message(desk, "面馆见？")).to_be_visible()
        await talk.write(desk, "好，七点")
        await expect(message(desk, "好，七点")).to_be_visible()
        await desk.get_by_test_id("details").click()
        await expect(desk.get_by_test_id("peer")).to_contain_text("阿哲")
        await talk.examine(desk)
        await talk.picture(desk, "10 three columns")

        # A day is found; a message is reached by the keyboard alone.
        await desk.get_by_test_id("jump-day").fill("2020-01-01")
        await desk.get_by_test_id("jump").click()
        await expect(desk.locator("[role=article]:focus")).to_contain_text("面馆见？")
        await desk.keyboard.press("ArrowDown")
        await expect(desk.locator("[role=article]:focus")).to_contain_text("好，七点")
        await desk.keyboard.press("Enter")
        await expect(desk.get_by_test_id("deed-copy")).to_be_visible()
        await desk.keyboard.press("Escape")
        await desk.keyboard.press("Escape")
        await expect(desk.get_by_test_id("peer")).to_have_count(0)
        await desk.keyboard.press("Control+k")
        await desk.keyboard.type("面馆")
        await expect(desk.get_by_test_id("conversation")).to_have_count(0)
        await desk.keyboard.press("Control+a")
        await desk.keyboard.type("七点")
        await expect(desk.get_by_test_id("conversation")).to_have_count(1)

        dark = await talk.page(xiaoman, DESK, color_scheme="dark")
        await dark.goto(f"{served.url}/chat/{conversation}/about")
        await expect(dark.get_by_test_id("peer")).to_be_visible()
        await talk.examine(dark)
        await talk.picture(dark, "11 three columns in the dark")


async def scroll(page: Page, by: int) -> None:
    await page.get_by_test_id("log").evaluate("(box, by) => box.scrollBy(0, by)", by)
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def drawn(page: Page) -> int:
    return await page.get_by_role("article").count()


async def first_seen(page: Page, *, below: int) -> bool:
    text = await page.get_by_test_id("message").first.inner_text()
    found = re.search(r"第 (\d+) 条", text)
    if found and int(found.group(1)) < below:
        return True
    await scroll(page, -2500)
    return False
