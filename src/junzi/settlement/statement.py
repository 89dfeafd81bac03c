"""A shop's statement of some days: what there was, everything that moved, what there is, by the ledger's own account of the shop.

Every transfer of the shop's account is in exactly one line, in the order of the ledger; takings only lend names and orders. So
opening + lines = closing holds to the cent whatever is booked there, and one statement's closing is the next one's opening.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.coupons import store as coupons
from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.ledger.model import MOST_EVENTS, AccountFilter, Transfer
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Period, Taking
from junzi.settlement import rules
from junzi.settlement.model import Movement, Statement, TooManyLines

MOST_TRANSFERS = 200_000
"""Transfers of one statement at most: two months of a shop that sells every ten seconds, day and night."""
AT_ONCE = 5_000


async def statement(
    database: Database,
    ledger: Ledger,
    *,
    shop_id: UUID,
    person_id: UUID,
    month: str | None,
    day: str | None,
    till_id: UUID | None = None,
) -> Statement:
    """The owner's statement of a month or a day; this month unless asked otherwise; what is not over is told so far.

    till_id: only what was taken and given back there. Raises `NotFound`, `NotAllowed`, `InvalidRequest`, `TooManyLines`.
    """
    async with database.read() as reader:
        shop = await merchants.access_shop(reader, shop_id, person_id)
    days = rules.statement_period(month=month, day=day, today=town.business_date(clock.now()))
    begins, ends = _nanoseconds(days)
    account_id = merchant_accounts.balance_id(shop_id)
    moved = rules.movements(await _transfers(ledger, account_id, begins, ends - 1), account_id)
    takings = await _takings(database, shop_id, [one.id for one in moved if one.order_id is not None], till_id)
    if till_id is None:
        opening = await ledger.balance_at(account_id, begins - 1)
    else:
        opening, moved = 0, [one for one in moved if one.id in takings]
    lines = rules.lines(moved, takings, await _own_shares(database, shop_id, moved), opening)
    sums = rules.sums(lines)
    closing = opening + sums.net_minor
    return Statement(
        shop.id, shop.name, days.first, days.last, opening, sums, closing, lines, of_one_till=till_id is not None
    )


async def _transfers(ledger: Ledger, account_id: UUID, first: int, last: int) -> list[Transfer]:
    found: list[Transfer] = []
    while True:
        page = await ledger.get_account_transfers(
            AccountFilter(account_id=account_id, timestamp_min=first, timestamp_max=last)
        )
        found += page
        if len(found) > MOST_TRANSFERS:
            raise TooManyLines
        if len(page) < MOST_EVENTS:
            return found
        first = page[-1].timestamp + 1


async def _takings(database: Database, shop_id: UUID, wanted: list[UUID], till_id: UUID | None) -> dict[UUID, Taking]:
    """By payment or refund, those at one till or all; one that is booked and not told yet is missing."""
    found: dict[UUID, Taking] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        async with database.read() as reader:
            takings = await merchant_store.takings_by_id(reader, shop_id=shop_id, ids=some, till_id=till_id)
        found |= {taking.id: taking for taking in takings}
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
