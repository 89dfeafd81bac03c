"""A code that is scanned far from its shop: perhaps it was copied and hangs elsewhere. The payer is told, the desk sees a count.

A phone tells where it is only if its person lets it, and as coarsely as will do. What is kept is a count a shop, day and class of
distance, without the person and without the place.
"""

from datetime import timedelta
from uuid import UUID

from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import card
from junzi.standing import rules, store
from junzi.standing.model import Away, FarLine, Position

MOST_LINES = 100
KEPT = timedelta(days=400)


async def notice(database: Database, shop_id: UUID, position: Position) -> Away | None:
    """Whether a scan was made far from the shop, as far as the shop says where it is; if so, it is counted."""
    async with database.transaction() as tx:
        at = await store.position(tx, shop_id)
        if at is None:
            return None
        far_km = rules.kilometres(at, rules.coarse(position))
        distance = rules.distance(far_km)
        if distance is None:
            return None
        await store.count_far_scan(tx, shop_id=shop_id, day=town.business_date(clock.now()), distance=distance)
        shop = await merchant_store.shop(tx, shop_id)
    # Whoever asks from many places would find a discreet shop in the middle of where nothing is said.
    return None if shop is None or shop.discreet else Away(round(far_km))


async def set_position(database: Database, *, shop_id: UUID, person_id: UUID, position: Position | None) -> None:
    """The owner says where the shop stands, or that it is not to be known. Raises `NotFound`, `NotAllowed`."""
    async with database.transaction() as tx:
        await merchants.access_shop(tx, shop_id, person_id)
        if position is None:
            await store.forget_position(tx, shop_id)
        else:
            await store.set_position(tx, shop_id, position)


async def position(database: Database, *, shop_id: UUID, person_id: UUID) -> Position | None:
    """Where the shop says that it stands, to its owner. Raises `NotFound`, `NotAllowed`."""
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person_id)
        return await store.position(reader, shop_id)


async def far_scans(database: Database) -> list[FarLine]:
    """What the desk is shown of scans far from their shops, the latest day first."""
    async with database.read() as reader:
        found = await store.far_scans(reader, most=MOST_LINES)
        shops = await merchant_store.shops(reader, list({one.shop_id for one in found}))
    faces = {id: card(shop) for id, shop in shops.items()}
    return [
        FarLine(
            one.shop_id,
            faces[one.shop_id].name,
            faces[one.shop_id].picture,
            one.business_date,
            one.distance,
            one.count,
        )
        for one in found
    ]


async def forget_old(database: Database) -> None:
    """Drop counts of days long past."""
    async with database.transaction() as tx:
        await store.forget_far_scans(tx, before=town.business_date(clock.now() - KEPT))
