"""A shop's code to print: a sheet for the wall or counter, a tent for the tables, or a sticker with room for a printer's knife.

Colours are of four inks, and the code is of black alone, so that the inks need not lie exactly upon each other.
"""

from enum import StrEnum

import msgspec
from reportlab.lib.colors import CMYKColor, CMYKColorSep

from junzi.codes import printed
from junzi.kit import pdf

JADE = CMYKColor(0.92, 0.22, 0.78, 0.2)
DARK = CMYKColor(0.92, 0.3, 0.8, 0.45)
WHITE = CMYKColor(0, 0, 0, 0)
SOFT = CMYKColor(0.25, 0.02, 0.2, 0)
MARK = CMYKColor(0, 0.85, 0.75, 0, alpha=0.22)
FOLD = CMYKColor(0, 0, 0, 0.35)
CUT = CMYKColorSep(0, 1, 0, 0, spotName="CutContour")

STICKER, BLEED, MARKS, SAFE = 80.0, 3.0, 6.0, 4.0
"""Millimetres: the sticker's side or diameter, what is cut off around it, room for crop marks, and what stays free inside."""

CALL, CALL_TOO, COUPONS, COUPONS_TOO = "扫码付款", "Scan to pay", "用券更省", "Coupons welcome"


class Format(StrEnum):
    A5 = "a5"
    A4 = "a4"
    TENT = "tent"
    """A4, folded once across its middle: it stands by itself, and says the same to both sides of a table."""
    STICKER = "sticker"


class Shape(StrEnum):
    """Of a sticker."""

    SQUARE = "square"
    ROUND = "round"


class Says(StrEnum):
    """What the picture says: the address that any camera opens, or what wallets of other schemes read (EMVCo)."""

    ADDRESS = "address"
    EMV = "emv"


class Poster(msgspec.Struct, frozen=True):
    """What stands on it.

    code: as it is printed under the picture
    says: what the picture says
    till: at which till it hangs, if the shop has several
    """

    code: str
    says: str
    name: str
    place: str
    picture: str
    town: str
    till: str = ""
    demo: bool = False


def file(poster: Poster, format: Format, shape: Shape = Shape.SQUARE) -> bytes:
    """The PDF. Raises `FontsMissing`."""
    if format is Format.STICKER:
        return _sticker(poster, shape)
    if format is Format.TENT:
        return _tent(poster)
    return _sheet(poster, pdf.A4 if format is Format.A4 else pdf.A5)


def _sheet(poster: Poster, size: tuple[float, float]) -> bytes:
    sheet = pdf.new(poster.name, size, author=poster.town)
    unit = sheet.width / 148
    middle = sheet.width / 2
    edge = 8 * unit
    bottom = sheet.height - edge
    _box(sheet, edge, edge, sheet.width - 2 * edge, sheet.height - 2 * edge, 8 * unit, JADE)
    pdf.line(
        sheet, CALL, middle, 31 * unit, size=38 * unit, weight=pdf.BOLD, colour=WHITE, anchor="middle", spacing=6 * unit
    )
    pdf.line(sheet, f"{CALL_TOO} · {COUPONS_TOO}", middle, 41.5 * unit, size=13.5 * unit, colour=WHITE, anchor="middle")
    card = 92 * unit
    top = 48 * unit
    _box(sheet, middle - card / 2, top, card, card + 17 * unit, 6 * unit, WHITE)
    _code(sheet, poster, middle, top + 2 * unit, card - 4 * unit, size=12 * unit)
    _picture(sheet, poster.picture, middle, top + card + 17 * unit, 8.5 * unit)
    y = pdf.paragraph(
        sheet,
        poster.name,
        middle,
        top + card + 35 * unit,
        sheet.width - 4 * edge,
        size=pdf.fitting(poster.name, sheet.width - 4 * edge, size=22 * unit, least=16 * unit, weight=pdf.BOLD),
        weight=pdf.BOLD,
        colour=WHITE,
        anchor="middle",
        most_lines=2,
    )
    beside = " · ".join(filter(None, (poster.till, poster.place)))
    pdf.paragraph(
        sheet,
        beside,
        middle,
        y - 1.5 * unit,
        sheet.width - 4 * edge,
        size=11 * unit,
        colour=SOFT,
        anchor="middle",
        most_lines=1,
    )
    pdf.line(
        sheet, poster.town, middle, bottom - 5.5 * unit, size=11 * unit, weight=pdf.BOLD, colour=WHITE, anchor="middle"
    )
    _watermark(sheet, poster)
    return pdf.finished(sheet)


def _tent(poster: Poster) -> bytes:
    """Two halves that are upright once the sheet is folded: as it lies, the upper one stands on its head."""
    sheet = pdf.new(poster.name, pdf.A4, author=poster.town)
    half = msgspec.structs.replace(sheet, height=sheet.height / 2)
    _side(half, poster)
    sheet.canvas.saveState()
    sheet.canvas.translate(*pdf.at(sheet, sheet.width, 0))
    sheet.canvas.rotate(180)
    _side(half, poster)
    sheet.canvas.restoreState()
    sheet.canvas.saveState()
    sheet.canvas.setDash(3, 3)
    pdf.rule(sheet, 0, half.height, sheet.width, colour=FOLD)
    sheet.canvas.restoreState()
    _watermark(sheet, poster)
    return pdf.finished(sheet)


def _side(half: pdf.Sheet, poster: Poster) -> None:
    """One side of a tent: the code on the left, where it is scanned without a hand before the words."""
    edge, card = 7.0, 100.0
    left, right = edge + 9, half.width - edge - 6
    top = (half.height - card - 14) / 2
    _box(half, edge, edge, half.width - 2 * edge, half.height - 2 * edge, 8, JADE)
    _box(half, left, top, card, card + 14, 6, WHITE)
    _code(half, poster, left + card / 2, top + 2, card - 4, size=13)
    begin = left + card + 7
    middle, wide = (begin + right) / 2, right - begin
    size = pdf.fitting(CALL, wide, size=46, least=30, weight=pdf.BOLD)
    pdf.line(half, CALL, middle, top + 15, size=size, weight=pdf.BOLD, colour=WHITE, anchor="middle")
    pdf.line(half, CALL_TOO, middle, top + 24, size=17, colour=WHITE, anchor="middle")
    pdf.line(half, f"{COUPONS} · {COUPONS_TOO}", middle, top + 32, size=12, colour=SOFT, anchor="middle")
    _picture(half, poster.picture, middle, top + 50, 10)
    size = pdf.fitting(poster.name, wide, size=24, least=15, weight=pdf.BOLD)
    y = pdf.paragraph(
        half,
        poster.name,
        middle,
        top + 76,
        wide,
        size=size,
        weight=pdf.BOLD,
        colour=WHITE,
        anchor="middle",
        most_lines=3,
    )
    beside = " · ".join(filter(None, (poster.till, poster.place)))
    pdf.paragraph(half, beside, middle, y - 1, wide, size=11, colour=SOFT, anchor="middle", most_lines=2)
    pdf.line(half, poster.town, middle, top + card + 13, size=12, weight=pdf.BOLD, colour=WHITE, anchor="middle")


def _sticker(poster: Poster, shape: Shape) -> bytes:
    sheet = pdf.new(poster.name, (STICKER, STICKER), author=poster.town, bleed=BLEED, marks=MARKS)
    is_round = shape is Shape.ROUND
    middle = STICKER / 2
    _ground(sheet, is_round)
    card = 42.0 if is_round else 48.0
    top = 16.5 if is_round else 13.5
    _box(sheet, middle - card / 2, top, card, card + 4, 3, WHITE)
    _code(sheet, poster, middle, top + 0.5, card - 1, size=8)
    call = f"{CALL} {CALL_TOO}" if not is_round else CALL
    size = 15.0 if is_round else 16.0
    pdf.line(sheet, call, middle, top - 4, size=size, weight=pdf.BOLD, colour=WHITE, anchor="middle", spacing=1)
    below = top + card + 4
    wide = 46.0 if is_round else STICKER - 2 * SAFE
    size = pdf.fitting(poster.name, wide, size=13, least=7, weight=pdf.BOLD)
    name = pdf.cut(poster.name, wide, size=size, weight=pdf.BOLD)
    pdf.line(sheet, name, middle, below + 5.6, size=size, weight=pdf.BOLD, colour=WHITE, anchor="middle")
    small = pdf.cut(" · ".join(filter(None, (poster.till, poster.town))), 34 if is_round else wide, size=7)
    pdf.line(sheet, small, middle, below + 9.4, size=7, colour=SOFT, anchor="middle")
    _watermark(sheet, poster)
    _marks(sheet, is_round)
    return pdf.finished(sheet)


def _code(sheet: pdf.Sheet, poster: Poster, middle: float, top: float, side: float, *, size: float) -> None:
    """The picture with the code in letters under it, which whoever has no camera types."""
    error = printed.LESS if len(poster.says) > 100 else printed.MORE
    printed.draw(sheet, poster.says, middle - side / 2, top, side, error=error)
    letters = " ".join(poster.code[place : place + 4] for place in range(0, len(poster.code), 4))
    pdf.line(sheet, letters, middle, top + side + size / pdf.MM * 0.55, size=size, colour=pdf.BLACK, anchor="middle")


def _picture(sheet: pdf.Sheet, picture: str, x: float, y: float, radius: float) -> None:
    """The shop's picture in a white circle; of a sign made of several, the first."""
    left, base = pdf.at(sheet, x, y)
    sheet.canvas.setFillColor(WHITE)
    sheet.canvas.setStrokeColor(JADE)
    sheet.canvas.setLineWidth(radius * 0.5)
    sheet.canvas.circle(left, base, radius * pdf.MM, stroke=1, fill=1)
    pdf.line(sheet, picture[:1], x, y + radius * 0.42, size=radius * 3.2, colour=DARK, anchor="middle")


def _box(sheet: pdf.Sheet, x: float, y: float, wide: float, high: float, radius: float, colour: CMYKColor) -> None:
    left, base = pdf.at(sheet, x, y + high)
    sheet.canvas.setFillColor(colour)
    sheet.canvas.roundRect(left, base, wide * pdf.MM, high * pdf.MM, radius * pdf.MM, stroke=0, fill=1)


def _ground(sheet: pdf.Sheet, is_round: bool) -> None:
    """The sticker's colour, as far beyond the cut as a knife may miss it."""
    sheet.canvas.setFillColor(JADE)
    left, base = pdf.at(sheet, -BLEED, STICKER + BLEED)
    side = (STICKER + 2 * BLEED) * pdf.MM
    if is_round:
        sheet.canvas.circle(left + side / 2, base + side / 2, side / 2, stroke=0, fill=1)
    else:
        sheet.canvas.rect(left, base, side, side, stroke=0, fill=1)


def _marks(sheet: pdf.Sheet, is_round: bool) -> None:
    """Where to cut: lines beside the corners, and for a round sticker the circle, in the spot colour that cutters know."""
    canvas = sheet.canvas
    canvas.setStrokeColor(pdf.BLACK)
    canvas.setLineWidth(0.25)
    near, far = BLEED + 0.5, BLEED + MARKS - 0.5
    for edge in (0.0, STICKER):
        for begin, end in ((-far, -near), (STICKER + near, STICKER + far)):
            canvas.line(*pdf.at(sheet, edge, begin), *pdf.at(sheet, edge, end))
            canvas.line(*pdf.at(sheet, begin, edge), *pdf.at(sheet, end, edge))
    if is_round:
        canvas.setStrokeColor(CUT)
        canvas.circle(*pdf.at(sheet, STICKER / 2, STICKER / 2), STICKER / 2 * pdf.MM, stroke=1, fill=0)


def _watermark(sheet: pdf.Sheet, poster: Poster) -> None:
    """Across what comes from a demonstration: nobody is to pay money at it."""
    if not poster.demo:
        return
    canvas = sheet.canvas
    canvas.saveState()
    canvas.translate(*pdf.at(sheet, sheet.width / 2, sheet.height / 2))
    canvas.rotate(32)
    turned = msgspec.structs.replace(sheet, width=0, height=0, bleed=0, marks=0)
    size = sheet.width * 0.42
    for row in (-1, 0, 1):
        pdf.line(
            turned,
            "演示 DEMO",
            0,
            row * sheet.width * 0.42 + size / pdf.MM * 0.35,
            size=size,
            weight=pdf.BOLD,
            colour=MARK,
            anchor="middle",
        )
    canvas.restoreState()
