"""The ledger's door: what other rooms call."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from junzi.kit.bus import Bus
from junzi.kit.database import Database, Transaction, open_database
from junzi.kit.jobs import Background
from junzi.kit.leased_connection import BY_KEY, busy_when_unreachable
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.ledger import bounds, questions, store
from junzi.ledger.behind import Behind
from junzi.ledger.handed_in import LedgerHandedIn
from junzi.ledger.model import (
    MOST_EVENTS,
    Account,
    AccountBalance,
    AccountFilter,
    CreateAccountResult,
    CreateTransferResult,
    InvalidEvent,
    QueryFilter,
    Transfer,
)
from junzi.ledger.post import Writer
from junzi.ledger.requests import ExpirePending
from junzi.ledger.rows import AccountRow, to_account, to_transfer
from junzi.ledger.sweep import Sweep

ROWS_EVERY_S = 0.5
EXPIRE_EVERY_S = 1.0
ENTER_EVERY_S = 1.0
SEAL_EVERY_S = 10.0
_READERS = 4
_SIDE = 3
_log = structlog.get_logger("ledger")


class Ledger:
    """Accounts and transfers. Every answer is given after the commit that carries it.

    `Busy` means that nothing is known to be done: the queue was full, or PostgreSQL went away at a moment when the commit may
    or may not have counted. Send the same ids again; they have their effect once.

    Where several processes are on the bus one of them is the writer, and the others hand in to it what only it can do.
    """

    def __init__(self, url: str, bus: Bus, reads: Database, side: Database) -> None:
        self._handed_in = LedgerHandedIn(bus, self._rows_here)
        self._writer = Writer(url, side, gained=self._handed_in.begin, lost=self._handed_in.end)
        self._handed_in.writer = self._writer
        self._stands_by = bus.reaches_others
        self._reads = reads
        self._side = side
        self._behind = Behind(self._writer, side)
        self._sweep = Sweep(self._writer, side)
        self._writer.write_rows = self._sweep.write_now
        self._background = Background()

    async def create_accounts(self, accounts: Sequence[Account]) -> list[CreateAccountResult]:
        """One result an account, in order. Raises `InvalidEvent` or `Busy`."""
        request = bounds.accounts_request(accounts)
        return await self._handed_in.submit(request) if request.events else []

    async def create_transfers(self, transfers: Sequence[Transfer]) -> list[CreateTransferResult]:
        """One result a transfer, in order; a linked chain stands or falls as a whole. Raises `InvalidEvent` or `Busy`."""
        request = bounds.transfers_request(transfers)
        return await self._handed_in.submit(request) if request.events else []

    async def lookup_accounts(self, ids: Sequence[UUID]) -> list[Account]:
        """The accounts there are of these ids, in their order. Raises `InvalidEvent` (too many) or `Busy`."""
        _check_lookup(ids)
        async with busy_when_unreachable():
            found = await self._handed_in.rows([id.bytes for id in ids])
        return [to_account(found[id.bytes]) for id in ids if id.bytes in found]

    async def lookup_transfers(self, ids: Sequence[UUID]) -> list[Transfer]:
        """The transfers there are of these ids, in their order. Raises `InvalidEvent` (too many) or `Busy`."""
        _check_lookup(ids)
        async with busy_when_unreachable(), self._reads.read() as reader:
            found = await store.transfer_rows(reader, ids)
        return [to_transfer(found[id.bytes]) for id in ids if id.bytes in found]

    async def get_account_transfers(self, asked: AccountFilter) -> list[Transfer]:
        """An account's transfers by timestamp; none for a filter that asks for nothing. Raises `InvalidEvent` or `Busy`."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await questions.account_transfers(tx, asked)

    async def get_account_balances(self, asked: AccountFilter) -> list[AccountBalance]:
        """The balances as the same transfers left them, of an account with `HISTORY`; none of any other. Raises the same."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await questions.account_balances(tx, asked)

    async def query_accounts(self, asked: QueryFilter) -> list[Account]:
        """The accounts that have all that is asked for, by timestamp. Raises `InvalidEvent` or `Busy`."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            selected = await questions.query_accounts(tx, asked)
        async with busy_when_unreachable():
            found = await self._handed_in.rows([account.id.bytes for account in selected])
        return [to_account(found[account.id.bytes]) for account in selected]

    async def query_transfers(self, asked: QueryFilter) -> list[Transfer]:
        """The transfers that have all that is asked for, by timestamp. Raises `InvalidEvent` or `Busy`."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await questions.query_transfers(tx, asked)

    async def balance_at(self, account_id: UUID, timestamp: int) -> int:
        """Credits less debits posted up to that timestamp (nanoseconds since 1970); 0 without such an account. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await questions.balance_at(reader, account_id, timestamp)

    async def expire_pending(self) -> int:
        """Void the pending transfers whose timeout has passed by `kit.clock`; returns how many. It also happens by itself."""
        expired: int = await self._handed_in.submit(ExpirePending())
        return expired

    async def seal(self) -> int:
        """Cover the transfers that no seal covers yet with the next seals; returns how many. It also happens by itself."""
        async with busy_when_unreachable():
            return await self._behind.seal()

    async def enter(self) -> int:
        """Enter all transfers with their accounts, to be found by them; returns how many. It also happens by itself."""
        async with busy_when_unreachable():
            return await self._behind.enter(all_of_it=True)

    @property
    def up(self) -> bool:
        """Whether there is a connection to write through at this moment, or a way to whoever has one."""
        return self._writer.up or self._handed_in.reaches_holder

    async def open(self) -> None:
        """Raises `EngineTaken` where another process is the writer and is not on the bus, or asyncpg's connection errors."""
        await self._writer.open(stands_by=self._stands_by)
        self._background.every(EXPIRE_EVERY_S, "expire pending transfers", self._expire_when_due)
        self._background.every(ROWS_EVERY_S, "write balances", self._sweep.write_round)
        self._background.every(ENTER_EVERY_S, "enter transfers", self._enter_when_up)
        self._background.every(SEAL_EVERY_S, "seal transfers", self._seal_when_up)

    async def close(self) -> None:
        """Answer what waits, then let go of the lease."""
        self._handed_in.end()
        await self._background.stop()
        await self._writer.drain()
        await self._write_last_rows()
        await self._writer.close()
        await self._side.close()
        await self._reads.close()

    async def _rows_here(self, ids: Sequence[bytes]) -> dict[bytes, AccountRow]:
        """Accounts by id, as all that is acknowledged has left them: from memory, or from rows that nothing came after."""
        session = await self._writer.surely()
        await session.decided()
        accounts = session.books.accounts
        found: dict[bytes, AccountRow] = {}
        elsewhere = []
        for id in ids:
            place = accounts.places.get(id)
            if place is None:
                elsewhere.append(id)
            else:
                found[id] = accounts.row(place)
        # What memory says may be decided and not committed yet; nobody is told of it before.
        await session.settled()
        tail = session.books.tail
        if len(elsewhere) == 1 and tail is None:
            # Somebody's balance, which many ask for at the same time.
            row = await self._reads.together(store.account_rows, elsewhere[0])
            return found if row is None else {**found, elsewhere[0]: row}
        if elsewhere:
            async with self._reads.read() as reader:
                found.update(await store.account_rows(reader, elsewhere, tail))
        return found

    @asynccontextmanager
    async def _query(self) -> AsyncIterator[Transaction]:
        """A transaction to read in, whose settings last as long as it. One that takes too long is `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.transaction() as tx:
            yield tx

    async def _expire_when_due(self) -> None:
        # One batch expires a bounded number; the next takes the rest.
        while self._writer.expiry_is_due():
            await self.expire_pending()

    async def _enter_when_up(self) -> None:
        if self._writer.up:
            await self._behind.enter()

    async def _write_last_rows(self) -> None:
        """Leave nothing for the next writer to recover, as far as PostgreSQL is there."""
        try:
            await self._sweep.write_now()
        except Exception as failure:
            _log.warning("balances are left to the next writer", exc_info=failure)

    async def _seal_when_up(self) -> None:
        if self._writer.up:
            await self._behind.seal()


async def open_ledger(url: str, bus: Bus | None = None) -> Ledger:
    """The ledger in this process, as its writer or beside the one on the bus.

    Raises `EngineTaken` when another process is the writer and is not on the bus, or asyncpg's connection errors.
    """
    reads = await open_database(url, size=_READERS, settings=BY_KEY)
    side = await open_database(url, size=_SIDE, settings=BY_KEY)
    ledger = Ledger(url, bus or Bus(), reads, side)
    try:
        await ledger.open()
    except BaseException:
        await side.close()
        await reads.close()
        raise
    return ledger


def _check_lookup(ids: Sequence[UUID]) -> None:
    refuse_inside_transaction()
    if len(ids) > MOST_EVENTS:
        raise InvalidEvent(f"a lookup is for at most {MOST_EVENTS} ids")
