"""Ask for a campaign's coupons, and give them to people the operator names."""

from uuid import UUID

import msgspec

from junzi.coupons import give, store
from junzi.coupons.model import (
    Campaign,
    CampaignNotClaimable,
    CampaignNotReady,
    CampaignState,
    Claim,
    Claimable,
    Trigger,
    WhyNotGiven,
    shown,
)
from junzi.kit import idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.ledger.engine import Ledger
from junzi.operators import actions as operators
from junzi.people import actions as people


class Gift(msgspec.Struct, frozen=True):
    """What became of a list: how many were given, how many were not (not meant for them, or nothing left), unknown handles."""

    given: int
    refused: int
    unknown: list[str]


async def claimable(database: Database, person_id: UUID) -> list[Claimable]:
    """The campaigns whose coupons the person may ask for now."""
    async with database.read() as reader:
        natural_person_id = await people.natural_person_of(reader, person_id)
        found = []
        for campaign in await store.running(reader, Trigger.CLAIM):
            times = await store.times_given(reader, campaign.id, natural_person_id)
            reason = await give.why_not(reader, campaign, person_id, times)
            if reason in (None, WhyNotGiven.LIMIT_REACHED):
                found.append(
                    Claimable(
                        campaign.id,
                        campaign.title,
                        campaign.offers,
                        campaign.valid_days,
                        campaign.ends_at,
                        times,
                        campaign.terms.per_person,
                    )
                )
    return found


async def claim(database: Database, ledger: Ledger, *, campaign_id: UUID, person_id: UUID, key: str) -> Claim:
    """Give the person what they ask for; a repeat with the same key gives nothing more.

    Raises `NotFound` and `CampaignNotClaimable` with the reason.
    """
    async with database.transaction() as tx:
        grant_id = ids.new_id()
        claimed = await idempotency.claim(
            tx,
            person_id=person_id,
            key=key,
            action="coupons.claim",
            body={"campaign_id": campaign_id},
            intent_id=grant_id,
        )
        if claimed == grant_id:
            campaign = await store.campaign_or_none(tx, campaign_id)
            if campaign is None or campaign.trigger is not Trigger.CLAIM or campaign.state is CampaignState.DRAFT:
                raise NotFound
            reason = await give.intend(tx, campaign, person_id, grant_id, grant_id)
            if isinstance(reason, WhyNotGiven):
                raise CampaignNotClaimable(reason=reason.value)
    await give.run(database, ledger, claimed)
    async with database.transaction() as tx:
        grant = await store.grant_locked(tx, claimed)
        found = {coupon.id: coupon for coupon in await store.coupons(tx, give.coupon_ids(grant))}
    # In the order of the offers.
    coupons = [shown(found[id]) for id in give.coupon_ids(grant) if id in found]
    return Claim(grant.id, grant.state, coupons)


async def give_to_list(
    database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID, key: str, handles: list[str]
) -> Gift:
    """Give to everybody on the list; a repeat with the same key goes on with the same list.

    Raises `NotFound` and `CampaignNotReady`.
    """
    async with database.transaction() as tx:
        list_id = ids.new_id()
        body = {"campaign_id": campaign_id, "handles": handles}
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="coupons.gift", body=body, intent_id=list_id
        )
        campaign = await store.campaign_or_none(tx, campaign_id)
        if campaign is None:
            raise NotFound
        is_new = claimed == list_id
        if is_new and (campaign.trigger is not Trigger.LIST or campaign.state is not CampaignState.RUNNING):
            raise CampaignNotReady("Only a running campaign that gives by list does.", state=campaign.state)
        people_ids, unknown = [], []
        for handle in dict.fromkeys(handles):
            try:
                people_ids.append((await people.person_by_handle(tx, handle)).id)
            except NotFound:
                unknown.append(handle)
        occasions = {ids.derived(claimed, str(person_id)): person_id for person_id in people_ids}
        if is_new:
            await _intend_all(tx, campaign, occasions)
            facts = {"campaign_id": campaign_id, "people": len(occasions), "unknown": len(unknown)}
            await operators.audit(tx, operator_id, "coupons.list_given", facts)
    async with database.read() as reader:
        grants = [await store.grant_of(reader, campaign_id, occasion) for occasion in occasions]
    wanted = [grant.id for grant in grants if grant is not None]
    await sweeping.each(wanted, lambda grant_id: give.run(database, ledger, grant_id))
    async with database.read() as reader:
        grants = [await store.grant_of(reader, campaign_id, occasion) for occasion in occasions]
    given = sum(grant is not None and grant.state == "given" for grant in grants)
    return Gift(given, len(occasions) - given, unknown)


async def _intend_all(tx: Transaction, campaign: Campaign, occasions: dict[UUID, UUID]) -> None:
    # In one order for everybody, so that two lists at once do not wait for each other.
    for occasion, person_id in sorted(occasions.items(), key=lambda item: item[1]):
        await give.intend(tx, campaign, person_id, ids.new_id(), occasion)
