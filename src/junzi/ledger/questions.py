"""Questions to the ledger that its tables answer: by account, by what callers wrote on things, and by time.

They are planned with their values, and given up after five seconds.
"""

from typing import Any
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.ledger.model import (
    MOST_EVENTS,
    NIL,
    Account,
    AccountBalance,
    AccountFilter,
    AccountFilterFlags,
    AccountFlags,
    QueryFilter,
    QueryFilterFlags,
    Transfer,
    TransferFlags,
)

_q = sql.queries("junzi.ledger")
_LAST_TIMESTAMP = 2**63 - 1


async def balance_at(reader: Reader, account_id: UUID, timestamp: int) -> int:
    """Credits less debits that were posted up to that timestamp; 0 for an account that does not exist."""
    found: int | None = await _q.balance_at(reader, account_id=account_id, timestamp=timestamp)
    return found or 0


async def account_transfers(tx: Transaction, asked: AccountFilter) -> list[Transfer]:
    """An account's transfers, at most `MOST_EVENTS`."""
    reverse = AccountFilterFlags.REVERSED in asked.flags
    query = _q.account_transfers_reversed if reverse else _q.account_transfers
    await _q.plan_by_values(tx)
    return [_transfer(row) async for row in query(tx, **_of_account(asked))]


async def account_balances(tx: Transaction, asked: AccountFilter) -> list[AccountBalance]:
    """What an account with `HISTORY` remembers, at most `MOST_EVENTS`; nothing of any other account."""
    reverse = AccountFilterFlags.REVERSED in asked.flags
    query = _q.account_balances_reversed if reverse else _q.account_balances
    await _q.plan_by_values(tx)
    return [AccountBalance(**row) async for row in query(tx, **_of_account(asked))]


async def query_accounts(tx: Transaction, asked: QueryFilter) -> list[Account]:
    """The accounts that have all that is asked for, at most `MOST_EVENTS`; their balances may be those of a moment ago."""
    query = _q.query_accounts_reversed if QueryFilterFlags.REVERSED in asked.flags else _q.query_accounts
    await _q.plan_by_values(tx)
    return [_account(row) async for row in query(tx, ledger=asked.ledger, **_bounds(asked))]


async def query_transfers(tx: Transaction, asked: QueryFilter) -> list[Transfer]:
    """The transfers that have all that is asked for, at most `MOST_EVENTS`."""
    query = _q.query_transfers_reversed if QueryFilterFlags.REVERSED in asked.flags else _q.query_transfers
    await _q.plan_by_values(tx)
    return [_transfer(row) async for row in query(tx, ledger=asked.ledger, **_bounds(asked))]


def _of_account(asked: AccountFilter) -> dict[str, Any]:
    return {
        "account_id": asked.account_id,
        "debits": AccountFilterFlags.DEBITS in asked.flags,
        "credits": AccountFilterFlags.CREDITS in asked.flags,
        **_bounds(asked),
    }


def _bounds(asked: AccountFilter | QueryFilter) -> dict[str, Any]:
    return {
        "user_data_128": None if asked.user_data_128 == NIL else asked.user_data_128,
        "user_data_64": asked.user_data_64,
        "user_data_32": asked.user_data_32,
        "code": asked.code,
        "timestamp_min": asked.timestamp_min,
        "timestamp_max": asked.timestamp_max or _LAST_TIMESTAMP,
        "most": min(asked.limit, MOST_EVENTS),
    }


def _account(row: Any) -> Account:
    fields = dict(row)
    fields["flags"] = AccountFlags(fields["flags"])
    return Account(**fields)


def _transfer(row: Any) -> Transfer:
    fields = dict(row)
    fields["flags"] = TransferFlags(fields["flags"])
    return Transfer(**fields)
