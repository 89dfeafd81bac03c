"""Whether one account can be created."""

from junzi.ledger.books import Books, Changes
from junzi.ledger.model import CreateAccountStatus
from junzi.ledger.rows import LAST_ID, NIL_ID, AccountRow
from junzi.ledger.rules import imports
from junzi.ledger.rules.terms import ACCOUNT_FLAGS, ACCOUNT_IMPORTED, NO_OVERDRAFT, NO_OVERPAYMENT

_A = CreateAccountStatus


def create_account(books: Books, changes: Changes, account: AccountRow, timestamp: int) -> CreateAccountStatus:
    """timestamp: the account's own if it is imported"""
    id, ledger, code, flags, _, _, _, debits_pending, debits_posted, credits_pending, credits_posted, _ = account
    if flags & ~ACCOUNT_FLAGS:
        return _A.RESERVED_FLAG
    if id == NIL_ID:
        return _A.ID_MUST_NOT_BE_ZERO
    if id == LAST_ID:
        return _A.ID_MUST_NOT_BE_INT_MAX
    place = books.accounts.places.get(id)
    if place is not None:
        return _account_exists(account, books.accounts.row(place))
    if flags & NO_OVERDRAFT and flags & NO_OVERPAYMENT:
        return _A.FLAGS_ARE_MUTUALLY_EXCLUSIVE
    if debits_pending:
        return _A.DEBITS_PENDING_MUST_BE_ZERO
    if debits_posted:
        return _A.DEBITS_POSTED_MUST_BE_ZERO
    if credits_pending:
        return _A.CREDITS_PENDING_MUST_BE_ZERO
    if credits_posted:
        return _A.CREDITS_POSTED_MUST_BE_ZERO
    if ledger == 0:
        return _A.LEDGER_MUST_NOT_BE_ZERO
    if code == 0:
        return _A.CODE_MUST_NOT_BE_ZERO
    if flags & ACCOUNT_IMPORTED and imports.account_regresses(books, timestamp):
        return _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS

    # From here on it must succeed.
    row = (*account[:-1], timestamp)
    books.accounts.add(row)
    changes.accounts.append(row)
    imports.remember_account(books, timestamp)
    return _A.CREATED


def _account_exists(account: AccountRow, existing: AccountRow) -> CreateAccountStatus:
    """An account that a transfer has closed since differs in its flags from what was asked for."""
    _, ledger, code, flags, user_data_128, user_data_64, user_data_32, *_ = account
    if flags != existing[3]:
        return _A.EXISTS_WITH_DIFFERENT_FLAGS
    if user_data_128 != existing[4]:
        return _A.EXISTS_WITH_DIFFERENT_USER_DATA_128
    if user_data_64 != existing[5]:
        return _A.EXISTS_WITH_DIFFERENT_USER_DATA_64
    if user_data_32 != existing[6]:
        return _A.EXISTS_WITH_DIFFERENT_USER_DATA_32
    if ledger != existing[1]:
        return _A.EXISTS_WITH_DIFFERENT_LEDGER
    if code != existing[2]:
        return _A.EXISTS_WITH_DIFFERENT_CODE
    return _A.EXISTS
