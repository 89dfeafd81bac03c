"""A desk is signed in by a phone that reads its code; and a phone says when it wants to be told of messages."""

import pytest
from playwright.async_api import expect

from tests.support.browser import DESK, PHONE, WITH_WORKER
from tests.support.house import Running
from tests.support.talk import talking

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_a_desk_is_signed_in_by_a_phone(served: Running) -> None:
    xiaoman = await served.person("xiaoman", "林小满")
    async with talking(served, "sign in", expected=("401 (Unauthorized)",)) as talk:
        desk = await (await talk.browser.new_context(**DESK)).new_page()
        await desk.goto(f"{served.url}/welcome")
        await desk.get_by_test_id("turn-sign-in").click()
        await desk.get_by_test_id("by-phone").click()
        code = desk.get_by_test_id("sign-in-code")
        await expect(code).to_be_visible()
        await talk.examine(desk)
        await talk.picture(desk, "1 desk")
        url = str(await code.get_attribute("data-url"))
        phone = await talk.page(xiaoman, PHONE, color_scheme="dark")
        await phone.goto(f"{served.url}/q/{url.rpartition('/')[2]}")
        await expect(phone.get_by_test_id("sign-in-ask")).to_be_visible()
        await expect(desk.get_by_test_id("sign-in-state")).to_contain_text("林小满")
        await talk.examine(phone)
        await talk.picture(phone, "2 phone")
        await phone.get_by_test_id("approve").tap()
        await expect(desk).to_have_url(f"{served.url}/")
        await expect(desk.get_by_role("heading", name="聊天")).to_be_visible()


async def test_a_phone_is_told_of_messages_and_left_alone_at_night(served: Running) -> None:
    xiaoman = await served.person("xiaoman", "林小满")
    async with talking(served, "sign in") as talk:
        phone = await talk.page(xiaoman, PHONE | WITH_WORKER, permissions=["notifications"])
        await phone.add_init_script(SUBSCRIBES)
        await phone.goto(f"{served.url}/me/notifications")
        await phone.get_by_test_id("push").tap()
        await expect(phone.get_by_test_id("push")).to_have_attribute("aria-checked", "true")
        await phone.get_by_test_id("shows-text").tap()
        await expect(phone.get_by_test_id("shows-text")).to_have_attribute("aria-checked", "true")
        await phone.get_by_test_id("quiet").tap()
        await expect(phone.get_by_test_id("quiet-from")).to_have_value("22:30")
        await phone.get_by_test_id("quiet-until").fill("08:15")
        await phone.reload()
        await expect(phone.get_by_test_id("quiet-until")).to_have_value("08:15")
        await talk.examine(phone)
        await talk.picture(phone, "3 notifications")
        await phone.get_by_test_id("push").tap()
        await expect(phone.get_by_test_id("push")).to_have_attribute("aria-checked", "false")


SUBSCRIBES = """
PushManager.prototype.subscribe = async () => ({
  toJSON: () => ({
    endpoint: 'https://fcm.googleapis.com/fcm/send/a-test',
    keys: {
      p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
      auth: 'tBHItJI5svbpez7KI4CCXg',
    },
  }),
})
"""
"""The browser's own push service is out of reach here, so its answer is given for it."""
