"""The ledger's door: what other rooms call."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from junzi.kit.database import Database, Transaction, open_database
from junzi.kit.errors import Busy
from junzi.kit.group_commit import GroupCommit
from junzi.kit.jobs import Background
from junzi.kit.leased_connection import BY_KEY, busy_when_unreachable, is_outage
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.ledger import bounds, rules, store
from junzi.ledger.books import CreateAccounts, CreateTransfers, ExpirePending, Outcome, Request
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

EXPIRE_EVERY_S = 1.0
SEAL_EVERY_S = 10.0
_READERS = 4


class Ledger:
    """Accounts and transfers. Every answer is given after the commit that carries it.

    `Busy` means that nothing is known to be done: the queue was full, or PostgreSQL went away at a moment when the commit may
    or may not have counted. Send the same ids again; they have their effect once.
    """

    def __init__(self, writer: Writer, reads: Database) -> None:
        self._writer = writer
        self._reads = reads
        self._queue: GroupCommit[Request, Outcome] = GroupCommit(
            "ledger",
            writer.write,
            is_outage=is_outage,
            weigh=rules.weight,
            most_in_batch=MOST_EVENTS,
            most_waiting=8 * MOST_EVENTS,
        )
        self._background = Background()
        self._background.every(EXPIRE_EVERY_S, "expire pending transfers", self._expire_when_due)
        self._background.every(SEAL_EVERY_S, "seal transfers", self._seal_when_up)
        self._sealing = asyncio.Lock()

    async def create_accounts(self, accounts: Sequence[Account]) -> list[CreateAccountResult]:
        """One result an account, in order. Raises `InvalidEvent` or `Busy`."""
        bounds.check_accounts(accounts)
        if not accounts:
            return []
        return (await self._submit(CreateAccounts(list(accounts)))).accounts

    async def create_transfers(self, transfers: Sequence[Transfer]) -> list[CreateTransferResult]:
        """One result a transfer, in order; a linked chain stands or falls as a whole. Raises `InvalidEvent` or `Busy`."""
        bounds.check_transfers(transfers)
        if not transfers:
            return []
        return (await self._submit(CreateTransfers(list(transfers)))).transfers

    async def lookup_accounts(self, ids: Sequence[UUID]) -> list[Account]:
        """The accounts there are of these ids, in their order. Raises `InvalidEvent` (too many) or `Busy`."""
        _check_lookup(ids)
        async with busy_when_unreachable():
            if len(ids) == 1:
                # Somebody's balance, which many ask for at the same time.
                found = await self._reads.together(store.accounts_by_id, ids[0])
                return [] if found is None else [found]
            async with self._reads.read() as reader:
                return await store.lookup_accounts(reader, ids)

    async def lookup_transfers(self, ids: Sequence[UUID]) -> list[Transfer]:
        """The transfers there are of these ids, in their order. Raises `InvalidEvent` (too many) or `Busy`."""
        _check_lookup(ids)
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.lookup_transfers(reader, ids)

    async def get_account_transfers(self, asked: AccountFilter) -> list[Transfer]:
        """An account's transfers by timestamp; none for a filter that asks for nothing. Raises `InvalidEvent` or `Busy`."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await store.account_transfers(tx, asked)

    async def get_account_balances(self, asked: AccountFilter) -> list[AccountBalance]:
        """The balances as the same transfers left them, of an account with `HISTORY`; none of any other. Raises the same."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await store.account_balances(tx, asked)

    async def query_accounts(self, asked: QueryFilter) -> list[Account]:
        """The accounts that have all that is asked for, by timestamp. Raises `InvalidEvent` or `Busy`."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await store.query_accounts(tx, asked)

    async def query_transfers(self, asked: QueryFilter) -> list[Transfer]:
        """The transfers that have all that is asked for, by timestamp. Raises `InvalidEvent` or `Busy`."""
        if not bounds.asks_for_something(asked):
            return []
        async with self._query() as tx:
            return await store.query_transfers(tx, asked)

    async def balance_at(self, account_id: UUID, timestamp: int) -> int:
        """Credits less debits posted up to that timestamp (nanoseconds since 1970); 0 without such an account. Raises `Busy`."""
        refuse_inside_transaction()
        async with busy_when_unreachable(), self._reads.read() as reader:
            return await store.balance_at(reader, account_id, timestamp)

    async def expire_pending(self) -> int:
        """Void the pending transfers whose timeout has passed by `kit.clock`; returns how many. It also happens by itself."""
        return (await self._submit(ExpirePending())).expired

    async def seal(self) -> int:
        """Cover the transfers that no seal covers yet with the next seals; returns how many. It also happens by itself."""
        sealed = 0
        while True:
            async with self._sealing, self._query() as tx:
                count = await store.seal(tx)
            sealed += count
            if count < MOST_EVENTS:
                return sealed

    @property
    def up(self) -> bool:
        """Whether there is a connection to write through at this moment."""
        return self._writer.up

    async def close(self) -> None:
        """Answer what waits, then let go of the lease."""
        await self._background.stop()
        await self._queue.stop()
        await self._writer.close()
        await self._reads.close()

    async def _submit(self, request: Request) -> Outcome:
        # Without a connection every request would wait in the queue only to be told the same.
        if not self._writer.up:
            raise Busy
        return await self._queue.submit(request)

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

    async def _seal_when_up(self) -> None:
        if self._writer.up:
            await self.seal()


async def open_ledger(url: str) -> Ledger:
    """Become this database's one ledger writer. Raises `EngineTaken` when another process is, or asyncpg's connection errors."""
    reads = await open_database(url, size=_READERS, settings=BY_KEY)
    writer = Writer(url)
    try:
        await writer.open()
    except BaseException:
        await reads.close()
        raise
    return Ledger(writer, reads)


def _check_lookup(ids: Sequence[UUID]) -> None:
    refuse_inside_transaction()
    if len(ids) > MOST_EVENTS:
        raise InvalidEvent(f"a lookup is for at most {MOST_EVENTS} ids")
