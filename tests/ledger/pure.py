"""The ledger's rules without a database: books in memory, to which every decision is applied."""

from collections.abc import Sequence
from uuid import UUID

from junzi.ledger import bounds, rules
from junzi.ledger.books import Books, CreateAccounts, CreateTransfers, ExpirePending, Outcome, Request, Times
from junzi.ledger.model import Account, AccountBalance, CreateAccountResult, CreateTransferResult, Transfer
from junzi.ledger.rules import SECOND


class PureLedger:
    """Answers as the ledger does; `now` is its clock, in nanoseconds."""

    def __init__(self, now: int = 1000 * SECOND) -> None:
        self.now = now
        self.books = Books()
        self.remembered: list[tuple[UUID, AccountBalance]] = []
        self._last_timestamp = 0
        self._expired_at = 0

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
        self.books.times = self._times(requests)
        decision = rules.decide(self.books, self._due(timestamp), requests, timestamp)
        for account in decision.new_accounts + decision.changed_accounts:
            self.books.accounts[account.id] = account
        for transfer in decision.new_transfers:
            self.books.transfers[transfer.id] = transfer
        for pending in decision.new_pendings + decision.changed_pendings:
            self.books.pendings[pending.transfer_id] = pending
        self.books.failed.update(decision.new_failed)
        self.remembered += decision.new_balances
        self._last_timestamp = decision.timestamp
        self._expired_at = decision.expired_at or self._expired_at
        return decision.outcomes

    def _times(self, requests: Sequence[Request]) -> Times | None:
        if not any(
            event.timestamp for request in requests for event in getattr(request, "events", []) if event.timestamp
        ):
            return None
        accounts = frozenset(account.timestamp for account in self.books.accounts.values())
        transfers = frozenset(transfer.timestamp for transfer in self.books.transfers.values())
        last_transfer = max(self._expired_at, max(transfers, default=0))
        return Times(max(accounts, default=0), last_transfer, accounts, transfers)

    def _due(self, timestamp: int) -> list[UUID]:
        pendings = self.books.pendings.values()
        return [p.transfer_id for p in pendings if p.status == 1 and 0 < p.expires_at <= timestamp]
