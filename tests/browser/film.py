"""Films the tour of a demo town, in real time but for the waiting, and makes the picture that the README shows of it.

usage: film.py FILM.webm PICTURE.webp [zh]

Goes by the script of the browser test. Chromium itself tells each frame that it draws (its DevTools protocol's screencast), and
afterwards encodes them (MediaRecorder), so that nothing but the browser is needed.
"""

import asyncio
import io
import shutil
import sys
import tempfile
from base64 import b64decode, b64encode
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.support import tour
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.up import starting

READING_S, LOOKING_S, LONGEST_WAIT_S = 3.5, 4.0, 2.0
LEAST_BETWEEN_S = 0.1
FILM_BITS_PER_S = 600_000
PICTURE_WIDTH, PICTURE_QUALITY, PICTURE_EACH_MS = 1000, 45, 3500

RECORDER = """
<canvas></canvas><script>
  const canvas = document.querySelector('canvas'), parts = []
  let recorder, track
  const draw = async (frame) => {
    const picture = await createImageBitmap(await (await fetch('data:image/jpeg;base64,' + frame)).blob())
    if (!recorder) {
      canvas.width = picture.width
      canvas.height = picture.height
      canvas.getContext('2d')
      const stream = canvas.captureStream(0)
      track = stream.getVideoTracks()[0]
      recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp9', videoBitsPerSecond: BITS })
      recorder.ondataavailable = (part) => parts.push(part.data)
      recorder.start()
    }
    canvas.getContext('2d').drawImage(picture, 0, 0)
    track.requestFrame()
  }
  const film = () => new Promise((resolve) => {
    recorder.onstop = () => {
      const reader = new FileReader()
      reader.onload = () => resolve(reader.result.split(',')[1])
      reader.readAsDataURL(new Blob(parts))
    }
    recorder.stop()
  })
</script>
""".replace("BITS", str(FILM_BITS_PER_S))


class Frame(NamedTuple):
    at_s: float
    jpeg: bytes


class Camera:
    """The frames that a page draws from now on, at most one in `LEAST_BETWEEN_S`."""

    def __init__(self, session: CDPSession) -> None:
        self.frames: list[Frame] = []
        self.cuts: list[tuple[float, float]] = []
        self._session = session
        session.on("Page.screencastFrame", lambda told: self._tasks.append(asyncio.create_task(self._take(told))))
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        await self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 90})

    async def end(self) -> None:
        await self._session.send("Page.stopScreencast")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def now_s(self) -> float:
        return self.frames[-1].at_s if self.frames else 0.0

    def shortened(self) -> list[tuple[float, bytes]]:
        """Each frame and how long it stays; waiting takes no longer than `LONGEST_WAIT_S`."""
        lasting = []
        for frame, following in pairwise(self.frames):
            stays_s = following.at_s - frame.at_s
            waited_s = next((end - begin for begin, end in self.cuts if begin <= frame.at_s < end), 0.0)
            lasting.append((stays_s * min(1.0, LONGEST_WAIT_S / waited_s) if waited_s else stays_s, frame.jpeg))
        return [*lasting, (LOOKING_S, self.frames[-1].jpeg)]

    async def _take(self, told: dict[str, Any]) -> None:
        frame = Frame(told["metadata"]["timestamp"], b64decode(told["data"]))
        if len(self.frames) > 1 and self.frames[-1].at_s - self.frames[-2].at_s < LEAST_BETWEEN_S:
            self.frames.pop()
        self.frames.append(frame)
        await self._session.send("Page.screencastFrameAck", {"sessionId": told["sessionId"]})


async def record(page: Page, camera: Camera, *, english: bool) -> list[bytes]:
    """The tour at a pace that can be followed; a picture of each step when it is done."""
    pictures = []
    await asyncio.sleep(READING_S)
    for number in range(1, len(tour.SCRIPT) + 1):
        await tour.is_at(page, number)
        await page.get_by_test_id("go").hover()
        begun_s = camera.now_s()
        await tour.press(page)
        await tour.see(page, number, english=english)
        camera.cuts.append((begun_s, camera.now_s()))
        await asyncio.sleep(LOOKING_S + READING_S)
        pictures.append(await page.screenshot())
        print(f"{number} of {len(tour.SCRIPT)}", flush=True)
    return pictures


async def encode(browser: Browser, shown: list[tuple[float, bytes]]) -> bytes:
    """WebM, which is encoded as long as it plays."""
    page = await browser.new_page()
    await page.set_content(RECORDER)
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    for stays_s, jpeg in shown:
        await page.evaluate("frame => draw(frame)", b64encode(jpeg).decode())
        due_s += stays_s
        await asyncio.sleep(max(0.0, due_s - loop.time()))
    return b64decode(await page.evaluate("() => film()"))


def slides(pictures: list[bytes]) -> bytes:
    """An animated WebP of them, small enough for a README."""
    drawn = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    height = PICTURE_WIDTH * drawn[0].height // drawn[0].width
    first, *others = [one.resize((PICTURE_WIDTH, height), Image.Resampling.LANCZOS) for one in drawn]
    written = io.BytesIO()
    first.save(
        written,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=PICTURE_EACH_MS,
        loop=0,
        quality=PICTURE_QUALITY,
        method=6,
    )
    return written.getvalue()


def main(film: Path, picture: Path, *, english: bool) -> None:
    parent = Path(tempfile.mkdtemp(prefix="junzi-film-"))
    parent.chmod(0o711)
    towns = starting(parent / "data")
    try:
        made, pictures = asyncio.run(made_of(tour.link_in(next(towns)().printed()), english=english))
    finally:
        next(towns, None)
        shutil.rmtree(parent, ignore_errors=True)
    film.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((film, made), (picture, slides(pictures))):
        path.write_bytes(content)
        print(f"{path}: {len(content) // 1000} kB")


async def made_of(link: str, *, english: bool) -> tuple[bytes, list[bytes]]:
    """The film of the tour that the link leads to, and a picture of each step."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(
            viewport=tour.WIDE, locale="en-GB" if english else "zh-CN", timezone_id="Asia/Shanghai"
        )
        page = await context.new_page()
        await page.goto(link)
        await tour.is_at(page, 1)
        camera = Camera(await context.new_cdp_session(page))
        await camera.begin()
        pictures = await record(page, camera, english=english)
        await camera.end()
        await context.close()
        made = await encode(browser, camera.shortened())
        await browser.close()
    return made, pictures


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), english="zh" not in sys.argv[3:])
