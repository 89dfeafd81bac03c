"""What a shop pays of each payment, by agreement: a rate in hundredths of a percent, from a day on, set by the operator's staff.

The rate that is valid when a payment is intended counts for it, whatever is agreed later. Where the operator waives a fee up to a
budget, the payment takes its part of the budget in the transaction that writes it: however many come at once, no more is waived.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from junzi.kit import clock, idempotency, ids, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.text import refused
from junzi.merchants import rules, store
from junzi.merchants.agreement_model import Agreement, FeeAgreed, FeeTerms, NewAgreement, Waiver
from junzi.merchants.model import ShopState
from junzi.operators import actions as operators

FURTHEST = timedelta(days=366)


async def agree(
    database: Database, *, shop_id: UUID, operator_id: UUID, key: str, new: NewAgreement, waiver: Waiver | None = None
) -> Agreement:
    """Set what the shop pays from now, or from a later day; a repeat with the same key agrees on nothing more.

    waiver: pays a fee in the shop's place while this agreement counts, until its budget is used up

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
            if waiver is not None:
                await store.insert_waiver(tx, agreement.id, waiver)
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


async def terms_at(reader: Reader, shop_ids: list[UUID], at: datetime) -> dict[UUID, FeeTerms]:
    """Who pays which fee at that moment, by shop; those that agreed on nothing are missing."""
    return await store.fee_terms_at(reader, shop_ids=shop_ids, at=at)


async def waive(tx: Transaction, fees: Sequence[tuple[UUID, UUID, int]]) -> dict[UUID, int]:
    """What is waived of each payment's fee, by payment, in minor units. fees: payments with their waiver and fee"""
    if not fees:
        return {}
    lefts = await store.waivers_locked(tx, list({waiver_id for _, waiver_id, _ in fees}))
    waived = rules.waived(fees, lefts)
    if waived:
        await store.spend_waivers(tx, waived)
    return {payment_id: minor for payment_id, _, minor in waived}


async def unwaive(tx: Transaction, payment_id: UUID) -> None:
    """A payment comes to nothing: what was waived of its fee is there for others again."""
    await store.unspend_waiver(tx, payment_id)


def _valid_from(new: NewAgreement, now: datetime) -> datetime:
    """The beginning of the day it is agreed from; this moment when it is today, or none was named."""
    today = town.business_date(now)
    if new.from_date is None or new.from_date == today:
        return now
    if not today < new.from_date <= today + FURTHEST:
        raise refused("from_date", "An agreement begins today or within a year.")
    zone = ZoneInfo(town.current().time_zone)
    return datetime(new.from_date.year, new.from_date.month, new.from_date.day, tzinfo=zone)
