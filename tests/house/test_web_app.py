"""The built web app: what a first visit costs, and that everything it needs without a network is kept."""

import gzip
import json
import re

from tests.house.plan import ROOT

BUILT = ROOT / "src/junzi/_web"
FIRST_SCREEN_BYTES = 200_000


def test_the_first_screen_weighs_at_most_two_hundred_kilobytes_compressed() -> None:
    page = (BUILT / "index.html").read_text()
    files = re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)
    assert len(files) > 3
    weights = {file: len(gzip.compress((BUILT / file).read_bytes())) for file in ["index.html", *files]}
    assert sum(weights.values()) <= FIRST_SCREEN_BYTES, weights


def test_the_service_worker_keeps_files_that_exist_and_every_page_of_a_person() -> None:
    worker = (BUILT / "sw.js").read_text()
    kept: list[str] = json.loads(re.search(r"const FILES = (\[.*\])", worker)[1])  # type: ignore[index]
    assert [file for file in kept if not (BUILT / file.lstrip("/")).is_file()] == []
    names = {re.sub(r"-[\w-]{8}\.\w+$", "", file.rpartition("/")[2]) for file in kept}
    assert {"index", "ChatPage", "WalletPage", "ContactsPage", "PayPage", "MePage"} <= names
    assert not {"OpsPage", "LedgerPage", "CampaignsPage"} & names
    assert not [file for file in kept if file.endswith(".wasm")]
