"""Plain transfers as rows of 96 bytes, so that thousands of them are looked at in one step, one field after the other.

Plain is what has no flag, no timeout, no pending transfer and no timestamp of its own, follows no linked event, and moves less
than `PLAIN_BELOW`. A processor waits some hundred nanoseconds for a place in memory that it did not expect to need; of thousands
of places that are asked for at once it waits for many at the same time, which is what numpy is here for.
"""

from struct import Struct
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from junzi.ledger.rows import NIL_ID, TransferRow

Array: TypeAlias = NDArray[Any]

PLAIN_BELOW = 1 << 48
"""The sum of more of these than a batch can hold is below 2⁶³."""

_plain = Struct("<16s16s16s16sqqIIH6x")
pack = _plain.pack
"""id, debit_account_id, credit_account_id, user_data_128 (zeros for none), amount, user_data_64, user_data_32, ledger, code"""

ROW = np.dtype(
    [
        # Big-endian, so that numbers are in the order of the ids.
        ("id", ">u8", (2,)),
        ("debit_account_id", "<u8", (2,)),
        ("credit_account_id", "<u8", (2,)),
        ("user_data_128", "<u8", (2,)),
        ("amount", "<i8"),
        ("user_data_64", "<i8"),
        ("user_data_32", "<u4"),
        ("ledger", "<u4"),
        ("code", "<u2"),
        ("padding", "V6"),
    ]
)
assert ROW.itemsize == _plain.size


def unpack(event: bytes) -> TransferRow:
    """The same transfer as a tuple, without a timestamp."""
    id, debit, credit, data_128, amount, data_64, data_32, ledger, code = _plain.unpack(event)
    return (
        id,
        debit,
        credit,
        amount,
        None,
        None if data_128 == NIL_ID else data_128,
        data_64,
        data_32,
        0,
        ledger,
        code,
        0,
        0,
    )


class Block:
    """Plain transfers that were created together. rows: of dtype `ROW`; timestamps: in the same order, increasing"""

    def __init__(self, rows: Array, timestamps: Array) -> None:
        self.rows = rows
        self.timestamps = timestamps
        self._places: dict[bytes, int] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def ids(self) -> list[bytes]:
        ids: list[bytes] = np.ascontiguousarray(self.rows["id"]).view("V16").ravel().tolist()
        return ids

    def row(self, id: bytes) -> TransferRow:
        """The one of that id, which has to be among them."""
        if self._places is None:
            self._places = {id: place for place, id in enumerate(self.ids())}
        return self.at(self._places[id])

    def at(self, place: int) -> TransferRow:
        return (*unpack(self.rows[place].tobytes())[:12], int(self.timestamps[place]))
