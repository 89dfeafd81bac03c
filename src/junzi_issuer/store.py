"""One typed function a query of queries.sql; nothing is decided here."""

from datetime import datetime
from importlib.resources import files
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import aiosql
import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from junzi_issuer.cards import Behaviour
from junzi_issuer.model import (
    Binding,
    BindingReason,
    BindingState,
    Card,
    DueNotification,
    Payment,
    PaymentKind,
    TokenCard,
)

# A pool where a query stands alone, a connection inside a transaction.
Handle: TypeAlias = "asyncpg.Pool[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Row = TypeVar("Row")

# What a query raises when the database is away.
DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)

_queries: Any = aiosql.from_str(files(__package__).joinpath("queries.sql").read_text(encoding="utf-8"), "asyncpg")


async def lock_migration(handle: Handle, lock_id: int) -> None:
    await _queries.lock_migration(handle, lock_id=lock_id)


async def read_version(handle: Handle) -> int:
    """0 where this database has never been an issuer's."""
    if not await _queries.has_versions(handle):
        return 0
    return int(await _queries.highest_version(handle))


async def add_version(handle: Handle, number: int, at: datetime) -> None:
    await _queries.add_version(handle, number=number, at=at)


async def add_binding(handle: Handle, binding: Binding) -> None:
    """Does nothing where the reference is already there."""
    await _queries.add_binding(
        handle,
        reference=binding.reference,
        page_id=binding.page_id,
        csrf_token=binding.csrf_token,
        return_url=binding.return_url,
        public_url=binding.public_url,
        holder_hint=binding.holder_hint,
        at=binding.started_at,
    )


async def lock_binding(handle: Handle, reference: UUID) -> Binding | None:
    return _as(Binding, await _queries.lock_binding(handle, reference=reference))


async def find_reference_of_page(handle: Handle, page_id: str) -> UUID | None:
    reference: UUID | None = await _queries.find_reference_of_page(handle, page_id=page_id)
    return reference


async def set_binding_card(handle: Handle, reference: UUID, card_id: int) -> None:
    await _queries.set_binding_card(handle, reference=reference, card_id=card_id)


async def set_binding_code(handle: Handle, reference: UUID, code_hash: bytes, expires_at: datetime) -> None:
    await _queries.set_binding_code(handle, reference=reference, code_hash=code_hash, code_expires_at=expires_at)


async def count_wrong_code(handle: Handle, reference: UUID) -> None:
    await _queries.count_wrong_code(handle, reference=reference)


async def end_binding(
    handle: Handle, reference: UUID, state: BindingState, reason: BindingReason | None, at: datetime
) -> None:
    await _queries.end_binding(handle, reference=reference, state=state, reason=reason, at=at)


async def add_card(
    handle: Handle, number_hash: bytes, last4: str, bank: str, behaviour: Behaviour, at: datetime
) -> int | None:
    """The new card's id; None where the number is known."""
    card_id: int | None = await _queries.add_card(
        handle, number_hash=number_hash, last4=last4, bank=bank, behaviour=behaviour, at=at
    )
    return card_id


async def find_card_by_number_hash(handle: Handle, number_hash: bytes) -> Card | None:
    return _as(Card, await _queries.find_card_by_number_hash(handle, number_hash=number_hash))


async def find_card(handle: Handle, card_id: int) -> Card | None:
    return _as(Card, await _queries.find_card(handle, card_id=card_id))


async def add_token(handle: Handle, token: str, reference: UUID, card_id: int, at: datetime) -> None:
    await _queries.add_token(handle, token=token, reference=reference, card_id=card_id, at=at)


async def find_token_of_binding(handle: Handle, reference: UUID) -> str | None:
    token: str | None = await _queries.find_token_of_binding(handle, reference=reference)
    return token


async def revoke_token(handle: Handle, token: str, at: datetime) -> bool:
    """Whether there is such a token, revoked now or before."""
    return await _queries.revoke_token(handle, token=token, at=at) is not None


async def hold_token(handle: Handle, token: str, currency: str) -> TokenCard | None:
    return _as(TokenCard, await _queries.hold_token(handle, token=token, currency=currency))


async def find_payment(handle: Handle, kind: PaymentKind, reference: UUID) -> Payment | None:
    return _as(Payment, await _queries.find_payment(handle, kind=kind, reference=reference))


async def find_payment_behaviour(handle: Handle, kind: PaymentKind, reference: UUID) -> Behaviour:
    return Behaviour(await _queries.find_payment_behaviour(handle, kind=kind, reference=reference))


async def add_payment(handle: Handle, payment: Payment) -> bool:
    """False where another request with the reference came first."""
    return await _queries.add_payment(handle, **msgspec.structs.asdict(payment)) is not None


async def add_cut_attempt(handle: Handle, kind: PaymentKind, reference: UUID, at: datetime) -> bool:
    """True at the first attempt of a reference."""
    return await _queries.add_cut_attempt(handle, kind=kind, reference=reference, at=at) is not None


async def add_bank_account(handle: Handle, kind: str, currency: str) -> None:
    await _queries.add_bank_account(handle, kind=kind, currency=currency)


async def find_bank_account(handle: Handle, kind: str, currency: str) -> int:
    return int(await _queries.find_bank_account(handle, kind=kind, currency=currency))


async def add_card_account(handle: Handle, card_id: int, currency: str) -> int:
    return int(await _queries.add_card_account(handle, card_id=card_id, currency=currency))


async def lock_balance(handle: Handle, account_id: int) -> int:
    return int(await _queries.lock_balance(handle, account_id=account_id))


async def move_balance(handle: Handle, account_id: int, amount_minor: int) -> None:
    await _queries.move_balance(handle, account_id=account_id, amount_minor=amount_minor)


async def add_transfer(handle: Handle, kind: str, reference: UUID | None, at: datetime) -> int:
    return int(await _queries.add_transfer(handle, kind=kind, reference=reference, at=at))


async def add_entries(
    handle: Handle, transfer_id: int, from_account_id: int, to_account_id: int, amount_minor: int
) -> None:
    await _queries.add_entries(
        handle,
        transfer_id=transfer_id,
        from_account_id=from_account_id,
        to_account_id=to_account_id,
        amount_minor=amount_minor,
    )


async def add_notification(
    handle: Handle, kind: PaymentKind, reference: UUID, nonce: str, body: str, wanted: int, due_at: datetime
) -> int:
    notification_id = await _queries.add_notification(
        handle, kind=kind, reference=reference, nonce=nonce, body=body, wanted=wanted, due_at=due_at
    )
    return int(notification_id)


async def claim_due_notifications(handle: Handle, at: datetime, retry_s: float, count: int) -> list[DueNotification]:
    rows = _queries.claim_due_notifications(handle, at=at, retry_s=retry_s, count=count)
    return [msgspec.convert(dict(row), DueNotification) async for row in rows]


async def next_due_at(handle: Handle) -> datetime | None:
    due_at: datetime | None = await _queries.next_due_at(handle)
    return due_at


async def take_notification(handle: Handle, notification_id: int, due_at: datetime, at: datetime) -> None:
    await _queries.take_notification(handle, notification_id=notification_id, due_at=due_at, at=at)


async def give_up_notification(handle: Handle, notification_id: int, at: datetime) -> None:
    await _queries.give_up_notification(handle, notification_id=notification_id, at=at)


async def audit_figures(handle: Handle, opening_minor: int) -> dict[str, int]:
    """What each invariant counts; all are 0 in a sound database."""
    return {
        "unbalanced transfers": int(await _queries.audit_unbalanced_transfers(handle)),
        "sum of all balances, minor units": int(await _queries.audit_sum_of_balances(handle)),
        "balances that are not the sum of their entries": int(await _queries.audit_wrong_balances(handle)),
        "overdrawn cards": int(await _queries.audit_overdrawn_cards(handle)),
        "payments whose money did not move as decided": int(await _queries.audit_payments_not_moved(handle)),
        "cards opened wrongly": int(await _queries.audit_wrong_openings(handle, opening_minor=opening_minor)),
        "payments without a notification": int(await _queries.audit_untold_payments(handle)),
    }


def _as(shape: type[Row], record: Any) -> Row | None:
    """The row as a struct; None stays None."""
    return None if record is None else msgspec.convert(dict(record), shape)
