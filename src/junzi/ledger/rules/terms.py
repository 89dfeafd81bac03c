"""The words the rules share. Flags are plain integers here: an operation on an IntFlag costs as much as a whole check."""

from junzi.ledger.books import Books, Changes
from junzi.ledger.model import AccountFlags, TransferFlags

SECOND = 1_000_000_000
LAST_TIMESTAMP = 2**63 - 1

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
RESOLVING = POST | VOID
BALANCING_DEBIT = int(TransferFlags.BALANCING_DEBIT)
BALANCING_CREDIT = int(TransferFlags.BALANCING_CREDIT)
BALANCING = BALANCING_DEBIT | BALANCING_CREDIT
CLOSING_DEBIT = int(TransferFlags.CLOSING_DEBIT)
CLOSING_CREDIT = int(TransferFlags.CLOSING_CREDIT)
CLOSING = CLOSING_DEBIT | CLOSING_CREDIT
TRANSFER_IMPORTED = int(TransferFlags.IMPORTED)
TRANSFER_FLAGS = LINKED | PENDING | POST | VOID | BALANCING | CLOSING | TRANSFER_IMPORTED


def set_closed(books: Books, changes: Changes, place: int, closed: bool) -> None:
    """Close or open the account at that place."""
    accounts = books.accounts
    flags = accounts.flags[place] | CLOSED if closed else accounts.flags[place] & ~CLOSED
    books.put(accounts.flags, place, flags)
    books.put(changes.flags, accounts.id(place), flags)


def remember(books: Books, changes: Changes, timestamp: int, *places: int) -> None:
    """What those of these accounts that have `HISTORY` remember of the transfer of that timestamp."""
    accounts = books.accounts
    for place in places:
        if accounts.flags[place] & HISTORY:
            changes.balances.append((accounts.id(place), *accounts.balances(place), timestamp))
