"""A statement as CSV (RFC 4180): the opening balance, a line each, the sums, the closing balance."""

from junzi.kit import clock, table, town
from junzi.kit.money import Currency
from junzi.kit.table import plain, words
from junzi.settlement.model import Line, LineKind, Statement

COLUMNS = (
    "date", "time", "kind", "payer", "amount", "paid", "coupons_operator", "coupons_shop", "fee", "net", "balance", "currency",
    "order", "id", "till",
)  # fmt: skip


def written(statement: Statement) -> bytes:
    """The file, in UTF-8. Takes processor time: call it in a thread."""
    money = town.current().money
    lines = statement.lines
    sums = (
        sum(line.amount_minor for line in lines),
        sum(line.paid_minor for line in lines),
        sum(line.by_operator_minor for line in lines),
        sum(line.by_shop_minor for line in lines),
        sum(line.fee_minor for line in lines),
        sum(line.net_minor for line in lines),
    )
    rows: list[list[object]] = [
        *(_line(line, money) for line in lines),
        ["", "", "sum", "", *(plain(minor, money) for minor in sums), "", money.code, "", "", ""],
    ]
    if not statement.of_one_till:
        rows.insert(0, _balance(str(statement.first), "opening", statement.opening_minor, money))
        rows.append(_balance(str(statement.last), "closing", statement.closing_minor, money))
    return table.table([COLUMNS, *rows]).encode()


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
        words(line.payer_name),
        *(plain(minor, money) for minor in amounts),
        money.code,
        line.order_id if is_sale else "",
        line.id,
        words(line.till),
    ]


def _balance(day: str, kind: str, minor: int, money: Currency) -> list[object]:
    return [day, "", kind, "", "", "", "", "", "", "", plain(minor, money), money.code, "", "", ""]
