"""Coupons aimed at a shop under shelter: a campaign that counts at that shop alone, drafted from its shelter.

What starts it is what starts any other (coupons): another administrator, and the gate where it follows up. It is paid from its
own budget, beside the fees that the shelter waives.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.coupons import life
from junzi.coupons import report as reports
from junzi.coupons import store as coupon_store
from junzi.coupons.model import NewCampaign
from junzi.field import shelter_store
from junzi.field.shelter_model import ShelterCampaign, ShelterOver
from junzi.kit import clock, idempotency, text
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.operators import actions as operators


async def aim(database: Database, *, operator_id: UUID, shelter_id: UUID, key: str, new: NewCampaign) -> UUID:
    """The drafted campaign's id; a repeat with the same key drafts nothing more, and is answered alike once the shelter is over.

    It counts at the sheltered shop alone, whatever else is asked for, and ends with the shelter where no end is named. Raises
    `NotFound`, `ShelterOver`, `InvalidRequest`, and `IdempotencyKeyReused` when the campaign is another shelter's already.
    """
    async with database.read() as reader:
        shelter = await shelter_store.shelter(reader, shelter_id)
    if shelter is None:
        raise NotFound

    async def check() -> None:
        if shelter.ended_at is not None or shelter.ends_at <= clock.now():
            raise ShelterOver

    await idempotency.check_once(database, person_id=operator_id, key=key, check=check)
    aimed = _aimed(new, shelter.shop_id, shelter.ends_at)
    campaign_id = await life.draft(database, operator_id=operator_id, key=key, new=aimed)
    async with database.transaction() as tx:
        # Held, so that of two repeats at once one finds what the other wrote.
        assert await coupon_store.campaign_locked(tx, campaign_id) is not None, "a campaign is never deleted"
        if await shelter_store.insert_campaign(tx, campaign_id, shelter_id, by_id=operator_id, at=clock.now()):
            facts = {"shelter_id": shelter_id, "shop_id": shelter.shop_id, "campaign_id": campaign_id}
            await operators.audit(tx, operator_id, "field.shelter_campaign_drafted", facts)
        elif await shelter_store.shelter_of_campaign(tx, campaign_id) != shelter_id:
            raise idempotency.IdempotencyKeyReused
    return campaign_id


async def campaigns(reader: Reader, shelter_ids: list[UUID]) -> dict[UUID, list[ShelterCampaign]]:
    """By shelter, what was drafted for it, the first one first, with what its coupons have cost."""
    aimed = await shelter_store.campaigns_of(reader, shelter_ids)
    ids = [id for of_one in aimed.values() for id in of_one]
    known = await coupon_store.campaigns_by_id(reader, ids)
    cost = await reports.redeemed_minor(reader, ids)
    return {
        shelter_id: [
            ShelterCampaign(id, known[id].title, known[id].state, known[id].budget_minor, cost.get(id, 0))
            for id in of_one
        ]
        for shelter_id, of_one in aimed.items()
    }


def _aimed(new: NewCampaign, shop_id: UUID, ends_at: datetime) -> NewCampaign:
    """The same at that shop alone. Raises `InvalidRequest`."""
    if new.funder is not None and new.funder.shop_id != shop_id:
        raise text.refused(
            "funder.shop_id", "These coupons count at the sheltered shop alone, which nobody else pays for."
        )
    limits = msgspec.structs.replace(new.terms.limits, shop_ids=[shop_id], trades=[], area_ids=[])
    terms = msgspec.structs.replace(new.terms, limits=limits)
    return msgspec.structs.replace(new, terms=terms, ends_at=new.ends_at or ends_at)
