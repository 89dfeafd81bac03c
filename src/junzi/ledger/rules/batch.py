"""Runs the requests of a batch in order: every event gets its result, and linked events stand or fall together."""

from collections.abc import Sequence

from junzi.ledger.books import FAILED, Books, Changes
from junzi.ledger.model import (
    CreateAccountResult,
    CreateAccountStatus,
    CreateTransferResult,
    CreateTransferStatus,
)
from junzi.ledger.packed import unpack
from junzi.ledger.requests import CreateAccounts, CreateTransfers, Outcome, Request, TransferEvent
from junzi.ledger.rows import AccountRow
from junzi.ledger.rules.accounts import create_account
from junzi.ledger.rules.imports import time_refusal
from junzi.ledger.rules.pendings import expire
from junzi.ledger.rules.plain import CREATED, EXCEEDS_CREDITS, TO_WALK, decide_plain
from junzi.ledger.rules.terms import ACCOUNT_IMPORTED, LINKED, TRANSFER_IMPORTED
from junzi.ledger.rules.transfers import create_transfer

_A = CreateAccountStatus
_T = CreateTransferStatus
_CREATED, _EXISTS = _T.CREATED, _T.EXISTS
_CHAIN_OPEN, _LINKED_FAILED = int(_T.LINKED_EVENT_CHAIN_OPEN), int(_T.LINKED_EVENT_FAILED)


def decide(
    books: Books, changes: Changes, due: Sequence[bytes], requests: Sequence[Request], timestamp: int
) -> tuple[list[Outcome], int]:
    """Run the requests in order, after voiding the pending transfers that are due; their outcomes, and the next timestamp.

    timestamp:  the first one to give; each event takes the next, and all that expires takes one
    """
    expired = expire(books, changes, due, timestamp)
    timestamp += 1 if due else 0
    told = None if any(request.dated for request in requests) else decide_plain(books, changes, requests, timestamp)
    outcomes, position = list[Outcome](), 0
    for request in requests:
        count = len(request.events)
        if isinstance(request, CreateTransfers):
            told_here = None if told is None else told[position : position + count]
            outcomes.append(_create_transfers(books, changes, request.events, timestamp + position, told_here))
        elif isinstance(request, CreateAccounts):
            outcomes.append(_create_accounts(books, changes, request.events, timestamp + position))
        else:
            outcomes.append(expired)
        position += count
    return outcomes, timestamp + position


class Chain:
    """Follows the linked events of one request: they stand or fall together."""

    def __init__(self, books: Books, changes: Changes, count: int) -> None:
        self._books = books
        self._changes = changes
        self._last = count - 1
        self._start: int | None = None
        self._broken = False

    def enter(self, position: int, linked: int) -> int:
        """The status that the chain alone decides for this event, or 0."""
        if linked:
            if self._start is None:
                self._start = position
                self._books.open_chain(self._changes)
            if position == self._last:
                return int(CreateTransferStatus.LINKED_EVENT_CHAIN_OPEN)
        return int(CreateTransferStatus.LINKED_EVENT_FAILED) if self._broken else 0

    def fail(self, position: int) -> range:
        """Take the chain back; returns the positions that had succeeded so far."""
        if self._start is None or self._broken:
            return range(0)
        self._broken = True
        self._books.take_chain_back()
        return range(self._start, position)

    def leave(self, linked: int) -> None:
        if linked or self._start is None:
            return
        if not self._broken:
            self._books.keep_chain()
        self._start, self._broken = None, False


def _create_accounts(
    books: Books, changes: Changes, events: list[AccountRow], timestamp: int
) -> list[CreateAccountResult]:
    chain = Chain(books, changes, len(events))
    newest = timestamp + len(events) - 1
    imports = events[0][3] & ACCOUNT_IMPORTED if events else 0
    results: list[CreateAccountResult] = []
    for at, event in enumerate(events, start=timestamp):
        flags, own_at = event[3], event[11]
        imported = flags & ACCOUNT_IMPORTED
        refusal = chain.enter(at - timestamp, flags & LINKED)
        if not refusal and (imported or imports or own_at):
            refusal = time_refusal(_A, bool(imports), bool(imported), own_at, newest)
        own_at = own_at if imported else at
        status = _A(refusal) if refusal else create_account(books, changes, event, own_at)
        if status is _A.EXISTS:
            # What exists may have been made by this very chain, which is about to be taken back.
            own_at = books.accounts.timestamps[books.accounts.places[event[0]]]
        results.append(CreateAccountResult(status, own_at if status in (_A.CREATED, _A.EXISTS) else at))
        if status is not _A.CREATED:
            for earlier in chain.fail(at - timestamp):
                results[earlier] = CreateAccountResult(_A.LINKED_EVENT_FAILED, timestamp + earlier)
        chain.leave(flags & LINKED)
    return results


def _create_transfers(
    books: Books, changes: Changes, events: Sequence[TransferEvent], timestamp: int, told: list[int] | None
) -> list[CreateTransferResult]:
    """told: by position, what is decided already"""
    if told is None:
        return _walk(books, changes, events, timestamp, range(len(events)))
    if told.count(CREATED) == len(told):
        return [CreateTransferResult(_CREATED, at) for at in range(timestamp, timestamp + len(told))]
    results = _walk(
        books, changes, events, timestamp, [place for place, status in enumerate(told) if status == TO_WALK]
    )
    for place, status in enumerate(told):
        if status == EXCEEDS_CREDITS:
            results[place] = CreateTransferResult(_T.EXCEEDS_CREDITS, timestamp + place)
    return results


def _walk(
    books: Books, changes: Changes, events: Sequence[TransferEvent], timestamp: int, places: Sequence[int]
) -> list[CreateTransferResult]:
    """Decide the events at these places in order, of which no chain is there in part; all others are taken for created."""
    newest = timestamp + len(events) - 1
    imports = events[0][11] & TRANSFER_IMPORTED if events and isinstance(events[0], tuple) else 0
    results = [CreateTransferResult(_CREATED, at) for at in range(timestamp, newest + 1)]
    # Where the open chain began, and whether it is broken already; as `Chain` does it, but these lines run for every transfer.
    began, broken = -1, False
    for place in places:
        packed, at = events[place], timestamp + place
        event = unpack(packed) if isinstance(packed, bytes) else packed
        flags, own_at = event[11], at
        linked, refusal = flags & LINKED, 0
        if linked:
            if began < 0:
                began = at
                books.open_chain(changes)
            if at == newest:
                refusal = _CHAIN_OPEN
        if broken and not refusal:
            refusal = _LINKED_FAILED
        if imports or flags & TRANSFER_IMPORTED or event[12]:
            imported = flags & TRANSFER_IMPORTED
            refusal = refusal or time_refusal(_T, bool(imports), bool(imported), event[12], newest)
            own_at = event[12] if imported else at
        status = _T(refusal) if refusal else create_transfer(books, changes, event, own_at)
        if status is _CREATED:
            if own_at != at:
                results[place] = CreateTransferResult(status, own_at)
        else:
            # What exists may have been made by this very chain, which is about to be taken back.
            told_at = books.transfer(event[0])[12] if status is _EXISTS else at  # type: ignore[index]
            results[place] = CreateTransferResult(status, told_at)
            if began >= 0 and not broken:
                broken = True
                books.take_chain_back()
                for earlier in range(began, at):
                    results[earlier - timestamp] = CreateTransferResult(_T.LINKED_EVENT_FAILED, earlier)
            if status.transient:
                # After the chain was taken back, so that it stays: whoever sends this id again gets the same refusal.
                books.recent[event[0]] = FAILED
                books.newest = max(books.newest, event[0])
                changes.failed.append((event[0], int(status), at))
        if began >= 0 and not linked:
            if not broken:
                books.keep_chain()
            began, broken = -1, False
    return results
