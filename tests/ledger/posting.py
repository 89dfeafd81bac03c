"""Posters at work: what each has told so far, and the proof at the end that the books agree with it."""

import asyncio
import sys
import threading
from collections.abc import Sequence
from subprocess import PIPE, Popen
from uuid import UUID

from junzi.audit import audit, report
from junzi.kit import ids
from junzi.ledger import Account, CreateTransferStatus, Ledger, chain_outcome, open_ledger
from tests.ledger.poster import request_of
from tests.support.until import until


class Poster:
    """One process. told: by word, the ids in the order in which it said so"""

    def __init__(self, url: str, accounts: Sequence[UUID]) -> None:
        self.told: dict[str, list[UUID]] = {"opened": [], "tries": [], "busy": [], "acknowledged": []}
        self.process = Popen(
            [sys.executable, "-m", "tests.ledger.poster", url, *map(str, accounts)], stdout=PIPE, text=True
        )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def acknowledged(self) -> int:
        return len(self.told["acknowledged"])

    async def goes_on(self, more: int = 50) -> None:
        """Until that many more are acknowledged."""
        enough = self.acknowledged + more
        await until(lambda: self.acknowledged > enough, timeout_s=60)

    async def is_busy(self) -> None:
        """Until it was told so, and again."""
        enough = len(self.told["busy"]) + 100
        await until(lambda: len(self.told["busy"]) > enough, timeout_s=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # Between them is what it logs, and one that is killed may leave half a line.
            word, _, id = line.strip().partition(" ")
            if word in self.told and line.endswith("\n"):
                self.told[word].append(UUID(id))


async def some_accounts(url: str, count: int = 12) -> list[UUID]:
    ledger = await open_ledger(url)
    accounts = [Account(id=ids.new_id(), ledger=156, code=1) for _ in range(count)]
    assert all(result.stands for result in await ledger.create_accounts(accounts))
    await ledger.close()
    return [account.id for account in accounts]


async def books_agree(url: str, accounts: Sequence[UUID], posters: Sequence[Poster]) -> None:
    """Everything acknowledged is there once, what was not is settled by sending it again, and balances are history."""
    ledger = await open_ledger(url)
    acknowledged = [id for poster in posters for id in poster.told["acknowledged"]]
    tried = {id for poster in posters for id in poster.told["tries"]}
    assert len(set(acknowledged)) == len(acknowledged)
    await _all_stand(ledger, acknowledged)
    unanswered = sorted(tried - set(acknowledged))
    for id in unanswered:
        results = await ledger.create_transfers(request_of(id, accounts))
        assert chain_outcome(results) in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS)
    await _all_stand(ledger, unanswered)
    # While it runs, with rows that are behind, and after it has ended.
    assert report(await audit(url)).endswith("agree with their history.")
    await ledger.close()
    assert report(await audit(url)).endswith("agree with their history.")


async def _all_stand(ledger: Ledger, chains: Sequence[UUID]) -> None:
    wanted = [ids.leg(id, place) for id in chains for place in (1, 2, 3)]
    found: set[UUID] = set()
    for start in range(0, len(wanted), 6000):
        found |= {transfer.id for transfer in await ledger.lookup_transfers(wanted[start : start + 6000])}
        await asyncio.sleep(0)
    assert set(wanted) == found
