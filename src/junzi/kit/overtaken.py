"""Begin again when somebody else was faster.

A step for many that holds no lock while it decides finds out at its writes whether what it knew is still true: unique rows have
the last word. If not, all of it is rolled back and decided anew.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from junzi.kit.database import Database, Transaction
from junzi.kit.errors import Busy

MOST_TRIES = 8

Answer = TypeVar("Answer")


class Overtaken(Exception):
    """Somebody else wrote what this transaction was about to: it has to begin again with what stands there now."""


async def unless_overtaken(database: Database, step: Callable[[Transaction], Awaitable[Answer]]) -> Answer:
    """Run a step in a transaction of its own, again when it was overtaken. Raises `Busy` when that happens again and again."""
    for _ in range(MOST_TRIES):
        try:
            async with database.transaction() as tx:
                return await step(tx)
        except Overtaken:
            continue
    raise Busy
