"""What is made of transfers behind the posting, at a bounded rate: entries by account, and seals.

Neither is needed to answer anybody: what has no entry yet is found among the newest transfers.
"""

import asyncio

from junzi.kit.database import Database
from junzi.ledger import store
from junzi.ledger.post import Writer

PAUSE_S, PATIENCE_S = 0.2, 5.0
_ENTER_AT_ONCE = 500
_SEAL_AT_ONCE = 2_000
"""Each takes a few milliseconds of a processor, for which somebody may have to wait."""


class Behind:
    """side: connections for what need not be flushed"""

    def __init__(self, writer: Writer, side: Database) -> None:
        self._writer = writer
        self._side = side
        self._sealing = asyncio.Lock()
        self._entering = asyncio.Lock()

    async def enter(self, *, all_of_it: bool = False) -> int:
        """Enter transfers with their accounts until none is left; returns how many."""
        loop = asyncio.get_running_loop()
        entered, began = 0, loop.time()
        async with self._entering:
            while True:
                asked_at = loop.time()
                async with self._side.transaction(durable=False) as tx:
                    count = await store.enter(tx, _ENTER_AT_ONCE)
                entered += count
                if count < _ENTER_AT_ONCE:
                    return entered
                if all_of_it:
                    continue
                late_s = loop.time() - began
                if self._writer.pressed and late_s < PATIENCE_S:
                    # What is to be posted comes first, for a while.
                    await asyncio.sleep(PAUSE_S)
                elif late_s < 2 * PATIENCE_S:
                    await self._rest(asked_at)

    async def seal(self) -> int:
        """Cover the transfers that no seal covers yet with the next seals; returns how many."""
        sealed = 0
        async with self._sealing:
            while True:
                asked_at = asyncio.get_running_loop().time()
                async with self._side.transaction(durable=False) as tx:
                    count = await store.seal(tx, _SEAL_AT_ONCE)
                sealed += count
                if count < _SEAL_AT_ONCE:
                    return sealed
                await self._rest(asked_at)

    async def _rest(self, since: float) -> None:
        """As long as the work since then took, so that it never has more than half a processor while others wait for theirs."""
        await asyncio.sleep(asyncio.get_running_loop().time() - since)
