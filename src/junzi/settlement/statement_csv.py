"""A statement as CSV (RFC 4180): the opening balance, a line each, the sums, the closing balance."""

import csv
import io

from junzi.kit import clock, town
from junzi.kit.money import Currency
from junzi.settlement.model import Line, LineKind, Statement

COLUMNS = (
    "date", "time", "kind", "payer", "amount", "paid", "coupons_operator", "coupons_shop", "fee", "net", "balance", "currency",
    "order", "id", "till",
)  # fmt: skip
_BEGINS_A_FORMULA = tuple("=+-@\t\r")


def written(statement: Statement) -> str:
    """The file's text, with the mark that tells spreadsheets that it is UTF-8."""
    money = town.current().money
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    if not statement.of_one_till:
        writer.writerow(_balance(str(statement.first), "opening", statement.opening_minor, money))
    for line in statement.lines:
        writer.writerow(_line(line, money))
    lines = statement.lines
    sums = (
        sum(line.amount_minor for line in lines),
        sum(line.paid_minor for line in lines),
        sum(line.by_operator_minor for line in lines),
        sum(line.by_shop_minor for line in lines),
        sum(line.fee_minor for line in lines),
        sum(line.net_minor for line in lines),
    )
    writer.writerow(["", "", "sum", "", *(plain(minor, money) for minor in sums), "", money.code, "", "", ""])
    if not statement.of_one_till:
        writer.writerow(_balance(str(statement.last), "closing", statement.closing_minor, money))
    return text.getvalue()


def plain(minor: int, currency: Currency) -> str:
    """An amount as a spreadsheet reads it: `plain(-1850, CNY)` is `-18.50`."""
    whole, rest = divmod(abs(minor), 10**currency.decimals)
    fraction = f".{rest:0{currency.decimals}d}" if currency.decimals else ""
    return f"{'-' if minor < 0 else ''}{whole}{fraction}"


def _line(line: Line, money: Currency) -> list[object]:
    local = clock.local(line.at, town.current().time_zone)
    is_sale = line.kind in (LineKind.PAYMENT, LineKind.REFUND)
    amounts = (
        line.amount_minor,
        line.paid_minor,
        line.by_operator_minor,
        line.by_shop_minor,
        line.fee_minor,
        line.net_minor,
        line.balance_minor,
    )
    return [
        local.date(),
        f"{local:%H:%M:%S}",
        line.kind,
        _unfolded(line.payer_name),
        *(plain(minor, money) for minor in amounts),
        money.code,
        line.order_id if is_sale else "",
        line.id,
        _unfolded(line.till),
    ]


def _unfolded(name: str) -> str:
    """The name as text: a spreadsheet would work out one that begins like a formula."""
    return f"'{name}" if name.startswith(_BEGINS_A_FORMULA) else name


def _balance(day: str, kind: str, minor: int, money: Currency) -> list[object]:
    return [day, "", kind, "", "", "", "", "", "", "", plain(minor, money), money.code, "", "", ""]
