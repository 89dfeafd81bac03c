"""People who talk in browsers: phones and a desk before one served house, whose pages are photographed and examined."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from junzi.client import Client
from junzi.messages import NewMessage
from tests.support.browser import chromium, page_of
from tests.support.house import Running

TOGETHER = 500
PICTURES = Path(__file__).parents[2] / "screenshots"


class Talk:
    """failures: what went wrong in a page"""

    def __init__(self, served: Running, browser: Browser, name: str) -> None:
        self.served = served
        self.browser = browser
        self.failures: list[str] = []
        self._folder = PICTURES / name
        self._folder.mkdir(parents=True, exist_ok=True)

    async def page(self, client: Client, device: dict[str, Any], **options: Any) -> Page:
        context: BrowserContext = await self.browser.new_context(**device | options)
        page = await page_of(context, client, self.served.url, self.failures)
        page.set_default_timeout(30_000)
        return page

    async def open(self, page: Page, conversation_id: str) -> None:
        await page.goto(f"{self.served.url}/chat/{conversation_id}")
        await expect(page.get_by_test_id("message-field")).to_be_visible()

    async def write(self, page: Page, text: str) -> None:
        await page.get_by_test_id("message-field").fill(text)
        await page.get_by_test_id("send").click()

    async def picture(self, page: Page, name: str) -> None:
        await page.screenshot(path=self._folder / f"{name}.png", animations="disabled")

    async def examine(self, page: Page) -> None:
        """axe finds nothing serious."""
        found = (await Axe().run(page)).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []

    async def fill(self, conversation_id: str, sender: Client, count: int) -> None:
        """As many messages as nobody writes in a test, put into the log by the engine's own door."""
        messages, sender_id = self.served.house.messages, UUID(sender.me["id"])
        for first in range(1, count + 1, TOGETHER):
            together = range(first, min(first + TOGETHER, count + 1))
            await asyncio.gather(
                *(messages.append(_filling(conversation_id, sender_id, number)) for number in together)
            )


def _filling(conversation_id: str, sender_id: UUID, number: int) -> NewMessage:
    text = f"第 {number} 条。" + "面馆七点见。" * (number * 7 % 5)
    return NewMessage(
        conversation_id=UUID(conversation_id),
        sender_id=sender_id,
        client_id=f"filled-{number}",
        kind="text",
        payload={"text": text},
        fallback=text,
    )


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("message").filter(has_text=text)


def unsent(page: Page, text: str) -> Locator:
    return page.get_by_test_id("unsent").filter(has_text=text)


@asynccontextmanager
async def talking(
    served: Running, name: str, *, expected: tuple[str, ...] = (), flags: tuple[str, ...] = ()
) -> AsyncIterator[Talk]:
    """name: the folder of this test's pictures; expected: words of what pages may say went wrong; flags: of the browser"""
    async with chromium(*flags) as browser:
        talk = Talk(served, browser, name)
        try:
            yield talk
        except Exception as failed:
            failed.add_note(f"the pages said: {talk.failures}")
            raise
        found = [one for one in talk.failures if not any(word in one for word in expected)]
        assert not found, found
