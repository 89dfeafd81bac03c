"""The web app on a slow phone: when its first screen can be used, what it weighs, and how smoothly a long log scrolls.

Chromium on this machine, slowed by its own tools: a quarter of the processor, and a network of 1.6 Mbit/s with 150 ms there
and back ("slow 4G" of Chromium's developer tools and of Lighthouse). Usable: the list of chats stands and its first line
answers a tap. The log has twenty thousand messages and is scrolled through by its own height, frame by frame.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks._web import Town, served_town
from junzi.cli.bench import Row, at_most

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--hide-scrollbars",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
}
SLOWER_TIMES = 4
LATENCY_MS = 150
BYTES_PER_S = 1_600_000 / 8
USABLE_GOAL_MS = 2000.0
WEIGHT_GOAL_KB = 200.0
FRAME_GOAL_MS = 50.0
LONG = 20_000
SCREENS = 60

SCROLL = """async ([screens]) => {
  const box = document.querySelector('[data-testid=log]')
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const took = []
  for (let screen = 0; screen < screens; screen++) {
    for (let step = 0; step < 8; step++) {
      const began = performance.now()
      box.scrollBy(0, -box.clientHeight / 8)
      await frame()
      took.push(performance.now() - began)
    }
  }
  return took
}"""


async def measure(quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="junzi-bench-") as folder:
        async with (
            served_town(Path(folder), messages=2_000 if quick else LONG) as town,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
            try:
                return await _measure(browser, town, visits=2 if quick else 5)
            finally:
                await browser.close()


async def _measure(browser: Browser, town: Town, visits: int) -> list[Row]:
    firsts, weights, agains, frames = [], [], [], []
    for _ in range(visits):
        context = await browser.new_context(**PHONE)
        await context.add_cookies([{"name": "junzi_session", "value": town.token, "url": town.url}])
        page = await context.new_page()
        slow = await _slowed(page)
        received = _counted(slow)
        firsts.append(await _usable_ms(page, town.url))
        weights.append(sum(received) / 1000)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await asyncio.sleep(1)  # the worker fills its cache; what is measured next is a visit after that
        agains.append(await _usable_ms(page, town.url))
        await slow.send("Network.disable")
        await page.goto(f"{town.url}/chat/{town.conversation_id}")
        await page.get_by_test_id("log").wait_for()
        frames += await page.evaluate(SCROLL, [SCREENS // visits])
        await context.close()
    frames.sort()
    return [
        at_most("first visit, usable, median", median(firsts), "ms", USABLE_GOAL_MS),
        at_most("later visit, usable, median", median(agains), "ms", USABLE_GOAL_MS),
        at_most("first visit, received until usable, most", max(weights), "kB", WEIGHT_GOAL_KB),
        at_most("scrolling a long log, frame, p99", frames[int(len(frames) * 0.99)], "ms", FRAME_GOAL_MS),
    ]


async def _slowed(page: Page) -> CDPSession:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    network = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": BYTES_PER_S,
        "uploadThroughput": BYTES_PER_S / 2,
    }
    await session.send("Network.emulateNetworkConditions", network)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_TIMES})
    return session


def _counted(session: CDPSession) -> list[int]:
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    return received


async def _usable_ms(page: Page, url: str) -> float:
    """Since the navigation began, by the page's own clock."""
    await page.goto(url, wait_until="commit")
    await page.get_by_test_id("conversation").first.wait_for(timeout=60_000)
    await page.get_by_test_id("conversation").first.click(trial=True)
    return float(await page.evaluate("performance.now()"))
