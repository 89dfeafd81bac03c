"""What becomes of a pending transfer: posted, voided, or run out."""

from collections.abc import Sequence

from junzi.ledger.books import FAILED, Books, Changes, PendingStatus
from junzi.ledger.model import CreateTransferStatus
from junzi.ledger.rows import LAST_ID, NIL_ID, TransferRow
from junzi.ledger.rules import imports
from junzi.ledger.rules.exists import resolved_amount
from junzi.ledger.rules.terms import (
    BALANCING,
    CLOSED,
    CLOSING,
    CLOSING_CREDIT,
    CLOSING_DEBIT,
    PENDING,
    POST,
    TRANSFER_IMPORTED,
    VOID,
    remember,
    set_closed,
)

_T = CreateTransferStatus


def expire(books: Books, changes: Changes, due: Sequence[bytes], timestamp: int) -> int:
    """Void what has run out, in that order, and reopen what it had closed. No part of the history of balances."""
    for id in due:
        pending = books.transfer(id)
        assert pending is not None
        _resolve(books, changes, pending, PendingStatus.EXPIRED, 0, timestamp)
    if due and books.times is not None:
        books.put(books.times.last, "transfer", timestamp)
    return len(due)


def resolve_pending(books: Books, changes: Changes, transfer: TransferRow, timestamp: int) -> CreateTransferStatus:
    """Post or void. timestamp: the transfer's own if it is imported"""
    (
        id,
        debit_id,
        credit_id,
        amount,
        pending_id,
        user_data_128,
        user_data_64,
        user_data_32,
        timeout,
        ledger,
        code,
        flags,
        _,
    ) = transfer
    if (flags & POST and flags & VOID) or flags & (PENDING | BALANCING | CLOSING):
        return _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE
    if pending_id is None:
        return _T.PENDING_ID_MUST_NOT_BE_ZERO
    if pending_id == LAST_ID:
        return _T.PENDING_ID_MUST_NOT_BE_INT_MAX
    if pending_id == id:
        return _T.PENDING_ID_MUST_BE_DIFFERENT
    if timeout:
        return _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
    pending = books.transfer(pending_id)
    if pending is None or pending is FAILED:
        return _T.PENDING_TRANSFER_NOT_FOUND
    if not pending[11] & PENDING:
        return _T.PENDING_TRANSFER_NOT_PENDING
    if debit_id not in (NIL_ID, pending[1]):
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
    if credit_id not in (NIL_ID, pending[2]):
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
    if ledger and ledger != pending[9]:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_LEDGER
    if code and code != pending[10]:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_CODE
    amount = resolved_amount(amount, flags, pending)
    if amount > pending[3]:
        return _T.EXCEEDS_PENDING_TRANSFER_AMOUNT
    if flags & VOID and amount < pending[3]:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
    status, expires_at = books.pendings[pending_id]
    if status == PendingStatus.POSTED:
        return _T.PENDING_TRANSFER_ALREADY_POSTED
    if status == PendingStatus.VOIDED:
        return _T.PENDING_TRANSFER_ALREADY_VOIDED
    if status == PendingStatus.EXPIRED or 0 < expires_at <= timestamp:
        return _T.PENDING_TRANSFER_EXPIRED
    if flags & TRANSFER_IMPORTED and imports.transfer_regresses(books, timestamp):
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS
    debit, credit = books.accounts.places[pending[1]], books.accounts.places[pending[2]]
    if not flags & VOID:
        if books.accounts.flags[debit] & CLOSED:
            return _T.DEBIT_ACCOUNT_ALREADY_CLOSED
        if books.accounts.flags[credit] & CLOSED:
            return _T.CREDIT_ACCOUNT_ALREADY_CLOSED

    # From here on it must succeed.
    row = (
        id,
        pending[1],
        pending[2],
        amount,
        pending_id,
        user_data_128 or pending[5],
        user_data_64 or pending[6],
        user_data_32 or pending[7],
        0,
        pending[9],
        pending[10],
        flags,
        timestamp,
    )
    books.recent[id] = row
    books.newest = max(books.newest, id)
    changes.transfers.append(row)
    imports.remember_transfer(books, timestamp)
    if flags & POST:
        _resolve(books, changes, pending, PendingStatus.POSTED, amount, timestamp)
    else:
        _resolve(books, changes, pending, PendingStatus.VOIDED, 0, timestamp)
    remember(books, changes, timestamp, debit, credit)
    return _T.CREATED


def _resolve(
    books: Books, changes: Changes, pending: TransferRow, status: PendingStatus, posted: int, timestamp: int
) -> None:
    """Give the pending amount back, but for what is posted of it."""
    id, debit_id, credit_id, amount, flags = pending[0], pending[1], pending[2], pending[3], pending[11]
    accounts, put = books.accounts, books.put
    debit, credit = accounts.places[debit_id], accounts.places[credit_id]
    expires_at = books.pendings[id][1]
    put(books.pendings, id, (int(status), expires_at))
    if id in changes.pendings:
        put(changes.pendings, id, (int(status), expires_at, timestamp))
    else:
        put(changes.resolved, id, (int(status), timestamp))
    put(accounts.debits_pending, debit, accounts.debits_pending[debit] - amount)
    put(accounts.credits_pending, credit, accounts.credits_pending[credit] - amount)
    put(accounts.debits_posted, debit, accounts.debits_posted[debit] + posted)
    put(accounts.credits_posted, credit, accounts.credits_posted[credit] + posted)
    accounts.changed[debit] = accounts.changed[credit] = 1
    if flags & CLOSING_DEBIT:
        set_closed(books, changes, debit, False)
    if flags & CLOSING_CREDIT:
        set_closed(books, changes, credit, False)
