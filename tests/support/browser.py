"""Chromium as the tests start it: phones, a counter, a desk, and a camera that is fed from a film."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from junzi.client import Client
from tests.support import warm

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
# How long something may take to be seen, on a machine that has other work as well: only what never comes lasts so long.
expect.set_options(timeout=20_000)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "service_workers": "block",
}
COUNTER: dict[str, Any] = {
    "viewport": {"width": 1024, "height": 768},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "service_workers": "block",
}
DESK: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "service_workers": "block",
}
WITH_WORKER: dict[str, Any] = {"service_workers": "allow"}
"""Added to one of these, the app is also kept on that device: seconds of work, for tests of what the worker is there for."""
SPOKEN = """
window.spokenAloud = [];
window.speechSynthesis.speak = (utterance) => {
  window.spokenAloud.push(utterance.text);
  setTimeout(() => utterance.dispatchEvent(new Event('end')), 20);
};
"""
"""A voice that writes down what it is to say: Debian's Chromium has none."""


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A browser in which nothing of other tests is: what is opened in it is closed with the block.

    One without flags of its own is lent to one test after another, since starting it takes longer than many a test.
    """
    global _playwright, _lent
    if _playwright is None:
        with warm.tasks_kept():
            _playwright = await async_playwright().start()
    if flags:
        async with await _launched(_playwright, *flags) as browser:
            yield browser
        return
    if _lent is None or not _lent.is_connected():
        with warm.tasks_kept():
            _lent = await _launched(_playwright)
    try:
        yield _lent
    finally:
        for context in [*_lent.contexts]:
            await context.close()


async def close_lent() -> None:
    """At the end of a run: whoever was lent out is not needed any more."""
    global _playwright, _lent
    if _lent is not None:
        await _lent.close()
    if _playwright is not None:
        await _playwright.stop()
    _playwright = _lent = None


async def _launched(playwright: Playwright, *flags: str) -> Browser:
    return await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


_playwright: Playwright | None = None
_lent: Browser | None = None


async def page_of(context: BrowserContext, client: Client, url: str, failures: list[str]) -> Page:
    """A page of somebody who is signed in. What goes wrong in it is noted."""
    host = urlsplit(url).hostname or ""
    await context.add_cookies([{"name": "junzi_session", "value": client.token, "domain": host, "path": "/"}])
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    return page


def camera_flags(film: Path) -> list[str]:
    """Launch flags that let the browser's camera see the film, without asking."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]


def write_film(film: Path, text: str, *, width: int = 640, height: int = 480) -> None:
    """A few frames of a grey wall with the QR code of that text on it, as YUV4MPEG2."""
    modules = [bytes(16 if dark else 235 for dark in row) for row in segno.make(text, error="m").matrix_iter(8, 4)]
    left, top = (width - len(modules[0])) // 2, (height - len(modules)) // 2
    picture = bytearray(b"\xb4" * (width * height))
    for number, row in enumerate(modules):
        begins = (top + number) * width + left
        picture[begins : begins + len(row)] = row
    frame = b"FRAME\n" + bytes(picture) + b"\x80" * (width * height // 2)
    film.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 4)
