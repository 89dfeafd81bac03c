"""Events that bring their own timestamp: what happened before the ledger knew of it.

An expiry counts as an event of its timestamp: nothing can be imported from before it, so that the history of balances reads in
the order of the timestamps.
"""

from junzi.ledger.books import Books
from junzi.ledger.model import CreateAccountStatus, CreateTransferStatus
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


def account_regresses(books: Books, timestamp: int) -> bool:
    """Whether an account came later than that, or a transfer at that very nanosecond."""
    times = books.times
    assert times is not None
    return timestamp <= times.last["account"] or timestamp in times.transfer_times


def transfer_regresses(books: Books, timestamp: int) -> bool:
    """Whether a transfer or an expiry came later than that, or an account at that very nanosecond."""
    times = books.times
    assert times is not None
    return timestamp <= times.last["transfer"] or timestamp in times.account_times


def transfer_refusal(
    books: Books, timestamp: int, timeout: int, debit: int, credit: int
) -> CreateTransferStatus | None:
    """What stands against an imported transfer between two accounts that exist."""
    if transfer_regresses(books, timestamp):
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS
    if timestamp <= books.accounts.timestamps[debit]:
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_DEBIT_ACCOUNT
    if timestamp <= books.accounts.timestamps[credit]:
        return _T.IMPORTED_EVENT_TIMESTAMP_MUST_POSTDATE_CREDIT_ACCOUNT
    if timeout:
        return _T.IMPORTED_EVENT_TIMEOUT_MUST_BE_ZERO
    return None


def remember_account(books: Books, timestamp: int) -> None:
    """Note when the account was created. Only while something is imported."""
    if books.times is not None:
        books.put(books.times.last, "account", timestamp)
        books.put(books.times.account_times, timestamp, True)


def remember_transfer(books: Books, timestamp: int) -> None:
    """Note when the transfer was created. Only while something is imported."""
    if books.times is not None:
        books.put(books.times.last, "transfer", timestamp)
        books.put(books.times.transfer_times, timestamp, True)
