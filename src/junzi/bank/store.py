"""The room's rows, one typed function a query."""

from datetime import date, datetime
from uuid import UUID

from junzi.bank.model import Binding, Card, Credit, CreditState, Debit, DebitState
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.bank")


async def insert_binding(tx: Transaction, *, id: UUID, person_id: UUID, return_url: str, at: datetime) -> None:
    await _q.insert_binding(tx, id=id, person_id=person_id, return_url=return_url, at=at)


async def binding(reader: Reader, id: UUID) -> Binding | None:
    return sql.maybe(Binding, await _q.binding(reader, id=id))


async def binding_locked(tx: Transaction, id: UUID) -> Binding:
    return sql.struct(Binding, await _q.binding_locked(tx, id=id))


async def set_page(tx: Transaction, *, id: UUID, page_url: str) -> None:
    await _q.set_page(tx, id=id, page_url=page_url)


async def set_bound(tx: Transaction, *, id: UUID, card_id: UUID) -> None:
    await _q.set_bound(tx, id=id, card_id=card_id)


async def set_refused(tx: Transaction, *, id: UUID, reason: str) -> None:
    await _q.set_refused(tx, id=id, reason=reason)


async def bindings_to_ask(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.bindings_to_ask(reader, at=at, most=most)]


async def postpone_binding(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_binding(tx, id=id, ask_at=try_at)


async def put_card(
    tx: Transaction,
    *,
    id: UUID,
    person_id: UUID,
    token: str,
    bank_name: str,
    last4: str,
    fingerprint: str,
    at: datetime,
) -> UUID:
    row = await _q.put_card(
        tx,
        id=id,
        person_id=person_id,
        token=token,
        bank_name=bank_name,
        last4=last4,
        fingerprint=fingerprint,
        at=at,
    )
    card_id: UUID = row["id"]
    return card_id


async def card_of(reader: Reader, *, id: UUID, person_id: UUID) -> Card | None:
    return sql.maybe(Card, await _q.card_of(reader, id=id, person_id=person_id))


async def card(reader: Reader, id: UUID) -> Card:
    return sql.struct(Card, await _q.card(reader, id=id))


async def cards(reader: Reader, ids: list[UUID]) -> dict[UUID, Card]:
    """Several cards at once, by id, removed ones included."""
    found = [sql.struct(Card, row) async for row in _q.cards(reader, ids=ids)]
    return {card.id: card for card in found}


async def cards_of(reader: Reader, person_id: UUID) -> list[Card]:
    return [sql.struct(Card, row) async for row in _q.cards_of(reader, person_id=person_id)]


async def cards_of_people(reader: Reader, person_ids: list[UUID]) -> dict[UUID, list[Card]]:
    """By person; those who have none are left out."""
    found = dict[UUID, list[Card]]()
    async for row in _q.cards_of_people(reader, person_ids=person_ids):
        found.setdefault(row["person_id"], []).append(sql.struct(Card, row))
    return found


async def card_count(reader: Reader, person_id: UUID) -> int:
    count: int = await _q.card_count(reader, person_id=person_id)
    return count


async def card_holders(reader: Reader, person_ids: list[UUID]) -> set[UUID]:
    """Those of these people who have an active card."""
    return {row["person_id"] async for row in _q.card_holders(reader, person_ids=person_ids)}


async def has_room_for(tx: Transaction, *, person_id: UUID, fingerprint: str, most: int) -> bool:
    """Whether the person has fewer than `most` cards beside this one; nobody else adds one until the transaction ends."""
    await _q.hold_cards_of(tx, person_id=person_id)
    count: int = await _q.other_card_count(tx, person_id=person_id, fingerprint=fingerprint)
    return count < most


async def remove_card(tx: Transaction, *, id: UUID, person_id: UUID) -> None:
    await _q.remove_card(tx, id=id, person_id=person_id)


async def insert_debit(
    tx: Transaction,
    *,
    id: UUID,
    card_id: UUID,
    amount_minor: int,
    currency: str,
    text: str,
    at: datetime,
    business_date: date,
) -> None:
    await _q.insert_debit(
        tx,
        id=id,
        card_id=card_id,
        amount_minor=amount_minor,
        currency=currency,
        text=text,
        at=at,
        business_date=business_date,
    )


async def debit(reader: Reader, id: UUID) -> Debit:
    return sql.struct(Debit, await _q.debit(reader, id=id))


async def set_debit_outcome(tx: Transaction, *, id: UUID, state: DebitState, reason: str | None, at: datetime) -> None:
    await _q.set_debit_outcome(tx, id=id, state=state, reason=reason, at=at)


async def insert_credit(
    tx: Transaction,
    *,
    id: UUID,
    card_id: UUID,
    amount_minor: int,
    currency: str,
    text: str,
    at: datetime,
    business_date: date,
) -> None:
    await _q.insert_credit(
        tx,
        id=id,
        card_id=card_id,
        amount_minor=amount_minor,
        currency=currency,
        text=text,
        at=at,
        business_date=business_date,
    )


async def credit(reader: Reader, id: UUID) -> Credit:
    return sql.struct(Credit, await _q.credit(reader, id=id))


async def set_credit_outcome(
    tx: Transaction, *, id: UUID, state: CreditState, reason: str | None, at: datetime
) -> None:
    await _q.set_credit_outcome(tx, id=id, state=state, reason=reason, at=at)
