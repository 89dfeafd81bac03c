"""A phone without a network: the app opens, shows what it has, keeps what is written, and sends it once it can."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.chat.talk import picture
from tests.support.browser import PHONE, WITH_WORKER
from tests.support.house import Running
from tests.support.talk import message, talking, unsent

NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "WebSocket connection to", "Failed to fetch")
SIGNED_OUT = ("401 (Unauthorized)",)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_the_app_opens_without_a_network_and_sends_later_what_was_written(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman, "面馆见？")
    async with talking(served, "offline", expected=NO_NETWORK) as talk:
        phone = await talk.page(xiaoman, PHONE | WITH_WORKER)
        other = await talk.page(azhe, PHONE, color_scheme="dark")
        await talk.open(phone, conversation)
        await talk.open(other, conversation)
        await expect(message(phone, "面馆见？")).to_be_visible()
        await is_kept(phone)

        await phone.context.set_offline(True)
        await phone.goto(served.url)
        await expect(phone.get_by_test_id("offline")).to_be_visible()
        listed = phone.get_by_test_id("conversation").filter(has_text="面馆见？")
        await expect(listed).to_be_visible()
        await talk.picture(phone, "1 list")
        await listed.tap()
        await expect(message(phone, "面馆见？")).to_be_visible()
        for text in ("七点", "八点", "九点"):
            await talk.write(phone, text)
        await expect(unsent(phone, "九点")).to_have_attribute("data-state", "queued")
        await talk.examine(phone)
        await talk.picture(phone, "2 queued")
        await phone.reload()
        await expect(unsent(phone, "七点")).to_be_visible()
        await unsent(phone, "八点").get_by_test_id("unsay").tap()
        await expect(phone.get_by_test_id("unsent")).to_have_count(2)
        await phone.reload()
        await expect(phone.get_by_test_id("unsent")).to_have_count(2)

        await phone.context.set_offline(False)
        await expect(message(phone, "九点")).to_be_visible(timeout=20_000)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
        await expect(phone.get_by_test_id("offline")).to_have_count(0)
        await expect(message(other, "七点")).to_have_count(1)
        await expect(message(other, "九点")).to_have_count(1)
        await expect(message(other, "八点")).to_have_count(0)


async def test_a_refused_message_stays_until_it_is_deleted(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "offline") as talk:
        phone = await talk.page(xiaoman, PHONE | WITH_WORKER, color_scheme="dark")
        await talk.open(phone, conversation)
        # No server refuses a plain text between friends, so this one is told of a bound that it has not.
        await phone.evaluate(TOO_MUCH)
        await talk.write(phone, "too much")
        refused = unsent(phone, "too much")
        await expect(refused).to_have_attribute("data-state", "failed")
        await expect(refused.get_by_role("alert")).to_contain_text("太长")
        await talk.picture(phone, "3 refused")
        await phone.reload()
        await expect(refused).to_have_attribute("data-state", "failed")
        # Sent again as it was written, which this page hands on.
        await refused.get_by_test_id("resend").tap()
        await expect(message(phone, "too much")).to_be_visible()
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)
        await phone.evaluate(TOO_MUCH)
        await talk.write(phone, "too much as well")
        await expect(unsent(phone, "as well")).to_have_attribute("data-state", "failed")
        await unsent(phone, "as well").get_by_test_id("unsay").tap()
        await phone.reload()
        await expect(message(phone, "too much")).to_be_visible()
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)


async def test_pictures_wait_for_a_connection_and_an_answer_that_does_not_come_is_asked_for_again(
    served: Running, tmp_path: Path
) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "offline", expected=NO_NETWORK) as talk:
        phone = await talk.page(xiaoman, PHONE | WITH_WORKER)
        other = await talk.page(azhe, PHONE)
        await talk.open(phone, conversation)
        await talk.open(other, conversation)
        await expect(message(phone, "hello")).to_be_visible()
        await is_kept(phone)
        await phone.context.set_offline(True)
        await expect(phone.get_by_test_id("offline")).to_be_visible()
        photo = tmp_path / "noodles.jpg"
        photo.write_bytes(picture(600, 400))
        await phone.get_by_test_id("attach").tap()
        await phone.get_by_test_id("pick-pictures").set_input_files([photo])
        await expect(phone.get_by_test_id("unsent")).to_have_attribute("data-state", "queued")
        await phone.reload()
        waiting = phone.get_by_test_id("unsent").get_by_test_id("picture").locator("img")
        await expect(waiting).to_have_js_property("complete", True)
        assert await waiting.evaluate("image => image.naturalWidth") == 600
        await phone.context.set_offline(False)
        arrived = other.locator("[data-testid=message][data-kind=pictures]")
        await expect(arrived).to_have_count(1)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)

        # A frame that is lost: after a while it counts as failed, and goes out once more when the person says so.
        await phone.evaluate(LOST)
        await talk.write(phone, "到了吗？")
        lost = unsent(phone, "到了吗？")
        await expect(lost).to_have_attribute("data-state", "sending")
        await expect(lost).to_have_attribute("data-state", "failed")
        await lost.get_by_test_id("resend").tap()
        await expect(message(other, "到了吗？")).to_have_count(1)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)


async def test_nothing_of_a_person_stays_on_a_device_they_left(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "offline", expected=SIGNED_OUT) as talk:
        phone = await talk.page(xiaoman, PHONE | WITH_WORKER)
        await talk.open(phone, conversation)
        await phone.get_by_test_id("message-field").fill("还没发出去")
        await phone.reload()
        await expect(phone.get_by_test_id("message-field")).to_have_value("还没发出去")
        await phone.get_by_test_id("back").tap()
        await expect(phone.get_by_test_id("conversation").first).to_contain_text("还没发出去")
        assert await kept_databases(phone) == [f"junzi.{xiaoman.me['id']}"]
        await phone.goto(f"{served.url}/me")
        await phone.get_by_test_id("sign-out").tap()
        await phone.locator("dialog[open] button.row").tap()
        await expect(phone).to_have_url(f"{served.url}/welcome")
        assert await kept_databases(phone) == []
        assert await phone.evaluate("localStorage.getItem('junzi.me')") == "null"
        assert await phone.evaluate("localStorage.getItem('junzi.drafts')") is None


TOO_MUCH = """() => {
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (text) {
    send.call(this, text.replace('too much', 'x'.repeat(10001)))
  }
}"""


LOST = """() => {
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (text) {
    if (text.includes('"op":"send"')) WebSocket.prototype.send = send
    else send.call(this, text)
  }
}"""


async def is_kept(page: Page) -> None:
    """The service worker has filled its cache and answers for this page from the next time on."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")


async def kept_databases(page: Page) -> list[str]:
    names: list[str] = await page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    return names
