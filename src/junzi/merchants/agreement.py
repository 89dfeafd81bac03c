"""What a shop pays of each payment, by agreement: a rate in hundredths of a percent, from a day on, set by the operator's staff.

The rate that is valid when a payment is intended counts for it, whatever is agreed later.
"""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.kit import clock, idempotency, ids, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.text import refused
from junzi.merchants import store
from junzi.merchants.agreement_model import Agreement, FeeAgreed, NewAgreement
from junzi.merchants.model import ShopState
from junzi.operators import actions as operators

FURTHEST = timedelta(days=366)


async def agree(database: Database, *, shop_id: UUID, operator_id: UUID, key: str, new: NewAgreement) -> Agreement:
    """Set what the shop pays from now, or from a later day; a repeat with the same key agrees on nothing more.

    Raises `NotFound`, `InvalidRequest` for a day that is over or further than a year ahead.
    """
    now = clock.now()
    async with database.transaction() as tx:
        agreement_id = ids.new_id()
        body = {"shop_id": shop_id, "permyriad": new.permyriad, "from_date": new.from_date}
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="merchants.agree", body=body, intent_id=agreement_id
        )
        if claimed == agreement_id:
            shop = await store.shop(tx, shop_id)
            if shop is None or shop.state is ShopState.OPENING:
                raise NotFound
            agreement = Agreement(agreement_id, shop_id, new.permyriad, _valid_from(new, now), operator_id, now)
            await store.insert_agreement(tx, agreement)
            facts = {"shop_id": shop_id, "permyriad": new.permyriad, "valid_from": agreement.valid_from}
            await operators.audit(tx, operator_id, "merchants.fee_agreed", facts)
            await tx.emit(
                FeeAgreed(shop_id=shop_id, permyriad=new.permyriad, valid_from=agreement.valid_from),
                id=ids.leg(agreement_id, 1),
            )
        found = await store.agreement(tx, claimed)
    assert found is not None, "an agreement is never deleted"
    return found


async def permyriad_at(reader: Reader | Transaction, shop_id: UUID, at: datetime) -> int:
    """The rate that is valid at that moment, in hundredths of a percent; 0 for a shop that agreed on nothing."""
    return await store.permyriad_at(reader, shop_id=shop_id, at=at)


async def permyriads_at(reader: Reader, shop_ids: list[UUID], at: datetime) -> dict[UUID, int]:
    """The same of several shops; those that agreed on nothing are missing."""
    return await store.permyriads_at(reader, shop_ids=shop_ids, at=at)


def _valid_from(new: NewAgreement, now: datetime) -> datetime:
    """The beginning of the day it is agreed from; this moment when it is today, or none was named."""
    today = town.business_date(now)
    if new.from_date is None or new.from_date == today:
        return now
    if not today < new.from_date <= today + FURTHEST:
        raise refused("from_date", "An agreement begins today or within a year.")
    zone = ZoneInfo(town.current().time_zone)
    return datetime(new.from_date.year, new.from_date.month, new.from_date.day, tzinfo=zone)
