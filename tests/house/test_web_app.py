"""The built web app: what a first visit costs, that all it needs without a network is kept, and that it can be installed."""

import gzip
import json
import re
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from PIL import Image

from tests.house.plan import ROOT
from tests.support.house import Running, running

BUILT = ROOT / "src/junzi/_web"
FIRST_SCREEN_BYTES = 200_000


def test_the_first_screen_weighs_at_most_two_hundred_kilobytes_compressed() -> None:
    page = (BUILT / "index.html").read_text()
    files = re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)
    assert len(files) > 3
    # The words of one language come with them, whichever it is.
    catalogues = [next((BUILT / "assets").glob(f"{locale}-*.js")) for locale in ("zh", "en")]
    files.append(f"assets/{max(catalogues, key=lambda file: file.stat().st_size).name}")
    weights = {file: len(gzip.compress((BUILT / file).read_bytes())) for file in ["index.html", *files]}
    assert sum(weights.values()) <= FIRST_SCREEN_BYTES, weights


@pytest.mark.parametrize(
    ("accepted", "coding", "suffix"), [("gzip, br", "br", ".br"), ("gzip", "gzip", ".gz"), ("br;q=0", None, "")]
)
async def test_a_file_comes_in_the_smallest_form_that_the_browser_takes(
    database_url: str, data_folder: Path, accepted: str, coding: str | None, suffix: str
) -> None:
    [script] = (BUILT / "assets").glob("app-*.js")
    laid_there = _read(f"{script}{suffix}")
    if suffix == ".gz":
        assert gzip.decompress(laid_there) == script.read_bytes()
    async with (
        running(database_url, data_folder) as served,
        httpx.AsyncClient(base_url=served.url, timeout=60) as client,
    ):
        request = client.build_request("GET", f"/assets/{script.name}", headers={"accept-encoding": accepted})
        answer = await client.send(request, stream=True)
        sent = b"".join([part async for part in answer.aiter_raw()])
        assert sent == laid_there
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["content-length"] == str(len(sent))


def test_the_service_worker_keeps_files_that_exist_and_every_page_of_a_person() -> None:
    worker = (BUILT / "sw.js").read_text()
    kept: list[str] = json.loads(re.search(r"const FILES = (\[.*\])", worker)[1])  # type: ignore[index]
    assert [file for file in kept if not (BUILT / file.lstrip("/")).is_file()] == []
    names = {re.sub(r"-[\w-]{8}\.\w+$", "", file.rpartition("/")[2]) for file in kept}
    assert {"index", "ChatPage", "WalletPage", "ContactsPage", "PayPage", "MePage"} <= names
    assert not {"OpsPage", "LedgerPage", "CampaignsPage"} & names
    assert not [file for file in kept if file.endswith(".wasm")]


async def test_a_browser_finds_all_that_it_asks_for_before_it_installs_the_app(served: Running) -> None:
    async with httpx.AsyncClient(base_url=served.url, trust_env=False, timeout=60) as browser:
        page = await browser.get("/")
        [named] = re.findall('<link rel="manifest" href="([^"]+)">', page.text)
        answer = await browser.get(named)
        assert answer.headers["content-type"].startswith("application/manifest+json")
        manifest = answer.json()
        assert manifest["name"]
        assert manifest["short_name"]
        assert manifest["display"] == "standalone"
        assert (await browser.get(urljoin(named, manifest["start_url"]))).text == page.text
        icons = set()
        for icon in manifest["icons"]:
            picture = await browser.get(urljoin(named, icon["src"]))
            assert picture.headers["content-type"].split(";")[0] == icon["type"]
            if icon["type"] == "image/png":
                width, height = Image.open(BytesIO(picture.content)).size
                icons.add((f"{width}x{height}", icon.get("purpose", "any")))
                assert icon["sizes"] == f"{width}x{height}"
        # What Chromium asks for, and one that a launcher may cut round.
        assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= icons

        # It stands above all pages, and a browser that kept it would never hear of a newer one.
        worker = await browser.get("/sw.js")
        assert worker.headers["content-type"].split(";")[0] == "text/javascript"
        assert worker.headers["cache-control"] == "no-cache"
        for event in ("install", "fetch", "push"):
            assert f'addEventListener("{event}"' in worker.text


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
