"""What came after the account rows when a writer began: added to an account when it is loaded, until its row is written.

A writer that takes over reads the newest transfers in one go instead of writing every account's row before it answers anybody.
"""

import numpy as np

from junzi.ledger.packed import Array
from junzi.ledger.rows import AccountRow

MOVE = np.dtype(
    [
        ("fields", ">i2"),
        ("timestamp length", ">i4"),
        ("timestamp", ">i8"),
        ("debit_account_id length", ">i4"),
        ("debit_account_id", ">u8", (2,)),
        ("credit_account_id length", ">i4"),
        ("credit_account_id", ">u8", (2,)),
        ("pending length", ">i4"),
        ("pending", ">i8"),
        ("posted length", ">i4"),
        ("posted", ">i8"),
    ]
)
"""A row of PostgreSQL's binary COPY of the query `tail`."""


class Tail:
    """By account, what moved after any row that may be behind."""

    def __init__(self, rows: bytes) -> None:
        """rows: of `MOVE`, in any order"""
        self._rows = rows
        moves = np.frombuffer(rows, MOVE)
        self._timestamps, self._pending, self._posted = (
            moves[name].astype(np.int64) for name in ("timestamp", "pending", "posted")
        )
        # Of both sides of all moves, by account: first the debits, and from `count` on the credits.
        high, low = (
            np.concatenate((moves["debit_account_id"][:, half], moves["credit_account_id"][:, half])).astype(np.uint64)
            for half in (0, 1)
        )
        self._sides, first = _together(high, low)
        self._starts: list[int] = [*np.flatnonzero(first).tolist(), len(high)]
        of_each = self._sides[first]
        self._groups = {id: number for number, id in enumerate(_bytes(high[of_each], low[of_each]))}

    def __len__(self) -> int:
        """How many moves."""
        return len(self._timestamps)

    @property
    def last_time(self) -> int:
        """The last timestamp of a move; 0 for none."""
        return int(self._timestamps.max(initial=0))

    def and_then(self, rows: bytes) -> "Tail":
        """With what came later."""
        return Tail(self._rows + rows) if rows else self

    @property
    def accounts(self) -> list[bytes]:
        """The ids of all accounts that something moved on."""
        return list(self._groups)

    def brought_up(self, row: AccountRow, applied: int) -> AccountRow | None:
        """The account with what came after its row; None for nothing.

        applied:  the timestamp up to which the row contains what happened
        """
        group = self._groups.get(row[0])
        if group is None:
            return None
        sides, count = self._sides[self._starts[group] : self._starts[group + 1]], len(self._timestamps)
        sides = sides[self._timestamps[sides % count] > applied]
        if not len(sides):
            return None
        debits, credits = sides[sides < count], sides[sides >= count] - count
        return (
            *row[:7],
            row[7] + int(self._pending[debits].sum()),
            row[8] + int(self._posted[debits].sum()),
            row[9] + int(self._pending[credits].sum()),
            row[10] + int(self._posted[credits].sum()),
            row[11],
        )


def _together(high: Array, low: Array) -> tuple[Array, Array]:
    """An order in which equal ids stand beside each other, and where each id is first. One number is sorted faster than two."""
    mixed = high * np.uint64(0x9E3779B97F4A7C15) + low
    order = np.argsort(mixed)
    first = _differs(mixed[order])
    if not np.array_equal(first, _differs(high[order]) | _differs(low[order])):
        # Two ids have the same number.
        order = np.lexsort((low, high))
        first = _differs(high[order]) | _differs(low[order])
    return order, first


def _differs(numbers: Array) -> Array:
    """From the one before."""
    differs = np.ones(len(numbers), bool)
    differs[1:] = numbers[1:] != numbers[:-1]
    return differs


def _bytes(high: Array, low: Array) -> list[bytes]:
    every: list[bytes] = np.stack((high, low), axis=1).astype(">u8").view("V16").ravel().tolist()
    return every
