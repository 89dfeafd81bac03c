"""Whether one transfer can be created, and what it moves."""

from junzi.ledger.books import FAILED, Books, Changes, PendingStatus
from junzi.ledger.model import AMOUNT_MAX, CreateTransferStatus
from junzi.ledger.rows import LAST_ID, NIL_ID, TransferRow
from junzi.ledger.rules import imports
from junzi.ledger.rules.exists import transfer_exists
from junzi.ledger.rules.pendings import resolve_pending
from junzi.ledger.rules.terms import (
    BALANCING,
    BALANCING_CREDIT,
    BALANCING_DEBIT,
    CLOSED,
    CLOSING,
    CLOSING_CREDIT,
    CLOSING_DEBIT,
    HISTORY,
    LAST_TIMESTAMP,
    LINKED,
    NO_OVERDRAFT,
    NO_OVERPAYMENT,
    PENDING,
    RESOLVING,
    SECOND,
    TRANSFER_FLAGS,
    TRANSFER_IMPORTED,
    remember,
    set_closed,
)

_T = CreateTransferStatus
_CREATED = _T.CREATED
_NOT_PLAIN = ~LINKED
_LIMITED = NO_OVERDRAFT | NO_OVERPAYMENT


def create_transfer(books: Books, changes: Changes, transfer: TransferRow, timestamp: int) -> CreateTransferStatus:
    """timestamp: the transfer's own if it is imported

    These lines run for every transfer. What a plain one between two open accounts cannot run into is asked for apart, in the
    order of precedence, by the functions below.
    """
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
    if flags & ~TRANSFER_FLAGS:
        return _T.RESERVED_FLAG
    if id <= books.newest or id == LAST_ID or books.ahead:
        refusal = _known(books, transfer)
        if refusal is not None:
            return refusal
    if flags & RESOLVING:
        return resolve_pending(books, changes, transfer, timestamp)
    accounts = books.accounts
    debit, credit = accounts.places.get(debit_id), accounts.places.get(credit_id)
    if debit is None or credit is None or debit == credit or pending_id is not None or timeout or not code:
        refusal = _by_itself(transfer) or (_T.DEBIT_ACCOUNT_NOT_FOUND if debit is None else None)
        if refusal is not None:
            return refusal
        if debit is None or credit is None:
            return _T.CREDIT_ACCOUNT_NOT_FOUND
    if accounts.ledgers[debit] != ledger or accounts.ledgers[credit] != ledger:
        return _of_ledgers(books, transfer, debit, credit)
    debit_flags, credit_flags = accounts.flags[debit], accounts.flags[credit]
    if flags & _NOT_PLAIN:
        refusal = _by_itself(transfer)
        if refusal is None and flags & TRANSFER_IMPORTED:
            refusal = imports.transfer_refusal(books, timestamp, timeout, debit, credit)
        if refusal is not None:
            return refusal
    if (debit_flags | credit_flags) & CLOSED:
        return _T.DEBIT_ACCOUNT_ALREADY_CLOSED if debit_flags & CLOSED else _T.CREDIT_ACCOUNT_ALREADY_CLOSED
    if flags & BALANCING:
        amount = _balanced(books, amount, flags, debit, credit)
    debits_posted = accounts.debits_posted[debit] + amount
    credits_posted = accounts.credits_posted[credit] + amount
    debits = accounts.debits_pending[debit] + debits_posted
    credits = accounts.credits_pending[credit] + credits_posted
    if debits > AMOUNT_MAX or credits > AMOUNT_MAX:
        # Each of the sums that may be too large by itself is a part of these two.
        return _overflow(books, amount, flags, debit, credit)
    if timeout and timestamp + timeout * SECOND > LAST_TIMESTAMP:
        return _T.OVERFLOWS_TIMEOUT
    if (debit_flags | credit_flags) & _LIMITED:
        if debit_flags & NO_OVERDRAFT and debits > accounts.credits_posted[debit]:
            return _T.EXCEEDS_CREDITS
        if credit_flags & NO_OVERPAYMENT and credits > accounts.debits_posted[credit]:
            return _T.EXCEEDS_DEBITS

    # From here on it must succeed.
    row = (
        id,
        debit_id,
        credit_id,
        amount,
        None,
        user_data_128,
        user_data_64,
        user_data_32,
        timeout,
        ledger,
        code,
        flags,
        timestamp,
    )
    books.recent[id] = row
    if id > books.newest:
        books.newest = id
    changes.transfers.append(row)
    if books.times is not None:
        imports.remember_transfer(books, timestamp)
    accounts.changed[debit] = accounts.changed[credit] = 1
    if flags & PENDING:
        _hold(books, changes, row, debit, credit)
    else:
        if books.journal is not None:
            books.journal.append((accounts.debits_posted, debit, debits_posted - amount))
            books.journal.append((accounts.credits_posted, credit, credits_posted - amount))
        accounts.debits_posted[debit] = debits_posted
        accounts.credits_posted[credit] = credits_posted
    if (debit_flags | credit_flags) & HISTORY:
        remember(books, changes, timestamp, debit, credit)
    return _CREATED


def _known(books: Books, transfer: TransferRow) -> CreateTransferStatus | None:
    """What stands against the id."""
    id = transfer[0]
    if id == NIL_ID:
        return _T.ID_MUST_NOT_BE_ZERO
    if id == LAST_ID:
        return _T.ID_MUST_NOT_BE_INT_MAX
    existing = books.transfer(id)
    if existing is None:
        return None
    return _T.ID_ALREADY_FAILED if existing is FAILED else transfer_exists(books, transfer, existing)


def _by_itself(transfer: TransferRow) -> CreateTransferStatus | None:
    """What stands against a transfer whatever the books say."""
    _, debit_id, credit_id, _, pending_id, _, _, _, timeout, ledger, code, flags, _ = transfer
    if debit_id == NIL_ID:
        return _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if debit_id == LAST_ID:
        return _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if credit_id == NIL_ID:
        return _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if credit_id == LAST_ID:
        return _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if debit_id == credit_id:
        return _T.ACCOUNTS_MUST_BE_DIFFERENT
    if pending_id is not None:
        return _T.PENDING_ID_MUST_BE_ZERO
    if not flags & PENDING:
        if timeout:
            return _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
        if flags & CLOSING:
            return _T.CLOSING_TRANSFER_MUST_BE_PENDING
    if ledger == 0:
        return _T.LEDGER_MUST_NOT_BE_ZERO
    if code == 0:
        return _T.CODE_MUST_NOT_BE_ZERO
    return None


def _of_ledgers(books: Books, transfer: TransferRow, debit: int, credit: int) -> CreateTransferStatus:
    refusal = _by_itself(transfer)
    if refusal is not None:
        return refusal
    if books.accounts.ledgers[debit] != books.accounts.ledgers[credit]:
        return _T.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER
    return _T.TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS


def _hold(books: Books, changes: Changes, transfer: TransferRow, debit: int, credit: int) -> None:
    id, amount, timeout, flags, timestamp = transfer[0], transfer[3], transfer[8], transfer[11], transfer[12]
    accounts, put = books.accounts, books.put
    expires_at = timestamp + timeout * SECOND if timeout else 0
    put(books.pendings, id, (int(PendingStatus.PENDING), expires_at))
    put(changes.pendings, id, (int(PendingStatus.PENDING), expires_at, 0))
    put(accounts.debits_pending, debit, accounts.debits_pending[debit] + amount)
    put(accounts.credits_pending, credit, accounts.credits_pending[credit] + amount)
    if flags & CLOSING_DEBIT:
        set_closed(books, changes, debit, True)
    if flags & CLOSING_CREDIT:
        set_closed(books, changes, credit, True)


def _overflow(books: Books, amount: int, flags: int, debit: int, credit: int) -> CreateTransferStatus:
    """The first in the order of precedence of the sums that are too large."""
    accounts = books.accounts
    if flags & PENDING:
        if accounts.debits_pending[debit] + amount > AMOUNT_MAX:
            return _T.OVERFLOWS_DEBITS_PENDING
        if accounts.credits_pending[credit] + amount > AMOUNT_MAX:
            return _T.OVERFLOWS_CREDITS_PENDING
    if accounts.debits_posted[debit] + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_DEBITS_POSTED
    if accounts.credits_posted[credit] + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_CREDITS_POSTED
    if accounts.debits_pending[debit] + accounts.debits_posted[debit] + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_DEBITS
    return _T.OVERFLOWS_CREDITS


def _balanced(books: Books, most: int, flags: int, debit: int, credit: int) -> int:
    """As much of the amount as leaves the debit account's debits, or the credit account's credits, covered by its other side."""
    accounts = books.accounts
    if flags & BALANCING_DEBIT:
        debits = accounts.debits_posted[debit] + accounts.debits_pending[debit]
        most = min(most, max(0, accounts.credits_posted[debit] - debits))
    if flags & BALANCING_CREDIT:
        credits = accounts.credits_posted[credit] + accounts.credits_pending[credit]
        most = min(most, max(0, accounts.debits_posted[credit] - credits))
    return most
