"""What a shop took in some days: figures for its page, and totals for the desk."""

from datetime import timedelta
from uuid import UUID

from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.merchants import actions, rules, store
from junzi.merchants.model import Deed, Figures, Range

SURELY_OVER, SHOPS_AT_ONCE = timedelta(hours=2), 1_000


async def figures(database: Database, *, shop_id: UUID, person_id: UUID, asked: Range) -> Figures:
    """What today, this week or this month brought. Raises `NotFound`."""
    days = rules.period(asked, town.business_date(clock.now()))
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
        sums = await store.hour_sums(reader, shop_id=shop_id, period=days, time_zone=town.current().time_zone)
    return rules.figures(asked, days, sums)


async def sum_up(database: Database) -> int:
    """Add the days that are over to the totals of all shops, so that the desk reads no more than what came since.

    Returns of how many shops. A taking belongs to the day on which its transaction began, which two hours later has ended.
    """
    through = town.business_date(clock.now() - SURELY_OVER) - timedelta(days=1)
    shops = 0
    while True:
        async with database.transaction() as tx:
            summed = await store.sum_up(tx, through=through, most=SHOPS_AT_ONCE)
        shops += summed
        if summed < SHOPS_AT_ONCE:
            return shops
