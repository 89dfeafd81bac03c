"""Tables for spreadsheets: CSV (RFC 4180) that is read as UTF-8, as numbers, and never as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from junzi.kit.money import Currency

_BEGINS_A_FORMULA = tuple("=+-@\t\r")


def table(rows: Iterable[Sequence[object]]) -> str:
    """The rows as one text. Amounts are written before by `plain`, what people typed by `words`."""
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows(rows)
    return text.getvalue()


def words(typed: str) -> str:
    """What people typed, with a quote in front of what a spreadsheet would work out."""
    return f"'{typed}" if typed.startswith(_BEGINS_A_FORMULA) else typed


def plain(amount_minor: int, currency: Currency) -> str:
    """The amount as a spreadsheet takes it: `plain(-1850, CNY)` is `-18.50`."""
    whole, rest = divmod(abs(amount_minor), 10**currency.decimals)
    fraction = f".{rest:0{currency.decimals}d}" if currency.decimals else ""
    return f"{'-' if amount_minor < 0 else ''}{whole}{fraction}"
