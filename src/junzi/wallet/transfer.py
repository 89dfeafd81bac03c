"""Transfer to a person's own code: intent → ledger → outcome. Repeatable from the intent row.

Coupons count only at shops' codes, so a transfer never takes one.
"""

from uuid import UUID

from junzi.kit import clock, idempotency, ids, text, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus
from junzi.ledger.model import Transfer as LedgerTransfer
from junzi.people.actions import persons_of
from junzi.people.model import Person, PinKey
from junzi.people.pin import verify_pin
from junzi.wallet import accounts, store
from junzi.wallet.model import (
    LONGEST_NOTE,
    Bill,
    BillKind,
    Counterparty,
    InsufficientBalance,
    Transfer,
    Transferred,
    TransferState,
    TransferToSelf,
)

CODE_TRANSFER = 2
MOVE_LEG, EVENT_LEG = 1, 2

_intended = Point("wallet.transfer.intended")
_moved = Point("wallet.transfer.moved")


async def transfer(
    database: Database,
    ledger: Ledger,
    pin_key: PinKey,
    *,
    payer_id: UUID,
    payee_id: UUID,
    amount_minor: int,
    note: str,
    pin: str,
    key: str,
) -> Transfer:
    """Move money from one person's balance to another's; a repeat with the same key goes on with the same transfer.

    Raises `InvalidRequest`, `TransferToSelf`, `InsufficientBalance` and what `verify_pin` raises.
    """
    note = text.one_line(note, field="note", least=0, most=LONGEST_NOTE)
    if payer_id == payee_id:
        raise TransferToSelf

    async def check() -> None:
        balance = await accounts.balance_minor(ledger, payer_id)
        if balance < amount_minor:
            raise InsufficientBalance(balance_minor=balance)
        await verify_pin(database, pin_key, payer_id, pin)

    await idempotency.check_once(database, person_id=payer_id, key=key, check=check)
    async with database.transaction() as tx:
        transfer_id, now = ids.new_id(), clock.now()
        body = {"payee_id": payee_id, "amount_minor": amount_minor, "note": note}
        claimed = await idempotency.claim(
            tx, person_id=payer_id, key=key, action="wallet.transfer", body=body, intent_id=transfer_id
        )
        if claimed == transfer_id:
            await store.insert_transfer(
                tx,
                id=transfer_id,
                payer_id=payer_id,
                payee_id=payee_id,
                amount_minor=amount_minor,
                note=note,
                at=now,
                try_at=now + sweeping.FIRST,
            )
    _intended.passed()
    return await run(database, ledger, claimed)


async def run(database: Database, ledger: Ledger, transfer_id: UUID) -> Transfer:
    """Bring a transfer to its outcome."""
    async with database.read() as reader:
        intent = await store.transfer(reader, transfer_id)
    if intent is None:
        raise NotFound
    if intent.state is not TransferState.PROCESSING:
        return intent
    await accounts.open_account(ledger, intent.payee_id)
    [result] = await ledger.create_transfers(
        [
            LedgerTransfer(
                id=ids.leg(transfer_id, MOVE_LEG),
                debit_account_id=accounts.balance_id(intent.payer_id),
                credit_account_id=accounts.balance_id(intent.payee_id),
                amount=intent.amount_minor,
                ledger=town.current().money.number,
                code=CODE_TRANSFER,
            )
        ]
    )
    _moved.passed()
    if result.stands:
        return await _succeeded(database, intent)
    if result.status in (CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED):
        return await _refused(database, intent)
    raise AssertionError(f"the ledger refused a transfer: {result.status.name}")


async def sweep(database: Database, ledger: Ledger) -> int:
    """Finish transfers that were interrupted; returns how many were tried."""
    return await sweeping.sweep(
        database, store.transfers_to_try, store.postpone_transfer, lambda id: run(database, ledger, id)
    )


async def _succeeded(database: Database, intent: Transfer) -> Transfer:
    async with database.transaction() as tx:
        locked = await store.transfer_locked(tx, intent.id)
        if locked.state is not TransferState.PROCESSING:
            return locked
        people = await persons_of(tx, [intent.payer_id, intent.payee_id])
        payer, payee = people[intent.payer_id], people[intent.payee_id]
        await store.set_transfer(tx, id=intent.id, state=TransferState.SUCCEEDED, reason=None)
        await _bill(tx, intent, owner=payer, other=payee, kind=BillKind.TRANSFER_OUT, amount_minor=-intent.amount_minor)
        await _bill(tx, intent, owner=payee, other=payer, kind=BillKind.TRANSFER_IN, amount_minor=intent.amount_minor)
        await tx.emit(
            Transferred(
                transfer_id=intent.id,
                payer_id=payer.id,
                payer_name=payer.name,
                payee_id=payee.id,
                payee_name=payee.name,
                amount_minor=intent.amount_minor,
                note=intent.note,
            ),
            id=ids.leg(intent.id, EVENT_LEG),
        )
        return await store.transfer_locked(tx, intent.id)


async def _bill(
    tx: Transaction, intent: Transfer, *, owner: Person, other: Person, kind: BillKind, amount_minor: int
) -> None:
    bill = Bill(
        id=ids.leg(intent.id, MOVE_LEG),
        kind=kind,
        amount_minor=amount_minor,
        discount_minor=0,
        counterparty=Counterparty(name=other.name, avatar=other.avatar),
        note=intent.note,
        at=clock.now(),
        order_id=None,
        moves_balance=True,
    )
    await store.insert_bill(tx, person_id=owner.id, bill=bill)


async def _refused(database: Database, intent: Transfer) -> Transfer:
    async with database.transaction() as tx:
        locked = await store.transfer_locked(tx, intent.id)
        if locked.state is TransferState.PROCESSING:
            await store.set_transfer(tx, id=intent.id, state=TransferState.REFUSED, reason="insufficient-balance")
        return await store.transfer_locked(tx, intent.id)
