"""A process that posts transfers as long as it lives, and tells what it tries and what was acknowledged, a line each.

`python -m tests.ledger.poster URL ACCOUNT…`. It waits for the lease, and for PostgreSQL, as long as it takes.
"""

import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import uvloop

from junzi.kit import ids
from junzi.kit.errors import Busy
from junzi.ledger import CreateTransferStatus, EngineTaken, Ledger, Transfer, TransferFlags, chain_outcome, open_ledger

CALLERS = 8


def request_of(id: UUID, accounts: Sequence[UUID]) -> list[Transfer]:
    """A linked chain that follows from its id: there, half of it back, and a hold that runs out or stays."""
    number = id.int >> 8 & 0xFFFF
    debit, credit = accounts[number % len(accounts)], accounts[(number + 1 + number % 3) % len(accounts)]

    def leg(place: int, debit: UUID, credit: UUID, amount: int, flags: TransferFlags, timeout: int = 0) -> Transfer:
        return Transfer(
            id=ids.leg(id, place),
            debit_account_id=debit,
            credit_account_id=credit,
            amount=amount,
            timeout=timeout,
            ledger=156,
            code=1,
            flags=flags,
        )

    return [
        leg(1, debit, credit, 4, TransferFlags.LINKED),
        leg(2, credit, debit, 2, TransferFlags.LINKED),
        leg(3, debit, credit, 1, TransferFlags.PENDING, number % 2),
    ]


async def _post(ledger: Ledger, accounts: Sequence[UUID]) -> None:
    while True:
        id = ids.new_id()
        print("tries", id, flush=True)
        while True:
            try:
                results = await ledger.create_transfers(request_of(id, accounts))
            except Busy:
                print("busy", id, flush=True)
                await asyncio.sleep(0.01)
            else:
                break
        assert chain_outcome(results) in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS), results
        print("acknowledged", id, flush=True)


async def _run(url: str, accounts: Sequence[UUID]) -> None:
    while True:
        try:
            ledger = await open_ledger(url)
        except (EngineTaken, OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.05)
        else:
            break
    print("opened", UUID(int=0), flush=True)
    await asyncio.gather(*[_post(ledger, accounts) for _ in range(CALLERS)])


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1], [UUID(account) for account in sys.argv[2:]]))
