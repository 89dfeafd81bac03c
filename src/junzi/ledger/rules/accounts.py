"""Whether one account can be created."""

from msgspec.structs import replace

from junzi.ledger.books import Draft
from junzi.ledger.model import Account, CreateAccountStatus
from junzi.ledger.rules import imports
from junzi.ledger.rules.terms import (
    ACCOUNT_FLAGS,
    ACCOUNT_IMPORTED,
    ID_MAX,
    NO_OVERDRAFT,
    NO_OVERPAYMENT,
    present,
)

_A = CreateAccountStatus


def create_account(draft: Draft, account: Account, flags: int, timestamp: int) -> CreateAccountStatus:
    """timestamp: the account's own if it is imported"""
    if flags & ~ACCOUNT_FLAGS:
        return _A.RESERVED_FLAG
    if account.id.int == 0:
        return _A.ID_MUST_NOT_BE_ZERO
    if account.id.int == ID_MAX:
        return _A.ID_MUST_NOT_BE_INT_MAX
    existing = draft.accounts.get(account.id)
    if existing is not None:
        return _account_exists(account, flags, existing)
    if flags & NO_OVERDRAFT and flags & NO_OVERPAYMENT:
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
    if flags & ACCOUNT_IMPORTED and imports.account_regresses(draft, timestamp):
        return _A.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS

    # From here on it must succeed.
    draft.put(
        draft.accounts, account.id, replace(account, user_data_128=present(account.user_data_128), timestamp=timestamp)
    )
    imports.remember_account(draft, timestamp)
    return _A.CREATED


def _account_exists(account: Account, flags: int, existing: Account) -> CreateAccountStatus:
    """An account that a transfer has closed since differs in its flags from what was asked for."""
    if flags != int(existing.flags):
        return _A.EXISTS_WITH_DIFFERENT_FLAGS
    if present(account.user_data_128) != existing.user_data_128:
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
