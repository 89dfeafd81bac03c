"""The fonts that printed pages carry inside them: Noto Sans SC, and Noto Emoji for signs (SIL Open Font License).

They come as a hundred small variable fonts, each with its share of the characters, as browsers fetch them. Print wants one
weight and plain outlines, so a piece is turned into that when its first character is drawn, and then kept: about 0.15 s each.
"""

import functools
import io
import json
import threading
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont as FontFile
from fontTools.varLib import instancer
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfbase.ttfonts import TTFont

from junzi.kit.errors import Refusal

FOLDER = Path(__file__).parent.parent / "_fonts"
REGULAR, BOLD = 400, 700

_FAMILIES = ("noto-sans-sc", "noto-emoji")
"""The first that has a character draws it."""
_NOT_FOR_PAGES = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx")
_UNSEEN = frozenset({0x200B, 0x200C, 0x200D, 0x2060, 0xFE0E, 0xFE0F, 0xFEFF})
_UNKNOWN = "□"
_one_at_a_time = threading.Lock()
_known: set[str] = set()


class FontsMissing(Refusal):
    slug, status, title = "fonts-missing", 503, "This installation was made without the fonts that printed pages need."


def runs(text: str, weight: int) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the name of the reportlab font that draws it; a character no font has becomes a box.

    Signs made of several, such as a family, are drawn as their parts.

    Raises `FontsMissing`.
    """
    fonts = [(_font_of(character, weight), character) for character in text if ord(character) not in _UNSEEN]
    drawn = [(font or _font_of(_UNKNOWN, weight), character if font else _UNKNOWN) for font, character in fonts]
    for font, characters in groupby(drawn, key=lambda one: one[0]):
        yield font, "".join(character for _, character in characters)


def width(text: str, weight: int, size: float) -> float:
    """How wide the text stands at that size, in the size's unit."""
    return float(sum(pdfmetrics.stringWidth(run, font, size) for font, run in runs(text, weight)))


@functools.lru_cache(maxsize=20_000)
def _font_of(character: str, weight: int) -> str:
    """The font that draws the character; empty when none does."""
    for piece in _places().get(ord(character), ()):
        name = _registered(piece, weight)
        if ord(character) in pdfmetrics.getFont(name).face.charToGlyph:
            return name
    return ""


@functools.cache
def _places() -> dict[int, tuple[str, ...]]:
    """In which pieces each character may be: a family's own list names some that it has not."""
    found: dict[int, tuple[str, ...]] = {}
    for family in _FAMILIES:
        try:
            pieces = json.loads((FOLDER / family / "unicode.json").read_text())
        except FileNotFoundError as failure:
            raise FontsMissing from failure
        for key, ranges in pieces.items():
            name = f"{family}/{family}-{key.strip('[]')}-wght-normal.woff2"
            for part in ranges.split(","):
                first, _, last = part.removeprefix("U+").partition("-")
                for place in range(int(first, 16), int(last or first, 16) + 1):
                    found[place] = (*found.get(place, ()), name)
    return found


def _registered(piece: str, weight: int) -> str:
    name = f"{piece.partition('/')[2].removesuffix('-wght-normal.woff2')}-{weight}"
    with _one_at_a_time:
        if name not in _known:
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(_plain(FOLDER / piece, weight, name))))
            _known.add(name)
    return name


def _plain(path: Path, weight: int, name: str) -> bytes:
    """The piece with plain outlines of that weight, as TrueType."""
    font: Any = FontFile(path)
    for table in _NOT_FOR_PAGES:
        if table in font:
            del font[table]
    font = instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
    for record in font["name"].names:
        if record.nameID == 6:  # under this name it stands in the page's file, where each needs its own
            record.string = name
    font.flavor = None
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def _readable(font: str, characters: list[int]) -> str:
    """What lets words be copied from a page. The library writes a sign beyond the first 65,536 as it is, not in UTF-16."""
    return str(_written_by_library(font, [int.from_bytes(chr(one).encode("utf-16-be"), "big") for one in characters]))


_written_by_library = ttfonts.makeToUnicodeCMap
ttfonts.makeToUnicodeCMap = _readable
