"""What becomes of a pending transfer: posted, voided, or run out."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from junzi.ledger.books import Draft, PendingStatus
from junzi.ledger.model import CreateTransferStatus, Transfer
from junzi.ledger.rules import imports
from junzi.ledger.rules.exists import resolved_amount
from junzi.ledger.rules.terms import (
    BALANCING,
    CLOSED,
    CLOSING,
    CLOSING_CREDIT,
    CLOSING_DEBIT,
    ID_MAX,
    PENDING,
    POST,
    TRANSFER_IMPORTED,
    VOID,
    keep_accounts,
    present,
    with_closed,
)

_T = CreateTransferStatus


def expire(draft: Draft, due: Sequence[UUID], timestamp: int) -> int:
    """Void what has run out, in that order, and reopen what it had closed. No part of the history of balances."""
    for id in due:
        pending = draft.transfers[id]
        flags = int(pending.flags)
        debit, credit = draft.accounts[pending.debit_account_id], draft.accounts[pending.credit_account_id]
        debit = replace(debit, debits_pending=debit.debits_pending - pending.amount)
        credit = replace(credit, credits_pending=credit.credits_pending - pending.amount)
        if flags & CLOSING_DEBIT:
            debit = replace(debit, flags=with_closed(debit, False))
        if flags & CLOSING_CREDIT:
            credit = replace(credit, flags=with_closed(credit, False))
        draft.put(draft.accounts, debit.id, debit)
        draft.put(draft.accounts, credit.id, credit)
        draft.put(draft.pendings, id, replace(draft.pendings[id], status=PendingStatus.EXPIRED, resolved_at=timestamp))
    if due and draft.importing:
        draft.put(draft.last, "transfer", timestamp)
    return len(due)


def resolve_pending(draft: Draft, transfer: Transfer, flags: int, timestamp: int) -> CreateTransferStatus:
    """Post or void. timestamp: the transfer's own if it is imported"""
    if (flags & POST and flags & VOID) or flags & (PENDING | BALANCING | CLOSING):
        return _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE
    pending_id = present(transfer.pending_id)
    if pending_id is None:
        return _T.PENDING_ID_MUST_NOT_BE_ZERO
    if pending_id.int == ID_MAX:
        return _T.PENDING_ID_MUST_NOT_BE_INT_MAX
    if pending_id == transfer.id:
        return _T.PENDING_ID_MUST_BE_DIFFERENT
    if transfer.timeout:
        return _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
    pending = draft.transfers.get(pending_id)
    if pending is None:
        return _T.PENDING_TRANSFER_NOT_FOUND
    pending_flags = int(pending.flags)
    if not pending_flags & PENDING:
        return _T.PENDING_TRANSFER_NOT_PENDING
    if transfer.debit_account_id.int and transfer.debit_account_id != pending.debit_account_id:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
    if transfer.credit_account_id.int and transfer.credit_account_id != pending.credit_account_id:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
    if transfer.ledger and transfer.ledger != pending.ledger:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_LEDGER
    if transfer.code and transfer.code != pending.code:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_CODE
    amount = resolved_amount(transfer, flags, pending)
    if amount > pending.amount:
        return _T.EXCEEDS_PENDING_TRANSFER_AMOUNT
    if flags & VOID and amount < pending.amount:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
    state = draft.pendings[pending_id]
    if state.status is PendingStatus.POSTED:
        return _T.PENDING_TRANSFER_ALREADY_POSTED
    if state.status is PendingStatus.VOIDED:
        return _T.PENDING_TRANSFER_ALREADY_VOIDED
    if state.status is PendingStatus.EXPIRED or 0 < state.expires_at <= timestamp:
        return _T.PENDING_TRANSFER_EXPIRED
    if flags & TRANSFER_IMPORTED and imports.transfer_regresses(draft, timestamp):
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS
    debit, credit = draft.accounts[pending.debit_account_id], draft.accounts[pending.credit_account_id]
    if not flags & VOID:
        if int(debit.flags) & CLOSED:
            return _T.DEBIT_ACCOUNT_ALREADY_CLOSED
        if int(credit.flags) & CLOSED:
            return _T.CREDIT_ACCOUNT_ALREADY_CLOSED

    # From here on it must succeed.
    stored = replace(
        transfer,
        debit_account_id=pending.debit_account_id,
        credit_account_id=pending.credit_account_id,
        amount=amount,
        user_data_128=present(transfer.user_data_128) or pending.user_data_128,
        user_data_64=transfer.user_data_64 or pending.user_data_64,
        user_data_32=transfer.user_data_32 or pending.user_data_32,
        ledger=pending.ledger,
        code=pending.code,
        timestamp=timestamp,
    )
    draft.put(draft.transfers, transfer.id, stored)
    imports.remember_transfer(draft, timestamp)
    status = PendingStatus.POSTED if flags & POST else PendingStatus.VOIDED
    draft.put(draft.pendings, pending_id, replace(state, status=status, resolved_at=timestamp))
    posted = amount if flags & POST else 0
    debit = replace(
        debit,
        debits_pending=debit.debits_pending - pending.amount,
        debits_posted=debit.debits_posted + posted,
    )
    credit = replace(
        credit,
        credits_pending=credit.credits_pending - pending.amount,
        credits_posted=credit.credits_posted + posted,
    )
    if pending_flags & CLOSING_DEBIT:
        debit = replace(debit, flags=with_closed(debit, False))
    if pending_flags & CLOSING_CREDIT:
        credit = replace(credit, flags=with_closed(credit, False))
    keep_accounts(draft, timestamp, debit, credit)
    return _T.CREATED
