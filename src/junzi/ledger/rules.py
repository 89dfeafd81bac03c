"""The ledger's state machine: what stands in the books and what is asked for go in, what becomes of it comes out.

Pure: no database, no clock. Each event is checked in TigerBeetle's order of precedence, and the first reason to refuse it is the
answer; after the last check it must succeed. What the model allows and this form does not do yet (balancing, closing and imported
transfers, imported and closed accounts) is refused as `RESERVED_FLAG`.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from junzi.ledger.books import (
    Books,
    Chain,
    CreateAccounts,
    CreateTransfers,
    Decision,
    Draft,
    ExpirePending,
    Outcome,
    Pending,
    PendingStatus,
    Request,
)
from junzi.ledger.model import (
    AMOUNT_MAX,
    Account,
    AccountFlags,
    CreateAccountResult,
    CreateAccountStatus,
    CreateTransferResult,
    CreateTransferStatus,
    Transfer,
    TransferFlags,
)

SECOND = 1_000_000_000
_LAST_TIMESTAMP = 2**63 - 1
_ID_MAX = 2**128 - 1

# Plain integers: an operation on an IntFlag costs as much as a whole check.
_LINKED = int(AccountFlags.LINKED)
_NO_OVERDRAFT = int(AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
_NO_OVERPAYMENT = int(AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS)
_PENDING = int(TransferFlags.PENDING)
_POST = int(TransferFlags.POST_PENDING_TRANSFER)
_VOID = int(TransferFlags.VOID_PENDING_TRANSFER)
_ACCOUNT_IMPORTED = int(AccountFlags.IMPORTED)
_TRANSFER_IMPORTED = int(TransferFlags.IMPORTED)
_ACCOUNT_SUPPORTED = _LINKED | _NO_OVERDRAFT | _NO_OVERPAYMENT | int(AccountFlags.HISTORY)
_TRANSFER_SUPPORTED = int(TransferFlags.LINKED) | _PENDING | _POST | _VOID

_A = CreateAccountStatus
_T = CreateTransferStatus


def decide(books: Books, due: Sequence[UUID], requests: Sequence[Request], timestamp: int) -> Decision:
    """Run the requests in order, after voiding the pending transfers that are due.

    timestamp:  the first one to give; each event takes the next, and all that expires takes one
    """
    draft = Draft(books)
    expired = _expire(draft, due, timestamp)
    timestamp += 1 if due else 0
    outcomes = []
    for request in requests:
        if isinstance(request, CreateTransfers):
            outcomes.append(Outcome(transfers=_create_transfers(draft, request.events, timestamp)))
            timestamp += len(request.events)
        elif isinstance(request, CreateAccounts):
            outcomes.append(Outcome(accounts=_create_accounts(draft, request.events, timestamp)))
            timestamp += len(request.events)
        else:
            outcomes.append(Outcome(expired=expired))
    return draft.decision(outcomes, timestamp)


def weight(request: Request) -> int:
    """How many events a request brings to a batch."""
    return 1 if isinstance(request, ExpirePending) else len(request.events)


def _expire(draft: Draft, due: Sequence[UUID], timestamp: int) -> int:
    for id in due:
        pending = draft.transfers[id]
        debit, credit = draft.accounts[pending.debit_account_id], draft.accounts[pending.credit_account_id]
        draft.put(draft.accounts, debit.id, replace(debit, debits_pending=debit.debits_pending - pending.amount))
        draft.put(draft.accounts, credit.id, replace(credit, credits_pending=credit.credits_pending - pending.amount))
        draft.put(draft.pendings, id, replace(draft.pendings[id], status=PendingStatus.EXPIRED, resolved_at=timestamp))
    return len(due)


def _create_accounts(draft: Draft, events: list[Account], timestamp: int) -> list[CreateAccountResult]:
    chain = Chain(draft, len(events))
    results: list[CreateAccountResult] = []
    for at, event in enumerate(events, start=timestamp):
        flags = int(event.flags)
        refusal = chain.enter(at - timestamp, bool(flags & _LINKED))
        status = _A(refusal) if refusal else _create_account(draft, event, flags, at)
        # What exists may have been made by this very chain, which is about to be taken back.
        results.append(CreateAccountResult(status, draft.accounts[event.id].timestamp if status is _A.EXISTS else at))
        if status is not _A.CREATED:
            for earlier in chain.fail(at - timestamp):
                results[earlier] = CreateAccountResult(_A.LINKED_EVENT_FAILED, timestamp + earlier)
        chain.leave(bool(flags & _LINKED))
    return results


def _create_account(draft: Draft, account: Account, flags: int, timestamp: int) -> CreateAccountStatus:
    if account.timestamp != 0 and not flags & _ACCOUNT_IMPORTED:
        return _A.TIMESTAMP_MUST_BE_ZERO
    if flags & ~_ACCOUNT_SUPPORTED:
        return _A.RESERVED_FLAG
    if account.id.int == 0:
        return _A.ID_MUST_NOT_BE_ZERO
    if account.id.int == _ID_MAX:
        return _A.ID_MUST_NOT_BE_INT_MAX
    existing = draft.accounts.get(account.id)
    if existing is not None:
        return _account_exists(account, flags, existing)
    if flags & _NO_OVERDRAFT and flags & _NO_OVERPAYMENT:
        return _A.FLAGS_ARE_MUTUALLY_EXCLUSIVE
    if account.debits_pending:
        return _A.DEBITS_PENDING_MUST_BE_ZERO
    if account.debits_posted:
        return _A.DEBITS_POSTED_MUST_BE_ZERO
    if account.credits_pending:
        return _A.CREDITS_PENDING_MUST_BE_ZERO
    if account.credits_posted:
        return _A.CREDITS_POSTED_MUST_BE_ZERO
    if account.ledger == 0:
        return _A.LEDGER_MUST_NOT_BE_ZERO
    if account.code == 0:
        return _A.CODE_MUST_NOT_BE_ZERO

    # From here on it must succeed.
    draft.put(
        draft.accounts, account.id, replace(account, user_data_128=_present(account.user_data_128), timestamp=timestamp)
    )
    return _A.CREATED


def _account_exists(account: Account, flags: int, existing: Account) -> CreateAccountStatus:
    if flags != int(existing.flags):
        return _A.EXISTS_WITH_DIFFERENT_FLAGS
    if _present(account.user_data_128) != existing.user_data_128:
        return _A.EXISTS_WITH_DIFFERENT_USER_DATA_128
    if account.user_data_64 != existing.user_data_64:
        return _A.EXISTS_WITH_DIFFERENT_USER_DATA_64
    if account.user_data_32 != existing.user_data_32:
        return _A.EXISTS_WITH_DIFFERENT_USER_DATA_32
    if account.ledger != existing.ledger:
        return _A.EXISTS_WITH_DIFFERENT_LEDGER
    if account.code != existing.code:
        return _A.EXISTS_WITH_DIFFERENT_CODE
    return _A.EXISTS


def _create_transfers(draft: Draft, events: list[Transfer], timestamp: int) -> list[CreateTransferResult]:
    chain = Chain(draft, len(events))
    results: list[CreateTransferResult] = []
    for at, event in enumerate(events, start=timestamp):
        flags = int(event.flags)
        refusal = chain.enter(at - timestamp, bool(flags & _LINKED))
        status = _T(refusal) if refusal else _create_transfer(draft, event, flags, at)
        # What exists may have been made by this very chain, which is about to be taken back.
        results.append(CreateTransferResult(status, draft.transfers[event.id].timestamp if status is _T.EXISTS else at))
        if status is not _T.CREATED:
            for earlier in chain.fail(at - timestamp):
                results[earlier] = CreateTransferResult(_T.LINKED_EVENT_FAILED, timestamp + earlier)
            if status.transient:
                # After the chain was taken back, so that it stays: whoever sends this id again gets the same refusal.
                draft.failed[event.id] = status
        chain.leave(bool(flags & _LINKED))
    return results


def _create_transfer(draft: Draft, transfer: Transfer, flags: int, timestamp: int) -> CreateTransferStatus:
    if transfer.timestamp != 0 and not flags & _TRANSFER_IMPORTED:
        return _T.TIMESTAMP_MUST_BE_ZERO
    if flags & ~_TRANSFER_SUPPORTED:
        return _T.RESERVED_FLAG
    if transfer.id.int == 0:
        return _T.ID_MUST_NOT_BE_ZERO
    if transfer.id.int == _ID_MAX:
        return _T.ID_MUST_NOT_BE_INT_MAX
    existing = draft.transfers.get(transfer.id)
    if existing is not None:
        return _transfer_exists(draft, transfer, flags, existing)
    if transfer.id in draft.failed:
        return _T.ID_ALREADY_FAILED
    if flags & (_POST | _VOID):
        return _resolve_pending(draft, transfer, flags, timestamp)
    if transfer.debit_account_id.int == 0:
        return _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if transfer.debit_account_id.int == _ID_MAX:
        return _T.DEBIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if transfer.credit_account_id.int == 0:
        return _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if transfer.credit_account_id.int == _ID_MAX:
        return _T.CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX
    if transfer.debit_account_id == transfer.credit_account_id:
        return _T.ACCOUNTS_MUST_BE_DIFFERENT
    if _present(transfer.pending_id) is not None:
        return _T.PENDING_ID_MUST_BE_ZERO
    if transfer.timeout and not flags & _PENDING:
        return _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
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
    amount = transfer.amount
    if flags & _PENDING:
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
    if timestamp + transfer.timeout * SECOND > _LAST_TIMESTAMP:
        return _T.OVERFLOWS_TIMEOUT
    if int(debit.flags) & _NO_OVERDRAFT and debit.debits_pending + debit.debits_posted + amount > debit.credits_posted:
        return _T.EXCEEDS_CREDITS
    if (
        int(credit.flags) & _NO_OVERPAYMENT
        and credit.credits_pending + credit.credits_posted + amount > credit.debits_posted
    ):
        return _T.EXCEEDS_DEBITS

    # From here on it must succeed.
    stored = replace(transfer, pending_id=None, user_data_128=_present(transfer.user_data_128), timestamp=timestamp)
    draft.put(draft.transfers, transfer.id, stored)
    if flags & _PENDING:
        expires_at = timestamp + transfer.timeout * SECOND if transfer.timeout else 0
        draft.put(draft.pendings, transfer.id, Pending(transfer.id, PendingStatus.PENDING, expires_at, 0))
        debit = replace(debit, debits_pending=debit.debits_pending + amount)
        credit = replace(credit, credits_pending=credit.credits_pending + amount)
    else:
        debit = replace(debit, debits_posted=debit.debits_posted + amount)
        credit = replace(credit, credits_posted=credit.credits_posted + amount)
    draft.put(draft.accounts, debit.id, debit)
    draft.put(draft.accounts, credit.id, credit)
    return _T.CREATED


def _resolve_pending(draft: Draft, transfer: Transfer, flags: int, timestamp: int) -> CreateTransferStatus:
    if (flags & _POST and flags & _VOID) or flags & _PENDING:
        return _T.FLAGS_ARE_MUTUALLY_EXCLUSIVE
    pending_id = _present(transfer.pending_id)
    if pending_id is None:
        return _T.PENDING_ID_MUST_NOT_BE_ZERO
    if pending_id.int == _ID_MAX:
        return _T.PENDING_ID_MUST_NOT_BE_INT_MAX
    if pending_id == transfer.id:
        return _T.PENDING_ID_MUST_BE_DIFFERENT
    if transfer.timeout:
        return _T.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
    pending = draft.transfers.get(pending_id)
    if pending is None:
        return _T.PENDING_TRANSFER_NOT_FOUND
    if not int(pending.flags) & _PENDING:
        return _T.PENDING_TRANSFER_NOT_PENDING
    if transfer.debit_account_id.int and transfer.debit_account_id != pending.debit_account_id:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
    if transfer.credit_account_id.int and transfer.credit_account_id != pending.credit_account_id:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
    if transfer.ledger and transfer.ledger != pending.ledger:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_LEDGER
    if transfer.code and transfer.code != pending.code:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_CODE
    amount = _resolved_amount(transfer, flags, pending)
    if amount > pending.amount:
        return _T.EXCEEDS_PENDING_TRANSFER_AMOUNT
    if flags & _VOID and amount < pending.amount:
        return _T.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
    state = draft.pendings[pending_id]
    if state.status is PendingStatus.POSTED:
        return _T.PENDING_TRANSFER_ALREADY_POSTED
    if state.status is PendingStatus.VOIDED:
        return _T.PENDING_TRANSFER_ALREADY_VOIDED
    if state.status is PendingStatus.EXPIRED or 0 < state.expires_at <= timestamp:
        return _T.PENDING_TRANSFER_EXPIRED

    # From here on it must succeed.
    stored = replace(
        transfer,
        debit_account_id=pending.debit_account_id,
        credit_account_id=pending.credit_account_id,
        amount=amount,
        user_data_128=_present(transfer.user_data_128) or pending.user_data_128,
        user_data_64=transfer.user_data_64 or pending.user_data_64,
        user_data_32=transfer.user_data_32 or pending.user_data_32,
        ledger=pending.ledger,
        code=pending.code,
        timestamp=timestamp,
    )
    draft.put(draft.transfers, transfer.id, stored)
    status = PendingStatus.POSTED if flags & _POST else PendingStatus.VOIDED
    draft.put(draft.pendings, pending_id, replace(state, status=status, resolved_at=timestamp))
    posted = amount if flags & _POST else 0
    debit, credit = draft.accounts[pending.debit_account_id], draft.accounts[pending.credit_account_id]
    draft.put(
        draft.accounts,
        debit.id,
        replace(
            debit,
            debits_pending=debit.debits_pending - pending.amount,
            debits_posted=debit.debits_posted + posted,
        ),
    )
    draft.put(
        draft.accounts,
        credit.id,
        replace(
            credit,
            credits_pending=credit.credits_pending - pending.amount,
            credits_posted=credit.credits_posted + posted,
        ),
    )
    return _T.CREATED


def _transfer_exists(draft: Draft, transfer: Transfer, flags: int, existing: Transfer) -> CreateTransferStatus:
    """Compare with what stands there: a field that a post or void left out was filled in from its pending transfer."""
    if flags != int(existing.flags):
        return _T.EXISTS_WITH_DIFFERENT_FLAGS
    if _present(transfer.pending_id) != existing.pending_id:
        return _T.EXISTS_WITH_DIFFERENT_PENDING_ID
    if transfer.timeout != existing.timeout:
        return _T.EXISTS_WITH_DIFFERENT_TIMEOUT
    asked = _filled_in(transfer, flags, draft.transfers[existing.pending_id]) if existing.pending_id else transfer
    if asked.debit_account_id != existing.debit_account_id:
        return _T.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID
    if asked.credit_account_id != existing.credit_account_id:
        return _T.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID
    if asked.amount != existing.amount:
        return _T.EXISTS_WITH_DIFFERENT_AMOUNT
    if _present(asked.user_data_128) != existing.user_data_128:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_128
    if asked.user_data_64 != existing.user_data_64:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_64
    if asked.user_data_32 != existing.user_data_32:
        return _T.EXISTS_WITH_DIFFERENT_USER_DATA_32
    if asked.ledger != existing.ledger:
        return _T.EXISTS_WITH_DIFFERENT_LEDGER
    if asked.code != existing.code:
        return _T.EXISTS_WITH_DIFFERENT_CODE
    return _T.EXISTS


def _filled_in(transfer: Transfer, flags: int, pending: Transfer) -> Transfer:
    return replace(
        transfer,
        debit_account_id=transfer.debit_account_id if transfer.debit_account_id.int else pending.debit_account_id,
        credit_account_id=transfer.credit_account_id if transfer.credit_account_id.int else pending.credit_account_id,
        amount=_resolved_amount(transfer, flags, pending),
        user_data_128=_present(transfer.user_data_128) or pending.user_data_128,
        user_data_64=transfer.user_data_64 or pending.user_data_64,
        user_data_32=transfer.user_data_32 or pending.user_data_32,
        ledger=transfer.ledger or pending.ledger,
        code=transfer.code or pending.code,
    )


def _resolved_amount(transfer: Transfer, flags: int, pending: Transfer) -> int:
    if flags & _VOID:
        return transfer.amount or pending.amount
    return pending.amount if transfer.amount == AMOUNT_MAX else transfer.amount


def _present(id: UUID | None) -> UUID | None:
    return None if id is None or id.int == 0 else id
