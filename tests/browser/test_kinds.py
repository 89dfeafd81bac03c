"""What can be said beside words, between two phones and a desk: pictures, voice, files, cards, answers; and taken back."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.chat.talk import send
from tests.support.browser import DESK, PHONE
from tests.support.house import Running
from tests.support.talk import message, talking, unsent
from tests.support.voice import mp4_voice

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_pictures_go_from_phone_to_phone_without_where_they_were_taken(served: Running, tmp_path: Path) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "kinds") as talk:
        phone = await talk.page(xiaoman, PHONE)
        other = await talk.page(azhe, PHONE, color_scheme="dark")
        await talk.open(phone, conversation)
        await talk.open(other, conversation)
        await phone.get_by_test_id("attach").tap()
        await talk.picture(phone, "1 what can be attached")
        await phone.get_by_test_id("pick-pictures").set_input_files([photo(tmp_path, n) for n in range(3)])
        sent = of_kind(other, "pictures")
        await expect(sent.get_by_test_id("picture")).to_have_count(3)
        await expect(of_kind(phone, "pictures")).to_have_attribute("data-state", "sent")
        await is_drawn(sent.locator("img").first)
        await phone.get_by_test_id("attach").tap()
        await phone.get_by_test_id("send-original").check()
        await phone.get_by_test_id("pick-pictures").set_input_files([photo(tmp_path, 7)])
        await expect(of_kind(other, "pictures")).to_have_count(2)
        await of_kind(other, "pictures").last.get_by_test_id("picture").tap()
        await expect(other.get_by_test_id("original")).to_be_visible()
        await other.get_by_test_id("original").tap()
        await talk.picture(other, "2 viewer")
        await other.get_by_test_id("close-viewer").tap()
        await talk.examine(other)
        await talk.picture(other, "3 pictures in the dark")


async def test_a_voice_is_spoken_and_heard(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "kinds", flags=MICROPHONE) as talk:
        phone = await talk.page(xiaoman, PHONE, permissions=["microphone"])
        other = await talk.page(azhe, PHONE, color_scheme="dark", locale="en-GB")
        await talk.open(phone, conversation)
        await talk.open(other, conversation)
        await phone.get_by_test_id("turn-voice").tap()
        hold = phone.get_by_test_id("hold")
        await hold.dispatch_event("pointerdown", {"pointerId": 1, "isPrimary": True})
        await expect(hold).to_contain_text("0:02")
        await talk.picture(phone, "4 speaking")
        await hold.dispatch_event("pointerup", {"pointerId": 1})
        voice = of_kind(other, "voice").get_by_test_id("voice")
        await expect(voice).to_be_visible()
        await expect(of_kind(phone, "voice")).to_have_attribute("data-state", "sent")
        await voice.tap()
        await expect(voice).to_have_attribute("aria-pressed", "true")
        await talk.picture(other, "5 hearing")
        await expect(voice).to_have_attribute("aria-pressed", "false")
        # With a keyboard: once to begin, Escape to give it up.
        await hold.focus()
        await phone.keyboard.press("Enter")
        await expect(hold).to_have_attribute("aria-pressed", "true")
        await phone.keyboard.press("Escape")
        await expect(hold).to_have_attribute("aria-pressed", "false")
        await expect(of_kind(phone, "voice")).to_have_count(1)
        # One that an iPhone recorded.
        media = await azhe.upload("voice", mp4_voice(1.5))
        await send(azhe, conversation, "voice", {"media_id": media["id"], "duration_ms": 1_500})
        answer = of_kind(phone, "voice").last.get_by_test_id("voice")
        await expect(answer).to_contain_text("0:02")
        await answer.tap()
        await expect(answer).to_have_attribute("aria-pressed", "true")
        await expect(answer).to_have_attribute("aria-pressed", "false")
        await expect(phone.get_by_role("alert")).to_have_count(0)
        await talk.examine(phone)


async def test_a_file_a_card_an_answer_and_what_is_passed_on(served: Running, tmp_path: Path) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    yinuo = await served.person("yinuo", "沈一诺")
    conversation = await served.friends(azhe, xiaoman)
    await served.friends(xiaoman, yinuo)
    async with talking(served, "kinds") as talk:
        phone = await talk.page(xiaoman, PHONE)
        desk = await talk.page(azhe, DESK)
        await talk.open(phone, conversation)
        await talk.open(desk, conversation)
        plan = tmp_path / "面馆计划.txt"
        plan.write_text("七点，三碗。" * 1000)
        await phone.get_by_test_id("attach").tap()
        await phone.get_by_test_id("pick-file").set_input_files(plan)
        file = of_kind(desk, "file").get_by_test_id("file")
        await expect(file).to_contain_text("面馆计划.txt")
        async with desk.expect_download() as download:
            await file.click()
        assert (await (await download.value).path()).read_bytes() == plan.read_bytes()
        await phone.get_by_test_id("attach").tap()
        await phone.get_by_test_id("pick-contact").tap()
        await phone.get_by_test_id("person-choice").filter(has_text="沈一诺").tap()
        await expect(of_kind(desk, "contact").get_by_test_id("contact-card")).to_contain_text("@yinuo")

        await talk.write(desk, "几点？")
        await menu(phone, message(phone, "几点？"))
        # Who thinks before they answer still answers that.
        async with phone.expect_response(lambda answer: answer.url.endswith("/mine") and answer.ok) as told:
            await phone.get_by_test_id("deed-reply").tap()
        await (await told.value).finished()
        await expect(phone.get_by_test_id("answering")).to_contain_text("几点？")
        await talk.write(phone, "七点")
        await expect(message(desk, "七点").get_by_test_id("quote")).to_contain_text("几点？")
        await talk.picture(desk, "6 desk")
        await talk.picture(phone, "7 phone")
        await talk.examine(desk)

        await menu(phone, message(phone, "七点"))
        await phone.get_by_test_id("deed-forward").tap()
        await phone.get_by_test_id("forward-to").filter(has_text="沈一诺").tap()
        await phone.get_by_test_id("back").tap()
        await phone.get_by_test_id("conversation").filter(has_text="沈一诺").first.tap()
        await expect(message(phone, "七点")).to_be_visible()


async def test_what_was_said_is_recalled_for_all_and_deleted_for_oneself(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "kinds") as talk:
        phone = await talk.page(xiaoman, PHONE)
        second = await talk.page(await served.second_device(xiaoman), DESK)
        other = await talk.page(azhe, PHONE)
        for page in (phone, second, other):
            await talk.open(page, conversation)
        await talk.write(phone, "说错了")
        await expect(message(other, "说错了")).to_be_visible()
        await menu(phone, message(phone, "说错了"))
        await phone.get_by_test_id("deed-recall").tap()
        for page in (phone, second, other):
            await expect(message(page, "说错了")).to_have_count(0)
            await expect(page.locator("[data-kind=recalled]")).to_be_visible()
        # Nothing of it is left on a device that kept it.
        assert "说错了" not in await other.evaluate(KEPT)
        await talk.write(other, "只删我这边")
        await menu(phone, message(phone, "只删我这边"))
        await phone.get_by_test_id("deed-delete").tap()
        for page in (phone, second):
            await expect(message(page, "只删我这边")).to_have_count(0)
        await expect(message(other, "只删我这边")).to_be_visible()
        await talk.examine(phone)


async def test_what_is_pinned_muted_hidden_marked_and_drafted_is_so_on_every_device(served: Running) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    async with talking(served, "kinds") as talk:
        phone = await talk.page(xiaoman, PHONE)
        desk = await talk.page(await served.second_device(xiaoman), DESK, color_scheme="dark")
        await phone.goto(served.url)
        await desk.goto(served.url)
        listed = phone.get_by_test_id("conversation").filter(has_text="hello")
        for deed in ("消息免打扰", "置顶", "标为已读", "标为未读"):
            await listed.dispatch_event("contextmenu")
            await phone.get_by_role("button", name=deed, exact=True).tap()
        await expect(desk.locator("li.pinned").get_by_test_id("unread")).to_have_class(re.compile("dot"))
        await talk.picture(desk, "8 pinned and muted")
        await listed.tap()
        await expect(phone.get_by_test_id("message-field")).to_be_visible()
        await expect(
            desk.get_by_test_id("conversation").filter(has_text="hello").get_by_test_id("unread")
        ).to_have_count(0)
        await phone.get_by_test_id("message-field").fill("写到一半")
        await expect(desk.get_by_test_id("conversation").filter(has_text="写到一半")).to_be_visible()
        await desk.goto(f"{served.url}/chat/{conversation}")
        await expect(desk.get_by_test_id("message-field")).to_have_value("写到一半")
        await desk.goto(f"{served.url}/chat/{conversation}/about")
        await desk.get_by_test_id("hide").click()
        await expect(desk.get_by_test_id("conversation").filter(has_text="阿哲")).to_have_count(1)
        other = await talk.page(azhe, PHONE)
        await talk.open(other, conversation)
        await other.get_by_test_id("message-field").press_sequentially("在吗")
        await expect(phone.get_by_role("heading", level=1)).to_contain_text("正在输入")
        await other.get_by_test_id("send").tap()
        await expect(desk.get_by_test_id("conversation").filter(has_text="写到一半")).to_be_visible()


async def test_an_upload_shows_how_far_it_is_and_can_be_stopped(served: Running, tmp_path: Path) -> None:
    xiaoman, azhe = await served.person("xiaoman", "林小满"), await served.person("azhe", "阿哲")
    conversation = await served.friends(azhe, xiaoman)
    large = tmp_path / "large.bin"
    large.write_bytes(b"x" * 3_000_000)
    async with talking(served, "kinds", expected=("Failed to load resource",)) as talk:
        phone = await talk.page(xiaoman, PHONE)
        await talk.open(phone, conversation)
        slow = await phone.context.new_cdp_session(phone)
        await slow.send("Network.enable")
        network = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
        await slow.send("Network.emulateNetworkConditions", network)
        await phone.get_by_test_id("attach").tap()
        await phone.get_by_test_id("pick-file").set_input_files(large)
        going = phone.get_by_test_id("unsent")
        await expect(going).to_have_attribute("data-state", "uploading")
        await expect(going.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
        await talk.picture(phone, "9 uploading")
        await phone.reload()
        await expect(unsent(phone, "large.bin")).to_be_visible()
        await unsent(phone, "large.bin").get_by_test_id("unsay").tap()
        await expect(phone.get_by_test_id("unsent")).to_have_count(0)


MICROPHONE = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
KEPT = """() => new Promise((done) => {
  const opening = indexedDB.open((localStorage['junzi.me'] && 'junzi.' + JSON.parse(localStorage['junzi.me']).id))
  opening.onsuccess = () => {
    const all = opening.result.transaction('messages').objectStore('messages').getAll()
    all.onsuccess = () => done(JSON.stringify(all.result))
  }
})"""


def of_kind(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-testid=message][data-kind={kind}]")


async def menu(page: Page, said: Locator) -> None:
    await said.locator(".bubble").dispatch_event("contextmenu")


async def is_drawn(picture: Locator) -> None:
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("image => image.naturalWidth") > 0


def photo(folder: Path, number: int) -> Path:
    """A photograph with a place in its metadata."""
    image = Image.linear_gradient("L").resize((1200, 900)).convert("RGB")
    tint = Image.new("RGB", image.size, ((number * 80) % 255, 120, 200 - number * 20))
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    path, buffer = folder / f"{number}.jpg", io.BytesIO()
    Image.blend(image, tint, 0.5).save(buffer, "JPEG", exif=exif)
    path.write_bytes(buffer.getvalue())
    return path
