"""Groups between two phones and a desk: made, named, called in, led, left and ended; and strangers who are held apart."""

from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

from junzi.operators.actions import make_administrator
from tests.support.browser import DESK, PHONE
from tests.support.house import Running
from tests.support.talk import message, talking

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_a_group_is_made_led_joined_by_code_and_dissolved(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    yinuo, guifang = await served.person("yinuo", "沈一诺"), await served.person("guifang", "吴桂芳")
    await yinuo.request("PATCH", "/api/me", {"locale": "en"})
    await served.friends(xiaoman, azhe)
    await served.friends(xiaoman, yinuo)
    async with talking(served, "groups") as talk:
        owner = await talk.page(xiaoman, PHONE)
        member = await talk.page(azhe, PHONE, color_scheme="dark")
        desk = await talk.page(yinuo, DESK)
        await owner.goto(served.url)
        more, begin = owner.get_by_role("button", name="更多操作"), owner.get_by_role("menuitem", name="发起群聊")
        await more.press("Enter")
        await expect(begin).to_be_focused()
        await owner.keyboard.press("ArrowUp")
        await expect(owner.get_by_role("menuitem", name="开一家店")).to_be_focused()
        await owner.keyboard.press("Escape")
        await expect(more).to_be_focused()
        await more.tap()
        await begin.tap()
        await owner.get_by_test_id("person-choice").filter(has_text="阿哲").tap()
        await owner.get_by_test_id("person-choice").filter(has_text="沈一诺").tap()
        await talk.picture(owner, "1 choose")
        await owner.get_by_test_id("people-confirm").tap()
        await owner.get_by_test_id("new-group-name").fill("周末爬山小分队")
        await owner.get_by_test_id("make-group").tap()
        await expect(owner.get_by_test_id("message-field")).to_be_visible()
        group = owner.url.rpartition("/")[2]
        await expect(told(owner, "group.made")).to_contain_text("阿哲")

        await talk.open(member, group)
        await talk.open(desk, group)
        await owner.get_by_test_id("message-field").press_sequentially("@")
        await owner.get_by_test_id("mention").filter(has_text="阿哲").tap()
        await owner.get_by_test_id("message-field").press_sequentially("带够水")
        await owner.get_by_test_id("send").tap()
        await expect(message(member, "带够水")).to_contain_text("@阿哲")
        await expect(message(member, "带够水").locator("xpath=..")).to_contain_text("提到了你")
        await talk.write(member, "好，七点东门")
        await expect(message(desk, "好，七点东门")).to_contain_text("阿哲")
        await talk.examine(desk)
        await talk.picture(desk, "2 desk")
        await talk.picture(member, "3 called in the dark")

        # Called while away: the list says so.
        await member.get_by_test_id("back").tap()
        await owner.get_by_test_id("message-field").press_sequentially("@")
        await owner.get_by_test_id("mention-all").tap()
        await owner.get_by_test_id("send").tap()
        await expect(member.get_by_test_id("mentioned")).to_be_visible()
        await talk.picture(member, "4 mentioned")

        # Named, noticed, and a name of one's own in it.
        await owner.get_by_test_id("details").tap()
        await change(owner, "group-name", "爬山")
        await change(owner, "group-notice-edit", "周六七点，东门集合。")
        await expect(told(desk, "group.renamed")).to_contain_text("爬山")
        await expect(desk.get_by_test_id("group-notice")).to_contain_text("东门")
        await change(owner, "nickname", "队长小满")
        await expect(owner.get_by_test_id("nickname")).to_contain_text("队长小满")
        await talk.examine(owner)
        await talk.picture(owner, "5 details")

        # By code, from outside.
        await owner.get_by_test_id("group-code").tap()
        code = owner.get_by_test_id("group-code-picture")
        url = str(await code.get_attribute("data-url"))
        await talk.picture(owner, "6 code")
        guest = await talk.page(guifang, PHONE)
        await guest.goto(f"{served.url}/g/{url.rpartition('/')[2]}")
        await expect(guest.get_by_test_id("invitation")).to_contain_text("爬山")
        await talk.picture(guest, "7 invitation")
        await guest.get_by_test_id("join").tap()
        await expect(guest.get_by_test_id("message-field")).to_be_visible()
        await expect(told(desk, "group.joined")).to_contain_text("吴桂芳")

        # Only administrators write; one is made, and may.
        await owner.goto(f"{served.url}/chat/{group}/about")
        await owner.get_by_test_id("mute-all").tap()
        await expect(guest.get_by_test_id("message-field")).to_have_count(0)
        await owner.goto(f"{served.url}/chat/{group}/members")
        await expect(owner.get_by_test_id("member")).to_have_count(4)
        await talk.examine(owner)
        await owner.get_by_test_id("member").filter(has_text="沈一诺").tap()
        await owner.get_by_test_id("make-administrator").tap()
        await expect(owner.get_by_test_id("unmake-administrator")).to_be_visible()
        await talk.write(desk, "我来记名单")
        await expect(message(guest, "我来记名单")).to_be_visible()

        # Removed, handed over, ended.
        await owner.goto(f"{served.url}/chat/{group}/members/{guifang.me['id']}")
        await owner.get_by_test_id("remove-member").tap()
        await confirm(owner)
        await expect(guest.get_by_role("status").filter(has_text="不在这个群聊")).to_be_visible()
        await owner.goto(f"{served.url}/chat/{group}/members/{azhe.me['id']}")
        await owner.get_by_test_id("hand-over").tap()
        await confirm(owner)
        await expect(told(desk, "group.handed_over")).to_be_visible()
        await member.goto(f"{served.url}/chat/{group}/about")
        await member.get_by_test_id("dissolve").tap()
        await confirm(member)
        await expect(desk.get_by_text("This group was dissolved")).to_be_visible()
        await desk.goto(f"{served.url}/chat/{group}/about")
        await talk.picture(desk, "8 dissolved")


async def test_strangers_are_held_apart_blocked_and_reported_with_what_was_chosen(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    async with talking(served, "groups", expected=("403", "409", "422")) as talk:
        stranger = await talk.page(azhe, PHONE)
        phone = await talk.page(xiaoman, PHONE, color_scheme="dark")
        await phone.goto(served.url)
        await stranger.goto(f"{served.url}/contacts/add?handle=xiaoman")
        await stranger.get_by_test_id("write-stranger").tap()
        await expect(stranger.get_by_test_id("request-line")).to_be_visible()
        for text in ("你好", "买保健品吗", "很便宜"):
            await talk.write(stranger, text)
        await expect(message(stranger, "很便宜")).to_be_visible()
        await talk.picture(stranger, "9 writing to somebody unknown")
        await expect(phone.get_by_test_id("conversation")).to_have_count(0)
        await phone.get_by_test_id("requests").tap()
        await phone.get_by_test_id("request-conversation").tap()
        await expect(message(phone, "买保健品吗")).to_be_visible()
        await talk.examine(phone)
        await talk.picture(phone, "10 a request")
        await message(phone, "买保健品吗").locator(".bubble").dispatch_event("contextmenu")
        await phone.get_by_test_id("deed-report").tap()
        await expect(phone.get_by_test_id("reported")).to_have_count(3)
        await expect(phone.locator("[data-testid=reported]:checked")).to_have_count(1)
        await phone.get_by_test_id("reason-fraud").tap()
        await talk.examine(phone)
        await talk.picture(phone, "11 report")
        await phone.get_by_test_id("send-report").tap()
        await expect(phone.get_by_test_id("notice")).to_be_visible()
        await phone.get_by_test_id("refuse-request").tap()
        await phone.goto(f"{served.url}/me/blocks")
        await expect(phone.get_by_test_id("blocked")).to_contain_text("阿哲")

        # The operator sees what was chosen, and nothing else.
        yuan = await served.person("yuan", "周予安")
        async with served.house.database.transaction() as tx:
            await make_administrator(tx, UUID(yuan.me["id"]))
        desk = await talk.page(yuan, DESK)
        await desk.goto(f"{served.url}/ops/reports")
        report = desk.get_by_test_id("report")
        await expect(report).to_contain_text("买保健品吗")
        await expect(report).not_to_contain_text("很便宜")
        await talk.examine(desk)
        await talk.picture(desk, "12 the operator's desk")
        await report.get_by_test_id("outcome-warned").click()
        await expect(report).to_have_count(0)


def told(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-testid=told][data-kind='{kind}']").last


async def change(page: Page, what: str, text: str) -> None:
    await page.get_by_test_id(what).tap()
    await page.get_by_test_id("sheet-text").and_(page.locator(":visible")).fill(text)
    await page.locator("dialog[open]").get_by_test_id("sheet-save").tap()


async def confirm(page: Page) -> None:
    await page.locator("dialog[open] button.row").tap()
