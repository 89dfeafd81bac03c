"""Counts what must be nought in the bank's books, in one snapshot, so that it is right also under load."""

from junzi_issuer import store
from junzi_issuer.cards import OPENING_MINOR
from junzi_issuer.database import open_pool


class NotAnIssuer(Exception):
    """The database has never been an issuer's."""


async def find_faults(database_url: str) -> dict[str, int]:
    """The invariants that do not hold, each with its count; raises NotAnIssuer where there are no books."""
    pool = await open_pool(database_url)
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            if await store.read_version(connection) == 0:
                raise NotAnIssuer("This database holds no issuer's books.")
            figures = await store.audit_figures(connection, OPENING_MINOR)
    finally:
        await pool.close()
    return {name: count for name, count in figures.items() if count}
