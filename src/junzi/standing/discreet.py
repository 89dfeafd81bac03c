"""A shop that is seen by nobody but its keepers: under a neutral name before payers, the desk and other wallets.

Books, tax and the auditor see it like any other. What others are told of a shop goes through `merchants.model.card`, which is the
one place at which the neutral name stands in. What was told before stays with whom it was told.
"""

from uuid import UUID

from junzi.kit.database import Database
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Shop


async def set_discreet(database: Database, *, shop_id: UUID, person_id: UUID, discreet: bool) -> Shop:
    """Show the person's shop under a neutral name from here on, or under its own. Raises `NotFound`, `NotAllowed`."""
    async with database.transaction() as tx:
        await merchants.access_shop(tx, shop_id, person_id)
        await merchant_store.set_discreet(tx, id=shop_id, discreet=discreet)
        return await merchants.access_shop(tx, shop_id, person_id)
