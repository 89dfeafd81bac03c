"""The rows of what is taken back, one typed function a query."""

from datetime import datetime
from uuid import UUID

from junzi.coupons.model import Coupon, Withdrawal, WithdrawalReason
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.coupons")


async def insert_withdrawal(
    tx: Transaction,
    *,
    id: UUID,
    campaign_id: UUID,
    person_id: UUID | None,
    reason: WithdrawalReason,
    by_id: UUID,
    at: datetime,
    try_at: datetime,
) -> None:
    await _q.insert_withdrawal(
        tx,
        id=id,
        campaign_id=campaign_id,
        person_id=person_id,
        reason=reason,
        by_id=by_id,
        at=at,
        try_at=try_at,
    )


async def mark(
    tx: Transaction, id: UUID, *, campaign_id: UUID, person_id: UUID | None, at: datetime
) -> tuple[int, int]:
    """How many coupons count no more from here on, and the most they could have saved."""
    row = await _q.mark_withdrawing(tx, id=id, campaign_id=campaign_id, person_id=person_id, at=at)
    return row["pieces"], row["amount_minor"]


async def withdrawal(reader: Reader, id: UUID) -> Withdrawal:
    return sql.struct(Withdrawal, await _q.withdrawal(reader, id=id))


async def withdrawals(reader: Reader, campaign_id: UUID, *, most: int = 100) -> list[Withdrawal]:
    return [sql.struct(Withdrawal, row) async for row in _q.withdrawals(reader, campaign_id=campaign_id, most=most)]


async def people_withdrawn_from(reader: Reader, id: UUID, *, most: int) -> list[UUID]:
    return [row["person_id"] async for row in _q.people_withdrawn_from(reader, id=id, most=most)]


async def withdrawing(reader: Reader, id: UUID, person_id: UUID, *, most: int) -> list[Coupon]:
    return [sql.struct(Coupon, row) async for row in _q.withdrawing(reader, id=id, person_id=person_id, most=most)]


async def set_withdrawn(tx: Transaction, ids: list[UUID]) -> int:
    """How many of them were not known to be."""
    count: int = await _q.set_withdrawn(tx, ids=ids)
    return count


async def set_done(tx: Transaction, id: UUID) -> None:
    await _q.set_withdrawal_done(tx, id=id)


async def withdrawals_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.withdrawals_to_try(reader, at=at, most=most)]


async def postpone_withdrawal(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_withdrawal(tx, id=id, try_at=try_at)
