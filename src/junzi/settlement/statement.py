"""A shop's statement of some days: what there was, everything that moved, what there is, by the ledger's own account of the shop.

Every transfer of the shop's account is in exactly one line, in the order of the ledger; takings only lend names and orders. So
opening + lines = closing holds to the cent whatever is booked there, and one statement's closing is the next one's opening.
"""

import asyncio
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.coupons import store as coupons
from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.ledger.model import AccountFilter
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Period
from junzi.settlement import rules
from junzi.settlement.model import Line, Movement, Statement, Sums, TooManyLines

MOST_TRANSFERS = 200_000
"""Transfers of one statement at most: two months of a shop that sells every ten seconds, day and night."""
PAGE = 1_000
"""Transfers and names that are read at once: more would hold up everybody else for longer than is noticed."""


async def statement(
    database: Database,
    ledger: Ledger,
    *,
    shop_id: UUID,
    person_id: UUID,
    month: str | None,
    day: str | None,
    till_id: UUID | None = None,
    is_named: bool = True,
) -> Statement:
    """The owner's statement of a month or a day; this month unless asked otherwise; what is not over is told so far.

    Call it in a turn (`kit/aside.py`), since a busy shop's takes time and memory. till_id: only what was taken and given back
    there. is_named: whether lines say who paid. Raises `NotFound`, `NotAllowed`, `InvalidRequest`, `TooManyLines`.
    """
    async with database.read() as reader:
        shop = await merchants.access_shop(reader, shop_id, person_id)
    days = rules.statement_period(month=month, day=day, today=town.business_date(clock.now()))
    begins, ends = _nanoseconds(days)
    account_id = merchant_accounts.balance_id(shop_id)
    moved = await _movements(ledger, account_id, begins, ends - 1)
    names = await _names(database, shop_id, moved, till_id) if is_named or till_id is not None else {}
    if till_id is None:
        opening = await ledger.balance_at(account_id, begins - 1)
    else:
        opening, moved = 0, [one for one in moved if one.id in names]
    lines, sums = await asyncio.to_thread(
        _put_together, moved, names, await _own_shares(database, shop_id, moved), opening
    )
    closing = opening + sums.net_minor
    return Statement(
        shop.id, shop.name, days.first, days.last, opening, sums, closing, lines, of_one_till=till_id is not None
    )


def _put_together(
    moved: list[Movement], names: dict[UUID, tuple[str, str]], shares: dict[UUID, int], opening: int
) -> tuple[list[Line], Sums]:
    lines = rules.lines(moved, names, shares, opening)
    return lines, rules.sums(lines)


async def _movements(ledger: Ledger, account_id: UUID, first: int, last: int) -> list[Movement]:
    found: rules.Gathered = {}
    count = 0
    while True:
        page = await ledger.get_account_transfers(
            AccountFilter(account_id=account_id, timestamp_min=first, timestamp_max=last, limit=PAGE)
        )
        count += len(page)
        if count > MOST_TRANSFERS:
            raise TooManyLines
        await asyncio.to_thread(rules.gather, found, page, account_id)
        if len(page) < PAGE:
            return list(found.values())
        first = page[-1].timestamp + 1


async def _names(
    database: Database, shop_id: UUID, moved: list[Movement], till_id: UUID | None
) -> dict[UUID, tuple[str, str]]:
    """By payment or refund, those at one till or all; one that is booked and not told yet is missing."""
    wanted = [one.id for one in moved if one.order_id is not None]
    found: dict[UUID, tuple[str, str]] = {}
    for start in range(0, len(wanted), PAGE):
        some = wanted[start : start + PAGE]
        async with database.read() as reader:
            found |= await merchant_store.taking_names(reader, shop_id=shop_id, ids=some, till_id=till_id)
    return found


async def _own_shares(database: Database, shop_id: UUID, moved: list[Movement]) -> dict[UUID, int]:
    """By campaign whose coupons were used, how many thousandths of it this shop itself pays."""
    async with database.read() as reader:
        used = await coupons.campaigns_by_id(reader, list({id for one in moved for id in one.coupons}))
    return {id: one.funder.permille for id, one in used.items() if one.funder and one.funder.shop_id == shop_id}


def _nanoseconds(days: Period) -> tuple[int, int]:
    """When the first day begins and the day after the last, by the operator's clocks, in nanoseconds since 1970."""
    zone = ZoneInfo(town.current().time_zone)
    ends = (days.first, days.last + timedelta(days=1))
    begins, after = (int(datetime.combine(day, time(), tzinfo=zone).timestamp()) * 10**9 for day in ends)
    return begins, after
