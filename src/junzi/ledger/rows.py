"""Accounts and transfers as the ledger keeps them: plain tuples in the order of the tables' columns, ids as their 16 bytes.

The engine handles many thousands of them a second, and a tuple costs a tenth of a struct that is built field by field. An id that
may be absent is None; the nil id means the same and never gets here.
"""

from typing import TypeAlias
from uuid import UUID

from asyncpg.pgproto import pgproto

from junzi.ledger.model import Account, AccountFlags, Transfer, TransferFlags

TransferRow: TypeAlias = tuple[bytes, bytes, bytes, int, bytes | None, bytes | None, int, int, int, int, int, int, int]
"""id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32, timeout, ledger, code,
flags, timestamp"""

AccountRow: TypeAlias = tuple[bytes, int, int, int, bytes | None, int, int, int, int, int, int, int]
"""id, ledger, code, flags, user_data_128, user_data_64, user_data_32, debits_pending, debits_posted, credits_pending,
credits_posted, timestamp"""

NIL_ID = bytes(16)
LAST_ID = b"\xff" * 16

_uuid = pgproto.UUID


def transfer_row(transfer: Transfer) -> TransferRow:
    """Raises `AttributeError` or `TypeError` for what is no id or number."""
    pending_id, user_data_128 = transfer.pending_id, transfer.user_data_128
    return (
        transfer.id.bytes,
        transfer.debit_account_id.bytes,
        transfer.credit_account_id.bytes,
        transfer.amount,
        None if pending_id is None else _present(pending_id.bytes),
        None if user_data_128 is None else _present(user_data_128.bytes),
        transfer.user_data_64,
        transfer.user_data_32,
        transfer.timeout,
        transfer.ledger,
        transfer.code,
        int(transfer.flags),
        transfer.timestamp,
    )


def account_row(account: Account) -> AccountRow:
    """Raises the same."""
    user_data_128 = account.user_data_128
    return (
        account.id.bytes,
        account.ledger,
        account.code,
        int(account.flags),
        None if user_data_128 is None else _present(user_data_128.bytes),
        account.user_data_64,
        account.user_data_32,
        account.debits_pending,
        account.debits_posted,
        account.credits_pending,
        account.credits_posted,
        account.timestamp,
    )


def to_transfer(row: TransferRow) -> Transfer:
    return Transfer(
        id=_uuid(row[0]),
        debit_account_id=_uuid(row[1]),
        credit_account_id=_uuid(row[2]),
        amount=row[3],
        pending_id=to_id(row[4]),
        user_data_128=to_id(row[5]),
        user_data_64=row[6],
        user_data_32=row[7],
        timeout=row[8],
        ledger=row[9],
        code=row[10],
        flags=TransferFlags(row[11]),
        timestamp=row[12],
    )


def to_account(row: AccountRow) -> Account:
    return Account(
        id=_uuid(row[0]),
        ledger=row[1],
        code=row[2],
        flags=AccountFlags(row[3]),
        user_data_128=to_id(row[4]),
        user_data_64=row[5],
        user_data_32=row[6],
        debits_pending=row[7],
        debits_posted=row[8],
        credits_pending=row[9],
        credits_posted=row[10],
        timestamp=row[11],
    )


def to_id(id: bytes | None) -> UUID | None:
    return None if id is None else _uuid(id)


def _present(id: bytes) -> bytes | None:
    return None if id == NIL_ID else id
