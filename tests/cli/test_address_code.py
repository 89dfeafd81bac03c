"""The code of the address that `junzi up` draws in a terminal, as a phone's camera reads it."""

import re
from io import StringIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from rich.console import Console

from junzi.cli import listening, up
from junzi.cli.people_file import PeopleFile
from junzi.kit.config import Settings

CELL = 4
HALVES = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}
"""What a character draws, light on dark: above and below."""


@pytest.mark.parametrize(("https_url", "page"), [("", ""), ("https://192.0.2.17:8443", "/trust")])
def test_the_terminal_shows_the_address_for_phones_as_a_code(
    https_url: str, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = StringIO()
    monkeypatch.setattr(up, "console", Console(file=printed, force_terminal=True, width=80, highlight=False))
    monkeypatch.setattr(listening, "network_addresses", lambda: ["192.0.2.17", "198.51.100.4"])
    settings = Settings(database_url="", data=tmp_path, host="0.0.0.0", port=8801, https_url=https_url)
    up._announcement(settings, PeopleFile(tmp_path), is_demo=False, new=False)()
    address = f"http://192.0.2.17:8801{page}"
    assert f"scan this: {address}" in printed.getvalue()
    [found] = zxingcpp.read_barcodes(photographed(printed.getvalue()))
    assert found.text == address


def photographed(printed: str) -> Image.Image:
    rows = [line for line in printed.splitlines() if line and re.fullmatch("[ ▀▄█]+", line)]
    picture = Image.new("L", (len(rows[0]), 2 * len(rows)))
    for y, row in enumerate(rows):
        for x, character in enumerate(row):
            for half, light in enumerate(HALVES[character]):
                picture.putpixel((x, 2 * y + half), light)
    return picture.resize((picture.width * CELL, picture.height * CELL), Image.Resampling.NEAREST)
