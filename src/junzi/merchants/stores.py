"""Several stores of one merchant: each is a shop with its own code, staff and books, under the first one's name."""

from uuid import UUID

from junzi.kit import clock, text, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.merchants import actions, rules, store, stores_store
from junzi.merchants.model import LONGEST_NAME, Deed, NewShop, Range, Shop, ShopCard
from junzi.merchants.stores_model import LONGEST_BRANCH, NewStore, ShownStore, StoreOf, StoreRow, Stores, Sum
from junzi.merchants.till import total


async def planned(reader: Reader, *, shop_id: UUID, person_id: UUID, new: NewStore) -> tuple[NewShop, StoreOf]:
    """The shop that opens as another store beside this one. Raises `NotFound`, `NotAllowed`, `InvalidRequest`."""
    branch = text.one_line(new.branch, field="branch", least=1, most=LONGEST_BRANCH)
    await actions.access_shop(reader, shop_id, person_id)
    merchant_id = await stores_store.merchant_of(reader, shop_id) or shop_id
    first = await store.shop(reader, merchant_id)
    assert first is not None, "a shop is never deleted"
    name = f"{first.name} · {branch}"
    if len(name) > LONGEST_NAME:
        raise text.refused("branch", f"With the shop's name this may have {LONGEST_NAME} characters.")
    return NewShop(name, first.trade, new.place, first.picture), StoreOf(merchant_id, branch, first.discreet)


async def join(tx: Transaction, shop_id: UUID, store_of: StoreOf) -> None:
    """A step of opening: the shop is one of the merchant's stores, and so is its first shop from then on."""
    await stores_store.insert_store(tx, shop_id=store_of.merchant_id, merchant_id=store_of.merchant_id, branch="")
    await stores_store.insert_store(tx, shop_id=shop_id, merchant_id=store_of.merchant_id, branch=store_of.branch)
    if store_of.discreet:
        await store.set_discreet(tx, id=shop_id, discreet=True)


async def stores(database: Database, *, shop_id: UUID, person_id: UUID, asked: Range) -> Stores:
    """The stores of that shop's merchant into which the person may look, with what some days brought. Raises `NotFound`."""
    days = rules.period(asked, town.business_date(clock.now()))
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
        known = await _seen(reader, shop, person_id)
        sums = await stores_store.shop_sums(reader, shop_ids=[one.id for one in known], period=days)
    shown = [
        ShownStore(
            ShopCard(one.id, one.name, one.trade, one.place, one.picture),
            one.branch,
            one.state,
            sums.get(one.id, Sum()),
        )
        for one in known
    ]
    return Stores(asked, days.first, days.last, shown, total(one.sum for one in shown))


async def _seen(reader: Reader, shop: Shop, person_id: UUID) -> list[StoreRow]:
    merchant_id = await stores_store.merchant_of(reader, shop.id)
    if merchant_id is None:
        return [StoreRow(shop.id, shop.name, shop.trade, shop.place, shop.picture, shop.state, shop.owner_id)]
    known = await stores_store.stores_of(reader, merchant_id)
    worked_at = {one.id for one in await store.shops_worked_at(reader, person_id)}
    return [one for one in known if one.owner_id == person_id or one.id in worked_at]
