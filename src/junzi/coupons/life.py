"""A campaign's life: drafted → approved by a second administrator → running ⇄ paused → ended.

Steps write what was decided and who did; `run` brings the ledger after it: money and pieces into the budget, and what is left
of it back to whoever paid it once the campaign has ended. Repeatable from the campaign's row and its fundings.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from junzi.coupons import fund, funding_store, rules, shares, store, turns
from junzi.coupons.co_funding import FunderShort, Share, ShareState
from junzi.coupons.funding_store import Funding
from junzi.coupons.model import (
    Campaign,
    CampaignChange,
    CampaignGated,
    CampaignNotReady,
    CampaignState,
    FourEyes,
    NewCampaign,
)
from junzi.coupons.turns import Turn
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.ledger.engine import Ledger
from junzi.operators import actions as operators

REST_EVERY, REST_LATER = timedelta(hours=1), timedelta(days=1)
"""How often an ended campaign is looked at while people hold coupons of it, and while what they bought may be refunded."""
REFUNDABLE = timedelta(days=366)
"""How long money of a redeemed coupon may come back."""

FOLLOW_UPS = UUID("6b9a7f6e-5b0c-5d3a-9c53-0f8a5f6e2a11")
"""The gate of all campaigns that follow up: closed until a room above opens it."""
NEVER_OPENED = store.Gate(False, "no-survey", None)


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
            funder=good.funder,
            starts_at=good.starts_at,
            ends_at=good.ends_at,
            drafted_by=operator_id,
            follow_up=good.follow_up,
        )
        await store.insert_campaign(tx, campaign, budget_pieces=good.budget_pieces, at=now, try_at=None)
        if campaign.funder is not None:
            await shares.ask(tx, campaign, amount_minor=good.budget_minor, pieces=good.budget_pieces, raises=False)
        facts = {"campaign_id": campaign_id, "draft": msgspec.to_builtins(good)}
        await operators.audit(tx, operator_id, "coupons.campaign_drafted", facts)
    return campaign_id


async def approve(database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Let a draft run, if somebody else drafted it and the shop that pays a part of it agreed.

    Raises `NotFound`, `FourEyes`, `CampaignNotReady`, `CampaignGated`, `ShareNotAgreed`, and `FunderShort`, after which it is a
    draft again.
    """
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        if campaign.drafted_by == operator_id:
            raise FourEyes
        _check_state(campaign, CampaignState.DRAFT)
        await _check_gate(tx, campaign)
        now = clock.now()
        if campaign.ends_at is not None and campaign.ends_at <= now:
            raise CampaignNotReady("Its time is over.", state=campaign.state)
        if campaign.funder is None:
            await fund_first(tx, campaign, pieces=rules.pieces_of(campaign))
        else:
            await funding_store.insert_funding(tx, await shares.funding_agreed(tx, campaign), at=now)
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.STARTING, try_at=now + sweeping.FIRST)
        await operators.audit(tx, operator_id, "coupons.campaign_approved", {"campaign_id": campaign_id})
    await run(database, ledger, campaign_id)
    async with database.read() as reader:
        if (await store.campaign(reader, campaign_id)).state is CampaignState.DRAFT:
            raise FunderShort


async def pause(database: Database, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Give nothing for now; coupons in people's hands count as ever. Raises `NotFound`, `CampaignNotReady`."""
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        _check_state(campaign, CampaignState.RUNNING)
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.PAUSED, try_at=None)
        await turns.tell(tx, campaign, Turn.PAUSED)
        await operators.audit(tx, operator_id, "coupons.campaign_paused", {"campaign_id": campaign_id})


async def resume(database: Database, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Give again. Raises `NotFound`, `CampaignNotReady`, `CampaignGated`."""
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        _check_state(campaign, CampaignState.PAUSED)
        await _check_gate(tx, campaign)
        await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.RUNNING, try_at=None)
        await turns.tell(tx, campaign, Turn.RESUMED)
        await operators.audit(tx, operator_id, "coupons.campaign_resumed", {"campaign_id": campaign_id})


async def end(database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID) -> None:
    """Give nothing more and take back what is left; a draft is dropped. Raises `NotFound`, `CampaignNotReady`."""
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        _check_state(campaign, CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)
        if campaign.state is CampaignState.DRAFT:
            await funding_store.void_shares(tx, campaign_id)
            await store.set_campaign_state(tx, id=campaign_id, state=CampaignState.ENDED, try_at=None)
        else:
            await _set_ending(tx, campaign)
        await operators.audit(tx, operator_id, "coupons.campaign_ended", {"campaign_id": campaign_id})
    if campaign.state is not CampaignState.DRAFT:
        await run(database, ledger, campaign_id)


async def change(
    database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID, change: CampaignChange
) -> None:
    """More of it, for longer: every promise made stays kept. Raises `NotFound`, `CampaignNotReady`, `InvalidRequest`.

    What is asked for is the new whole, so that a repeat changes nothing. Whoever changes a draft is its drafter from then on.
    More money or pieces of what runs take two: what the first asks for waits until another asks for the same. A shop that pays a
    part is then asked for its part of what is added, and the budget is raised when it has agreed.
    """
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        _check_state(campaign, CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)
        if await funding_store.fundings_processing(tx, campaign_id):
            raise CampaignNotReady("Its budget is being raised. Try again in a moment.", state=campaign.state)
        now = clock.now()
        rules.check_change(campaign, change, now)
        money = campaign.budget_minor if change.budget_minor is msgspec.UNSET else change.budget_minor
        pieces = rules.pieces_of(campaign) if change.budget_pieces is msgspec.UNSET else change.budget_pieces
        is_more = (money, pieces) != (campaign.budget_minor, rules.pieces_of(campaign))
        is_later = change.ends_at is not msgspec.UNSET and change.ends_at != campaign.ends_at
        if change.ends_at is not msgspec.UNSET:
            await store.set_campaign_end(tx, id=campaign_id, ends_at=change.ends_at)
        if campaign.state is CampaignState.DRAFT and (is_more or is_later):
            await store.set_drafter(tx, id=campaign_id, drafted_by=operator_id)
        if is_more and (
            campaign.state is CampaignState.DRAFT or await _agreed_by_two(tx, campaign, money, pieces, operator_id)
        ):
            await _raise(tx, campaign, money, pieces)
        facts = {"campaign_id": campaign_id, "change": msgspec.to_builtins(change)}
        await operators.audit(tx, operator_id, "coupons.campaign_changed", facts)
    await run(database, ledger, campaign_id)


async def set_gate(
    tx: Transaction, gate_id: UUID, *, open: bool, reason: str, open_until: datetime | None = None
) -> None:
    """Let a campaign start, or not, from now on: for a room above, which knows why.

    gate_id: the campaign, or `FOLLOW_UPS` for all that follow up and have no gate of their own; reason: why it is closed, or will
    be when its time is over, in a word that the app has words for; open_until: None for no end
    """
    await store.set_gate(tx, gate_id, open=open, reason=reason, open_until=open_until)


async def fund_first(tx: Transaction, campaign: Campaign, *, pieces: int) -> None:
    """The intent to fill a campaign's budget, which has the campaign's own id."""
    funding = Funding(
        id=campaign.id, campaign_id=campaign.id, amount_minor=campaign.budget_minor, pieces=pieces, raises=False
    )
    await funding_store.insert_funding(tx, funding, at=clock.now())


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
            await _set_ending(tx, campaign)
    await fund.put_in(database, ledger, campaign_id)
    async with database.transaction() as tx:
        campaign = await _locked(tx, campaign_id)
        if campaign.state not in (CampaignState.STARTING, CampaignState.ENDING, CampaignState.ENDED):
            # Nobody intends anything more while this one holds the campaign.
            more = bool(await funding_store.fundings_processing(tx, campaign_id))
            await store.postpone_campaign(tx, id=campaign_id, try_at=clock.now() + sweeping.AGAIN if more else None)
    if campaign.state in (CampaignState.ENDING, CampaignState.ENDED):
        await _finish(database, ledger, campaign)


async def _finish(database: Database, ledger: Ledger, campaign: Campaign) -> None:
    now = clock.now()
    async with database.read() as reader:
        # Asked before the rest is taken: what comes back later is then looked for again.
        soon = await store.has_promises(reader, campaign.id) or await funding_store.fundings_processing(
            reader, campaign.id
        )
        later = await store.has_refundable(reader, campaign.id, since=now - REFUNDABLE)
    taken = await fund.take_rest(database, ledger, campaign)
    async with database.transaction() as tx:
        pause = sweeping.AGAIN if not taken else REST_EVERY if soon else REST_LATER if later else None
        try_at = None if pause is None else clock.now() + pause
        await store.set_campaign_state(tx, id=campaign.id, state=CampaignState.ENDED, try_at=try_at)


async def _agreed_by_two(tx: Transaction, campaign: Campaign, money: int, pieces: int, operator_id: UUID) -> bool:
    """Whether somebody else asked for the same whole; otherwise this one's asking is kept, in place of any other."""
    share = await funding_store.open_share(tx, campaign.id)
    if share is not None and share.state is not ShareState.DECLINED and _whole_of(campaign, share) == (money, pieces):
        return False
    asked = await funding_store.raise_asked(tx, campaign.id)
    facts = {"campaign_id": campaign.id, "budget_minor": money, "budget_pieces": pieces}
    if asked is None or (asked.budget_minor, asked.budget_pieces) != (money, pieces):
        await funding_store.ask_raise(
            tx, campaign.id, budget_minor=money, budget_pieces=pieces, asked_by=operator_id, at=clock.now()
        )
        await operators.audit(tx, operator_id, "coupons.raise_asked", facts)
        return False
    if asked.asked_by == operator_id:
        return False
    await funding_store.void_raise(tx, campaign.id)
    await operators.audit(tx, operator_id, "coupons.raise_approved", {**facts, "asked_by": asked.asked_by})
    return True


def _whole_of(campaign: Campaign, share: Share) -> tuple[int, int]:
    """What a running campaign's money and pieces are once its shop has agreed to that share."""
    return campaign.budget_minor + share.amount_minor, rules.pieces_of(campaign) + share.pieces


async def _raise(tx: Transaction, campaign: Campaign, money: int, pieces: int) -> None:
    """Put more into the budget: at once, or when a shop has agreed to its part of it. What it was asked before is void."""
    more_minor, more_pieces = money - campaign.budget_minor, pieces - rules.pieces_of(campaign)
    if campaign.state is CampaignState.DRAFT:
        await store.set_draft_budget(tx, id=campaign.id, budget_minor=money, budget_pieces=pieces)
        if campaign.funder is not None:
            await shares.ask(tx, campaign, amount_minor=money, pieces=pieces, raises=False)
    elif campaign.funder is not None and more_minor:
        await shares.ask(tx, campaign, amount_minor=more_minor, pieces=more_pieces, raises=True)
    else:
        # A share is what lies between now and the whole that was asked for: with another whole it would add too much.
        await funding_store.void_shares(tx, campaign.id)
        funding = Funding(
            id=ids.new_id(), campaign_id=campaign.id, amount_minor=more_minor, pieces=more_pieces, raises=True
        )
        await funding_store.insert_funding(tx, funding, at=clock.now())
        await store.postpone_campaign(tx, id=campaign.id, try_at=clock.now() + sweeping.FIRST)


async def _set_ending(tx: Transaction, campaign: Campaign) -> None:
    await funding_store.void_shares(tx, campaign.id)
    await funding_store.void_raise(tx, campaign.id)
    await store.set_campaign_state(tx, id=campaign.id, state=CampaignState.ENDING, try_at=clock.now() + sweeping.FIRST)
    await turns.tell(tx, campaign, Turn.ENDED)


async def _locked(tx: Transaction, campaign_id: UUID) -> Campaign:
    campaign = await store.campaign_locked(tx, campaign_id)
    if campaign is None:
        raise NotFound
    return campaign


def _check_state(campaign: Campaign, *wanted: CampaignState) -> None:
    if campaign.state not in wanted:
        raise CampaignNotReady(f"The campaign is {campaign.state}.", state=campaign.state)


async def _check_gate(tx: Transaction, campaign: Campaign) -> None:
    gate = await store.gate(tx, campaign.id)
    if gate is None and campaign.follow_up:
        gate = await store.gate(tx, FOLLOW_UPS) or NEVER_OPENED
    if gate is not None and not (gate.open and (gate.open_until is None or clock.now() < gate.open_until)):
        raise CampaignGated(gate.reason, reason=gate.reason)
