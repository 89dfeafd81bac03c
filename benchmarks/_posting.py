"""What the ledger's benchmark posts: accounts, transfers in three shapes, and who sends them."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import msgspec

from benchmarks import _usual_ledger as usual
from junzi.kit import ids
from junzi.ledger import (
    MOST_EVENTS,
    Account,
    AccountFlags,
    CreateTransferResult,
    CreateTransferStatus,
    Ledger,
    Transfer,
)

CALLERS = 2_000
IN_FLIGHT = 2
LIMITED = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS
PURSE, FUND, TOO_MUCH = 10**9, 10**13, 10**14
BANK, HOT_SHOP, BUDGET = (UUID(int=number) for number in (1, 2, 3))

Pick = Callable[[], tuple[UUID, UUID]]


class World(msgspec.Struct):
    """What both sides move money in, and how many transfers of ours were created."""

    people: list[UUID]
    chance: random.Random
    created: int = 0

    def shapes(self) -> dict[str, Pick]:
        """Debit and credit account of the next transfer, a shape each."""
        people, chance = self.people, self.chance

        def uniform() -> tuple[UUID, UUID]:
            first, second = chance.choice(people), chance.choice(people)
            return (first, second) if first != second else uniform()

        return {
            "uniform": uniform,
            "hot shop": lambda: (chance.choice(people), HOT_SHOP) if chance.random() < 0.5 else uniform(),
            "budget": lambda: (BUDGET, chance.choice(people)) if chance.random() < 0.9 else uniform(),
        }

    def moves(self, pick: Pick) -> usual.Moves:
        while True:
            debit, credit = pick()
            amount = TOO_MUCH if self.chance.random() < 0.01 else self.chance.randrange(1, 1_000)
            yield ids.new_id(), debit, credit, amount

    def transfers(self, pick: Pick, count: int, *, resent: bool = False) -> list[Transfer]:
        """Transfers to send in this order; with `resent`, every tenth was sent before."""
        made = [
            Transfer(id=id, debit_account_id=debit, credit_account_id=credit, amount=amount, ledger=156, code=1)
            for id, debit, credit, amount in itertools.islice(self.moves(pick), count)
        ]
        if resent:
            for place in range(CALLERS * 2, count, 10):
                made[place] = made[place - self.chance.randrange(1, CALLERS * 2)]
        return made

    def note(self, results: list[CreateTransferResult]) -> None:
        for result in results:
            if result.status is CreateTransferStatus.CREATED:
                self.created += 1
            elif result.status not in _EXPECTED:
                raise AssertionError(f"a transfer was answered {result.status.name}")


_EXPECTED = (
    CreateTransferStatus.EXCEEDS_CREDITS,
    CreateTransferStatus.EXISTS,
    CreateTransferStatus.ID_ALREADY_FAILED,
)


async def open_accounts(ledger: Ledger, world: World) -> int:
    """Open the accounts and fill the purses; returns how many transfers that took."""
    banks = [Account(id=id, ledger=156, code=1) for id in (BANK, HOT_SHOP)]
    assert all(result.stands for result in await ledger.create_accounts(banks))
    limited = [BUDGET, *world.people]
    for start in range(0, len(limited), MOST_EVENTS):
        some = limited[start : start + MOST_EVENTS]
        accounts = [Account(id=id, ledger=156, code=2, flags=LIMITED) for id in some]
        assert all(result.stands for result in await ledger.create_accounts(accounts))
        purses = [
            Transfer(
                id=ids.new_id(),
                debit_account_id=BANK,
                credit_account_id=id,
                amount=FUND if id == BUDGET else PURSE,
                ledger=156,
                code=1,
            )
            for id in some
        ]
        assert all(result.stands for result in await ledger.create_transfers(purses))
    return len(limited)


async def by_callers(ledger: Ledger, world: World, transfers: list[Transfer], seconds: float) -> float:
    """Transfers a second, each asked for alone by somebody who waits for the answer."""
    waiting: Iterator[Transfer] = iter(transfers)
    answered = 0
    until = time.perf_counter() + seconds

    async def caller() -> None:
        nonlocal answered
        for transfer in waiting:
            world.note(await ledger.create_transfers([transfer]))
            answered += 1
            if time.perf_counter() > until:
                return

    began = time.perf_counter()
    await asyncio.gather(*[caller() for _ in range(CALLERS)])
    return answered / (time.perf_counter() - began)


async def in_batches(ledger: Ledger, world: World, transfers: list[Transfer], seconds: float) -> float:
    """Transfers a second, in full requests, of which one waits while another is written."""
    waiting = iter([transfers[start : start + MOST_EVENTS] for start in range(0, len(transfers), MOST_EVENTS)])
    answered = 0
    until = time.perf_counter() + seconds

    async def sender() -> None:
        nonlocal answered
        for request in waiting:
            world.note(await ledger.create_transfers(request))
            answered += len(request)
            if time.perf_counter() > until:
                return

    began = time.perf_counter()
    await asyncio.gather(*[sender() for _ in range(IN_FLIGHT)])
    return answered / (time.perf_counter() - began)
