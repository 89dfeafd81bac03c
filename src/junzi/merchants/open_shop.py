"""Open a shop: intent → ledger account → open, with its code issued. Repeatable from the intent row."""

from datetime import timedelta
from uuid import UUID

import msgspec

from junzi.codes import actions as codes
from junzi.codes.model import CodeKind
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.merchants import accounts, areas, photos, profile, rules, store, stores
from junzi.merchants.model import NewShop, Shop, ShopOpened, ShopState
from junzi.merchants.profile_model import Change
from junzi.merchants.stores_model import StoreOf

_intended = Point("merchants.open.intended")
_account_stands = Point("merchants.open.account_stands")


async def open_shop(
    database: Database, ledger: Ledger, *, owner_id: UUID, key: str, new: NewShop, store_of: StoreOf | None = None
) -> Shop:
    """The shop, open; a repeat with the same key returns the same shop. Raises `InvalidRequest`, `OpeningBarred`,
    `TooManyShops`, `ShopsUnreviewed`, `StoreElsewhere`.

    store_of: the merchant whose store it becomes, with what it is called among them
    """
    new = NewShop(**msgspec.structs.asdict(profile.tidied(Change(**msgspec.structs.asdict(new)))))
    async with database.transaction() as tx:
        shop_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=owner_id, key=key, action="merchants.open", body=new, intent_id=shop_id
        )
        if claimed == shop_id:
            await areas.check_area(tx, new.area_id)
            rules.check_opening(await store.opened_by(tx, owner_id))
            await store.insert_shop(tx, id=shop_id, owner_id=owner_id, new=new, at=clock.now())
            if new.photo_id is not None:
                await photos.show(tx, shop_id=shop_id, owner_id=owner_id, photo_id=new.photo_id)
            if store_of is not None:
                await stores.add(tx, shop_id, store_of)
    _intended.passed()
    return await finish(database, ledger, claimed)


async def finish(database: Database, ledger: Ledger, shop_id: UUID) -> Shop:
    """Bring an intended shop to open."""
    async with database.read() as reader:
        shop = await store.shop(reader, shop_id)
    if shop is None:
        raise NotFound
    if shop.state is not ShopState.OPENING:
        return shop
    await ledger.create_accounts([accounts.account(shop_id)])
    _account_stands.passed()
    async with database.transaction() as tx:
        shop = await store.shop_locked(tx, shop_id)
        assert shop is not None, "a shop is never deleted"
        if shop.state is ShopState.OPENING:
            await codes.issue(tx, CodeKind.SHOP, shop_id)
            await store.set_state(tx, id=shop_id, state=ShopState.OPEN)
            await tx.emit(ShopOpened(shop_id=shop_id, owner_id=shop.owner_id, name=shop.name), id=ids.leg(shop_id, 2))
        shop = await store.shop(tx, shop_id)
    assert shop is not None, "a shop is never deleted"
    return shop


async def sweep(database: Database, ledger: Ledger) -> int:
    """Finish openings that were interrupted; returns how many."""
    async with database.read() as reader:
        interrupted = await store.opening_before(reader, at=clock.now() - timedelta(seconds=5), most=50)
    return await sweeping.each(interrupted, lambda shop_id: finish(database, ledger, shop_id))
