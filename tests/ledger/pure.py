"""The ledger's rules without a database: one writer's books, of which nothing is ever forgotten."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg.pgproto import pgproto

from junzi.ledger import bounds, rules
from junzi.ledger.books import FAILED, Books, Changes, Times
from junzi.ledger.model import Account, AccountBalance, CreateAccountResult, CreateTransferResult, Transfer
from junzi.ledger.requests import ExpirePending, Request
from junzi.ledger.rows import to_account, to_transfer
from junzi.ledger.rules import SECOND


class PureLedger:
    """Answers as the ledger does; `now` is its clock, in nanoseconds.

    tables:           all that was ever to be written
    count_in_blocks:  how many of its transfers were decided many at a time
    """

    def __init__(self, now: int = 1000 * SECOND) -> None:
        self.now = now
        self.books = Books()
        self.tables = Changes()
        self.count_in_blocks = 0
        self._last_timestamp = 0
        self._expired_at = 0

    def create_accounts(self, accounts: Sequence[Account]) -> list[CreateAccountResult]:
        return self.run([bounds.accounts_request(accounts)])[0]

    def create_transfers(self, transfers: Sequence[Transfer]) -> list[CreateTransferResult]:
        return self.run([bounds.transfers_request(transfers)])[0]

    def run_together(self, requests: Sequence[Sequence[Transfer]]) -> list[list[CreateTransferResult]]:
        """Several callers' transfers in one batch."""
        rows = [bounds.transfers_request(events) for events in requests]
        return self.run(rows)

    def expire_pending(self) -> int:
        return self.run([ExpirePending()])[0]

    def run(self, requests: Sequence[Request]) -> list[Any]:
        """Several requests in one batch."""
        timestamp = max(self._last_timestamp + 1, self.now)
        self.books.times = self._times(requests)
        due = self._due(timestamp)
        if due:
            self._expired_at = timestamp
        changes = Changes()
        outcomes, next_timestamp = rules.decide(self.books, changes, due, requests, timestamp)
        self.tables.accounts += changes.accounts
        self.count_in_blocks += sum(map(len, changes.blocks))
        in_blocks = [block.at(place) for block in changes.blocks for place in range(len(block))]
        self.tables.transfers += sorted(changes.transfers + in_blocks, key=lambda row: row[12])
        self.tables.failed += changes.failed
        self.tables.balances += changes.balances
        self.tables.pendings.update(changes.pendings)
        for id, (status, resolved_at) in changes.resolved.items():
            self.tables.pendings[id] = (status, self.tables.pendings[id][1], resolved_at)
        self._last_timestamp = next_timestamp - 1
        return list(outcomes)

    @property
    def accounts(self) -> dict[UUID, Account]:
        rows = [self.books.accounts.row(place) for place in range(len(self.books.accounts))]
        return {account.id: account for account in map(to_account, rows)}

    @property
    def transfers(self) -> dict[UUID, Transfer]:
        return {transfer.id: transfer for transfer in map(to_transfer, self.tables.transfers)}

    @property
    def pendings(self) -> dict[UUID, int]:
        """The status of each."""
        return {_id(id): status for id, (status, *_) in self.tables.pendings.items()}

    @property
    def failed(self) -> dict[UUID, int]:
        """The status for which each was refused."""
        return {_id(id): status for id, status, _ in self.tables.failed}

    @property
    def remembered(self) -> list[tuple[UUID, AccountBalance]]:
        return [
            (
                _id(id),
                AccountBalance(
                    debits_pending=debits_pending,
                    debits_posted=debits_posted,
                    credits_pending=credits_pending,
                    credits_posted=credits_posted,
                    timestamp=timestamp,
                ),
            )
            for id, debits_pending, debits_posted, credits_pending, credits_posted, timestamp in self.tables.balances
        ]

    def check(self) -> None:
        """What is to be written is what is known."""
        known = {id: self.books.transfer(id) for id, row in self.books.recent.items() if row is not FAILED}
        assert sorted(known.values(), key=lambda row: row[12]) == self.tables.transfers
        assert {id: row[0] for id, row in self.books.pendings.items()} == {
            id: row[0] for id, row in self.tables.pendings.items()
        }
        assert self.books.recent.keys() - known.keys() == {id for id, *_ in self.tables.failed}
        assert self.books.journal is None

    def _times(self, requests: Sequence[Request]) -> Times | None:
        if not any(event[-1] for request in requests for event in request.events):
            return None
        accounts = {account.timestamp for account in self.accounts.values()}
        transfers = {transfer.timestamp for transfer in self.transfers.values()}
        last = {"account": max(accounts, default=0), "transfer": max(self._expired_at, max(transfers, default=0))}
        return Times(last, dict.fromkeys(accounts, True), dict.fromkeys(transfers, True))

    def _due(self, timestamp: int) -> list[bytes]:
        return [id for id, (status, at) in self.books.pendings.items() if status == 1 and 0 < at <= timestamp]


def _id(id: bytes) -> UUID:
    return pgproto.UUID(id)  # type: ignore[no-any-return]
