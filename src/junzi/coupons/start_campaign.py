"""Start a campaign without a draft, as the machine's own console does. Repeatable by its id.

Everything an operator does with a campaign is in `life`.
"""

import msgspec

from junzi.coupons import life, rules, store
from junzi.coupons.model import Campaign, CampaignState
from junzi.kit import clock
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger


async def start_campaign(database: Database, ledger: Ledger, campaign: Campaign) -> None:
    """Put the budget aside and let the campaign run."""
    async with database.transaction() as tx:
        now = clock.now()
        starting = msgspec.structs.replace(campaign, state=CampaignState.STARTING)
        pieces = rules.pieces_of(campaign)
        if await store.insert_campaign(tx, starting, budget_pieces=pieces, at=now, try_at=now + sweeping.FIRST):
            await life.fund_first(tx, starting, pieces=pieces)
    await life.run(database, ledger, campaign.id)
