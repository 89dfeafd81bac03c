"""A second ledger, slow and obvious: balances are sums of history, a chain works on a copy of everything.

It is written from the model's documentation alone and shares nothing with the engine but the words.
"""

import copy
from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec.structs import replace

from junzi.ledger.model import (
    AMOUNT_MAX,
    NIL,
    Account,
    AccountFlags,
    CreateTransferStatus,
    Transfer,
    TransferFlags,
)

_S = CreateTransferStatus
_F = TransferFlags


class SlowLedger:
    """`now` is its clock, in seconds; its accounts are made at zero, which is `start` in nanoseconds since 1970.

    history:  the transfers that stand with the time of each, in the order in which they were created
    expired:  what ran out, when, and how many transfers stood by then
    """

    def __init__(self, accounts: Sequence[Account], start: int) -> None:
        self.now = 0.0
        self.start = start
        self.accounts = {account.id: account for account in accounts}
        self.history: list[tuple[float, Transfer]] = []
        self.expired: dict[UUID, tuple[float, int]] = {}
        self.burnt: set[UUID] = set()

    def create_transfers(self, events: Sequence[Transfer]) -> list[CreateTransferStatus]:
        self.expire()
        statuses: list[CreateTransferStatus] = []
        imports = _F.IMPORTED in events[0].flags
        for chain in _chains(events):
            statuses += self._chain(chain, is_open=_F.LINKED in chain[-1].flags, imports=imports)
        return statuses

    def expire(self) -> None:
        for at, transfer in self.history:
            if transfer.timeout and self.resolution(transfer.id) is None and at + transfer.timeout <= self.now:
                self.expired[transfer.id] = (self.now, len(self.history))

    def balances(self, id: UUID) -> tuple[int, int, int, int]:
        """Debits pending, debits posted, credits pending, credits posted."""
        sums = {"debits_pending": 0, "debits_posted": 0, "credits_pending": 0, "credits_posted": 0}
        for _, transfer in self.history:
            for side, account in (("debits", transfer.debit_account_id), ("credits", transfer.credit_account_id)):
                if account != id or _F.VOID_PENDING_TRANSFER in transfer.flags:
                    continue
                if _F.PENDING not in transfer.flags:
                    sums[f"{side}_posted"] += transfer.amount
                elif self.resolution(transfer.id) is None:
                    sums[f"{side}_pending"] += transfer.amount
        return sums["debits_pending"], sums["debits_posted"], sums["credits_pending"], sums["credits_posted"]

    def remembered(self, id: UUID) -> list[tuple[int, int, int, int]]:
        """The balances as each transfer of this account left them."""
        after = []
        for position, (_, transfer) in enumerate(self.history):
            if id in (transfer.debit_account_id, transfer.credit_account_id):
                then = copy.copy(self)
                then.history = self.history[: position + 1]
                then.expired = {one: gone for one, gone in self.expired.items() if gone[1] <= position}
                after.append(then.balances(id))
        return after

    def closed(self, id: UUID) -> bool:
        """Closed since it was made, or by a transfer that is still pending."""
        if AccountFlags.CLOSED in self.accounts[id].flags:
            return True
        sides = [(_F.CLOSING_DEBIT, "debit_account_id"), (_F.CLOSING_CREDIT, "credit_account_id")]
        return any(
            flag in transfer.flags and getattr(transfer, side) == id and self.resolution(transfer.id) is None
            for _, transfer in self.history
            for flag, side in sides
        )

    def resolution(self, pending_id: UUID) -> str | None:
        if pending_id in self.expired:
            return "expired"
        for _, transfer in self.history:
            if transfer.pending_id == pending_id:
                return "posted" if _F.POST_PENDING_TRANSFER in transfer.flags else "voided"
        return None

    def find(self, id: UUID | None) -> Transfer | None:
        return next((transfer for _, transfer in self.history if transfer.id == id), None)

    def _chain(self, events: Sequence[Transfer], *, is_open: bool, imports: bool) -> list[CreateTransferStatus]:
        attempt = copy.copy(self)
        attempt.history = list(self.history)
        statuses: list[CreateTransferStatus] = []
        for event in events:
            if is_open and event is events[-1]:
                statuses.append(_S.LINKED_EVENT_CHAIN_OPEN)
            elif any(status is not _S.CREATED for status in statuses):
                statuses.append(_S.LINKED_EVENT_FAILED)
            else:
                statuses.append(next(attempt.refusals(event, imports), _S.CREATED))
                if statuses[-1] is _S.CREATED:
                    attempt.history.append((attempt.time_of(event), attempt.filled_in(event)))
        if all(status is _S.CREATED for status in statuses):
            self.history = attempt.history
        else:
            statuses = [_S.LINKED_EVENT_FAILED if status is _S.CREATED else status for status in statuses]
        transient = {_S.DEBIT_ACCOUNT_NOT_FOUND, _S.CREDIT_ACCOUNT_NOT_FOUND, _S.PENDING_TRANSFER_NOT_FOUND}
        transient |= {_S.EXCEEDS_CREDITS, _S.EXCEEDS_DEBITS}
        transient |= {_S.DEBIT_ACCOUNT_ALREADY_CLOSED, _S.CREDIT_ACCOUNT_ALREADY_CLOSED}
        self.burnt |= {event.id for event, status in zip(events, statuses, strict=True) if status in transient}
        return statuses

    def time_of(self, event: Transfer) -> float:
        return (event.timestamp - self.start) / 1e9 if _F.IMPORTED in event.flags else self.now

    def filled_in(self, event: Transfer) -> Transfer:
        """The event as it is stored, but for its timestamp."""
        event = replace(event, timestamp=0)
        pending = self.find(event.pending_id)
        if pending is None:
            return replace(event, amount=self.balanced(event))
        amount = event.amount
        if _F.VOID_PENDING_TRANSFER in event.flags and amount == 0:
            amount = pending.amount
        if _F.POST_PENDING_TRANSFER in event.flags and amount == AMOUNT_MAX:
            amount = pending.amount
        return replace(
            event,
            amount=amount,
            debit_account_id=pending.debit_account_id if event.debit_account_id == NIL else event.debit_account_id,
            credit_account_id=pending.credit_account_id if event.credit_account_id == NIL else event.credit_account_id,
            ledger=event.ledger or pending.ledger,
            code=event.code or pending.code,
            user_data_128=event.user_data_128 or pending.user_data_128,
            user_data_64=event.user_data_64 or pending.user_data_64,
            user_data_32=event.user_data_32 or pending.user_data_32,
        )

    def balanced(self, event: Transfer) -> int:
        amounts = [event.amount]
        if _F.BALANCING_DEBIT in event.flags:
            pending, debits, _, credits = self.balances(event.debit_account_id)
            amounts.append(max(credits - debits - pending, 0))
        if _F.BALANCING_CREDIT in event.flags:
            _, debits, pending, credits = self.balances(event.credit_account_id)
            amounts.append(max(debits - credits - pending, 0))
        return min(amounts)

    def refusals(self, event: Transfer, imports: bool) -> Iterator[CreateTransferStatus]:
        """Every reason against the event that can still be told, the first to be told first."""
        is_imported = _F.IMPORTED in event.flags
        if imports and not is_imported:
            yield _S.IMPORTED_EVENT_EXPECTED
        if is_imported and not imports:
            yield _S.IMPORTED_EVENT_NOT_EXPECTED
        if not is_imported and event.timestamp:
            yield _S.TIMESTAMP_MUST_BE_ZERO
        if is_imported and not 0 < event.timestamp < 2**63:
            yield _S.IMPORTED_EVENT_TIMESTAMP_OUT_OF_RANGE
        if is_imported and self.time_of(event) > self.now:
            yield _S.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_ADVANCE
        existing = self.find(event.id)
        if existing is not None:
            yield from self.differences(event, existing)
            yield _S.EXISTS
            return
        if event.id in self.burnt:
            yield _S.ID_ALREADY_FAILED
            return
        if event.flags & (_F.POST_PENDING_TRANSFER | _F.VOID_PENDING_TRANSFER):
            yield from self.refusals_to_resolve(event)
            return
        if event.debit_account_id == NIL:
            yield _S.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
        if event.credit_account_id == NIL:
            yield _S.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
        if event.debit_account_id == event.credit_account_id:
            yield _S.ACCOUNTS_MUST_BE_DIFFERENT
        if event.pending_id is not None:
            yield _S.PENDING_ID_MUST_BE_ZERO
        if event.timeout and _F.PENDING not in event.flags:
            yield _S.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
        if event.flags & (_F.CLOSING_DEBIT | _F.CLOSING_CREDIT) and _F.PENDING not in event.flags:
            yield _S.CLOSING_TRANSFER_MUST_BE_PENDING
        if event.ledger == 0:
            yield _S.LEDGER_MUST_NOT_BE_ZERO
        if event.code == 0:
            yield _S.CODE_MUST_NOT_BE_ZERO
        debit, credit = self.accounts.get(event.debit_account_id), self.accounts.get(event.credit_account_id)
        if debit is None:
            yield _S.DEBIT_ACCOUNT_NOT_FOUND
            return
        if credit is None:
            yield _S.CREDIT_ACCOUNT_NOT_FOUND
            return
        if debit.ledger != credit.ledger:
            yield _S.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER
        if event.ledger != debit.ledger:
            yield _S.TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS
        if is_imported and self.regresses(event):
            yield _S.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS
        if is_imported and event.timeout:
            yield _S.IMPORTED_EVENT_TIMEOUT_MUST_BE_ZERO
        if self.closed(debit.id):
            yield _S.DEBIT_ACCOUNT_ALREADY_CLOSED
        if self.closed(credit.id):
            yield _S.CREDIT_ACCOUNT_ALREADY_CLOSED
        yield from self.refusals_by_balance(replace(event, amount=self.balanced(event)), debit, credit)

    def regresses(self, event: Transfer) -> bool:
        times = [at for at, _ in self.history] + [at for at, _ in self.expired.values()]
        return any(self.time_of(event) <= at for at in times)

    def refusals_by_balance(self, event: Transfer, debit: Account, credit: Account) -> Iterator[CreateTransferStatus]:
        debits_pending, debits_posted, _, funds = self.balances(debit.id)
        _, owed, credits_pending, credits_posted = self.balances(credit.id)
        if _F.PENDING in event.flags and debits_pending + event.amount > AMOUNT_MAX:
            yield _S.OVERFLOWS_DEBITS_PENDING
        if _F.PENDING in event.flags and credits_pending + event.amount > AMOUNT_MAX:
            yield _S.OVERFLOWS_CREDITS_PENDING
        if debits_posted + event.amount > AMOUNT_MAX:
            yield _S.OVERFLOWS_DEBITS_POSTED
        if credits_posted + event.amount > AMOUNT_MAX:
            yield _S.OVERFLOWS_CREDITS_POSTED
        if debits_pending + debits_posted + event.amount > AMOUNT_MAX:
            yield _S.OVERFLOWS_DEBITS
        if credits_pending + credits_posted + event.amount > AMOUNT_MAX:
            yield _S.OVERFLOWS_CREDITS
        limited = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS in debit.flags
        if limited and debits_pending + debits_posted + event.amount > funds:
            yield _S.EXCEEDS_CREDITS
        limited = AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS in credit.flags
        if limited and credits_pending + credits_posted + event.amount > owed:
            yield _S.EXCEEDS_DEBITS

    def refusals_to_resolve(self, event: Transfer) -> Iterator[CreateTransferStatus]:
        modes = [_F.PENDING, _F.POST_PENDING_TRANSFER, _F.VOID_PENDING_TRANSFER]
        others = _F.BALANCING_DEBIT | _F.BALANCING_CREDIT | _F.CLOSING_DEBIT | _F.CLOSING_CREDIT
        if sum(mode in event.flags for mode in modes) > 1 or event.flags & others:
            yield _S.FLAGS_ARE_MUTUALLY_EXCLUSIVE
        if event.pending_id is None:
            yield _S.PENDING_ID_MUST_NOT_BE_ZERO
        if event.pending_id == event.id:
            yield _S.PENDING_ID_MUST_BE_DIFFERENT
        if event.timeout:
            yield _S.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
        pending = self.find(event.pending_id)
        if pending is None:
            yield _S.PENDING_TRANSFER_NOT_FOUND
            return
        if _F.PENDING not in pending.flags:
            yield _S.PENDING_TRANSFER_NOT_PENDING
        asked = self.filled_in(event)
        if asked.debit_account_id != pending.debit_account_id:
            yield _S.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
        if asked.credit_account_id != pending.credit_account_id:
            yield _S.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
        if asked.ledger != pending.ledger:
            yield _S.PENDING_TRANSFER_HAS_DIFFERENT_LEDGER
        if asked.code != pending.code:
            yield _S.PENDING_TRANSFER_HAS_DIFFERENT_CODE
        if asked.amount > pending.amount:
            yield _S.EXCEEDS_PENDING_TRANSFER_AMOUNT
        if asked.amount < pending.amount and _F.VOID_PENDING_TRANSFER in event.flags:
            yield _S.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
        resolution = self.resolution(pending.id)
        if resolution == "posted":
            yield _S.PENDING_TRANSFER_ALREADY_POSTED
        if resolution == "voided":
            yield _S.PENDING_TRANSFER_ALREADY_VOIDED
        if resolution == "expired":
            yield _S.PENDING_TRANSFER_EXPIRED
        if _F.IMPORTED in event.flags and self.regresses(event):
            yield _S.IMPORTED_EVENT_TIMESTAMP_MUST_NOT_REGRESS
        if _F.POST_PENDING_TRANSFER in event.flags and self.closed(pending.debit_account_id):
            yield _S.DEBIT_ACCOUNT_ALREADY_CLOSED
        if _F.POST_PENDING_TRANSFER in event.flags and self.closed(pending.credit_account_id):
            yield _S.CREDIT_ACCOUNT_ALREADY_CLOSED

    def differences(self, event: Transfer, existing: Transfer) -> Iterator[CreateTransferStatus]:
        if event.flags != existing.flags:
            yield _S.EXISTS_WITH_DIFFERENT_FLAGS
        if event.pending_id != existing.pending_id:
            yield _S.EXISTS_WITH_DIFFERENT_PENDING_ID
        if event.timeout != existing.timeout:
            yield _S.EXISTS_WITH_DIFFERENT_TIMEOUT
        asked = self.filled_in(event) if event.pending_id else event
        if asked.debit_account_id != existing.debit_account_id:
            yield _S.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID
        if asked.credit_account_id != existing.credit_account_id:
            yield _S.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID
        balancing = bool(event.flags & (_F.BALANCING_DEBIT | _F.BALANCING_CREDIT))
        if asked.amount < existing.amount or (not balancing and asked.amount > existing.amount):
            yield _S.EXISTS_WITH_DIFFERENT_AMOUNT
        if asked.user_data_128 != existing.user_data_128:
            yield _S.EXISTS_WITH_DIFFERENT_USER_DATA_128
        if asked.user_data_64 != existing.user_data_64:
            yield _S.EXISTS_WITH_DIFFERENT_USER_DATA_64
        if asked.user_data_32 != existing.user_data_32:
            yield _S.EXISTS_WITH_DIFFERENT_USER_DATA_32
        if asked.ledger != existing.ledger:
            yield _S.EXISTS_WITH_DIFFERENT_LEDGER
        if asked.code != existing.code:
            yield _S.EXISTS_WITH_DIFFERENT_CODE


def _chains(events: Sequence[Transfer]) -> list[list[Transfer]]:
    chains: list[list[Transfer]] = [[]]
    for event in events:
        chains[-1].append(event)
        if _F.LINKED not in event.flags:
            chains.append([])
    return [chain for chain in chains if chain]
