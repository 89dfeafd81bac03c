"""Rows as PostgreSQL's binary COPY format, made by hand: a driver asks the type of each value, for three times as long.

A field is its length and its bytes, a missing one the length -1; a row begins with its number of fields (documentation of COPY).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from struct import Struct
from typing import Any, TypeVar

import numpy as np

from junzi.ledger.packed import ROW, Array, Block
from junzi.ledger.rows import AccountRow, TransferRow

Row = TypeVar("Row")

ROWS_AT_ONCE = 512
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"

_ID, _NO_ID, _LONG, _INT, _SHORT = "i16s", "i", "iq", "ii", "ih"
_TRANSFER_HEAD, _TRANSFER_TAIL = ">h" + _ID * 3 + _LONG, _LONG * 4 + _INT * 2 + _LONG
_plain = Struct(_TRANSFER_HEAD + _NO_ID + _NO_ID + _TRANSFER_TAIL).pack
_with_user_data = Struct(_TRANSFER_HEAD + _NO_ID + _ID + _TRANSFER_TAIL).pack
_with_pending_id = Struct(_TRANSFER_HEAD + _ID + _NO_ID + _TRANSFER_TAIL).pack
_with_both = Struct(_TRANSFER_HEAD + _ID + _ID + _TRANSFER_TAIL).pack
_ACCOUNT_HEAD, _ACCOUNT_TAIL = ">h" + _ID + _LONG + _INT * 2, _LONG * 8
_account = Struct(_ACCOUNT_HEAD + _NO_ID + _ACCOUNT_TAIL).pack
_account_with_user_data = Struct(_ACCOUNT_HEAD + _ID + _ACCOUNT_TAIL).pack
_pending = Struct(">h" + _ID + _SHORT + _LONG * 2).pack
_failed = Struct(">h" + _ID + _INT + _LONG).pack
_balance = Struct(">h" + _ID + _LONG * 5).pack


def transfer_bytes(row: TransferRow) -> bytes:
    id, debit, credit, amount, pending_id, data_128, data_64, data_32, timeout, ledger, code, flags, at = row
    # fmt: off
    if pending_id is None:
        if data_128 is None:
            return _plain(13, 16, id, 16, debit, 16, credit, 8, amount, -1, -1, 8, data_64, 8, data_32, 8, timeout, 8, ledger,
                          4, code, 4, flags, 8, at)
        return _with_user_data(13, 16, id, 16, debit, 16, credit, 8, amount, -1, 16, data_128, 8, data_64, 8, data_32,
                               8, timeout, 8, ledger, 4, code, 4, flags, 8, at)
    if data_128 is None:
        return _with_pending_id(13, 16, id, 16, debit, 16, credit, 8, amount, 16, pending_id, -1, 8, data_64, 8, data_32,
                                8, timeout, 8, ledger, 4, code, 4, flags, 8, at)
    return _with_both(13, 16, id, 16, debit, 16, credit, 8, amount, 16, pending_id, 16, data_128, 8, data_64, 8, data_32,
                      8, timeout, 8, ledger, 4, code, 4, flags, 8, at)
    # fmt: on


def account_bytes(row: AccountRow) -> bytes:
    """With the last field, the timestamp of the last transfer that its balances contain: none."""
    id, ledger, code, flags, data_128, data_64, data_32, *balances, timestamp = row
    longs = [part for number in (data_64, data_32, *balances, timestamp, 0) for part in (8, number)]
    if data_128 is None:
        return _account(13, 16, id, 8, ledger, 4, code, 4, flags, -1, *longs)
    return _account_with_user_data(13, 16, id, 8, ledger, 4, code, 4, flags, 16, data_128, *longs)


def pending_bytes(row: tuple[bytes, int, int, int]) -> bytes:
    id, status, expires_at, resolved_at = row
    return _pending(4, 16, id, 2, status, 8, expires_at, 8, resolved_at)


def failed_bytes(row: tuple[bytes, int, int]) -> bytes:
    id, status, timestamp = row
    return _failed(3, 16, id, 4, status, 8, timestamp)


def balance_bytes(row: tuple[bytes, int, int, int, int, int]) -> bytes:
    id, debits_pending, debits_posted, credits_pending, credits_posted, timestamp = row
    return _balance(6, 16, id, 8, debits_pending, 8, debits_posted, 8, credits_pending, 8, credits_posted, 8, timestamp)


async def copy(
    connection: Any,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    encode: Callable[[Row], bytes],
    blocks: Sequence[Block] = (),
    sent: Callable[[], None] = lambda: None,
) -> None:
    """COPY the rows, and the transfers in the blocks, into the ledger's table, with a turn for everybody else in between.

    sent:  called when all of it is on its way to PostgreSQL
    """
    source = _source(rows, encode, blocks, sent)
    await connection.copy_to_table(table, schema_name="ledger", columns=columns, source=source, format="binary")


async def _source(
    rows: Sequence[Row], encode: Callable[[Row], bytes], blocks: Sequence[Block], sent: Callable[[], None]
) -> AsyncIterator[bytes]:
    yield _HEAD
    for number, block in enumerate(blocks):
        if number:
            await asyncio.sleep(0)
        yield block_bytes(block)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        if start or blocks:
            await asyncio.sleep(0)
        yield b"".join(map(encode, rows[start : start + ROWS_AT_ONCE]))
    yield _TAIL
    sent()


def block_bytes(block: Block) -> bytes:
    """Its transfers as rows, those with `user_data_128` after those without."""
    has_data = block.rows["user_data_128"].any(axis=1)
    if not has_data.any():
        return _block_bytes(_PLAIN_ROW, block.rows, block.timestamps)
    with_data = _block_bytes(_PLAIN_ROW_WITH_DATA, block.rows[has_data], block.timestamps[has_data])
    return _block_bytes(_PLAIN_ROW, block.rows[~has_data], block.timestamps[~has_data]) + with_data


def _block_bytes(like: Array, rows: Array, timestamps: Array) -> bytes:
    made = np.frombuffer(bytearray(like.tobytes() * len(rows)), like.dtype)
    for name in like.dtype.names or ():
        if name in (ROW.names or ()):
            made[name] = rows[name]
    made["timestamp"] = timestamps
    return made.tobytes()


def _like(*, with_data: bool) -> Array:
    """One row of a plain transfer with nothing filled in but lengths."""
    # In bytes, 0 for null.
    lengths = {"id": 16, "debit_account_id": 16, "credit_account_id": 16, "amount": 8, "pending_id": 0}
    lengths |= {"user_data_128": 16 if with_data else 0, "user_data_64": 8, "user_data_32": 8}
    lengths |= {"timeout": 8, "ledger": 8, "code": 4, "flags": 4, "timestamp": 8}
    fields: list[Any] = [("fields", ">i2")]
    for name, length in lengths.items():
        fields.append((f"{name} length", ">i4"))
        if length == 16:
            fields.append((name, *ROW.fields[name][0].subdtype))  # type: ignore[index,misc]
        elif length:
            fields.append((name, f">i{length}"))
    like = np.zeros(1, np.dtype(fields))
    like["fields"] = 13
    for name in like.dtype.names or ():
        if name.endswith(" length"):
            field = name.removesuffix(" length")
            like[name] = like.dtype[field].itemsize if field in like.dtype.names else -1  # type: ignore[operator]
    return like


_PLAIN_ROW, _PLAIN_ROW_WITH_DATA = _like(with_data=False), _like(with_data=True)
