"""The words the rules share. Flags are plain integers here: an operation on an IntFlag costs as much as a whole check."""

from uuid import UUID

from junzi.ledger.books import Draft
from junzi.ledger.model import Account, AccountBalance, AccountFlags, TransferFlags

SECOND = 1_000_000_000
LAST_TIMESTAMP = 2**63 - 1
ID_MAX = 2**128 - 1

LINKED = int(AccountFlags.LINKED)
"""The same bit in both kinds of flags."""
NO_OVERDRAFT = int(AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
NO_OVERPAYMENT = int(AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS)
HISTORY = int(AccountFlags.HISTORY)
ACCOUNT_IMPORTED = int(AccountFlags.IMPORTED)
CLOSED = int(AccountFlags.CLOSED)
ACCOUNT_FLAGS = LINKED | NO_OVERDRAFT | NO_OVERPAYMENT | HISTORY | ACCOUNT_IMPORTED | CLOSED

PENDING = int(TransferFlags.PENDING)
POST = int(TransferFlags.POST_PENDING_TRANSFER)
VOID = int(TransferFlags.VOID_PENDING_TRANSFER)
BALANCING_DEBIT = int(TransferFlags.BALANCING_DEBIT)
BALANCING_CREDIT = int(TransferFlags.BALANCING_CREDIT)
BALANCING = BALANCING_DEBIT | BALANCING_CREDIT
CLOSING_DEBIT = int(TransferFlags.CLOSING_DEBIT)
CLOSING_CREDIT = int(TransferFlags.CLOSING_CREDIT)
CLOSING = CLOSING_DEBIT | CLOSING_CREDIT
TRANSFER_IMPORTED = int(TransferFlags.IMPORTED)
TRANSFER_FLAGS = LINKED | PENDING | POST | VOID | BALANCING | CLOSING | TRANSFER_IMPORTED


def present(id: UUID | None) -> UUID | None:
    """The nil id means that there is none."""
    return None if id is None or id.int == 0 else id


def with_closed(account: Account, closed: bool) -> AccountFlags:
    """The account's flags, closed or open."""
    flags = int(account.flags)
    return AccountFlags(flags | CLOSED if closed else flags & ~CLOSED)


def keep_accounts(draft: Draft, timestamp: int, debit: Account, credit: Account) -> None:
    """Put both accounts as the transfer of that timestamp leaves them, and what an account with `HISTORY` remembers of it."""
    for account in (debit, credit):
        draft.put(draft.accounts, account.id, account)
        if int(account.flags) & HISTORY:
            balance = AccountBalance(
                debits_pending=account.debits_pending,
                debits_posted=account.debits_posted,
                credits_pending=account.credits_pending,
                credits_posted=account.credits_posted,
                timestamp=timestamp,
            )
            draft.put(draft.balances, (account.id, timestamp), balance)
