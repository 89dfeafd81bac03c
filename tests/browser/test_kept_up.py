"""A page that was open while everything happened shows what a page shows that is opened afterwards."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route, expect

from tests.chat.talk import group, keeps, picture, say, send
from tests.support.browser import DESK
from tests.support.house import Running
from tests.support.talk import message, talking
from tests.support.until import until
from tests.support.voice import mp4_voice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TALL_DESK = DESK | {"viewport": {"width": 1440, "height": 3000}}
"""On which every message is drawn."""


async def test_what_a_desk_keeps_up_is_what_a_fresh_one_shows(served: Running) -> None:
    anna, bela, cora = [await served.person(name.lower(), name) for name in ("Anna", "Bela", "Cora")]
    direct, other = await served.friends(anna, bela), await served.friends(anna, cora)
    crowd = (await group(served, bela, anna, cora))["id"]
    tablet = await served.second_device(anna)
    for device in (tablet, bela, cora):
        await device.connect()
    async with talking(served, "kept up", expected=("404 (Not Found)",)) as talk:
        desk = await talk.page(await served.second_device(anna), TALL_DESK)
        await desk.goto(f"{served.url}/chat/{crowd}/about")
        await expect(desk.get_by_test_id("all-members")).to_contain_text("3")

        async def agree_after(last: str) -> None:
            fresh = await talk.page(await served.second_device(anna), TALL_DESK)
            await fresh.goto(desk.url)
            await expect(fresh.locator("body")).to_contain_text(last)
            await agree(desk, fresh)
            await fresh.context.close()

        # Every kind of message, in the conversation that is open and in one that is not; called, and read elsewhere.
        for id in (direct, crowd):
            await say(bela, id, "hello", reply_to=1)
            await bela.send_text(id, "over the socket")
            await tablet.send_text(id, "from my tablet")
            await send(bela, id, "contact", {"person_id": anna.me["id"]})
            for kind, content in (("picture", picture()), ("voice", mp4_voice()), ("file", b"plan")):
                await send(bela, id, *said_with(kind, (await bela.upload(kind, content, "plan.txt"))["id"]))
        await send(bela, crowd, "forward", {"conversation_id": direct, "seq": 2})
        await say(cora, other, "only you")
        await say(bela, crowd, "@Anna", mentions=[anna.me["id"]])
        await say(bela, crowd, "@all", mention_all=True)
        await say(bela, direct, "the last of the first")
        cora.mark_read(crowd, 99)
        await expect(desk).to_have_title(re.compile(r"^\(\d+\) Junzi"))
        await agree_after("the last of the first")

        # What a person keeps about conversations, and what they read on another device.
        tablet.mark_read(direct, 99)
        await keeps(anna, direct, pinned=True, muted=True, draft={"text": "half a thought", "reply_to": 1})
        await keeps(anna, other, marked_unread=True)
        await say(bela, direct, "after it was read")
        await agree_after("half a thought")
        await keeps(anna, direct, draft=None, pinned=False, muted=False)
        await keeps(anna, other, hidden=True)
        await desk.goto(f"{served.url}/chat/{direct}")
        await expect(message(desk, "after it was read")).to_be_visible()
        await agree_after("after it was read")

        # Called elsewhere, and that read on another device; read by the other, who then writes without having looked.
        await say(bela, crowd, "@Anna again", mentions=[anna.me["id"]])
        await expect(desk.get_by_test_id("mentioned")).to_be_visible()
        tablet.mark_read(crowd, 99)
        said = await tablet.send_text(direct, "did you see this?")
        bela.mark_read(direct, said["seq"])
        await agree_after("did you see this?")

        # Taken back, deleted for oneself, all of it deleted.
        await tablet.send_text(direct, "and this?")
        newest = await say(bela, direct, "a slip")
        await agree_after("a slip")
        await bela.post(f"/api/conversations/{direct}/recalls", {"seq": newest["seq"]})
        await anna.post(f"/api/conversations/{direct}/deletions", {"seqs": [2, 3]})
        await expect(desk.locator("[data-kind=recalled]")).to_be_visible()
        await agree_after("撤回了一条消息")
        await anna.post(f"/api/conversations/{direct}/deletions", {"up_to_seq": newest["seq"]})
        await say(bela, direct, "on a clean table")
        await agree_after("on a clean table")

        # A group that changes, is left, entered again, and ends; and what begins meanwhile.
        await desk.goto(f"{served.url}/chat/{crowd}/about")
        await expect(desk.get_by_test_id("group-name")).to_contain_text("Hikers")
        await bela.patch(f"/api/groups/{crowd}", {"name": "Climbers", "notice": "Sunday, seven!", "mute_all": True})
        await bela.put(f"/api/groups/{crowd}/members/{anna.me['id']}/role", {"role": "administrator"})
        await anna.put(f"/api/groups/{crowd}/nickname", {"nickname": "Annie"})
        await cora.delete(f"/api/groups/{crowd}/members/{cora.me['id']}")
        await agree_after("Sunday, seven!")
        await bela.delete(f"/api/groups/{crowd}/members/{anna.me['id']}")
        await say(bela, crowd, "without her")
        await agree_after("不在这个群聊")
        await bela.post(f"/api/groups/{crowd}/members", {"member_ids": [anna.me["id"]]})
        await say(bela, crowd, "with her again")
        await agree_after("with her again")
        await expect(message(desk, "over the socket")).to_have_count(0)
        dora = await served.person("dora", "Dora")
        stranger = (await dora.post("/api/conversations", {"person_id": anna.me["id"]}))["id"]
        await say(dora, stranger, "May I?")
        await expect(desk.get_by_test_id("requests")).to_be_visible()
        await agree_after("with her again")
        await anna.post(f"/api/conversations/{stranger}/acceptance")
        await bela.post("/api/groups", {"id": str(uuid4()), "name": "Swimmers", "member_ids": [anna.me["id"]]})
        await bela.delete(f"/api/groups/{crowd}")
        await agree_after("Swimmers")


async def test_what_is_told_while_an_older_answer_is_on_its_way_stands(served: Running) -> None:
    anna, bela = [await served.person(name.lower(), name) for name in ("Anna", "Bela")]
    direct = await served.friends(anna, bela)
    crowd = (await group(served, bela, anna))["id"]
    await bela.connect()
    async with talking(served, "kept up") as talk:
        desk = await talk.page(anna, DESK)
        await desk.goto(served.url)
        listed = desk.get_by_test_id("conversation")
        await expect(listed.filter(has_text="hello")).to_be_visible()
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asked = asyncio.Event()

        async def hold(route: Route) -> None:
            answer = await route.fetch()
            asked.set()
            await held
            await route.fulfill(response=answer)

        await desk.route("**/api/conversations?**", hold)
        await say(bela, direct, "before")
        await bela.patch(f"/api/groups/{crowd}", {"name": "Climbers"})
        await asked.wait()
        await say(bela, direct, "meanwhile")
        await expect(listed.filter(has_text="meanwhile")).to_be_visible()
        held.set_result(None)
        await expect(listed.filter(has_text="Climbers")).to_be_visible()
        await expect(listed.filter(has_text="meanwhile").get_by_test_id("unread")).to_contain_text("2")


def said_with(kind: str, media_id: str) -> tuple[str, dict[str, Any]]:
    if kind == "picture":
        return "pictures", {"pictures": [{"media_id": media_id}]}
    return kind, {"media_id": media_id, **({"duration_ms": 1_000} if kind == "voice" else {})}


async def agree(kept_up: Page, fresh: Page) -> None:
    seen: list[Any] = []

    async def same() -> bool:
        seen[:] = [await kept_up.evaluate(SHOWN), await fresh.evaluate(SHOWN)]
        return bool(seen[0] == seen[1])

    try:
        await until(same)
    except AssertionError as unlike:
        unlike.add_note(f"kept up: {seen[0]}\nfresh:   {seen[1]}")
        raise


SHOWN = """() => {
  const words = (all) => [...document.querySelectorAll(all)].map((one) => {
    // What was unread when a page was opened is its own affair.
    const divider = one.querySelector('[data-testid=unread-divider]')?.innerText ?? ''
    return one.className + ' ' + one.innerText.replace(divider, '').replace(/\\s+/g, ' ').trim()
  })
  return {
    list: words('.list > li'),
    log: words('.log [role=article]'),
    field: document.querySelector('[data-testid=message-field]')?.value ?? null,
    about: words('.details .card'),
    title: document.title,
  }
}"""
"""What can be read of a page with three columns."""
