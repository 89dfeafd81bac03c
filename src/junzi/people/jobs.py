"""Background work of people."""

from junzi.kit.database import Database
from junzi.people import actions


async def forget_old(database: Database) -> None:
    """Now and then: sessions long unseen, failed tries of the past."""
    await actions.forget_old(database)
