"""Pages to print: text in Chinese and Latin letters with its fonts inside the file, lines, and tables over many pages.

Places are millimetres from the top left corner of the sheet as it will be cut, sizes of letters are points. Making a document
takes processor time (a second when its fonts were not used before), so a route calls it by `asyncio.to_thread`.
"""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from reportlab.lib.colors import CMYKColor, Color
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from junzi.kit import fonts

MM = 72 / 25.4
REGULAR, BOLD = fonts.REGULAR, fonts.BOLD
BLACK = CMYKColor(0, 0, 0, 1)
GREY = CMYKColor(0, 0, 0, 0.55)
PALE = CMYKColor(0, 0, 0, 0.12)
A4 = (210.0, 297.0)
A5 = (148.0, 210.0)

Anchor = Literal["start", "middle", "end"]

_PRINTED_AS = {
    "Type": pdfdoc.PDFName("OutputIntent"),
    "S": pdfdoc.PDFName("GTS_PDFX"),
    "OutputConditionIdentifier": pdfdoc.PDFString("FOGRA39"),
    "OutputCondition": pdfdoc.PDFString("Offset on coated paper, ISO 12647-2:2004/Amd 1"),
    "RegistryName": pdfdoc.PDFString("http://www.color.org"),
    "Info": pdfdoc.PDFString("Coated FOGRA39 (ISO 12647-2:2004)"),
}
"""What the four inks are meant for (ISO 32000-1, 14.11.5): a condition of the ICC's registry, which printers know by its name.

No profile is embedded: one of screens (sRGB) would contradict the inks, and one of these inks is megabytes that printers have.
"""

_MARGIN, _LINE = 16.0, 1.45
_SLACK = 0.001
"""Millimetres by which words may be too wide that were fitted before."""
_NEVER_FIRST = frozenset("，。、；：！？）》」』”’…·%,.;:!?)]}")
"""Signs that never begin a line."""
_WORD = re.compile(r"[ \t]+|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+|.", re.DOTALL)


class Sheet(msgspec.Struct, frozen=True):
    """A document that is being drawn. Its paper is larger by `bleed` on every side, and by `marks` for crop marks around that."""

    canvas: Any
    file: io.BytesIO
    width: float
    height: float
    bleed: float = 0
    marks: float = 0


class Column(msgspec.Struct, frozen=True):
    """A column of a table: its heading, its share of the width, and whether figures stand in it, which end at its right."""

    heading: str
    share: float
    figures: bool = False


def new(title: str, size: tuple[float, float], *, author: str = "", bleed: float = 0, marks: float = 0) -> Sheet:
    """An empty sheet of width and height in millimetres."""
    file = io.BytesIO()
    width, height = size
    around = bleed + marks
    paper = ((width + 2 * around) * MM, (height + 2 * around) * MM)
    canvas = Canvas(file, pagesize=paper, pageCompression=1, invariant=1, pdfVersion=(1, 4))
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setCreator("Junzi")
    catalog = canvas._doc.Catalog
    # The library's catalogue writes the entries that it has a default for, and has no call for this one.
    catalog.__Defaults__ = catalog.__Defaults__ | {
        "OutputIntents": pdfdoc.PDFArray([pdfdoc.PDFDictionary(_PRINTED_AS)])
    }
    sheet = Sheet(canvas, file, width, height, bleed, marks)
    canvas.setTrimBox(_box(sheet, 0))
    canvas.setBleedBox(_box(sheet, bleed))
    return sheet


def finished(sheet: Sheet) -> bytes:
    """The file. The sheet is drawn on no more."""
    sheet.canvas.save()
    return sheet.file.getvalue()


def next_page(sheet: Sheet) -> None:
    sheet.canvas.showPage()


def at(sheet: Sheet, x: float, y: float) -> tuple[float, float]:
    """Where a place stands in the canvas' own points."""
    around = sheet.bleed + sheet.marks
    return (x + around) * MM, (sheet.height - y + around) * MM


def line(
    sheet: Sheet,
    words: str,
    x: float,
    y: float,
    *,
    size: float = 10,
    weight: int = REGULAR,
    colour: Color = BLACK,
    anchor: Anchor = "start",
    spacing: float = 0,
) -> None:
    """One line of text, whose letters stand on height `y`, so many points further apart than usual. Raises `FontsMissing`."""
    left, base = at(sheet, x, y)
    taken = fonts.width(words, weight, size) + spacing * (len(words) - 1)
    left -= {"start": 0, "middle": 0.5, "end": 1}[anchor] * taken
    pen = sheet.canvas.beginText(left, base)
    pen.setCharSpace(spacing)
    pen.setFillColor(colour)
    for font, run in fonts.runs(words, weight):
        pen.setFont(font, size)
        pen.textOut(run)
    sheet.canvas.drawText(pen)


def width(words: str, *, size: float, weight: int = REGULAR) -> float:
    """How many millimetres the words take in one line."""
    return fonts.width(words, weight, size) / MM


def wrapped(words: str, most_width: float, *, size: float, weight: int = REGULAR, most_lines: int = 20) -> list[str]:
    """The words in lines no wider than so many millimetres: broken at spaces and between Chinese characters.

    A word that is too wide alone is broken anywhere; what does not go into the last line ends in an ellipsis.
    """
    lines: list[str] = []
    for paragraph in words.splitlines() or [""]:
        current = ""
        for word in _parts(paragraph, most_width, size, weight):
            if current and width((current + word).rstrip(), size=size, weight=weight) > most_width + _SLACK:
                lines.append(current.rstrip())
                current = ""
            current += word if current else word.lstrip()
        lines.append(current.rstrip())
    if len(lines) <= most_lines:
        return lines
    return [*lines[: most_lines - 1], cut(f"{lines[most_lines - 1]}…", most_width, size=size, weight=weight)]


def cut(words: str, most_width: float, *, size: float, weight: int = REGULAR) -> str:
    """The words, ended by an ellipsis where they would be wider than so many millimetres."""
    if width(words, size=size, weight=weight) <= most_width + _SLACK:
        return words
    kept = words.rstrip("…")
    while kept and width(f"{kept}…", size=size, weight=weight) > most_width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def fitting(words: str, most_width: float, *, size: float, least: float, weight: int = REGULAR) -> float:
    """The largest size, from `size` down to `least`, in which the words fit one line."""
    taken = width(words, size=size, weight=weight)
    return size if taken <= most_width else max(least, size * most_width / taken)


def paragraph(
    sheet: Sheet,
    words: str,
    x: float,
    y: float,
    most_width: float,
    *,
    size: float = 10,
    weight: int = REGULAR,
    colour: Color = BLACK,
    anchor: Anchor = "start",
    most_lines: int = 20,
) -> float:
    """Lines of text, the first of them standing on `y`. Answers where the next line would stand."""
    for words_of_line in wrapped(words, most_width, size=size, weight=weight, most_lines=most_lines):
        line(sheet, words_of_line, x, y, size=size, weight=weight, colour=colour, anchor=anchor)
        y += size * _LINE / MM
    return y


def rule(sheet: Sheet, x: float, y: float, to_x: float, *, colour: Color = PALE, thickness: float = 0.5) -> None:
    """A line from left to right, so many points thick."""
    sheet.canvas.setStrokeColor(colour)
    sheet.canvas.setLineWidth(thickness)
    sheet.canvas.line(*at(sheet, x, y), *at(sheet, to_x, y))


def listing(
    title: str,
    heading: Sequence[str],
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    *,
    sums: Sequence[str] = (),
    author: str = "",
) -> bytes:
    """A table on as many A4 pages as it takes: title and lines of heading on the first, column headings and number on each.

    sums: a last row that stands out. Raises `FontsMissing`.
    """
    sheet = new(title, A4, author=author)
    right = sheet.width - _MARGIN
    y = paragraph(sheet, title, _MARGIN, 24, right - _MARGIN, size=16, weight=BOLD, most_lines=2)
    for words in heading:
        y = paragraph(sheet, words, _MARGIN, y, right - _MARGIN, size=9, colour=GREY, most_lines=3)
    page = 1
    y = _headings(sheet, columns, y + 3, page)
    kinds = [(row, REGULAR) for row in rows] + ([(sums, BOLD)] if sums else [])
    for row, weight in kinds:
        if y > sheet.height - 20:
            next_page(sheet)
            page += 1
            y = _headings(sheet, columns, 20, page)
        _row(sheet, columns, row, y, weight=weight)
        rule(sheet, _MARGIN, y + 1.8, right)
        y += 6
    return finished(sheet)


def _headings(sheet: Sheet, columns: Sequence[Column], y: float, page: int) -> float:
    line(sheet, str(page), sheet.width - _MARGIN, sheet.height - 10, size=8, colour=GREY, anchor="end")
    _row(sheet, columns, [column.heading for column in columns], y, weight=BOLD)
    rule(sheet, _MARGIN, y + 1.8, sheet.width - _MARGIN, colour=BLACK)
    return y + 6


def _row(sheet: Sheet, columns: Sequence[Column], cells: Sequence[str], y: float, *, weight: int) -> None:
    whole = sum(column.share for column in columns)
    x = _MARGIN
    for column, words in zip(columns, cells, strict=True):
        wide = (sheet.width - 2 * _MARGIN) * column.share / whole
        shown = cut(words, wide - 2, size=8.5, weight=weight)
        if column.figures:
            line(sheet, shown, x + wide - 1, y, size=8.5, weight=weight, anchor="end")
        else:
            line(sheet, shown, x + 1, y, size=8.5, weight=weight)
        x += wide


def _box(sheet: Sheet, beyond: float) -> tuple[float, float, float, float]:
    left, bottom = at(sheet, -beyond, sheet.height + beyond)
    right, top = at(sheet, sheet.width + beyond, -beyond)
    return left, bottom, right, top


def _parts(paragraph: str, most_width: float, size: float, weight: int) -> list[str]:
    """What may stand at a line's end: a word with the signs that stay with it, a Chinese character, a space."""
    parts: list[str] = []
    for word in _WORD.findall(paragraph):
        if parts and word[0] in _NEVER_FIRST and not parts[-1].isspace():
            parts[-1] += word
        elif width(word, size=size, weight=weight) > most_width + _SLACK:
            parts += list(word)
        else:
            parts.append(word)
    return parts
