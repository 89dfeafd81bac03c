"""Whether one transfer can be created, and what it moves."""

from msgspec.structs import replace

from junzi.ledger.books import Draft, Pending, PendingStatus
from junzi.ledger.model import AMOUNT_MAX, Account, CreateTransferStatus, Transfer
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
    ID_MAX,
    LAST_TIMESTAMP,
    NO_OVERDRAFT,
    NO_OVERPAYMENT,
    PENDING,
    POST,
    SECOND,
    TRANSFER_FLAGS,
    TRANSFER_IMPORTED,
    VOID,
    keep_accounts,
    present,
    with_closed,
)

_T = CreateTransferStatus


def create_transfer(draft: Draft, transfer: Transfer, flags: int, timestamp: int) -> CreateTransferStatus:
    """timestamp: the transfer's own if it is imported"""
    if flags & ~TRANSFER_FLAGS:
        return _T.RESERVED_FLAG
    if transfer.id.int == 0:
        return _T.ID_MUST_NOT_BE_ZERO
    if transfer.id.int == ID_MAX:
        return _T.ID_MUST_NOT_BE_INT_MAX
    existing = draft.transfers.get(transfer.id)
    if existing is not None:
        return transfer_exists(draft, transfer, flags, existing)
    if transfer.id in draft.failed:
        return _T.ID_ALREADY_FAILED
    if flags & (POST | VOID):
        return resolve_pending(draft, transfer, flags, timestamp)
    if transfer.debit_account_id.int == 0:
        return _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if transfer.debit_account_id.int == ID_MAX:
        return _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if transfer.credit_account_id.int == 0:
        return _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if transfer.credit_account_id.int == ID_MAX:
        return _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if transfer.debit_account_id == transfer.credit_account_id:
        return _T.ACCOUNTS_MUST_BE_DIFFERENT
    if present(transfer.pending_id) is not None:
        return _T.PENDING_ID_MUST_BE_ZERO
    if not flags & PENDING:
        if transfer.timeout:
            return _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
        if flags & CLOSING:
            return _T.CLOSING_TRANSFER_MUST_BE_PENDING
    if transfer.ledger == 0:
        return _T.LEDGER_MUST_NOT_BE_ZERO
    if transfer.code == 0:
        return _T.CODE_MUST_NOT_BE_ZERO
    debit = draft.accounts.get(transfer.debit_account_id)
    if debit is None:
        return _T.DEBIT_ACCOUNT_NOT_FOUND
    credit = draft.accounts.get(transfer.credit_account_id)
    if credit is None:
        return _T.CREDIT_ACCOUNT_NOT_FOUND
    if debit.ledger != credit.ledger:
        return _T.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER
    if transfer.ledger != debit.ledger:
        return _T.TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS
    if flags & TRANSFER_IMPORTED:
        refusal = imports.transfer_refusal(draft, transfer, debit, credit)
        if refusal is not None:
            return refusal
    debit_flags, credit_flags = int(debit.flags), int(credit.flags)
    if debit_flags & CLOSED:
        return _T.DEBIT_ACCOUNT_ALREADY_CLOSED
    if credit_flags & CLOSED:
        return _T.CREDIT_ACCOUNT_ALREADY_CLOSED
    amount = _balanced(transfer.amount, flags, debit, credit) if flags & BALANCING else transfer.amount
    if flags & PENDING:
        if debit.debits_pending + amount > AMOUNT_MAX:
            return _T.OVERFLOWS_DEBITS_PENDING
        if credit.credits_pending + amount > AMOUNT_MAX:
            return _T.OVERFLOWS_CREDITS_PENDING
    if debit.debits_posted + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_DEBITS_POSTED
    if credit.credits_posted + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_CREDITS_POSTED
    if debit.debits_pending + debit.debits_posted + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_DEBITS
    if credit.credits_pending + credit.credits_posted + amount > AMOUNT_MAX:
        return _T.OVERFLOWS_CREDITS
    if timestamp + transfer.timeout * SECOND > LAST_TIMESTAMP:
        return _T.OVERFLOWS_TIMEOUT
    if debit_flags & NO_OVERDRAFT and debit.debits_pending + debit.debits_posted + amount > debit.credits_posted:
        return _T.EXCEEDS_CREDITS
    if credit_flags & NO_OVERPAYMENT and credit.credits_pending + credit.credits_posted + amount > credit.debits_posted:
        return _T.EXCEEDS_DEBITS

    # From here on it must succeed.
    stored = replace(
        transfer,
        amount=amount,
        pending_id=None,
        user_data_128=present(transfer.user_data_128),
        timestamp=timestamp,
    )
    draft.put(draft.transfers, transfer.id, stored)
    imports.remember_transfer(draft, timestamp)
    if flags & PENDING:
        expires_at = timestamp + transfer.timeout * SECOND if transfer.timeout else 0
        draft.put(draft.pendings, transfer.id, Pending(transfer.id, PendingStatus.PENDING, expires_at, 0))
        debit = replace(debit, debits_pending=debit.debits_pending + amount)
        credit = replace(credit, credits_pending=credit.credits_pending + amount)
        if flags & CLOSING_DEBIT:
            debit = replace(debit, flags=with_closed(debit, True))
        if flags & CLOSING_CREDIT:
            credit = replace(credit, flags=with_closed(credit, True))
    else:
        debit = replace(debit, debits_posted=debit.debits_posted + amount)
        credit = replace(credit, credits_posted=credit.credits_posted + amount)
    keep_accounts(draft, timestamp, debit, credit)
    return _T.CREATED


def _balanced(most: int, flags: int, debit: Account, credit: Account) -> int:
    """As much of the amount as leaves the debit account's debits, or the credit account's credits, covered by its other side."""
    if flags & BALANCING_DEBIT:
        most = min(most, max(0, debit.credits_posted - debit.debits_posted - debit.debits_pending))
    if flags & BALANCING_CREDIT:
        most = min(most, max(0, credit.debits_posted - credit.credits_posted - credit.credits_pending))
    return most
