"""The room's rows, one typed function a query."""

from datetime import date, datetime
from uuid import UUID

from junzi.kit import ids, sql, town
from junzi.kit.database import Reader, Transaction
from junzi.settlement.model import BankAccount, Payout, PayoutState

_q = sql.queries("junzi.settlement")


async def bank_account(reader: Reader, shop_id: UUID) -> BankAccount | None:
    return sql.maybe(BankAccount, await _q.bank_account(reader, shop_id=shop_id))


async def bank_account_locked(tx: Transaction, shop_id: UUID) -> BankAccount | None:
    return sql.maybe(BankAccount, await _q.bank_account_locked(tx, shop_id=shop_id))


async def put_bank_account(tx: Transaction, *, shop_id: UUID, card_id: UUID, at: datetime, looked_on: date) -> None:
    await _q.put_bank_account(tx, shop_id=shop_id, card_id=card_id, at=at, looked_on=looked_on)


async def set_automatic(tx: Transaction, *, shop_id: UUID, automatic: bool, looked_on: date) -> None:
    await _q.set_automatic(tx, shop_id=shop_id, automatic=automatic, looked_on=looked_on)


async def remove_bank_account(tx: Transaction, shop_id: UUID) -> None:
    await _q.remove_bank_account(tx, shop_id=shop_id)


async def insert_bank_account_change(
    tx: Transaction, *, shop_id: UUID, card_id: UUID | None, by_id: UUID | None, at: datetime
) -> None:
    await _q.insert_bank_account_change(tx, id=ids.new_id(), shop_id=shop_id, card_id=card_id, by_id=by_id, at=at)


async def bank_accounts_due(reader: Reader, *, morning: date, most: int) -> list[UUID]:
    return [row["shop_id"] async for row in _q.bank_accounts_due(reader, morning=morning, most=most)]


async def set_looked(tx: Transaction, *, shop_id: UUID, morning: date) -> None:
    await _q.set_looked(tx, shop_id=shop_id, morning=morning)


async def look_again(tx: Transaction, *, shop_id: UUID, morning: date) -> None:
    await _q.look_again(tx, shop_id=shop_id, morning=morning)


async def insert_payout(
    tx: Transaction,
    *,
    id: UUID,
    shop_id: UUID,
    card_id: UUID,
    asked_by: UUID | None,
    amount_minor: int,
    at: datetime,
    try_at: datetime,
) -> None:
    await _q.insert_payout(
        tx,
        id=id,
        shop_id=shop_id,
        card_id=card_id,
        asked_by=asked_by,
        amount_minor=amount_minor,
        at=at,
        try_at=try_at,
        business_date=town.business_date(at),
    )


async def payout(reader: Reader, id: UUID) -> Payout | None:
    return sql.maybe(Payout, await _q.payout(reader, id=id))


async def payout_locked(tx: Transaction, id: UUID) -> Payout:
    return sql.struct(Payout, await _q.payout_locked(tx, id=id))


async def payouts(reader: Reader, *, shop_id: UUID, before: UUID | None, most: int) -> list[Payout]:
    return [sql.struct(Payout, row) async for row in _q.payouts(reader, shop_id=shop_id, before=before, most=most)]


async def latest_payouts(reader: Reader, *, most: int) -> list[Payout]:
    return [sql.struct(Payout, row) async for row in _q.latest_payouts(reader, most=most)]


async def set_payout(tx: Transaction, *, id: UUID, state: PayoutState, reason: str | None, at: datetime) -> None:
    await _q.set_payout(tx, id=id, state=state, reason=reason, at=at)


async def payouts_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.payouts_to_try(reader, at=at, most=most)]


async def postpone_payout(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_payout(tx, id=id, try_at=try_at)
