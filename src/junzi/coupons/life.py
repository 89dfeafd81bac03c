"""A campaign's life: drafted → approved by a second administrator → running ⇄ paused → ended.

Steps write what was decided and who did; `run` brings the ledger after it: money and pieces into the budget, and what is left
of it back to marketing once the campaign has ended. Repeatable from the campaign's row and its fundings.
"""

from datetime import timedelta
from uuid import UUID

import msgspec

from junzi.coupons import accounts, rules, store
from junzi.coupons.model import (
    Campaign,
    CampaignChange,
    CampaignGated,
    CampaignNotReady,
    CampaignState,
    FourEyes,
    NewCampaign,
)
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, Transfer, chain_outcome
from junzi.operators import actions as operators

CODE_FUND, CODE_REST, CODE_FUND_PIECES, CODE_REST_PIECES = 20, 23, 24, 28
FUND_LEG, FUND_PIECES_LEG = 3, 4
REST_LEG, REST_PIECES_LEG = 1, 2
REST_EVERY = timedelta(hours=1)
"""How often an ended campaign is looked at while people hold coupons of it."""

_funded = Point("coupons.start_campaign.funded")
_rested = Point("coupons.end_campaign.rested")


async def draft(database: Database, *, operator_id: UUID, key: str, new: NewCampaign) -> UUID:
    """The draft's id; a repeat with the same key returns the same one. Raises `InvalidRequest`."""
    now = clock.now()
    async with database.transaction() as tx:
        campaign_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="coupons.draft", body=new, intent_id=campaign_id
        )
        if claimed != campaign_id:
            return claimed
        good = rules.checked(new, now)
        campaign = Campaign(
            id=campaign_id,
            title=good.title,
            trigger=good.trigger,
            state=CampaignState.DRAFT,
            offers=good.offers,
            budget_minor=good.budget_minor,
            valid_days=good.valid_days,
            budget_pieces=good.budget_pieces,
            terms=good.terms,
            starts_at=good.starts_at,
            ends_at=good.ends_at,
            drafted_by=operator_id,
        )
        await store.insert_campaign(tx, campaign, budget_pieces=good.budget_pieces, at=now, try_at=None)
        facts = {"campaign_id": campaign_id, "draft": msgspec.to_builtins(good)}
        await operators.audit(tx, operator_id, "coupons.campaign_drafted", facts)
    return campaign_id


async def approve(database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Let a draft run, if somebody else drafted it.

    Raises `NotFound`, `FourEyes`, `CampaignNotReady`, `CampaignGated`.
    """
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        if campaign.drafted_by == operator_id:
            raise FourEyes
        _check_state(campaign, CampaignState.DRAFT)
        await _check_gate(tx, campaign_id)
        now = clock.now()
        if campaign.ends_at is not None and campaign.ends_at <= now:
            raise CampaignNotReady("Its time is over.", state=campaign.state)
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.STARTING, try_at=now + sweeping.FIRST)
        await fund_first(tx, campaign, pieces=rules.pieces_of(campaign))
        await operators.audit(tx, operator_id, "coupons.campaign_approved", {"campaign_id": campaign_id})
    await run(database, ledger, campaign_id)


async def pause(database: Database, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Give nothing for now; coupons in people's hands count as ever. Raises `NotFound`, `CampaignNotReady`."""
    async with database.transaction() as tx:
        _check_state(await _locked(tx, campaign_id), CampaignState.RUNNING)
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.PAUSED, try_at=None)
        await operators.audit(tx, operator_id, "coupons.campaign_paused", {"campaign_id": campaign_id})


async def resume(database: Database, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Give again. Raises `NotFound`, `CampaignNotReady`, `CampaignGated`."""
    async with database.transaction() as tx:
        _check_state(await _locked(tx, campaign_id), CampaignState.PAUSED)
        await _check_gate(tx, campaign_id)
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.RUNNING, try_at=None)
        await operators.audit(tx, operator_id, "coupons.campaign_resumed", {"campaign_id": campaign_id})


async def end(database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Give nothing more and take back what is left; a draft is dropped. Raises `NotFound`, `CampaignNotReady`."""
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        _check_state(campaign, CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)
        if campaign.state is CampaignState.DRAFT:
            await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.ENDED, try_at=None)
        else:
            await _set_ending(tx, campaign_id)
        await operators.audit(tx, operator_id, "coupons.campaign_ended", {"campaign_id": campaign_id})
    if campaign.state is not CampaignState.DRAFT:
        await run(database, ledger, campaign_id)


async def change(
    database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID, change: CampaignChange
) -> None:
    """More of it, for longer: every promise made stays kept. Raises `NotFound`, `CampaignNotReady`, `InvalidRequest`.

    What is asked for is the new whole, so that a repeat changes nothing.
    """
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        _check_state(campaign, CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)
        if await store.fundings_processing(tx, campaign_id):
            raise CampaignNotReady("Its budget is being raised. Try again in a moment.", state=campaign.state)
        now = clock.now()
        rules.check_change(campaign, change, now)
        money = campaign.budget_minor if change.budget_minor is msgspec.UNSET else change.budget_minor
        pieces = rules.pieces_of(campaign) if change.budget_pieces is msgspec.UNSET else change.budget_pieces
        if change.ends_at is not msgspec.UNSET:
            await store.set_campaign_end(tx, id=campaign_id, ends_at=change.ends_at)
        if campaign.state is CampaignState.DRAFT:
            await store.set_draft_budget(tx, id=campaign_id, budget_minor=money, budget_pieces=pieces)
        elif (money, pieces) != (campaign.budget_minor, rules.pieces_of(campaign)):
            await store.insert_funding(
                tx,
                id=ids.new_id(),
                campaign_id=campaign_id,
                amount_minor=money - campaign.budget_minor,
                pieces=pieces - rules.pieces_of(campaign),
                at=now,
            )
            await store.postpone_campaign(tx, id=campaign_id, try_at=now + sweeping.FIRST)
        facts = {"campaign_id": campaign_id, "change": msgspec.to_builtins(change)}
        await operators.audit(tx, operator_id, "coupons.campaign_changed", facts)
    await run(database, ledger, campaign_id)


async def set_gate(tx: Transaction, campaign_id: UUID, *, open: bool, reason: str) -> None:
    """Let a campaign start, or not, from now on: for a room above, which knows why."""
    await store.set_gate(tx, campaign_id, open=open, reason=reason)


async def fund_first(tx: Transaction, campaign: Campaign, *, pieces: int) -> None:
    """The intent to fill a campaign's budget, which has the campaign's own id."""
    await store.insert_funding(
        tx,
        id=campaign.id,
        campaign_id=campaign.id,
        amount_minor=campaign.budget_minor,
        pieces=pieces,
        at=clock.now(),
    )


async def sweep(database: Database, ledger: Ledger) -> int:
    """Finish what was interrupted, end what is past its time, take back rests; returns how many were tried."""
    return await sweeping.sweep(
        database, store.campaigns_to_try, store.postpone_campaign, lambda id: run(database, ledger, id)
    )


async def run(database: Database, ledger: Ledger, campaign_id: UUID) -> None:
    """Bring the ledger after what was decided of a campaign."""
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        past = campaign.ends_at is not None and campaign.ends_at <= clock.now()
        if past and campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED):
            await _set_ending(tx, campaign_id)
        fundings = await store.fundings_processing(tx, campaign_id)
    if fundings:
        await ledger.create_accounts([*accounts.sources(), *accounts.of_campaign(campaign_id)])
        for funding in fundings:
            await _fund(ledger, funding)
        _funded.passed()
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        for funding in fundings:
            # The first one fills what the row says already.
            if await store.set_funding_done(tx, funding.id) and funding.id != campaign_id:
                await store.raise_campaign(tx, id=campaign_id, amount_minor=funding.amount_minor, pieces=funding.pieces)
        if campaign.state is CampaignState.STARTING:
            await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.RUNNING, try_at=None)
        elif campaign.state not in (CampaignState.ENDING, CampaignState.ENDED):
            await store.postpone_campaign(tx, id=campaign_id, try_at=None)
    if campaign.state in (CampaignState.ENDING, CampaignState.ENDED):
        await _finish(database, ledger, campaign_id)


async def _finish(database: Database, ledger: Ledger, campaign_id: UUID) -> None:
    async with database.read() as reader:
        # Asked before the rest is taken: what comes back later is then looked for again.
        more = await store.has_promises(reader, campaign_id) or await store.fundings_processing(reader, campaign_id)
    await _take_rest(ledger, campaign_id)
    _rested.passed()
    async with database.transaction() as tx:
        try_at = clock.now() + REST_EVERY if more else None
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.ENDED, try_at=try_at)


async def _fund(ledger: Ledger, funding: store.Funding) -> None:
    campaign_id = funding.campaign_id
    wanted = [
        accounts.money(
            ids.leg(funding.id, FUND_LEG),
            accounts.MARKETING,
            accounts.budget_id(campaign_id),
            funding.amount_minor,
            CODE_FUND,
        ),
        accounts.pieces(
            ids.leg(funding.id, FUND_PIECES_LEG),
            accounts.ALL_PIECES,
            accounts.budget_pieces_id(campaign_id),
            funding.pieces,
            CODE_FUND_PIECES,
        ),
    ]
    await _stand(ledger, [transfer for transfer in wanted if transfer.amount])


async def _take_rest(ledger: Ledger, campaign_id: UUID) -> None:
    """What is left of the budget goes back; named after what left it before, so that nobody takes the same rest twice."""
    budget, pieces = accounts.budget_id(campaign_id), accounts.budget_pieces_id(campaign_id)
    found = {account.id: account for account in await ledger.lookup_accounts([budget, pieces])}
    if len(found) < 2:
        return
    rest_id = ids.derived(campaign_id, f"rest {found[budget].debits_posted} {found[pieces].debits_posted}")
    money_left = found[budget].credits_posted - found[budget].debits_posted
    pieces_left = found[pieces].credits_posted - found[pieces].debits_posted
    wanted = [
        accounts.money(ids.leg(rest_id, REST_LEG), budget, accounts.MARKETING, money_left, CODE_REST),
        accounts.pieces(ids.leg(rest_id, REST_PIECES_LEG), pieces, accounts.ALL_PIECES, pieces_left, CODE_REST_PIECES),
    ]
    rest = [transfer for transfer in wanted if transfer.amount]
    if rest:
        # Refused when a grant or another taker was faster; then the next look finds another rest under another name.
        await ledger.create_transfers(accounts.chained(rest))


async def _stand(ledger: Ledger, transfers: list[Transfer]) -> None:
    outcome = chain_outcome(await ledger.create_transfers(accounts.chained(transfers)))
    if outcome not in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS):
        raise AssertionError(f"the ledger refused a campaign's budget: {outcome.name}")


async def _set_ending(tx: Transaction, campaign_id: UUID) -> None:
    await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.ENDING, try_at=clock.now() + sweeping.FIRST)


async def _locked(tx: Transaction, campaign_id: UUID) -> Campaign:
    campaign = await store.campaign_locked(tx, campaign_id)
    if campaign is None:
        raise NotFound
    return campaign


def _check_state(campaign: Campaign, *wanted: CampaignState) -> None:
    if campaign.state not in wanted:
        raise CampaignNotReady(f"The campaign is {campaign.state}.", state=campaign.state)


async def _check_gate(tx: Transaction, campaign_id: UUID) -> None:
    gate = await store.gate(tx, campaign_id)
    if gate is not None and not gate.open:
        raise CampaignGated(gate.reason, reason=gate.reason)
