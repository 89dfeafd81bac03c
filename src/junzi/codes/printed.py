"""A QR code drawn on a sheet to print, as areas and not as points, so that it is as sharp as the printer."""

from typing import Literal

import segno

from junzi.kit import pdf

LESS: Literal["m"] = "m"
MORE: Literal["q"] = "q"
"""Of a code a seventh may be damaged, or a quarter, with more and smaller modules."""

QUIET = 4
"""Modules around the code that stay white (ISO/IEC 18004)."""


def draw(sheet: pdf.Sheet, text: str, x: float, y: float, size: float, *, error: Literal["m", "q"] = "m") -> None:
    """The code of that text in a square of so many millimetres, its quiet zone included, from the top left corner (x, y).

    The square's ground has to be white already.
    """
    rows = [bytes(row) for row in segno.make(text, error=error, micro=False, boost_error=False).matrix]
    module = size / (len(rows) + 2 * QUIET)
    canvas = sheet.canvas
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        place = 0
        while place < len(row):
            length = 1
            while place + length < len(row) and row[place + length] == row[place]:
                length += 1
            if row[place]:
                left, base = pdf.at(sheet, x + (QUIET + place) * module, y + (QUIET + number + 1) * module)
                path.rect(left, base, length * module * pdf.MM, module * pdf.MM)
            place += length
    canvas.setFillColor(pdf.BLACK)
    canvas.drawPath(path, stroke=0, fill=1)
