"""A campaign's budget in the ledger: what is put into it, by the operator and by a shop, and what is left, back to each.

Both are an intent row → one linked chain → outcome, repeatable from the row. A shop's part is paid at once with the operator's or
not at all.
"""

from uuid import UUID

from junzi.coupons import accounts, funding_store, rules, store, turns
from junzi.coupons.co_funding import ShareReturned, ShareState
from junzi.coupons.funding_store import Funding, Rest
from junzi.coupons.model import Campaign, CampaignState
from junzi.coupons.turns import Turn
from junzi.kit import clock, ids
from junzi.kit.database import Database, Transaction
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, Transfer, chain_outcome
from junzi.merchants import accounts as merchant_accounts
from junzi.operators import actions as operators

CODE_FUND, CODE_REST, CODE_FUND_PIECES, CODE_REST_PIECES = 20, 23, 24, 28
CODE_SHARE, CODE_SHARE_BACK = 32, 33
FUND_LEG, FUND_PIECES_LEG, SHARE_LEG = 3, 4, 5
REST_LEG, REST_PIECES_LEG, SHARE_BACK_LEG, EVENT_LEG = 1, 2, 3, 255

_STANDS = (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS)
_SHORT = (CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED)

_funded = Point("coupons.start_campaign.funded")
_intended = Point("coupons.end_campaign.rest_intended")
_rested = Point("coupons.end_campaign.rested")


async def put_in(database: Database, ledger: Ledger, campaign_id: UUID) -> None:
    """Bring what was decided into the budget; a campaign that waited for it runs, or is a draft again when a shop was short."""
    async with database.read() as reader:
        fundings = await funding_store.fundings_processing(reader, campaign_id)
    if not fundings:
        return
    await ledger.create_accounts([*accounts.sources(), *accounts.of_campaign(campaign_id)])
    outcomes = [(funding, await _fund(ledger, funding)) for funding in fundings]
    _funded.passed()
    async with database.transaction() as tx:
        campaign = await store.campaign_locked(tx, campaign_id)
        assert campaign is not None, "a campaign is never deleted"
        for funding, stands in outcomes:
            if await funding_store.set_funding(tx, funding.id, state="done" if stands else "refused"):
                await (_arrived(tx, campaign, funding) if stands else _was_short(tx, campaign, funding))


async def take_rest(database: Database, ledger: Ledger, campaign: Campaign) -> bool:
    """Give back what is left of the budget, to whoever paid it; False when somebody was faster, and there may be more."""
    async with database.read() as reader:
        rest = await funding_store.rest_processing(reader, campaign.id)
    if rest is None:
        budget, pieces = accounts.budget_id(campaign.id), accounts.budget_pieces_id(campaign.id)
        found = {
            one.id: one.credits_posted - one.debits_posted for one in await ledger.lookup_accounts([budget, pieces])
        }
        if not any(found.values()):
            return True
        async with database.transaction() as tx:
            rest = await _intend_rest(tx, campaign, found[budget], found[pieces])
        _intended.passed()
    outcome = chain_outcome(await ledger.create_transfers(accounts.chained(_rest_transfers(rest))))
    if outcome not in (*_STANDS, *_SHORT):
        raise AssertionError(f"the ledger refused the rest of a campaign: {outcome.name}")
    _rested.passed()
    async with database.transaction() as tx:
        known = not await funding_store.set_rest(tx, rest.id, state="done" if outcome in _STANDS else "refused")
        if rest.shop_id is not None and rest.shop_minor and outcome in _STANDS and not known:
            returned = ShareReturned(
                campaign_id=campaign.id, title=campaign.title, shop_id=rest.shop_id, amount_minor=rest.shop_minor
            )
            await tx.emit(returned, id=ids.leg(rest.id, EVENT_LEG))
    return outcome in _STANDS


async def _fund(ledger: Ledger, funding: Funding) -> bool:
    """Whether it arrived; a shop may be short of its part, the operator never is."""
    campaign_id = funding.campaign_id
    budget, pieces = accounts.budget_id(campaign_id), accounts.budget_pieces_id(campaign_id)
    own_minor = funding.amount_minor - funding.shop_minor
    wanted = [
        accounts.money(ids.leg(funding.id, FUND_LEG), accounts.MARKETING, budget, own_minor, CODE_FUND),
        accounts.pieces(
            ids.leg(funding.id, FUND_PIECES_LEG), accounts.ALL_PIECES, pieces, funding.pieces, CODE_FUND_PIECES
        ),
    ]
    if funding.shop_id is not None:
        shop = merchant_accounts.balance_id(funding.shop_id)
        # In front, so that a repeat of what was refused finds it refused.
        wanted.insert(0, accounts.money(ids.leg(funding.id, SHARE_LEG), shop, budget, funding.shop_minor, CODE_SHARE))
    outcome = chain_outcome(
        await ledger.create_transfers(accounts.chained([transfer for transfer in wanted if transfer.amount]))
    )
    if outcome not in _STANDS and (funding.shop_id is None or outcome not in _SHORT):
        raise AssertionError(f"the ledger refused a campaign's budget: {outcome.name}")
    return outcome in _STANDS


async def _arrived(tx: Transaction, campaign: Campaign, funding: Funding) -> None:
    if funding.raises:
        await store.raise_campaign(tx, id=campaign.id, amount_minor=funding.amount_minor, pieces=funding.pieces)
        await turns.tell(tx, campaign, Turn.RAISED)
    elif campaign.state is CampaignState.STARTING:
        await store.set_campaign_state(tx, id=campaign.id, state=CampaignState.RUNNING, try_at=None)
        await turns.tell(tx, campaign, Turn.STARTED)
    if funding.share_id is not None:
        await funding_store.set_share(tx, funding.share_id, ShareState.PAID, at=clock.now())


async def _was_short(tx: Transaction, campaign: Campaign, funding: Funding) -> None:
    if campaign.state is CampaignState.STARTING:
        await store.set_campaign_state(tx, id=campaign.id, state=CampaignState.DRAFT, try_at=None)
    if funding.raises and funding.share_id is not None:
        runs = campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED)
        await funding_store.set_share(
            tx, funding.share_id, ShareState.ASKED if runs else ShareState.VOID, at=clock.now()
        )
    await operators.audit(tx, None, "coupons.funder_short", {"campaign_id": campaign.id, "shop_id": funding.shop_id})


async def _intend_rest(tx: Transaction, campaign: Campaign, amount_minor: int, pieces: int) -> Rest:
    """The intent there is now, this one or that of somebody who was faster."""
    await store.campaign_locked(tx, campaign.id)
    known = await funding_store.rest_processing(tx, campaign.id)
    if known is not None:
        return known
    funded = await funding_store.funded(tx, campaign.id)
    rest = Rest(
        id=ids.new_id(),
        campaign_id=campaign.id,
        amount_minor=amount_minor,
        shop_id=None if campaign.funder is None else campaign.funder.shop_id,
        shop_minor=rules.shop_part_of_rest(funded, amount_minor),
        pieces=pieces,
    )
    await funding_store.insert_rest(tx, rest, at=clock.now())
    return rest


def _rest_transfers(rest: Rest) -> list[Transfer]:
    budget, pieces = accounts.budget_id(rest.campaign_id), accounts.budget_pieces_id(rest.campaign_id)
    own_minor = rest.amount_minor - rest.shop_minor
    wanted = [
        accounts.money(ids.leg(rest.id, REST_LEG), budget, accounts.MARKETING, own_minor, CODE_REST),
        accounts.pieces(ids.leg(rest.id, REST_PIECES_LEG), pieces, accounts.ALL_PIECES, rest.pieces, CODE_REST_PIECES),
    ]
    if rest.shop_id is not None:
        shop = merchant_accounts.balance_id(rest.shop_id)
        leg = ids.leg(rest.id, SHARE_BACK_LEG)
        wanted.append(accounts.money(leg, budget, shop, rest.shop_minor, CODE_SHARE_BACK))
    return [transfer for transfer in wanted if transfer.amount]
