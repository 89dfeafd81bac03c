"""What a shop took in some days: figures for its page, and a statement for its books that adds up with them."""

import csv
import io
from collections.abc import Iterable
from uuid import UUID

from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.kit.money import Currency
from junzi.merchants import actions, rules, store
from junzi.merchants.model import Deed, Figures, Period, Range, StatementLine

COLUMNS = ("date", "time", "kind", "payer", "amount", "paid", "coupon", "currency", "order", "id", "till")
_BEGINS_A_FORMULA = tuple("=+-@\t\r")


async def figures(database: Database, *, shop_id: UUID, person_id: UUID, asked: Range) -> Figures:
    """What today, this week or this month brought. Raises `NotFound`."""
    days = rules.period(asked, town.business_date(clock.now()))
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
        sums = await store.hour_sums(reader, shop_id=shop_id, period=days, time_zone=town.current().time_zone)
    return rules.figures(asked, days, sums)


async def statement(
    database: Database,
    *,
    shop_id: UUID,
    person_id: UUID,
    month: str | None,
    day: str | None,
    till_id: UUID | None = None,
) -> tuple[Period, str]:
    """Every payment and refund of a month or a day as CSV (RFC 4180), with the sum as the last line.

    Raises `NotFound`, `InvalidRequest`.
    """
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id)
        days = rules.statement_period(month=month, day=day, today=town.business_date(clock.now()))
        lines = await store.takings_between(reader, shop_id=shop_id, period=days, till_id=till_id)
    return days, _csv(lines, town.current().money, town.current().time_zone)


def _csv(lines: Iterable[StatementLine], currency: Currency, time_zone: str) -> str:
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    amount = paid = coupon = 0
    for line in lines:
        amount, paid, coupon = amount + line.amount_minor, paid + line.paid_minor, coupon + line.coupon_minor
        writer.writerow(
            [
                line.business_date,
                f"{clock.local(line.at, time_zone):%H:%M:%S}",
                "payment" if line.amount_minor > 0 else "refund",
                _unfolded(line.payer_name),
                *(_plain(minor, currency) for minor in (line.amount_minor, line.paid_minor, line.coupon_minor)),
                currency.code,
                line.order_id,
                line.id,
                _unfolded(line.till or ""),
            ]
        )
    sums = (_plain(minor, currency) for minor in (amount, paid, coupon))
    writer.writerow(["", "", "sum", "", *sums, currency.code, "", "", ""])
    return text.getvalue()


def _unfolded(name: str) -> str:
    """The name as text: a spreadsheet would work out one that begins like a formula."""
    return f"'{name}" if name.startswith(_BEGINS_A_FORMULA) else name


def _plain(minor: int, currency: Currency) -> str:
    whole, rest = divmod(abs(minor), 10**currency.decimals)
    fraction = f".{rest:0{currency.decimals}d}" if currency.decimals else ""
    return f"{'-' if minor < 0 else ''}{whole}{fraction}"
