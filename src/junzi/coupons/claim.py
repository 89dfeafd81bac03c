"""Ask for a campaign's coupons, and give them to people the operator names."""

from uuid import UUID

import msgspec

from junzi.coupons import give, intend, rules, store
from junzi.coupons.books import Grant
from junzi.coupons.give import Asked, Given, Giving
from junzi.coupons.model import CampaignNotReady, CampaignState, Claim, Claimable, Trigger, WhyNotGiven, shown
from junzi.kit import clock, idempotency, ids
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
        running = await store.running(reader, Trigger.CLAIM)
        wishes = [intend.wished(campaign, grant_id := ids.new_id(), person_id, grant_id) for campaign in running]
        facts = await intend.facts(reader, wishes)
    return [
        Claimable(
            campaign.id,
            campaign.title,
            campaign.offers,
            campaign.valid_days,
            campaign.ends_at,
            facts.times[campaign.id, facts.standings[person_id].natural_person_id].given,
            campaign.terms.per_person,
        )
        for campaign, decided in zip(running, rules.grants(wishes, facts, clock.now()), strict=True)
        if isinstance(decided, Grant) or decided is WhyNotGiven.LIMIT_REACHED
    ]


async def claim(giving: Giving, *, campaign_id: UUID, person_id: UUID, key: str) -> Claim:
    """Give the person what they ask for; a repeat with the same key gives nothing more.

    Raises `NotFound`, `CampaignNotClaimable` with the reason, `IdempotencyKeyReused` and `Busy`.
    """
    grant_id = ids.new_id()
    given = await giving.give(Asked(grant_id, campaign_id, person_id, occasion=grant_id, key=key))
    return Claim(given.grant.id, given.grant.state, [shown(coupon) for coupon in given.coupons])


async def give_to_list(
    database: Database, ledger: Ledger, *, campaign_id: UUID, operator_id: UUID, key: str, handles: list[str]
) -> Gift:
    """Give to everybody on the list; a repeat with the same key goes on with the same list.

    Raises `NotFound` and `CampaignNotReady`.
    """
    list_id = ids.new_id()

    async def begin(tx: Transaction) -> tuple[list[Grant | WhyNotGiven], list[str]]:
        body = {"campaign_id": campaign_id, "handles": handles}
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="coupons.gift", body=body, intent_id=list_id
        )
        campaign = await store.campaign_or_none(tx, campaign_id)
        if campaign is None:
            raise NotFound
        found = await people.persons_by_handle(tx, handles)
        unknown = [handle for handle in dict.fromkeys(handles) if handle not in found]
        occasions = {ids.derived(claimed, str(person.id)): person.id for person in found.values()}
        if claimed != list_id:
            known = await store.grants_of(tx, [(campaign_id, occasion) for occasion in occasions])
            return [known.get((campaign_id, occasion), WhyNotGiven.NOT_FOR_YOU) for occasion in occasions], unknown
        if campaign.trigger is not Trigger.LIST or campaign.state is not CampaignState.RUNNING:
            raise CampaignNotReady("Only a running campaign that gives by list does.", state=campaign.state)
        wishes = [intend.wished(campaign, ids.new_id(), person, on) for on, person in occasions.items()]
        facts = {"campaign_id": campaign_id, "people": len(occasions), "unknown": len(unknown)}
        await operators.audit(tx, operator_id, "coupons.list_given", facts)
        return await intend.intend(tx, wishes), unknown

    decided, unknown = await database.unless_overtaken(begin)
    done = await give.run(database, ledger, [one.id for one in decided if isinstance(one, Grant)])
    given = sum(isinstance(one, Given) and one.grant.state == "given" for one in done.values())
    return Gift(given, len(decided) - given, unknown)
