"""What a shop took in some days: figures for its page."""

from uuid import UUID

from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.merchants import actions, rules, store
from junzi.merchants.model import Deed, Figures, Range


async def figures(database: Database, *, shop_id: UUID, person_id: UUID, asked: Range) -> Figures:
    """What today, this week or this month brought. Raises `NotFound`."""
    days = rules.period(asked, town.business_date(clock.now()))
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
        sums = await store.hour_sums(reader, shop_id=shop_id, period=days, time_zone=town.current().time_zone)
    return rules.figures(asked, days, sums)
