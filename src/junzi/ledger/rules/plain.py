"""Decides plain transfers many at a time, as far as their order among each other cannot matter.

An account is *at ease* when it is open, keeps no history, and nothing that this batch does to it can run into one of its limits,
whatever the order: all that is debited is covered by what stood there before, and no sum can overflow. A plain transfer between
two accounts at ease is created; one of more than its debit account could come to hold at most is refused. Both are certain, so
that they are done first, in one step. Everything else is left to be walked through in order, and finds the balances that it would
have found, but for accounts at ease, whose balances decide nothing.
"""

from collections.abc import Sequence

import numpy as np

from junzi.ledger.books import FAILED, Books, Changes
from junzi.ledger.model import AMOUNT_MAX, CreateTransferStatus
from junzi.ledger.packed import ROW, Array, Block
from junzi.ledger.requests import CreateTransfers, Request
from junzi.ledger.rows import TransferRow
from junzi.ledger.rules.terms import CLOSED, HISTORY, NO_OVERDRAFT, NO_OVERPAYMENT

CREATED, EXCEEDS_CREDITS = int(CreateTransferStatus.CREATED), int(CreateTransferStatus.EXCEEDS_CREDITS)
TO_WALK = 0
FEWEST = 24
"""With fewer plain transfers than these it is quicker to walk."""

_LAST = np.uint64(2**64 - 1)


def decide_plain(books: Books, changes: Changes, requests: Sequence[Request], timestamp: int) -> list[int] | None:
    """By position among all events of the requests: the status that was decided here, or `TO_WALK`. None where nothing was.

    timestamp:  of the first event. Nothing of the requests is imported
    """
    packed, positions, others, count = _split(requests)
    if len(packed) < FEWEST or not len(books.accounts):
        return None
    rows = np.frombuffer(b"".join(packed), ROW)
    places = books.accounts.find(np.concatenate((rows["debit_account_id"], rows["credit_account_id"])))
    debit, credit = places[: len(rows)], places[len(rows) :]
    fit, again, known = _fit_by_id(books, rows, packed, others)
    fit &= _fit_by_account(books, rows, debit, credit)
    if not fit.any():
        return None
    bears = ~fit & ~known
    uneasy = np.concatenate((debit[bears], credit[bears], np.array(_touched(books, others), np.int64)))
    created, refused = _post(books, rows["amount"], debit, credit, np.flatnonzero(fit), again, uneasy)
    at = np.arange(count) if positions is None else np.array(positions)
    if created.size:
        block = Block(rows if len(created) == len(rows) else rows[created], at[created] + timestamp)
        changes.blocks.append(block)
        books.recent.update(dict.fromkeys(block.ids(), block))
    for place in refused.tolist():
        id = packed[place][:16]
        books.recent[id] = FAILED
        changes.failed.append((id, EXCEEDS_CREDITS, int(at[place]) + timestamp))
    _remember_newest(books, rows["id"][fit])
    told = np.full(count, TO_WALK, np.int64)
    told[at[created]] = CREATED
    told[at[refused]] = EXCEEDS_CREDITS
    statuses: list[int] = told.tolist()
    return statuses


def _split(requests: Sequence[Request]) -> tuple[list[bytes], list[int] | None, list[TransferRow], int]:
    """Plain transfers, their positions among all events (None where all are plain), other transfers, the number of events."""
    packed: list[bytes] = []
    for request in requests:
        if not isinstance(request, CreateTransfers) or not request.plain:
            break
        packed += request.events  # type: ignore[arg-type]
    else:
        return packed, None, [], len(packed)
    packed, positions, others, count = [], list[int](), list[TransferRow](), 0
    for request in requests:
        if isinstance(request, CreateTransfers):
            for position, event in enumerate(request.events, start=count):
                if isinstance(event, bytes):
                    packed.append(event)
                    positions.append(position)
                else:
                    others.append(event)
        count += len(request.events)
    return packed, positions, others, count


def _fit_by_id(books: Books, rows: Array, packed: list[bytes], others: list[TransferRow]) -> tuple[Array, Array, Array]:
    """Those whose ids are new, and named by no event of the batch that says something else; which of these say again what another
    says; and those whose ids were known before, or can't be any: they are refused and bear on no account."""
    high, low = rows["id"][:, 0].astype(np.uint64), rows["id"][:, 1].astype(np.uint64)
    fit: Array = (high != _LAST) | (low != _LAST)
    again, known = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    if not ((high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))).all():
        order = np.lexsort((low, high))
        twice = (high[order[1:]] == high[order[:-1]]) & (low[order[1:]] == low[order[:-1]])
        pairs = list(zip(order[:-1][twice].tolist(), order[1:][twice].tolist(), strict=True))
        contradicted = {packed[later][:16] for earlier, later in pairs if packed[earlier] != packed[later]}
        for earlier, later in pairs:
            if packed[later][:16] in contradicted:
                fit[earlier] = fit[later] = False
            else:
                again[later] = True
    newest = int.from_bytes(books.newest[:8]), int.from_bytes(books.newest[8:])
    may_be_known = (high < newest[0]) | ((high == newest[0]) & (low <= newest[1]))
    if books.ahead:
        may_be_known[:] = True
    for place in np.flatnonzero(may_be_known).tolist():
        id = packed[place][:16]
        if not any(id) or id in books.recent or id in books.older or id in books.ahead:
            fit[place], known[place] = False, True
    if others:
        named = {event[0] for event in others} | {event[4] for event in others}
        for place, event in enumerate(packed):
            if event[:16] in named:
                fit[place] = False
    return fit, again, known


def _fit_by_account(books: Books, rows: Array, debit: Array, credit: Array) -> Array:
    """Those between two accounts of their ledger."""
    ledgers, ledger = np.frombuffer(books.accounts.ledgers, np.uint32), rows["ledger"]
    fit: Array = (debit >= 0) & (credit >= 0) & (debit != credit) & (rows["code"] != 0) & (ledger != 0)
    fit &= (ledgers[debit] == ledger) & (ledgers[credit] == ledger)
    return fit


def _touched(books: Books, others: list[TransferRow]) -> list[int]:
    """The places of all accounts that the other transfers bear on."""
    ids: set[bytes] = set()
    for event in others:
        ids.update(event[1:3])
        pending = None if event[4] is None else books.transfer(event[4])
        if pending is not None:
            ids.update(pending[1:3])
    places = (books.accounts.places.get(id) for id in ids)
    return [place for place in places if place is not None]


def _post(
    books: Books, amount: Array, debit: Array, credit: Array, fit: Array, again: Array, uneasy: Array
) -> tuple[Array, Array]:
    """Move the amounts of what can be created for certain; returns which were created, and which are refused for certain.

    fit:     which of them are considered
    again:   those that say what one of `fit` says: they share its fate, and what is decided here allows for both
    uneasy:  places of accounts that something else bears on
    """
    accounts = books.accounts
    touched, inside = np.unique(np.concatenate((debit[fit], credit[fit])), return_inverse=True)
    debit, credit, amount = inside[: len(fit)], inside[len(fit) :], amount[fit]
    flags = np.frombuffer(accounts.flags, np.uint16)[touched]
    debits_posted, credits_posted = (
        np.frombuffer(column, np.int64) for column in (accounts.debits_posted, accounts.credits_posted)
    )
    debits = np.frombuffer(accounts.debits_pending, np.int64)[touched] + debits_posted[touched]
    credits = np.frombuffer(accounts.credits_pending, np.int64)[touched] + credits_posted[touched]
    to_debit, to_credit = _sums(amount, debit, len(touched)), _sums(amount, credit, len(touched))
    at_risk = (to_debit > AMOUNT_MAX - debits) | (to_credit > AMOUNT_MAX - credits) | np.isin(touched, uneasy)
    # History is written in order, and what is closed refuses.
    at_risk |= flags & (CLOSED | HISTORY) != 0

    # More than there will be, even if everything that is to be credited comes first and nothing is debited.
    most = credits_posted[touched] + to_credit - debits
    refused = (flags[debit] & NO_OVERDRAFT != 0) & ~at_risk[debit] & ~at_risk[credit]
    refused &= amount > most[debit]
    if refused.any():
        to_debit -= _sums(amount[refused], debit[refused], len(touched))
        to_credit -= _sums(amount[refused], credit[refused], len(touched))
    at_risk |= (flags & NO_OVERDRAFT != 0) & (to_debit > credits_posted[touched] - debits)
    at_risk |= (flags & NO_OVERPAYMENT != 0) & (to_credit > debits_posted[touched] - credits)

    # What says it again is walked, and finds the first.
    first = ~again[fit]
    refused &= first
    created = first & ~refused & ~at_risk[debit] & ~at_risk[credit]
    debit, credit, amount = debit[created], credit[created], amount[created]
    debits_posted[touched] += _sums(amount, debit, len(touched))
    credits_posted[touched] += _sums(amount, credit, len(touched))
    changed = np.frombuffer(accounts.changed, np.uint8)
    changed[touched[debit]] = changed[touched[credit]] = 1
    return fit[created], fit[refused]


def _sums(amount: Array, place: Array, count: int) -> Array:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, place, amount)
    return sums


def _remember_newest(books: Books, ids: Array) -> None:
    high = ids[:, 0].max()
    low = ids[:, 1][ids[:, 0] == high].max()
    books.newest = max(books.newest, int(high).to_bytes(8) + int(low).to_bytes(8))
