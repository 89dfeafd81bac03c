"""What the books lack before requests can be decided."""

from collections.abc import Sequence

import msgspec
import numpy as np

from junzi.ledger.books import Books
from junzi.ledger.packed import ROW
from junzi.ledger.requests import CreateAccounts, CreateTransfers, Request
from junzi.ledger.rows import NIL_ID
from junzi.ledger.rules import plain


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
    packed: list[bytes] = []
    for request in requests:
        if isinstance(request, CreateTransfers):
            if request.plain:
                packed += request.events  # type: ignore[arg-type]
                continue
            for event in request.events:
                if isinstance(event, bytes):
                    packed.append(event)
                    continue
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
    _of_plain(books, packed, accounts, named)
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


def _of_plain(books: Books, packed: list[bytes], accounts: set[bytes], named: list[bytes]) -> None:
    """Add the accounts that plain transfers lack, and those of their ids that lie before the horizon."""
    if len(packed) < plain.FEWEST or not len(books.accounts):
        for event in packed:
            accounts.update(id for id in (event[16:32], event[32:48]) if id not in books.accounts.places)
            if event[:16] <= books.horizon:
                named.append(event[:16])
        return
    rows = np.frombuffer(b"".join(packed), ROW)
    debits, credits = rows["debit_account_id"], rows["credit_account_id"]
    for place in np.flatnonzero(books.accounts.find(np.concatenate((debits, credits))) < 0).tolist():
        event = packed[place % len(packed)]
        accounts.add(event[16:32] if place < len(packed) else event[32:48])
    # As far as the first half of an id says.
    early = rows["id"][:, 0] <= int.from_bytes(books.horizon[:8])
    named += [id for id in (packed[place][:16] for place in np.flatnonzero(early).tolist()) if id <= books.horizon]
