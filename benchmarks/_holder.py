"""A process that holds the ledger's lease under load, for the benchmark that takes it over.

`python -m benchmarks._holder URL SECONDS`. Says "loaded" after so many seconds and goes on. Accounts are those of the tables.
"""

import asyncio
import random
import sys
from typing import Any

import asyncpg
import uvloop

from junzi.kit import garbage, ids
from junzi.ledger import Ledger, Transfer, open_ledger

REQUEST = 1_000


async def _post(ledger: Ledger, people: list[Any]) -> None:
    while True:
        pairs = [random.sample(people, 2) for _ in range(REQUEST)]
        await ledger.create_transfers(
            [
                Transfer(
                    id=ids.new_id(), debit_account_id=debit, credit_account_id=credit, amount=1, ledger=156, code=1
                )
                for debit, credit in pairs
            ]
        )


async def _run(url: str, seconds: float) -> None:
    connection = await asyncpg.connect(url)
    people = [row["id"] for row in await connection.fetch("select id from ledger.accounts where code = 2")]
    await connection.close()
    ledger = await open_ledger(url)
    garbage.settle()
    posting = [asyncio.create_task(_post(ledger, people)) for _ in range(2)]
    await asyncio.sleep(seconds)
    print("loaded", flush=True)
    await asyncio.gather(*posting)


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1], float(sys.argv[2])))
