"""What a shop is asked to pay of a campaign: asked with the draft and with each raise → its owner agrees or declines.

A draft's share is paid when a second administrator approves the campaign; a raise's as soon as the owner agrees. Deciding again
is possible until it is paid, and a repeat changes nothing.
"""

from uuid import UUID

from junzi.coupons import fund, funding_store, rules, store
from junzi.coupons.co_funding import FunderShort, Share, ShareAsked, ShareNotAgreed, ShareOver, ShareState, ShownShare
from junzi.coupons.funding_store import Funding
from junzi.coupons.model import Campaign, CampaignState
from junzi.kit import clock, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.text import refused
from junzi.ledger.engine import Ledger
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import ShopState
from junzi.operators import actions as operators

_RAISABLE = (CampaignState.RUNNING, CampaignState.PAUSED)


async def ask(tx: Transaction, campaign: Campaign, *, amount_minor: int, pieces: int, raises: bool) -> None:
    """Ask the campaign's shop for its part of that sum; what it was asked before and has not paid is void. A step.

    Raises `InvalidRequest` when there is no such open shop, or when its part comes to nothing.
    """
    funder = campaign.funder
    assert funder is not None, "only a shop that pays a part is asked"
    shop = await merchant_store.shop(tx, funder.shop_id)
    if shop is None or shop.state is not ShopState.OPEN:
        raise refused("funder.shop_id", "There is no such shop that is open.")
    shop_minor = rules.shop_part(funder, amount_minor)
    if not shop_minor:
        raise refused("budget_minor", "Of this the shop's part comes to nothing.")
    await funding_store.void_shares(tx, campaign.id)
    share = Share(
        id=ids.new_id(),
        campaign_id=campaign.id,
        shop_id=shop.id,
        amount_minor=amount_minor,
        shop_minor=shop_minor,
        pieces=pieces,
        raises=raises,
        state=ShareState.ASKED,
        asked_at=clock.now(),
    )
    await funding_store.insert_share(tx, share)
    asked = ShareAsked(
        share_id=share.id,
        campaign_id=campaign.id,
        title=campaign.title,
        shop_id=shop.id,
        amount_minor=amount_minor,
        shop_minor=shop_minor,
    )
    await tx.emit(asked, id=ids.leg(share.id, 1))


async def funding_agreed(tx: Transaction, campaign: Campaign) -> Funding:
    """What fills the budget of a draft whose shop has agreed. Raises `ShareNotAgreed`. A step."""
    share = await funding_store.open_share(tx, campaign.id)
    if share is None or share.state is not ShareState.AGREED:
        state = ShareState.VOID if share is None else share.state
        raise ShareNotAgreed(state=state.value)
    return _funding_of(share)


async def shares(database: Database, *, shop_id: UUID, person_id: UUID) -> list[ShownShare]:
    """What the person's shop was and is asked, the newest first. Raises `NotFound`, `NotAllowed`."""
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person_id)
        return await funding_store.shares_of_shop(reader, shop_id)


async def agree(database: Database, ledger: Ledger, *, share_id: UUID, shop_id: UUID, person_id: UUID) -> None:
    """The owner agrees. A raise is paid at once. Raises `NotFound`, `NotAllowed`, `ShareOver`, `FunderShort`."""
    async with database.transaction() as tx:
        share, campaign = await _locked(tx, share_id, shop_id, person_id)
        if share.state not in (ShareState.AGREED, ShareState.PAID):
            _check_open(share, campaign)
            now = clock.now()
            await funding_store.set_share(tx, share.id, ShareState.AGREED, at=now, decided_by=person_id)
            await _note(tx, person_id, "coupons.share_agreed", share)
            if share.raises:
                await funding_store.insert_funding(tx, _funding_of(share), at=now)
                await store.postpone_campaign(tx, id=campaign.id, try_at=now + sweeping.FIRST)
    if share.raises:
        await fund.put_in(database, ledger, campaign.id)
        async with database.read() as reader:
            found = await _share(reader, share_id, shop_id)
        if found.state is ShareState.ASKED:
            raise FunderShort


async def decline(database: Database, *, share_id: UUID, shop_id: UUID, person_id: UUID) -> None:
    """The owner does not agree, or no longer. Raises `NotFound`, `NotAllowed`, `ShareOver`."""
    async with database.transaction() as tx:
        share, campaign = await _locked(tx, share_id, shop_id, person_id)
        if share.state is ShareState.DECLINED:
            return
        _check_open(share, campaign)
        if share.raises and share.state is ShareState.AGREED:
            raise ShareOver("The shop's part of this is being paid.", state=share.state.value)
        await funding_store.set_share(tx, share.id, ShareState.DECLINED, at=clock.now(), decided_by=person_id)
        await _note(tx, person_id, "coupons.share_declined", share)


async def _locked(tx: Transaction, share_id: UUID, shop_id: UUID, person_id: UUID) -> tuple[Share, Campaign]:
    """The campaign is held first, as everybody does who changes what its shop is asked."""
    await merchants.access_shop(tx, shop_id, person_id)
    share = await _share(tx, share_id, shop_id)
    campaign = await store.campaign_locked(tx, share.campaign_id)
    assert campaign is not None, "a campaign is never deleted"
    return await _share(tx, share_id, shop_id), campaign


async def _share(reader: Reader, share_id: UUID, shop_id: UUID) -> Share:
    share = await funding_store.share(reader, share_id)
    if share is None or share.shop_id != shop_id:
        raise NotFound
    return share


def _check_open(share: Share, campaign: Campaign) -> None:
    is_asked = share.state in (ShareState.ASKED, ShareState.AGREED, ShareState.DECLINED)
    if not is_asked or campaign.state not in (_RAISABLE if share.raises else (CampaignState.DRAFT,)):
        raise ShareOver(state=share.state.value)


def _funding_of(share: Share) -> Funding:
    """Under an id of its own: what the ledger refused once it refuses for ever."""
    return Funding(
        id=ids.new_id(),
        campaign_id=share.campaign_id,
        amount_minor=share.amount_minor,
        pieces=share.pieces,
        raises=share.raises,
        share_id=share.id,
        shop_id=share.shop_id,
        shop_minor=share.shop_minor,
    )


async def _note(tx: Transaction, person_id: UUID, action: str, share: Share) -> None:
    facts = {"campaign_id": share.campaign_id, "shop_id": share.shop_id, "shop_minor": share.shop_minor}
    await operators.audit(tx, person_id, action, facts)
