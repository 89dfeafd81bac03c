"""The room's rows, one typed function a query."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from junzi.kit import sql, town
from junzi.kit.database import Reader, Transaction
from junzi.wallet.model import Bill, TopUp, TopUpState, Transfer, TransferState

_q = sql.queries("junzi.wallet")


async def insert_topup(
    tx: Transaction, *, id: UUID, person_id: UUID, card_id: UUID, amount_minor: int, at: datetime, try_at: datetime
) -> None:
    await _q.insert_topup(
        tx,
        id=id,
        person_id=person_id,
        card_id=card_id,
        amount_minor=amount_minor,
        at=at,
        try_at=try_at,
        business_date=town.business_date(at),
    )


async def topup(reader: Reader, id: UUID) -> TopUp | None:
    return sql.maybe(TopUp, await _q.topup(reader, id=id))


async def topup_locked(tx: Transaction, id: UUID) -> TopUp:
    return sql.struct(TopUp, await _q.topup_locked(tx, id=id))


async def set_topup(tx: Transaction, *, id: UUID, state: TopUpState, reason: str | None) -> None:
    await _q.set_topup(tx, id=id, state=state, reason=reason)


async def topups_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.topups_to_try(reader, at=at, most=most)]


async def postpone_topup(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_topup(tx, id=id, try_at=try_at)


async def insert_transfer(
    tx: Transaction,
    *,
    id: UUID,
    payer_id: UUID,
    payee_id: UUID,
    amount_minor: int,
    note: str,
    at: datetime,
    try_at: datetime,
) -> None:
    await _q.insert_transfer(
        tx,
        id=id,
        payer_id=payer_id,
        payee_id=payee_id,
        amount_minor=amount_minor,
        note=note,
        at=at,
        try_at=try_at,
        business_date=town.business_date(at),
    )


async def transfer(reader: Reader, id: UUID) -> Transfer | None:
    return sql.maybe(Transfer, await _q.transfer(reader, id=id))


async def transfer_locked(tx: Transaction, id: UUID) -> Transfer:
    return sql.struct(Transfer, await _q.transfer_locked(tx, id=id))


async def set_transfer(tx: Transaction, *, id: UUID, state: TransferState, reason: str | None) -> None:
    await _q.set_transfer(tx, id=id, state=state, reason=reason)


async def transfers_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.transfers_to_try(reader, at=at, most=most)]


async def postpone_transfer(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_transfer(tx, id=id, try_at=try_at)


async def insert_bill(tx: Transaction, *, person_id: UUID, bill: Bill) -> None:
    await insert_bills(tx, [(person_id, bill)])


async def insert_bills(tx: Transaction, bills: Sequence[tuple[UUID, Bill]]) -> None:
    await _q.insert_bills(
        tx,
        person_ids=[person_id for person_id, _ in bills],
        ids=[bill.id for _, bill in bills],
        kinds=[bill.kind for _, bill in bills],
        amounts_minor=[bill.amount_minor for _, bill in bills],
        discounts_minor=[bill.discount_minor for _, bill in bills],
        counterparties=[bill.counterparty for _, bill in bills],
        notes=[bill.note for _, bill in bills],
        ats=[bill.at for _, bill in bills],
        business_dates=[town.business_date(bill.at) for _, bill in bills],
        order_ids=[bill.order_id for _, bill in bills],
        move_balance=[bill.moves_balance for _, bill in bills],
    )


async def bills(reader: Reader, *, person_id: UUID, before: UUID | None, most: int) -> list[Bill]:
    return [sql.struct(Bill, row) async for row in _q.bills(reader, person_id=person_id, before=before, most=most)]


async def saved_since(reader: Reader, *, person_id: UUID, business_date: date) -> int:
    saved: int = await _q.saved_since(reader, person_id=person_id, business_date=business_date)
    return saved
