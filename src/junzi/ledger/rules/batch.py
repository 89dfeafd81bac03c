"""Runs the requests of a batch in order: every event gets its result, and linked events stand or fall together."""

from collections.abc import Sequence
from uuid import UUID

from junzi.ledger.books import (
    Books,
    Chain,
    CreateAccounts,
    CreateTransfers,
    Decision,
    Draft,
    Outcome,
    Request,
)
from junzi.ledger.model import (
    Account,
    CreateAccountResult,
    CreateAccountStatus,
    CreateTransferResult,
    CreateTransferStatus,
    Transfer,
)
from junzi.ledger.rules.accounts import create_account
from junzi.ledger.rules.imports import time_refusal
from junzi.ledger.rules.pendings import expire
from junzi.ledger.rules.terms import ACCOUNT_IMPORTED, LINKED, TRANSFER_IMPORTED
from junzi.ledger.rules.transfers import create_transfer

_A = CreateAccountStatus
_T = CreateTransferStatus
_STANDS_AS_ACCOUNT = (_A.CREATED, _A.EXISTS)
_STANDS_AS_TRANSFER = (_T.CREATED, _T.EXISTS)


def decide(books: Books, due: Sequence[UUID], requests: Sequence[Request], timestamp: int) -> Decision:
    """Run the requests in order, after voiding the pending transfers that are due.

    timestamp:  the first one to give; each event takes the next, and all that expires takes one
    """
    draft = Draft(books)
    expired = expire(draft, due, timestamp)
    expired_at = timestamp if due else 0
    timestamp += 1 if due else 0
    outcomes = []
    for request in requests:
        if isinstance(request, CreateTransfers):
            outcomes.append(Outcome(transfers=_create_transfers(draft, request.events, timestamp)))
            timestamp += len(request.events)
        elif isinstance(request, CreateAccounts):
            outcomes.append(Outcome(accounts=_create_accounts(draft, request.events, timestamp)))
            timestamp += len(request.events)
        else:
            outcomes.append(Outcome(expired=expired))
    return draft.decision(outcomes, timestamp, expired_at)


def weight(request: Request) -> int:
    """How many events a request brings to a batch."""
    return len(request.events) if isinstance(request, CreateTransfers | CreateAccounts) else 1


def _create_accounts(draft: Draft, events: list[Account], timestamp: int) -> list[CreateAccountResult]:
    chain = Chain(draft, len(events))
    newest = timestamp + len(events) - 1
    imports = int(events[0].flags) & ACCOUNT_IMPORTED if events else 0
    results: list[CreateAccountResult] = []
    for at, event in enumerate(events, start=timestamp):
        flags = int(event.flags)
        imported = flags & ACCOUNT_IMPORTED
        own_at = event.timestamp if imported else at
        refusal = chain.enter(at - timestamp, bool(flags & LINKED))
        if not refusal and (imported or imports or event.timestamp):
            refusal = time_refusal(_A, bool(imports), bool(imported), event.timestamp, newest)
        status = _A(refusal) if refusal else create_account(draft, event, flags, own_at)
        if status is _A.EXISTS:
            # What exists may have been made by this very chain, which is about to be taken back.
            own_at = draft.accounts[event.id].timestamp
        results.append(CreateAccountResult(status, own_at if status in _STANDS_AS_ACCOUNT else at))
        if status is not _A.CREATED:
            for earlier in chain.fail(at - timestamp):
                results[earlier] = CreateAccountResult(_A.LINKED_EVENT_FAILED, timestamp + earlier)
        chain.leave(bool(flags & LINKED))
    return results


def _create_transfers(draft: Draft, events: list[Transfer], timestamp: int) -> list[CreateTransferResult]:
    chain = Chain(draft, len(events))
    newest = timestamp + len(events) - 1
    imports = int(events[0].flags) & TRANSFER_IMPORTED if events else 0
    results: list[CreateTransferResult] = []
    for at, event in enumerate(events, start=timestamp):
        flags = int(event.flags)
        imported = flags & TRANSFER_IMPORTED
        own_at = event.timestamp if imported else at
        refusal = chain.enter(at - timestamp, bool(flags & LINKED))
        if not refusal and (imported or imports or event.timestamp):
            refusal = time_refusal(_T, bool(imports), bool(imported), event.timestamp, newest)
        status = _T(refusal) if refusal else create_transfer(draft, event, flags, own_at)
        if status is _T.EXISTS:
            # What exists may have been made by this very chain, which is about to be taken back.
            own_at = draft.transfers[event.id].timestamp
        results.append(CreateTransferResult(status, own_at if status in _STANDS_AS_TRANSFER else at))
        if status is not _T.CREATED:
            for earlier in chain.fail(at - timestamp):
                results[earlier] = CreateTransferResult(_T.LINKED_EVENT_FAILED, timestamp + earlier)
            if status.transient:
                # After the chain was taken back, so that it stays: whoever sends this id again gets the same refusal.
                draft.failed[event.id] = status
        chain.leave(bool(flags & LINKED))
    return results
