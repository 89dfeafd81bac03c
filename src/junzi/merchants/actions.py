"""What a shopkeeper does with an open shop, and what checkout tells it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from junzi.codes import actions as codes
from junzi.codes.model import Code, CodeKind
from junzi.kit import clock, idempotency, ids, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import rules, store
from junzi.merchants.model import (
    CodeWithdrawn,
    Deed,
    Role,
    Shop,
    ShopClosed,
    ShopState,
    ShownShop,
    StaffState,
    Taking,
    Takings,
    face,
)

PAGE = 100


def conversation_id(shop_id: UUID) -> UUID:
    """The conversation in which a shop hears of its payments."""
    return ids.derived(shop_id, "takings")


def cashiers_conversation_id(shop_id: UUID, person_id: UUID) -> UUID:
    """Where somebody who works at a shop hears of its payments: theirs alone, so that it ends with their work."""
    return ids.derived(shop_id, f"takings:{person_id}")


async def access_shop(reader: Reader, shop_id: UUID, person_id: UUID, deed: Deed = Deed.MANAGE) -> Shop:
    """The shop at which the person may do this. Raises `NotFound`, also for somebody else's, and `NotAllowed`."""
    shop = await store.shop(reader, shop_id)
    if shop is None or shop.state is ShopState.OPENING:
        raise NotFound
    rules.check_may(await _role(reader, shop, person_id), deed)
    return shop


async def shop_to_pay(reader: Reader, shop_id: UUID) -> Shop:
    """A shop that takes payments now. Raises `CodeWithdrawn`, `ShopClosed`."""
    return to_pay(await store.shop(reader, shop_id))


def to_pay(shop: Shop | None) -> Shop:
    """The shop if it takes payments now. Raises `CodeWithdrawn`, `ShopClosed`."""
    if shop is not None and shop.withdrawn:
        raise CodeWithdrawn
    if shop is None or shop.state is not ShopState.OPEN:
        raise ShopClosed
    return shop


async def listeners(reader: Reader, shops: Iterable[Shop]) -> dict[UUID, list[tuple[UUID, UUID]]]:
    """Who hears of each shop's payments, with the conversation in which they do: its owner, and who works there now."""
    found = {shop.id: [(shop.owner_id, conversation_id(shop.id))] for shop in shops}
    for one in await store.staff_of_shops(reader, list(found)):
        if one.state is StaffState.ACTIVE:
            found[one.shop_id].append((one.person_id, cashiers_conversation_id(one.shop_id, one.person_id)))
    return found


async def shown(database: Database, shop: Shop, person_id: UUID, public_url: str) -> ShownShop:
    """The shop with its code, as that person sees it. Raises `NotFound` to whoever has nothing to do with it."""
    return (await all_shown(database, [shop], person_id, public_url))[0]


async def all_shown(database: Database, shops: list[Shop], person_id: UUID, public_url: str) -> list[ShownShop]:
    """The same of several."""
    async with database.read() as reader:
        rows = await store.staff_rows(reader, shop_ids=[shop.id for shop in shops], person_id=person_id)
        own = await codes.owns(reader, [shop.id for shop in shops])
    roles = [rules.role_of(shop, person_id, rows.get(shop.id)) for shop in shops]
    return [_shown(shop, role, own[shop.id], person_id, public_url) for shop, role in zip(shops, roles, strict=True)]


def _shown(shop: Shop, role: Role | None, code: Code, person_id: UUID, public_url: str) -> ShownShop:
    if role is None:
        raise NotFound
    return ShownShop(
        shop.id,
        shop.name,
        shop.trade,
        shop.place,
        face(shop.picture, shop.photo_id),
        shop.state,
        codes.shown(code, public_url),
        conversation_id(shop.id) if role is Role.OWNER else cashiers_conversation_id(shop.id, person_id),
        role,
        shop.area_id,
        shop.discreet,
    )


async def reissue_code(database: Database, *, shop_id: UUID, person_id: UUID, key: str) -> Shop:
    """Replace the shop's code, which was lost or copied; a repeat with the same key replaces nothing more.

    Raises `NotFound`, `NotAllowed`.
    """
    async with database.transaction() as tx:
        shop = await access_shop(tx, shop_id, person_id)
        intent_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="merchants.code", body={"shop_id": shop_id}, intent_id=intent_id
        )
        if claimed == intent_id:
            await codes.reissue(tx, CodeKind.SHOP, shop_id)
    return shop


async def set_open(database: Database, *, shop_id: UUID, person_id: UUID, state: ShopState) -> Shop:
    """Open or close the person's shop."""
    async with database.transaction() as tx:
        await access_shop(tx, shop_id, person_id)
        await store.set_state(tx, id=shop_id, state=state)
        return await access_shop(tx, shop_id, person_id)


async def takings(database: Database, *, shop_id: UUID, person_id: UUID, before: UUID | None, limit: int) -> Takings:
    """Today's sum and the latest payments, the newest first."""
    async with database.read() as reader:
        await access_shop(reader, shop_id, person_id, Deed.LOOK)
        most = min(limit, PAGE)
        page = await store.takings(reader, shop_id=shop_id, before=before, most=most + 1)
        today = await store.day_sum(reader, shop_id=shop_id, business_date=town.business_date(clock.now()))
    return Takings(today, page[:most], len(page) > most)


async def record_taking(tx: Transaction, shop_id: UUID, taking: Taking) -> None:
    """A step of checkout: the shop received a payment, or gave some of one back."""
    await record_takings(tx, [(shop_id, taking)])


async def record_takings(tx: Transaction, takings: Sequence[tuple[UUID, Taking]]) -> None:
    """The same for several of one day at once, each with its shop in front."""
    await store.insert_takings(tx, takings, business_date=town.business_date(takings[0][1].at))


def masked(name: str) -> str:
    """A payer's name as a shop sees it: the first character."""
    return name[:1] + "*" * min(len(name) - 1, 2) if len(name) > 1 else name


async def _role(reader: Reader, shop: Shop, person_id: UUID) -> Role | None:
    return rules.role_of(shop, person_id, await store.staff_row(reader, shop_id=shop.id, person_id=person_id))
