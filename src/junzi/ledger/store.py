"""The ledger's tables: what a writer begins with, loads and writes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from junzi.kit import clock, ids, sql
from junzi.kit.database import Reader, Transaction
from junzi.ledger import copying
from junzi.ledger.books import FAILED, MOST_AHEAD, Books, Changes, Times
from junzi.ledger.model import MOST_EVENTS, Account, Transfer
from junzi.ledger.requests import Request
from junzi.ledger.rows import LAST_ID, NIL_ID, AccountRow, TransferRow, to_id
from junzi.ledger.rules import Missing
from junzi.ledger.tail import Tail

_q = sql.queries("junzi.ledger")
_log = structlog.get_logger("ledger")
_LAST_TIMESTAMP = 2**63 - 1
MOST_RECOVERED = 20_000
MOST_IN_TAIL = 2_000_000
"""Transfers that a new writer holds in memory, about 180 bytes each, until the rows have them: those of some twenty seconds."""
_COPY_HEAD, _COPY_TAIL = 19, 2
_PENDING = 2
_ACCOUNT_COLUMNS = [*Account.__struct_fields__, "applied"]
_TRANSFER_COLUMNS = list(Transfer.__struct_fields__)
_PENDING_COLUMNS = ["transfer_id", "status", "expires_at", "resolved_at"]
_BALANCE_COLUMNS = [
    "account_id",
    "debits_pending",
    "debits_posted",
    "credits_pending",
    "credits_posted",
    "timestamp",
]


async def foresee(connection: Any) -> Tail | None:
    """What came after the account rows by now, while somebody else may still write; None for too much."""
    found = Tail(await _moved(connection, after=0))
    return found if len(found) <= MOST_IN_TAIL else None


async def tail(connection: Any, foreseen: Tail | None = None) -> Tail:
    """What came after the account rows. Where that is more than `MOST_IN_TAIL`, so many rows are brought up first that it is not.

    foreseen:  what `foresee` found
    """
    found = (foreseen or Tail(b"")).and_then(await _moved(connection, after=foreseen.last_time if foreseen else 0))
    if len(found) > MOST_IN_TAIL:
        await _recover(connection)
        found = Tail(await _moved(connection, after=0))
    return found


async def _recover(connection: Any) -> None:
    changed = 0
    last = (await last_times(connection))[1]
    while await _q.recover_until(connection, most=MOST_IN_TAIL):
        until = await _q.recover_until(connection, most=MOST_RECOVERED) or last
        changed += int(await _q.recover(connection, until=until))
        await _q.set_applied(connection, timestamp=until)
    _log.info("balances recovered", accounts=changed)


async def _moved(connection: Any, *, after: int) -> bytes:
    """Rows of `tail.MOVE`, at most one more than `MOST_IN_TAIL`."""
    copied = bytearray()

    async def take(part: bytes) -> None:
        copied.extend(part)

    await connection.copy_from_query(_q.moved.sql.rstrip("; \n"), after, MOST_IN_TAIL + 1, output=take, format="binary")
    return bytes(copied[_COPY_HEAD:-_COPY_TAIL])


async def last_times(connection: Any) -> tuple[int, int]:
    """The last timestamp of an account, and of a transfer or an expiry."""
    times = await _q.last_times(connection)
    return times["last_account"], times["last_transfer"]


async def new_books(connection: Any) -> Books:
    """Books that know all ids after their horizon, and no account yet."""
    bound = bound_id()
    ahead = [row["id"] async for row in _q.ids_beyond(connection, bound=to_id(bound), most=MOST_AHEAD)]
    if len(ahead) > MOST_AHEAD:
        return Books(horizon=LAST_ID)
    last = await _q.horizon(connection, bound=to_id(bound))
    books = Books(horizon=NIL_ID if last is None else last.bytes)
    await load(connection, books, Missing(set(), {id.bytes for id in ahead}))
    for id in list(books.recent):
        row = books.transfer(id)
        assert row is not None
        books.ahead[id] = row
    books.recent = {}
    return books


def bound_id() -> bytes:
    """An id of tomorrow."""
    return ids.derived_at(clock.now() + timedelta(days=1), UUID(int=0), "bound").bytes


async def next_expiry(connection: Any, *, after: int = 0) -> int | None:
    """When the next pending transfer runs out, if one ever does."""
    found: int | None = await _q.next_expiry_after(connection, timestamp=after)
    return found


async def due_pendings(connection: Any, timestamp: int) -> list[bytes]:
    """The pending transfers that have run out, oldest first, at most `MOST_EVENTS` of them."""
    rows = _q.due_pendings(connection, timestamp=timestamp, most=MOST_EVENTS)
    return [row["transfer_id"].bytes async for row in rows]


async def load(connection: Any, books: Books, missing: Missing) -> None:
    """Put into the books what there is of what they lack."""
    if missing.accounts:
        found = [row async for row in _q.accounts(connection, ids=_ids(missing.accounts))]
        for row in found:
            _add_account(books, row)
    if not missing.transfers:
        return
    pending: set[bytes] = set()
    asked = _ids(missing.transfers)
    async for row in _q.transfers(connection, ids=asked):
        transfer = _transfer_row(row)
        books.recent[transfer[0]] = transfer
        if transfer[11] & _PENDING:
            pending.add(transfer[0])
    async for row in _q.failed_transfers(connection, ids=asked):
        books.recent[row["id"].bytes] = FAILED
    if pending:
        async for row in _q.pendings(connection, ids=_ids(pending)):
            books.pendings[row["transfer_id"].bytes] = (row["status"], row["expires_at"])


async def times(connection: Any, requests: Sequence[Request]) -> Times:
    """What bears on events that bring their own timestamp."""
    events = [event for request in requests for event in request.events]
    asked = [event[-1] for event in events if 0 < event[-1] <= _LAST_TIMESTAMP]
    last_account, last_transfer = await last_times(connection)
    return Times(
        {"account": last_account, "transfer": last_transfer},
        {row["timestamp"]: True async for row in _q.account_times(connection, timestamps=asked)},
        {row["timestamp"]: True async for row in _q.transfer_times(connection, timestamps=asked)},
    )


async def write(connection: Any, changes: Changes, sent: Callable[[], None] = lambda: None) -> None:
    """Commit what a batch changes. What is nothing but transfers is one statement, which is a transaction by itself.

    sent:  called when all transfers are on their way to PostgreSQL
    """
    if changes.accounts or changes.failed or changes.pendings or changes.resolved or changes.balances or changes.flags:
        async with connection.transaction():
            await _write_beside_transfers(connection, changes)
            await _write_transfers(connection, changes, sent)
    else:
        await _write_transfers(connection, changes, sent)


async def write_balances(tx: Transaction, accounts: Mapping[bytes, tuple[int, int, int, int]], applied: int) -> None:
    """The balances of these accounts as everything up to the timestamp `applied` has left them."""
    in_order = sorted(accounts.items())
    await _q.update_balances(
        tx,
        ids=[to_id(id) for id, _ in in_order],
        debits_pending=[balances[0] for _, balances in in_order],
        debits_posted=[balances[1] for _, balances in in_order],
        credits_pending=[balances[2] for _, balances in in_order],
        credits_posted=[balances[3] for _, balances in in_order],
        applied=applied,
    )


async def set_applied(tx: Transaction, timestamp: int) -> None:
    """Every account's row contains what happened up to this timestamp."""
    await _q.set_applied(tx, timestamp=timestamp)


async def reserved(connection: Any) -> int:
    """Timestamps up to this one may be given."""
    return int(await _q.reserved(connection))


async def reserve(connection: Any, timestamp: int) -> None:
    """From now on timestamps up to this one may be given."""
    await _q.reserve(connection, timestamp=timestamp)


async def stop_clock(connection: Any, timestamp: int) -> None:
    """No timestamp after this one was given."""
    await _q.stop_clock(connection, timestamp=timestamp)


async def enter(tx: Transaction, most: int) -> int:
    """Enter the oldest transfers that have no entries with their accounts; returns how many those were."""
    return int(await _q.enter(tx, most=most))


async def seal(tx: Transaction, most: int) -> int:
    """Seal the oldest transfers that have no seal; returns how many those were."""
    return int(await _q.seal(tx, most=most))


async def account_rows(reader: Reader, asked: list[bytes], tail: Tail | None = None) -> dict[bytes, AccountRow]:
    """Accounts by id as their rows stand, and what came after these."""
    found: dict[bytes, AccountRow] = {}
    async for row in _q.accounts(reader, ids=_ids(asked)):
        account = _account_row(row)
        found[account[0]] = (tail and tail.brought_up(account, row["applied"])) or account
    return found


async def transfer_rows(reader: Reader, asked: Sequence[UUID]) -> dict[bytes, TransferRow]:
    return {row["id"].bytes: _transfer_row(row) async for row in _q.transfers(reader, ids=list(asked))}


async def _write_transfers(connection: Any, changes: Changes, sent: Callable[[], None]) -> None:
    rows, blocks = changes.transfers, changes.blocks
    if rows or blocks:
        await copying.copy(connection, "transfers", _TRANSFER_COLUMNS, rows, copying.transfer_bytes, blocks, sent)


async def _write_beside_transfers(connection: Any, changes: Changes) -> None:
    if changes.accounts:
        await copying.copy(connection, "accounts", _ACCOUNT_COLUMNS, changes.accounts, copying.account_bytes)
    if changes.pendings:
        pendings = [(id, *state) for id, state in changes.pendings.items()]
        await copying.copy(connection, "pendings", _PENDING_COLUMNS, pendings, copying.pending_bytes)
    if changes.failed:
        await copying.copy(
            connection, "failed_transfers", ["id", "status", "timestamp"], changes.failed, copying.failed_bytes
        )
    if changes.balances:
        await copying.copy(connection, "balances", _BALANCE_COLUMNS, changes.balances, copying.balance_bytes)
    if changes.resolved:
        await _q.update_pendings(
            connection,
            ids=[to_id(id) for id in changes.resolved],
            statuses=[status for status, _ in changes.resolved.values()],
            resolved_at=[at for _, at in changes.resolved.values()],
        )
    if changes.flags:
        in_order = sorted(changes.flags.items())
        await _q.update_flags(connection, ids=[to_id(id) for id, _ in in_order], flags=[flags for _, flags in in_order])


def _ids(asked: set[bytes] | Sequence[bytes]) -> list[UUID | None]:
    return [to_id(id) for id in asked]


def _add_account(books: Books, row: Any) -> None:
    account = _account_row(row)
    if account[0] in books.accounts.places:
        # Somebody else loaded it meanwhile.
        return
    brought_up = books.tail and books.tail.brought_up(account, row["applied"])
    books.accounts.add(brought_up or account)
    if brought_up:
        books.accounts.changed[-1] = 1


def _account_row(row: Any) -> AccountRow:
    id, ledger, code, flags, user_data_128, *rest, _applied = row
    return (id.bytes, ledger, code, flags, None if user_data_128 is None else user_data_128.bytes, *rest)


def _transfer_row(row: Any) -> TransferRow:
    id, debit, credit, amount, pending_id, user_data_128, *rest = row
    return (
        id.bytes,
        debit.bytes,
        credit.bytes,
        amount,
        None if pending_id is None else pending_id.bytes,
        None if user_data_128 is None else user_data_128.bytes,
        *rest,
    )
