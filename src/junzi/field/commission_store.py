"""The rows of commission, one typed function a query."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from junzi.field.commission_model import (
    MOST_LISTED,
    Commission,
    CommissionRule,
    CommissionState,
    NewCommissionRule,
    Paid,
)
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.field")


async def end_rule(tx: Transaction, *, at: datetime) -> None:
    await _q.end_commission_rule(tx, at=at)


async def insert_rule(tx: Transaction, id: UUID, new: NewCommissionRule, *, by_id: UUID, at: datetime) -> None:
    await _q.insert_commission_rule(
        tx,
        id=id,
        amount_minor=new.amount_minor,
        after_days=new.after_days,
        payers=new.payers,
        budget_minor=new.budget_minor,
        by_id=by_id,
        at=at,
    )


async def rules(reader: Reader) -> list[CommissionRule]:
    return [sql.struct(CommissionRule, row) async for row in _q.commission_rules(reader, most=MOST_LISTED)]


async def rule_locked(tx: Transaction) -> tuple[UUID, NewCommissionRule] | None:
    """The one by which is promised now, with its id."""
    row = await _q.commission_rule_locked(tx)
    if row is None:
        return None
    return row["id"], NewCommissionRule(row["amount_minor"], row["budget_minor"], row["after_days"], row["payers"])


async def promised_by(reader: Reader, rule_id: UUID) -> int:
    return int(await _q.promised_by(reader, rule_id=rule_id))


async def insert_commission(tx: Transaction, new: Commission, *, sign_up_id: UUID, owner_id: UUID) -> None:
    await _q.insert_commission(
        tx,
        id=new.id,
        sign_up_id=sign_up_id,
        rule_id=new.rule_id,
        promoter_id=new.promoter_id,
        shop_id=new.shop_id,
        owner_id=owner_id,
        amount_minor=new.amount_minor,
        state=new.state,
        stands_on=new.stands_on,
        payers=new.payers,
        at=new.promised_at,
    )


async def commission(reader: Reader, id: UUID) -> Commission | None:
    return sql.maybe(Commission, await _q.commission(reader, id=id))


async def commission_locked(tx: Transaction, id: UUID) -> Commission | None:
    return sql.maybe(Commission, await _q.commission_locked(tx, id=id))


async def commissions(reader: Reader, promoter_id: UUID | None) -> list[Commission]:
    rows = _q.commissions(reader, promoter_id=promoter_id, most=MOST_LISTED)
    return [sql.struct(Commission, row) async for row in rows]


async def waiting_for_payers(reader: Reader, shop_ids: list[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """By shop for which a commission waits for payers: its promoter and its owner."""
    rows = _q.waiting_for_payers(reader, shop_ids=shop_ids)
    return {row["shop_id"]: (row["promoter_id"], row["owner_id"]) async for row in rows}


async def count_payments(tx: Transaction, paid: Sequence[Paid], *, try_at: datetime) -> list[UUID]:
    """The commissions that are due by these payments and those before."""
    payment_ids, shop_ids, payer_ids = map(list, zip(*paid, strict=True))
    await _q.count_payments(tx, payment_ids=payment_ids, shop_ids=shop_ids, payer_ids=payer_ids)
    return [row["id"] async for row in _q.set_due_by_payers(tx, shop_ids=shop_ids, try_at=try_at)]


async def count_no_more(tx: Transaction, paid: Paid) -> None:
    payment_id, shop_id, payer_id = paid
    await _q.count_no_more(tx, payment_id=payment_id, shop_id=shop_id, payer_id=payer_id)


async def set_due_by_days(tx: Transaction, today: date, *, try_at: datetime) -> None:
    await _q.set_due_by_days(tx, today=today, try_at=try_at)


async def set_commission(tx: Transaction, id: UUID, state: CommissionState, *, paid_at: datetime | None = None) -> None:
    await _q.set_commission(tx, id=id, state=state, paid_at=paid_at)


async def commissions_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.commissions_to_try(reader, at=at, most=most)]


async def postpone_commission(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_commission(tx, id=id, try_at=try_at)
