"""Events that bring their own timestamp: what happened before the ledger knew of it.

An expiry counts as an event of its timestamp: nothing can be imported from before it, so that the history of balances reads in
the order of the timestamps.
"""

from junzi.ledger.books import Draft
from junzi.ledger.model import Account, CreateAccountStatus, CreateTransferStatus, Transfer
from junzi.ledger.rules.terms import LAST_TIMESTAMP

_T = CreateTransferStatus


def time_refusal(
    statuses: type[CreateAccountStatus] | type[CreateTransferStatus],
    expected: bool,
    imported: bool,
    timestamp: int,
    newest: int,
) -> int:
    """The status that an event's timestamp alone decides, or 0.

    expected:  whether the first event of the request is imported, which says what all the others have to be
    newest:    the last timestamp that is given to this request; what is imported lies before it
    """
    if imported != expected:
        return statuses.IMPORTED_EVENT_NOT_EXPECTED if imported else statuses.IMPORTED_EVENT_EXPECTED
    if not imported:
        return statuses.TIMESTAMP_MUST_BE_ZERO if timestamp else 0
    if not 0 < timestamp <= LAST_TIMESTAMP:
        return statuses.IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE
    if timestamp >= newest:
        return statuses.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_ADVANCE
    return 0


def account_regresses(draft: Draft, timestamp: int) -> bool:
    """Whether an account came later than that, or a transfer at that very nanosecond."""
    return timestamp <= draft.last["account"] or timestamp in draft.transfer_times


def transfer_regresses(draft: Draft, timestamp: int) -> bool:
    """Whether a transfer or an expiry came later than that, or an account at that very nanosecond."""
    return timestamp <= draft.last["transfer"] or timestamp in draft.account_times


def transfer_refusal(draft: Draft, transfer: Transfer, debit: Account, credit: Account) -> CreateTransferStatus | None:
    """What stands against an imported transfer between two accounts that exist."""
    if transfer_regresses(draft, transfer.timestamp):
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS
    if transfer.timestamp <= debit.timestamp:
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_DEBIT_ACCOUNT
    if transfer.timestamp <= credit.timestamp:
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_CREDIT_ACCOUNT
    if transfer.timeout:
        return _T.IMPORTED_EVENT_TIMEOUT_MUST_BE_ZERO
    return None


def remember_account(draft: Draft, timestamp: int) -> None:
    """Note when the account was created, if this batch imports anything."""
    if draft.importing:
        draft.put(draft.last, "account", timestamp)
        draft.put(draft.account_times, timestamp, True)


def remember_transfer(draft: Draft, timestamp: int) -> None:
    """Note when the transfer was created, if this batch imports anything."""
    if draft.importing:
        draft.put(draft.last, "transfer", timestamp)
        draft.put(draft.transfer_times, timestamp, True)
