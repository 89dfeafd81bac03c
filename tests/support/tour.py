"""The tour's script: what is pressed, and what is to be seen where then. The browser test goes by it, and so does the film."""

import re
from typing import NamedTuple

from playwright.async_api import FrameLocator, Page, expect

WIDE = {"width": 1600, "height": 1000}
DEVICES = ("customer", "shop", "operator")
PATIENCE_MS = 90_000


class Seen(NamedTuple):
    """What shows that a step was done: on that device, in that part of its page, these words (Chinese, English)."""

    device: str
    part: str
    words: tuple[str, str]


BAKERY = ("麦田面包", "麦田面包")
SCRIPT = (
    Seen("shop", "[data-testid=log]", ("面包店能用君子付钱吗", "Could I pay with Junzi at the bakery?")),
    Seen("customer", "body", ("绑卡见面礼", "Welcome gift for your card")),
    Seen("customer", "body", BAKERY),
    Seen("shop", "body", BAKERY),
    # The counter speaks without having been touched.
    Seen("shop", ".counter:has([data-testid=sound-off])", BAKERY),
    Seen("shop", "[data-testid=spoken]", ("收款 36 元", "Received 36.00 yuan")),
    Seen("operator", "[data-testid=gate].open", ("门槛已打开", "")),
    Seen("customer", "body", ("三分之一庆祝券", "A third is ours")),
)
"""In the order of the steps."""
NEXT = "桥边花店"
"""The shop without a code of ours that the story is about when it is told again."""
AGAIN = (
    SCRIPT[0]._replace(words=("你们店能用君子付钱吗", "Could I pay with Junzi at your shop?")),
    SCRIPT[1],
    *(one._replace(words=(NEXT, NEXT)) for one in SCRIPT[2:5]),
    *SCRIPT[5:7],
    SCRIPT[7]._replace(words=(f"三分之一庆祝券 · {NEXT}", f"A third is ours · {NEXT}")),
)


def link_in(printed: str) -> str:
    """The tour's address, as the terminal says it."""
    found = re.search(r"http://\S+/tour#\S+", printed)
    assert found is not None, printed
    return found[0]


def device(page: Page, name: str) -> FrameLocator:
    return page.frame_locator(f'[data-testid="frame-{name}"]')


async def is_at(page: Page, number: int) -> None:
    """The page offers that step, the first being 1."""
    await expect(page.locator(".step .count").first).to_contain_text(re.compile(rf"\b{number}\b.*\b{len(SCRIPT)}\b"))


async def press(page: Page) -> None:
    """Do the step that the page offers, and wait for the next, or for the end."""
    heading = page.get_by_test_id("step")
    before = await heading.inner_text()
    await page.get_by_test_id("go").click()
    await expect(heading).not_to_have_text(before, timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("refusal")).to_have_count(0)


async def see(page: Page, number: int, script: tuple[Seen, ...] = SCRIPT, *, english: bool = False) -> None:
    """What that step leaves on a device is there."""
    seen = script[number - 1]
    await expect(device(page, seen.device).locator(seen.part)).to_contain_text(seen.words[english])
