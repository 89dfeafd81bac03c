"""What the state machine works on: the requests of a batch, the books they bear on, and the draft they are written in."""

from enum import IntEnum
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from junzi.ledger.model import (
    Account,
    AccountBalance,
    CreateAccountResult,
    CreateTransferResult,
    CreateTransferStatus,
    Transfer,
)


class CreateAccounts(msgspec.Struct, frozen=True):
    """One call's accounts."""

    events: list[Account]


class CreateTransfers(msgspec.Struct, frozen=True):
    """One call's transfers."""

    events: list[Transfer]


class ExpirePending(msgspec.Struct, frozen=True):
    """Nothing but the expiry that comes before every batch."""


Request: TypeAlias = CreateAccounts | CreateTransfers | ExpirePending


class Outcome(msgspec.Struct, frozen=True):
    """What became of one request; only the list of its kind is filled."""

    accounts: list[CreateAccountResult] = []
    transfers: list[CreateTransferResult] = []
    expired: int = 0


class PendingStatus(IntEnum):
    PENDING = 1
    POSTED = 2
    VOIDED = 3
    EXPIRED = 4


class Pending(msgspec.Struct, frozen=True):
    """What became of a pending transfer. Timestamps in nanoseconds; 0 for none."""

    transfer_id: UUID
    status: PendingStatus
    expires_at: int
    resolved_at: int


class Times(msgspec.Struct, frozen=True):
    """What bears on events that bring their own timestamp, in nanoseconds.

    last_account, last_transfer:    the latest of any account, and of any transfer or expiry; 0 for none
    account_times, transfer_times:  those of the timestamps asked for that an account or transfer has already
    """

    last_account: int
    last_transfer: int
    account_times: frozenset[int]
    transfer_times: frozenset[int]


class Books(msgspec.Struct):
    """All that bears on a batch, by id: the accounts and transfers it names, and those that they name.

    failed:  ids refused for a transient reason, which can never be used again
    times:   only where the batch imports something
    """

    accounts: dict[UUID, Account] = {}
    transfers: dict[UUID, Transfer] = {}
    pendings: dict[UUID, Pending] = {}
    failed: dict[UUID, CreateTransferStatus] = {}
    times: Times | None = None


class Decision(msgspec.Struct, frozen=True):
    """What a batch does to the books.

    new_balances:  what accounts with `HISTORY` remember, each with the id of its account
    timestamp:     the last one given
    expired_at:    the one given to what ran out; 0 where nothing did
    """

    outcomes: list[Outcome]
    new_accounts: list[Account]
    changed_accounts: list[Account]
    new_transfers: list[Transfer]
    new_pendings: list[Pending]
    changed_pendings: list[Pending]
    new_failed: list[tuple[UUID, CreateTransferStatus]]
    new_balances: list[tuple[UUID, AccountBalance]]
    timestamp: int
    expired_at: int


class Draft:
    """The books with a batch's changes. Everything written while a chain is open can be taken back."""

    def __init__(self, before: Books) -> None:
        self._before = before
        self.accounts = dict(before.accounts)
        self.transfers = dict(before.transfers)
        self.pendings = dict(before.pendings)
        self.failed = dict(before.failed)
        self.balances: dict[tuple[UUID, int], AccountBalance] = {}
        times = before.times or Times(0, 0, frozenset(), frozenset())
        self.importing = before.times is not None
        self.last = {"account": times.last_account, "transfer": times.last_transfer}
        self.account_times = dict.fromkeys(times.account_times, True)
        self.transfer_times = dict.fromkeys(times.transfer_times, True)
        self._undo: list[tuple[dict[Any, Any], Any, Any]] | None = None

    def put(self, table: dict[Any, Any], key: object, value: object) -> None:
        if self._undo is not None:
            self._undo.append((table, key, table.get(key)))
        table[key] = value

    def open_chain(self) -> None:
        self._undo = []

    def keep_chain(self) -> None:
        self._undo = None

    def take_chain_back(self) -> None:
        for table, key, value in reversed(self._undo or []):
            if value is None:
                del table[key]
            else:
                table[key] = value
        self._undo = None

    def decision(self, outcomes: list[Outcome], next_timestamp: int, expired_at: int) -> Decision:
        before = self._before
        return Decision(
            outcomes,
            [value for id, value in self.accounts.items() if id not in before.accounts],
            _changed(before.accounts, self.accounts),
            [value for id, value in self.transfers.items() if id not in before.transfers],
            [value for id, value in self.pendings.items() if id not in before.pendings],
            _changed(before.pendings, self.pendings),
            [(id, status) for id, status in self.failed.items() if id not in before.failed],
            [(id, balance) for (id, _), balance in self.balances.items()],
            next_timestamp - 1,
            expired_at,
        )


class Chain:
    """Follows the linked events of one request: they stand or fall together."""

    def __init__(self, draft: Draft, count: int) -> None:
        self._draft = draft
        self._last = count - 1
        self._start: int | None = None
        self._broken = False

    def enter(self, position: int, linked: bool) -> int:
        """The status that the chain alone decides for this event, or 0."""
        if linked:
            if self._start is None:
                self._start = position
                self._draft.open_chain()
            if position == self._last:
                return int(CreateTransferStatus.LINKED_EVENT_CHAIN_OPEN)
        return int(CreateTransferStatus.LINKED_EVENT_FAILED) if self._broken else 0

    def fail(self, position: int) -> range:
        """Take the chain back; returns the positions that had succeeded so far."""
        if self._start is None or self._broken:
            return range(0)
        self._broken = True
        self._draft.take_chain_back()
        return range(self._start, position)

    def leave(self, linked: bool) -> None:
        if linked or self._start is None:
            return
        if not self._broken:
            self._draft.keep_chain()
        self._start, self._broken = None, False


def _changed(before: dict[UUID, Any], after: dict[UUID, Any]) -> list[Any]:
    return [after[id] for id, value in before.items() if after[id] is not value]
