"""What the books lack before requests can be decided."""

from collections.abc import Sequence

import msgspec

from junzi.ledger.books import Books
from junzi.ledger.requests import CreateAccounts, CreateTransfers, Request
from junzi.ledger.rows import NIL_ID


class Missing(msgspec.Struct):
    """Ids that have to be asked for."""

    accounts: set[bytes]
    transfers: set[bytes]

    def __bool__(self) -> bool:
        return bool(self.accounts or self.transfers)


def missing(books: Books, requests: Sequence[Request], due: Sequence[bytes], nowhere: Missing) -> Missing:
    """What to load, as far as it is known by now: a transfer that is loaded may name accounts.

    nowhere:  what was asked for in vain
    """
    accounts: set[bytes] = set()
    transfers: set[bytes] = {id for id in due if not books.transfer(id)}
    places, horizon = books.accounts.places, books.horizon
    named: list[bytes] = list(due)
    for request in requests:
        if isinstance(request, CreateTransfers):
            for event in request.events:
                id, pending_id = event[0], event[4]
                if event[1] not in places:
                    accounts.add(event[1])
                if event[2] not in places:
                    accounts.add(event[2])
                if id <= horizon:
                    named.append(id)
                if pending_id is not None:
                    named.append(pending_id)
        elif isinstance(request, CreateAccounts):
            for account in request.events:
                if account[0] not in places:
                    accounts.add(account[0])
    for id in named:
        row = books.transfer(id)
        if row is None:
            if id <= horizon:
                transfers.add(id)
            continue
        for account_id in row[1:3]:
            if account_id not in places:
                accounts.add(account_id)
    # What a post or void leaves out, and what failed, names nobody.
    accounts.discard(NIL_ID)
    return Missing(accounts - nowhere.accounts, transfers - nowhere.transfers)
