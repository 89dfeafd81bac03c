"""Several stores of one merchant: each is a shop with its own code, staff and books, under the first one's name.

A store opens as one, or a shop that is there already is joined, and parted again. That changes its name before customers and in
whose sums it stands, and nothing else: account, takings, staff, statements, payouts, review and room stay the shop's own.
"""

from uuid import UUID

from junzi.kit import clock, text, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.merchants import actions, profile, profile_store, rules, store, stores_store
from junzi.merchants.model import Deed, NewShop, Range, Shop, ShopCard, face, own_card
from junzi.merchants.profile_model import FirstStore, NameUnreviewed, StoreElsewhere
from junzi.merchants.stores_model import LONGEST_BRANCH, NewStore, ShownStore, StoreOf, StoreRow, Stores, Sum
from junzi.merchants.till import total


async def planned(reader: Reader, *, shop_id: UUID, person_id: UUID, new: NewStore) -> tuple[NewShop, StoreOf]:
    """The shop that opens as another store beside this one. Raises `NotFound`, `NotAllowed`, `InvalidRequest`."""
    branch = text.one_line(new.branch, field="branch", least=1, most=LONGEST_BRANCH)
    await actions.access_shop(reader, shop_id, person_id)
    merchant_id = await stores_store.merchant_of(reader, shop_id) or shop_id
    first = await store.shop(reader, merchant_id)
    assert first is not None, "a shop is never deleted"
    name = profile.store_name(first.name, branch, field="branch")
    opened = NewShop(name, first.trade, new.place, first.picture, photo_id=first.photo_id)
    return opened, StoreOf(merchant_id, branch, first.discreet)


async def add(tx: Transaction, shop_id: UUID, store_of: StoreOf) -> None:
    """A step of opening: the shop is one of the merchant's stores, and so is its first shop from then on.

    Raises `StoreElsewhere` when that one was joined to another meanwhile.
    """
    if await stores_store.merchant_of(tx, store_of.merchant_id) not in (None, store_of.merchant_id):
        raise StoreElsewhere
    await stores_store.insert_store(tx, shop_id=store_of.merchant_id, merchant_id=store_of.merchant_id, branch="")
    await stores_store.insert_store(tx, shop_id=shop_id, merchant_id=store_of.merchant_id, branch=store_of.branch)
    if store_of.discreet:
        await store.set_discreet(tx, id=shop_id, discreet=True)


async def join(database: Database, *, shop_id: UUID, store_id: UUID, person_id: UUID, branch: str) -> None:
    """The person's other shop becomes one of this one's stores, under its name; a repeat changes nothing.

    The name it gets was looked at by an operator if its own was. It becomes discreet if that one is: it would tell that one's
    name. Raises `NotFound`, `NotAllowed`, `InvalidRequest`, `StoreElsewhere`, `NameUnreviewed`.
    """
    branch = text.one_line(branch, field="branch", least=1, most=LONGEST_BRANCH)
    async with database.transaction() as tx:
        await profile_store.hold_shops_of(tx, person_id)
        shop = await actions.access_shop(tx, shop_id, person_id)
        joined = await actions.access_shop(tx, store_id, person_id)
        first = await _first(tx, shop)
        if await stores_store.merchant_of(tx, store_id) not in (None, first.id) or store_id in (shop_id, first.id):
            raise StoreElsewhere
        name = profile.store_name(first.name, branch, field="branch")
        is_trusted = joined.withdrawn or await profile_store.is_reviewed(tx, store_id)
        if is_trusted and not await profile_store.is_reviewed(tx, first.id):
            raise NameUnreviewed
        former_name = await stores_store.remove_store(tx, store_id) or joined.name
        await stores_store.insert_store(tx, shop_id=first.id, merchant_id=first.id, branch="")
        await stores_store.insert_store(
            tx, shop_id=store_id, merchant_id=first.id, branch=branch, former_name=former_name
        )
        if first.discreet and not joined.discreet:
            await store.set_discreet(tx, id=store_id, discreet=True)
        await profile.rename(tx, joined, name, by_id=person_id)


async def part(database: Database, *, shop_id: UUID, store_id: UUID, person_id: UUID) -> None:
    """The store stands alone again, under the name it had before it was joined; a repeat changes nothing.

    One that opened as a store keeps the name it has. Raises `NotFound`, `NotAllowed`, `FirstStore`.
    """
    async with database.transaction() as tx:
        await profile_store.hold_shops_of(tx, person_id)
        first = await _first(tx, await actions.access_shop(tx, shop_id, person_id))
        parted = await actions.access_shop(tx, store_id, person_id)
        if store_id == first.id:
            raise FirstStore
        if await stores_store.merchant_of(tx, store_id) != first.id:
            return
        former_name = await stores_store.remove_store(tx, store_id)
        if not await stores_store.branches(tx, first.id):
            await stores_store.remove_store(tx, first.id)
        await profile.rename(tx, parted, former_name or parted.name, by_id=person_id)


async def stores(database: Database, *, shop_id: UUID, person_id: UUID, asked: Range) -> Stores:
    """The stores of that shop's merchant into which the person may look, with what some days brought. Raises `NotFound`."""
    days = rules.period(asked, town.business_date(clock.now()))
    async with database.read() as reader:
        shop = await actions.access_shop(reader, shop_id, person_id, Deed.LOOK)
        known = await _seen(reader, shop, person_id)
        sums = await stores_store.shop_sums(reader, shop_ids=[one.id for one in known], period=days)
        apart = await _apart(reader, shop, person_id) if shop.owner_id == person_id else []
        first = await stores_store.merchant_of(reader, shop_id) or shop_id
    shown = [
        ShownStore(
            ShopCard(one.id, one.name, one.trade, one.place, face(one.picture, one.photo_id)),
            one.branch,
            one.state,
            sums.get(one.id, Sum()),
        )
        for one in known
    ]
    return Stores(asked, days.first, days.last, shown, total(one.sum for one in shown), first, apart)


async def _first(reader: Reader, shop: Shop) -> Shop:
    """The shop that gives its name to this one and its other stores, or this one itself."""
    merchant_id = await stores_store.merchant_of(reader, shop.id)
    first = shop if merchant_id in (None, shop.id) else await store.shop(reader, merchant_id)
    assert first is not None, "a shop is never deleted"
    return first


async def _apart(reader: Reader, shop: Shop, owner_id: UUID) -> list[ShopCard]:
    """The owner's other shops that stand alone, and so can be joined."""
    several = await stores_store.several(reader, owner_id)
    return [
        own_card(one) for one in await store.shops_of(reader, owner_id) if one.id != shop.id and one.id not in several
    ]


async def _seen(reader: Reader, shop: Shop, person_id: UUID) -> list[StoreRow]:
    merchant_id = await stores_store.merchant_of(reader, shop.id)
    if merchant_id is None:
        row = StoreRow(
            shop.id, shop.name, shop.trade, shop.place, shop.picture, shop.state, shop.owner_id, photo_id=shop.photo_id
        )
        return [row]
    known = await stores_store.stores_of(reader, merchant_id)
    worked_at = {one.id for one in await store.shops_worked_at(reader, person_id)}
    return [one for one in known if one.owner_id == person_id or one.id in worked_at]
