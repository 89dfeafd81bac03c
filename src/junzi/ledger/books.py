"""What the ledger keeps in memory: accounts with their balances, the newest transfers, and what a batch changes.

The books of one writer are the truth until they are thrown away; the tables follow behind. The rules change them in place.
"""

from array import array
from collections import deque
from collections.abc import Callable, Iterable, MutableMapping, MutableSequence
from enum import IntEnum
from typing import Any, TypeAlias

import msgspec
import numpy as np

from junzi.ledger.packed import Array, Block
from junzi.ledger.places import Places
from junzi.ledger.rows import NIL_ID, AccountRow, TransferRow
from junzi.ledger.tail import Tail

FAILED: TransferRow = (NIL_ID, NIL_ID, NIL_ID, 0, None, None, 0, 0, 0, 0, 0, 0, 0)
"""What is known under an id that was refused for a reason of the moment; compared by identity."""

Known: TypeAlias = TransferRow | Block
"""What stands under an id: a transfer, `FAILED`, or the block that the transfer is in."""

MOST_RECENT = 1 << 16
"""Transfers of a generation. Two generations are known without asking the tables."""

MOST_AHEAD = 10_000
"""Ids remembered that lie ahead of their time."""


class PendingStatus(IntEnum):
    PENDING = 1
    POSTED = 2
    VOIDED = 3
    EXPIRED = 4


class Times(msgspec.Struct):
    """What bears on events that bring their own timestamp, in nanoseconds.

    last:                           the latest of any "account", and of any "transfer" or expiry; 0 for none
    account_times, transfer_times:  those of the timestamps asked for that an account or transfer has already
    """

    last: dict[str, int]
    account_times: dict[int, bool]
    transfer_times: dict[int, bool]


class Changes:
    """What a batch adds to the tables.

    blocks:    transfers besides `transfers`: plain ones, many at a time
    pendings:  by id of the pending transfer, those that are new: status, expires_at, resolved_at
    resolved:  those of earlier batches that are no longer pending: status, resolved_at
    failed:    id, status and timestamp of what was refused for a reason of the moment
    balances:  what accounts with `HISTORY` remember: account id, debits pending and posted, credits pending and posted, timestamp
    flags:     of accounts that were closed or opened again, by id
    """

    def __init__(self) -> None:
        self.accounts: list[AccountRow] = []
        self.transfers: list[TransferRow] = []
        self.blocks: list[Block] = []
        self.pendings: dict[bytes, tuple[int, int, int]] = {}
        self.resolved: dict[bytes, tuple[int, int]] = {}
        self.failed: list[tuple[bytes, int, int]] = []
        self.balances: list[tuple[bytes, int, int, int, int, int]] = []
        self.flags: dict[bytes, int] = {}

    def add(self, later: "Changes") -> None:
        """What was decided after these."""
        self.accounts += later.accounts
        self.transfers += later.transfers
        self.blocks += later.blocks
        self.pendings.update(later.pendings)
        self.resolved.update(later.resolved)
        self.failed += later.failed
        self.balances += later.balances
        self.flags.update(later.flags)

    @property
    def last_transfer_at(self) -> int:
        """The timestamp of the transfer that was added last; 0 for none."""
        last_row = self.transfers[-1][12] if self.transfers else 0
        return max(last_row, int(self.blocks[-1].timestamps[-1]) if self.blocks else 0)

    def __bool__(self) -> bool:
        return bool(self.transfers or self.blocks or self.failed or self.accounts or self.resolved)


class Accounts:
    """Accounts by place, a column a field: under 300 bytes each, and no object that a garbage collector would walk over.

    changed:  a byte each: 1 where something may have changed since the account's row was written
    passed:   what the last whole round of writing rows came by, in order: where a part of it ended, and when (`sweep.py`)
    """

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self._many = Places()
        self._packed_ids = bytearray()
        self.ledgers = array("I")
        self.codes = array("H")
        self.flags = array("H")
        self.user_data_128 = bytearray()
        self.user_data_64 = array("Q")
        self.user_data_32 = array("I")
        self.debits_pending = array("q")
        self.debits_posted = array("q")
        self.credits_pending = array("q")
        self.credits_posted = array("q")
        self.timestamps = array("q")
        self.changed = bytearray()
        self.passed: deque[tuple[int, int]] = deque()

    def __len__(self) -> int:
        return len(self.ledgers)

    def add(self, row: AccountRow) -> None:
        """An account that is not here yet."""
        id = row[0]
        self.places[id] = len(self)
        self._packed_ids += id
        self.changed.append(0)
        self.ledgers.append(row[1])
        self.codes.append(row[2])
        self.flags.append(row[3])
        self.user_data_128 += row[4] or NIL_ID
        self.user_data_64.append(row[5])
        self.user_data_32.append(row[6])
        self.debits_pending.append(row[7])
        self.debits_posted.append(row[8])
        self.credits_pending.append(row[9])
        self.credits_posted.append(row[10])
        self.timestamps.append(row[11])

    def take_last_back(self) -> None:
        del self.places[self.id(len(self) - 1)]
        self._many.forget_from(len(self) - 1)
        self.changed.pop()
        del self._packed_ids[-16:]
        del self.user_data_128[-16:]
        for column in self._columns():
            column.pop()

    def find(self, ids: Array) -> Array:
        """The places of many accounts, -1 for what is not here. ids: pairs of numbers as in `packed.ROW`. Not inside a chain."""
        return self._many.find(np.frombuffer(self._packed_ids, "<u8").reshape(-1, 2), ids)

    def take_changed(self, start: int, width: int, most: int) -> tuple[list[int], int]:
        """The places from `start` on that may have changed, and where their search ended; from now on they count as written.

        width:  how many places are looked at
        most:   how many are taken
        """
        column = np.frombuffer(self.changed, np.uint8)[start : start + width]
        found = np.flatnonzero(column)[:most]
        looked_at = len(column) if len(found) < most else int(found[-1]) + 1
        column[:looked_at] = 0
        return (found + start).tolist(), start + looked_at

    def id(self, place: int) -> bytes:
        return bytes(self._packed_ids[place * 16 : place * 16 + 16])

    def row(self, place: int) -> AccountRow:
        user_data_128 = bytes(self.user_data_128[place * 16 : place * 16 + 16])
        return (
            self.id(place),
            self.ledgers[place],
            self.codes[place],
            self.flags[place],
            None if user_data_128 == NIL_ID else user_data_128,
            self.user_data_64[place],
            self.user_data_32[place],
            *self.balances(place),
            self.timestamps[place],
        )

    def balances(self, place: int) -> tuple[int, int, int, int]:
        """Debits pending, debits posted, credits pending, credits posted."""
        return (
            self.debits_pending[place],
            self.debits_posted[place],
            self.credits_pending[place],
            self.credits_posted[place],
        )

    def _columns(self) -> "tuple[array[int], ...]":
        return (
            self.ledgers,
            self.codes,
            self.flags,
            self.user_data_64,
            self.user_data_32,
            self.debits_pending,
            self.debits_posted,
            self.credits_pending,
            self.credits_posted,
            self.timestamps,
        )


class Books:
    """All that bears on what is decided next. Whatever is written while a chain is open can be taken back.

    recent, older:  transfers by id, and ids that failed: all those after the horizon, and what was asked for besides
    newest:         the greatest id of them
    ahead:          those of ids that lie ahead of their time
    horizon:        an id up to which the tables know more than these
    pendings:       status and expiry of those transfers among them that are or were pending
    times:          only while something is imported
    tail:           what came after the rows of accounts that are not loaded yet
    """

    def __init__(self, horizon: bytes = NIL_ID, ahead: Iterable[tuple[bytes, TransferRow]] = ()) -> None:
        self.accounts = Accounts()
        self.recent: dict[bytes, Known] = {}
        self.older: dict[bytes, Known] = {}
        self.ahead: dict[bytes, TransferRow] = dict(ahead)
        self.horizon = horizon
        self.newest = horizon
        self._newest_of_older = horizon
        self.pendings: dict[bytes, tuple[int, int]] = {}
        self.times: Times | None = None
        self.tail: Tail | None = None
        self.journal: list[tuple[Any, Any, Any]] | None = None
        self._chain: tuple[Changes, int, int, int] | None = None

    def transfer(self, id: bytes) -> TransferRow | None:
        """What is known under this id: a transfer, `FAILED`, or nothing."""
        known = self.recent.get(id) or self.older.get(id) or self.ahead.get(id)
        return known.row(id) if isinstance(known, Block) else known

    def put(self, table: MutableMapping[Any, Any] | MutableSequence[Any], key: Any, value: object) -> None:
        """Write so that it can be taken back with the chain."""
        if self.journal is not None:
            old = table.get(key) if isinstance(table, dict) else table[key]
            self.journal.append((table, key, old))
        table[key] = value

    def open_chain(self, changes: Changes) -> None:
        self.journal = []
        self._chain = changes, len(changes.accounts), len(changes.transfers), len(changes.balances)

    def keep_chain(self) -> None:
        self.journal = None

    def take_chain_back(self) -> None:
        for table, key, value in reversed(self.journal or []):
            if value is None:
                del table[key]
            else:
                table[key] = value
        self.journal = None
        assert self._chain is not None
        changes, accounts, transfers, balances = self._chain
        for row in changes.transfers[transfers:]:
            del self.recent[row[0]]
        for _ in changes.accounts[accounts:]:
            self.accounts.take_last_back()
        del changes.accounts[accounts:], changes.transfers[transfers:], changes.balances[balances:]

    def forget(self, bound_id: Callable[[], bytes]) -> None:
        """Let the older generation go when the newer one is full. Everything in it has to stand in the tables.

        bound_id:  makes an id of the near future; what lies beyond it is remembered, lest it moves the horizon there
        """
        if len(self.recent) < MOST_RECENT:
            return
        if self.older:
            bound, greatest = bound_id(), self._newest_of_older
            if greatest > bound:
                ahead = sorted(id for id in self.older if id > bound)[: MOST_AHEAD - len(self.ahead)]
                for id in ahead:
                    # One of them must not hold on to a whole block.
                    row = self.transfer(id)
                    assert row is not None
                    self.ahead[id] = row
                    del self.older[id]
                greatest = max(self.older, default=NIL_ID)
            for id in self.pendings.keys() & self.older.keys():
                del self.pendings[id]
            self.horizon = max(self.horizon, greatest)
        self.older, self.recent, self._newest_of_older = self.recent, {}, self.newest
