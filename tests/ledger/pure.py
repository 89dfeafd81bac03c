"""The ledger's rules without a database: books in memory, to which every decision is applied."""

from collections.abc import Sequence
from uuid import UUID

from junzi.ledger import bounds, rules
from junzi.ledger.books import Books, CreateAccounts, CreateTransfers, ExpirePending, Outcome, Request
from junzi.ledger.model import Account, CreateAccountResult, CreateTransferResult, Transfer
from junzi.ledger.rules import SECOND


class PureLedger:
    """Answers as the ledger does; `now` is its clock, in nanoseconds."""

    def __init__(self, now: int = SECOND) -> None:
        self.now = now
        self.books = Books({}, {}, {}, {})
        self._last_timestamp = 0

    def create_accounts(self, accounts: Sequence[Account]) -> list[CreateAccountResult]:
        bounds.check_accounts(accounts)
        return self.run([CreateAccounts(list(accounts))])[0].accounts

    def create_transfers(self, transfers: Sequence[Transfer]) -> list[CreateTransferResult]:
        bounds.check_transfers(transfers)
        return self.run([CreateTransfers(list(transfers))])[0].transfers

    def run_together(self, requests: Sequence[Sequence[Transfer]]) -> list[list[CreateTransferResult]]:
        """Several callers' transfers in one batch."""
        return [outcome.transfers for outcome in self.run([CreateTransfers(list(events)) for events in requests])]

    def expire_pending(self) -> int:
        return self.run([ExpirePending()])[0].expired

    def run(self, requests: Sequence[Request]) -> list[Outcome]:
        """Several requests in one batch."""
        timestamp = max(self._last_timestamp + 1, self.now)
        decision = rules.decide(self.books, self._due(timestamp), requests, timestamp)
        for account in decision.new_accounts + decision.changed_accounts:
            self.books.accounts[account.id] = account
        for transfer in decision.new_transfers:
            self.books.transfers[transfer.id] = transfer
        for pending in decision.new_pendings + decision.changed_pendings:
            self.books.pendings[pending.transfer_id] = pending
        self.books.failed.update(decision.new_failed)
        self._last_timestamp = decision.timestamp
        return decision.outcomes

    def _due(self, timestamp: int) -> list[UUID]:
        pendings = self.books.pendings.values()
        return [p.transfer_id for p in pendings if p.status == 1 and 0 < p.expires_at <= timestamp]
