"""The transfers of grants: from budget to outstanding in money and pieces, and out of the day's allowance."""

from collections.abc import Sequence
from uuid import UUID

from junzi.coupons import accounts
from junzi.coupons.books import Grant
from junzi.coupons.model import Campaign
from junzi.kit import ids, town
from junzi.ledger.engine import Ledger
from junzi.ledger.model import MOST_EVENTS, CreateTransferStatus, Transfer, chain_outcome

CODE_GIVE, CODE_GIVE_PIECES, CODE_ALLOW_DAY, CODE_USE_DAY = 21, 25, 29, 30
PIECES_LEG, DAY_LEG = 101, 102
ALLOW_LEG = 2


async def cover(
    ledger: Ledger, grants: Sequence[Grant], campaigns: dict[UUID, Campaign]
) -> dict[UUID, CreateTransferStatus]:
    """What became of the chain of each grant. One that is refused, because there is too little left, refuses no other."""
    await _allow_days(ledger, grants, campaigns)
    outcomes: dict[UUID, CreateTransferStatus] = {}
    chains = [(grant.id, _chain(grant, campaigns[grant.campaign_id])) for grant in grants]
    while chains:
        # As many as one call holds; a chain is never split.
        together, events = list[tuple[UUID, int]](), list[Transfer]()
        while chains and len(events) + len(chains[-1][1]) <= MOST_EVENTS:
            grant_id, chain = chains.pop()
            together.append((grant_id, len(chain)))
            events += chain
        results = await ledger.create_transfers(events)
        place = 0
        for grant_id, length in together:
            outcomes[grant_id] = chain_outcome(results[place : place + length])
            place += length
    return outcomes


async def _allow_days(ledger: Ledger, grants: Sequence[Grant], campaigns: dict[UUID, Campaign]) -> None:
    """What may be given on the days of the grants, put aside when the first one asks."""
    days = {
        (grant.campaign_id, town.business_date(grant.created_at))
        for grant in grants
        if campaigns[grant.campaign_id].terms.per_day
    }
    if not days:
        return
    await ledger.create_accounts([accounts.of_day(campaign_id, day) for campaign_id, day in days])
    results = await ledger.create_transfers(
        [
            accounts.pieces(
                ids.leg(ids.derived(campaign_id, f"pieces of {day}"), ALLOW_LEG),
                accounts.ALL_PIECES,
                accounts.day_id(campaign_id, day),
                campaigns[campaign_id].terms.per_day,
                CODE_ALLOW_DAY,
            )
            for campaign_id, day in days
        ]
    )
    for result in results:
        if not result.stands:
            raise AssertionError(f"the ledger refused a day's allowance: {result.status.name}")


def _chain(grant: Grant, campaign: Campaign) -> list[Transfer]:
    budget, outstanding = accounts.budget_id(campaign.id), accounts.outstanding_id(campaign.id)
    chain = [
        accounts.money(ids.leg(grant.id, number), budget, outstanding, amount, CODE_GIVE)
        for number, amount in enumerate(grant.amounts, start=1)
    ]
    pieces = len(grant.amounts)
    chain.append(
        accounts.pieces(
            ids.leg(grant.id, PIECES_LEG),
            accounts.budget_pieces_id(campaign.id),
            accounts.outstanding_pieces_id(campaign.id),
            pieces,
            CODE_GIVE_PIECES,
        )
    )
    if campaign.terms.per_day:
        day = accounts.day_id(campaign.id, town.business_date(grant.created_at))
        chain.append(accounts.pieces(ids.leg(grant.id, DAY_LEG), day, accounts.ALL_PIECES, pieces, CODE_USE_DAY))
    return accounts.chained(chain)
