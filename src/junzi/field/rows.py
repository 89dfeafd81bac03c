"""A list of places that the operator reads in: comma-separated, one row a place, every mistake told with its line."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

import msgspec

from junzi.field.model import LONGEST_NUMBER, MOST_ROWS, NewPlace, Position, RowsWrong, Size
from junzi.kit import text
from junzi.kit.errors import InvalidRequest
from junzi.merchants.model import LONGEST_NAME, LONGEST_PLACE, Trade

NEEDED = ("number", "name", "trade")
COLUMNS = (*NEEDED, "address", "area", "latitude", "longitude", "size")
MOST_MISTAKES = 50

Kind = TypeVar("Kind", Trade, Size)


class Mistake(msgspec.Struct, frozen=True):
    """line: of the file, its first line being 1"""

    line: int
    field: str
    message: str


def read(whole: str, areas: Mapping[str, UUID]) -> list[tuple[str, NewPlace]]:
    """The places of a list under their numbers.

    areas: by each name they are shown under

    Raises `RowsWrong` with up to fifty mistakes.
    """
    rows = csv.DictReader(io.StringIO(whole.removeprefix("\ufeff")), strict=True)
    mistakes, found = list[Mistake](), dict[str, NewPlace]()
    try:
        names = [name.strip() for name in rows.fieldnames or ()]
        rows.fieldnames = names
        if missing := [name for name in NEEDED if name not in names]:
            raise _wrong(
                [Mistake(1, missing[0], f"The first line names the columns; {', '.join(missing)} is missing.")]
            )
        if unknown := [name for name in names if name not in COLUMNS]:
            raise _wrong([Mistake(1, unknown[0][:40], f"Columns are {', '.join(COLUMNS)}.")])
        if len(set(names)) < len(names):
            raise _wrong([Mistake(1, "", "A column stands twice in the first line.")])
        for row in rows:
            if len(found) + len(mistakes) >= MOST_ROWS:
                raise _wrong([Mistake(rows.line_num, "", f"A list has at most {MOST_ROWS} rows. Send it in parts.")])
            try:
                number, place = _place(row, areas)
                if number in found:
                    raise text.refused("number", "This number stands twice in the list.")
                found[number] = place
            except InvalidRequest as refusal:
                said = refusal.facts["errors"]
                assert isinstance(said, list)
                mistakes += [Mistake(rows.line_num, one["field"], one["message"]) for one in said]
                if len(mistakes) >= MOST_MISTAKES:
                    break
    except csv.Error as failure:
        mistakes.append(Mistake(rows.line_num + 1, "", f"This is not comma-separated text: {failure}."))
    if not mistakes and not found:
        mistakes.append(Mistake(1, "", "There is no row below the first line."))
    if mistakes:
        raise _wrong(mistakes)
    return list(found.items())


def _place(row: dict[str | None, str | list[str] | None], areas: Mapping[str, UUID]) -> tuple[str, NewPlace]:
    if None in row:
        raise text.refused("", "There are more values than columns.")
    values = {name: value.strip() if isinstance(value, str) else "" for name, value in row.items() if name is not None}
    area = values.get("area", "")
    if area and area not in areas:
        raise text.refused("area", "There is no area of this name.")
    latitude, longitude = (_degrees(values, name, most) for name, most in (("latitude", 90), ("longitude", 180)))
    if (latitude is None) != (longitude is None):
        raise text.refused("latitude", "Latitude and longitude go together.")
    return text.one_line(values["number"], field="number", least=1, most=LONGEST_NUMBER), NewPlace(
        name=text.one_line(values["name"], field="name", least=1, most=LONGEST_NAME),
        trade=_one_of(Trade, values["trade"], "trade"),
        address=text.one_line(values.get("address", ""), field="address", least=0, most=LONGEST_PLACE),
        size=_one_of(Size, values.get("size") or Size.SMALL, "size"),
        area_id=areas[area] if area else None,
        position=None if latitude is None or longitude is None else Position(latitude, longitude),
    )


def _degrees(values: Mapping[str, str], name: str, most: int) -> int | None:
    """Millionths of a degree."""
    value = values.get(name, "")
    if not value:
        return None
    try:
        degrees = Decimal(value)
        if degrees.is_finite() and abs(degrees) <= most:
            return round(degrees * 1_000_000)
    except InvalidOperation:
        pass
    raise text.refused(name, f"This is a number of degrees from -{most} to {most}, as in 32.041544.")


def _one_of(kind: type[Kind], value: str, name: str) -> Kind:
    try:
        return kind(value)
    except ValueError:
        raise text.refused(name, f"This is one of {', '.join(kind)}.") from None


def _wrong(mistakes: list[Mistake]) -> RowsWrong:
    first = mistakes[0]
    where = f"Line {first.line}{f', {first.field}' if first.field else ''}: {first.message}"
    return RowsWrong(where, mistakes=msgspec.to_builtins(mistakes[:MOST_MISTAKES]))
