"""The ledger's tables: loading the books a batch bears on, writing what was decided, and answering questions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.ledger.books import Books, CreateAccounts, CreateTransfers, Decision, Pending, PendingStatus, Request, Times
from junzi.ledger.model import (
    MOST_EVENTS,
    NIL,
    Account,
    AccountBalance,
    AccountFilter,
    AccountFilterFlags,
    AccountFlags,
    CreateTransferStatus,
    QueryFilter,
    QueryFilterFlags,
    Transfer,
    TransferFlags,
)

_q = sql.queries("junzi.ledger")
_LAST_TIMESTAMP = 2**63 - 1
_ACCOUNT_COLUMNS = list(Account.__struct_fields__)
_TRANSFER_COLUMNS = list(Transfer.__struct_fields__)
_PENDING_COLUMNS = list(Pending.__struct_fields__)
_BALANCE_COLUMNS = list(AccountBalance.__struct_fields__)


async def last_timestamp(connection: Any) -> int:
    """The last timestamp given."""
    return int(await _q.clock(connection))


async def next_expiry(connection: Any) -> int | None:
    """When the next pending transfer runs out, if one ever does."""
    found: int | None = await _q.next_expiry(connection)
    return found


async def due_pendings(connection: Any, timestamp: int) -> list[UUID]:
    """The pending transfers that have run out, oldest first, at most `MOST_EVENTS` of them."""
    return [row["transfer_id"] async for row in _q.due_pendings(connection, timestamp=timestamp, most=MOST_EVENTS)]


async def load_books(connection: Any, requests: Sequence[Request], due: Sequence[UUID]) -> Books:
    """All that bears on these requests and on the pending transfers that are due."""
    account_ids: set[UUID] = set()
    transfer_ids: set[UUID] = set()
    pending_ids: set[UUID] = set(due)
    imported_times: set[int] = set()
    for request in requests:
        if isinstance(request, CreateTransfers):
            imported_times.update(event.timestamp for event in request.events if event.timestamp)
            for transfer in request.events:
                transfer_ids.add(transfer.id)
                account_ids.add(transfer.debit_account_id)
                account_ids.add(transfer.credit_account_id)
                if transfer.pending_id is not None:
                    pending_ids.add(transfer.pending_id)
        elif isinstance(request, CreateAccounts):
            imported_times.update(event.timestamp for event in request.events if event.timestamp)
            account_ids.update(account.id for account in request.events)
    books = Books()
    if imported_times:
        books.times = await _times(connection, [time for time in imported_times if time <= _LAST_TIMESTAMP])
    if transfer_ids or pending_ids:
        async for row in _q.transfers(connection, ids=list(transfer_ids | pending_ids)):
            books.transfers[row["id"]] = _transfer(row)
    if transfer_ids:
        async for row in _q.failed_transfers(connection, ids=list(transfer_ids)):
            books.failed[row["id"]] = CreateTransferStatus(row["status"])
    if pending_ids:
        async for row in _q.pendings(connection, ids=list(pending_ids)):
            books.pendings[row["transfer_id"]] = _pending(row)
        for id in pending_ids & books.transfers.keys():
            account_ids.add(books.transfers[id].debit_account_id)
            account_ids.add(books.transfers[id].credit_account_id)
    account_ids.discard(NIL)
    if account_ids:
        async for row in _q.accounts(connection, ids=list(account_ids)):
            books.accounts[row["id"]] = _account(row)
    return books


async def write(connection: Any, decision: Decision) -> None:
    """Write what was decided, inside the caller's transaction."""
    if decision.new_accounts:
        await _copy(connection, "accounts", _ACCOUNT_COLUMNS, decision.new_accounts)
    if decision.new_transfers:
        await _copy(connection, "transfers", _TRANSFER_COLUMNS, decision.new_transfers)
    if decision.new_pendings:
        await _copy(connection, "pendings", _PENDING_COLUMNS, decision.new_pendings)
    if decision.new_failed:
        records = [(id, int(status), decision.timestamp) for id, status in decision.new_failed]
        await connection.copy_records_to_table(
            "failed_transfers", schema_name="ledger", columns=["id", "status", "timestamp"], records=records
        )
    if decision.changed_pendings:
        pendings = decision.changed_pendings
        await _q.update_pendings(
            connection,
            ids=[pending.transfer_id for pending in pendings],
            statuses=[int(pending.status) for pending in pendings],
            resolved_at=[pending.resolved_at for pending in pendings],
        )
    if decision.changed_accounts:
        accounts = decision.changed_accounts
        await _q.update_accounts(
            connection,
            ids=[account.id for account in accounts],
            flags=[int(account.flags) for account in accounts],
            debits_pending=[account.debits_pending for account in accounts],
            debits_posted=[account.debits_posted for account in accounts],
            credits_pending=[account.credits_pending for account in accounts],
            credits_posted=[account.credits_posted for account in accounts],
        )
    if decision.new_balances:
        balances = [
            (id, *(getattr(balance, column) for column in _BALANCE_COLUMNS)) for id, balance in decision.new_balances
        ]
        await connection.copy_records_to_table(
            "balances", schema_name="ledger", columns=["account_id", *_BALANCE_COLUMNS], records=balances
        )
    await _q.set_clock(connection, timestamp=decision.timestamp, expired_at=decision.expired_at)


async def accounts_by_id(reader: Reader, ids: list[UUID]) -> dict[UUID, Account]:
    return {row["id"]: _account(row) async for row in _q.accounts(reader, ids=ids)}


async def lookup_accounts(reader: Reader, ids: Sequence[UUID]) -> list[Account]:
    """Those of the accounts that exist, in the order of the ids."""
    found = await accounts_by_id(reader, list(ids))
    return [found[id] for id in ids if id in found]


async def lookup_transfers(reader: Reader, ids: Sequence[UUID]) -> list[Transfer]:
    """Those of the transfers that exist, in the order of the ids."""
    found = {row["id"]: _transfer(row) async for row in _q.transfers(reader, ids=list(ids))}
    return [found[id] for id in ids if id in found]


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
    """The accounts that have all that is asked for, at most `MOST_EVENTS`."""
    query = _q.query_accounts_reversed if QueryFilterFlags.REVERSED in asked.flags else _q.query_accounts
    await _q.plan_by_values(tx)
    return [_account(row) async for row in query(tx, ledger=asked.ledger, **_bounds(asked))]


async def query_transfers(tx: Transaction, asked: QueryFilter) -> list[Transfer]:
    """The transfers that have all that is asked for, at most `MOST_EVENTS`."""
    query = _q.query_transfers_reversed if QueryFilterFlags.REVERSED in asked.flags else _q.query_transfers
    await _q.plan_by_values(tx)
    return [_transfer(row) async for row in query(tx, ledger=asked.ledger, **_bounds(asked))]


async def seal(tx: Transaction) -> int:
    """Seal the oldest transfers that have no seal, at most `MOST_EVENTS`; returns how many those were."""
    return int(await _q.seal(tx, most=MOST_EVENTS))


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


async def _times(connection: Any, asked: list[int]) -> Times:
    last = await _q.last_times(connection)
    return Times(
        last["last_account"],
        last["last_transfer"],
        frozenset([row["timestamp"] async for row in _q.account_times(connection, timestamps=asked)]),
        frozenset([row["timestamp"] async for row in _q.transfer_times(connection, timestamps=asked)]),
    )


async def _copy(connection: Any, table: str, columns: list[str], rows: Sequence[Any]) -> None:
    records = [tuple(getattr(row, column) for column in columns) for row in rows]
    await connection.copy_records_to_table(table, schema_name="ledger", columns=columns, records=records)


def _account(row: Any) -> Account:
    fields = dict(row)
    fields["flags"] = AccountFlags(fields["flags"])
    return Account(**fields)


def _transfer(row: Any) -> Transfer:
    fields = dict(row)
    fields["flags"] = TransferFlags(fields["flags"])
    return Transfer(**fields)


def _pending(row: Any) -> Pending:
    return Pending(row["transfer_id"], PendingStatus(row["status"]), row["expires_at"], row["resolved_at"])
