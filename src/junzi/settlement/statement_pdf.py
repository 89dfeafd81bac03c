"""A statement to print: the sums first, then a line each; by days where it would be a book."""

from datetime import date
from itertools import groupby

from junzi.kit import clock, pdf, town
from junzi.kit.money import written
from junzi.kit.pdf import Column
from junzi.people.model import Locale
from junzi.settlement import rules
from junzi.settlement.model import Line, Statement, Sums

MOST_LINES = 2_000
"""Above this a file lists days instead, since nobody reads a hundred pages; the CSV has every line."""

_WORDS = {
    "zh": {
        "title": "对账单",
        "opening": "期初余额",
        "closing": "期末余额",
        "sold": "收款",
        "count": "笔",
        "by_operator": "其中平台出资的优惠",
        "by_shop": "其中本店出资的优惠",
        "refunded": "退款",
        "fees": "手续费",
        "paid_out": "转到银行",
        "campaigns": "本店活动预算",
        "other": "其他",
        "time": "时间",
        "day": "日期",
        "kind": "类型",
        "payer": "顾客",
        "payments": "收款笔数",
        "amount": "金额",
        "coupons": "优惠",
        "fee": "手续费",
        "net": "净额",
        "balance": "余额",
        "sum": "合计",
        "by_day": "行数较多，按日汇总；CSV 文件含每一笔。",
        "payment": "收款",
        "refund": "退款",
        "payout": "转到银行",
        "payout-returned": "银行退回",
        "campaign": "活动预算",
    },
    "en": {
        "title": "Statement",
        "opening": "Opening balance",
        "closing": "Closing balance",
        "sold": "Payments",
        "count": "payments",
        "by_operator": "of which coupons that the operator paid",
        "by_shop": "of which coupons that the shop paid",
        "refunded": "Refunds",
        "fees": "Fees",
        "paid_out": "To the bank",
        "campaigns": "Own campaigns",
        "other": "Other",
        "time": "Time",
        "day": "Day",
        "kind": "What",
        "payer": "Customer",
        "payments": "Payments",
        "amount": "Amount",
        "coupons": "Coupons",
        "fee": "Fee",
        "net": "Net",
        "balance": "Balance",
        "sum": "Sum",
        "by_day": "There are many lines, so each day is summed up; the CSV file has every one.",
        "payment": "Payment",
        "refund": "Refund",
        "payout": "To the bank",
        "payout-returned": "Returned by bank",
        "campaign": "Own campaign",
    },
}


def drawn(statement: Statement, locale: Locale) -> bytes:
    """The file. Takes processor time: call it in a thread. Raises `FontsMissing`."""
    words = _WORDS["en" if locale == "en" else "zh"]
    title = f"{statement.shop_name} {words['title']}"
    heading = _heading(statement, words)
    if len(statement.lines) > MOST_LINES:
        return _by_day(title, [*heading, words["by_day"]], statement, words)
    columns = [
        Column(words["time"], 30),
        Column(words["kind"], 24),
        Column(words["payer"], 20),
        Column(words["amount"], 22, figures=True),
        Column(words["coupons"], 20, figures=True),
        Column(words["fee"], 16, figures=True),
        Column(words["net"], 22, figures=True),
        Column(words["balance"], 24, figures=True),
    ]
    rows = [
        [
            f"{clock.local(line.at, town.current().time_zone):%Y-%m-%d %H:%M}",
            words[line.kind],
            line.payer_name,
            _money(line.amount_minor),
            _money(line.by_operator_minor + line.by_shop_minor),
            _money(line.fee_minor),
            _money(line.net_minor),
            _money(line.balance_minor),
        ]
        for line in statement.lines
    ]
    totals = (
        sum(line.amount_minor for line in statement.lines),
        sum(line.by_operator_minor + line.by_shop_minor for line in statement.lines),
        statement.sums.fees_minor,
        statement.sums.net_minor,
    )
    sums = [words["sum"], "", "", *(_money(minor) for minor in totals), _money(statement.closing_minor)]
    return pdf.listing(title, heading, columns, rows, sums=sums, author=town.current().name)


def _heading(statement: Statement, words: dict[str, str]) -> list[str]:
    sums = statement.sums
    parts = [
        (words["refunded"], sums.refunded_minor),
        (words["fees"], sums.fees_minor),
        (words["paid_out"], sums.paid_out_minor),
        (words["campaigns"], sums.campaigns_minor),
        (words["other"], sums.other_minor),
    ]
    days = f"{statement.first}" if statement.first == statement.last else f"{statement.first} – {statement.last}"
    sold = f"{words['sold']} {_money(sums.sold_minor)} ({sums.count} {words['count']})"
    coupons = [
        f"{words[name]} {_money(minor)}"
        for name, minor in (("by_operator", sums.by_operator_minor), ("by_shop", sums.by_shop_minor))
        if minor
    ]
    return [
        f"{town.current().name} · {days} · {town.current().money.code}",
        f"{words['opening']} {_money(statement.opening_minor)}",
        " · ".join([sold, *coupons]),
        " · ".join(f"{name} {_money(minor)}" for name, minor in parts if minor) or "–",
        f"{words['closing']} {_money(statement.closing_minor)}",
    ]


def _by_day(title: str, heading: list[str], statement: Statement, words: dict[str, str]) -> bytes:
    columns = [
        Column(words["day"], 24),
        Column(words["payments"], 18, figures=True),
        Column(words["amount"], 24, figures=True),
        Column(words["refunded"], 22, figures=True),
        Column(words["fee"], 18, figures=True),
        Column(words["paid_out"], 24, figures=True),
        Column(words["net"], 24, figures=True),
        Column(words["balance"], 24, figures=True),
    ]
    rows = []
    for day, group in groupby(statement.lines, key=_day):
        lines = list(group)
        rows.append([str(day), *_sums(rules.sums(lines)), _money(lines[-1].balance_minor)])
    sums = [words["sum"], *_sums(statement.sums), _money(statement.closing_minor)]
    return pdf.listing(title, heading, columns, rows, sums=sums, author=town.current().name)


def _day(line: Line) -> date:
    return town.business_date(line.at)


def _sums(sums: Sums) -> list[str]:
    shown = (sums.sold_minor, sums.refunded_minor, sums.fees_minor, sums.paid_out_minor, sums.net_minor)
    return [str(sums.count), *(_money(minor) for minor in shown)]


def _money(minor: int) -> str:
    return written(minor, town.current().money) if minor else "–"
