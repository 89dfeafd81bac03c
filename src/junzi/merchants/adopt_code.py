"""A person's own code that is printed already becomes their shop's: what it points to changes, the sticker stays.

The person has a new code from then on. It can be turned back; then the sticker leads to the person again, beside the new one.
Both ways are on record, and one transaction each, so that who scans at that moment meets either the person or the shop.
"""

from uuid import UUID

from junzi.codes import actions as codes
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeDamaged, CodeKind
from junzi.kit import idempotency, ids
from junzi.kit.database import Database
from junzi.kit.errors import NotFound
from junzi.merchants import actions, store
from junzi.merchants.stores_model import MOST_ADOPTED, AdoptedCode, ShopCodes, TooManyCodes


async def adopt(database: Database, *, shop_id: UUID, person_id: UUID, key: str, code: str) -> None:
    """The owner's own code leads to the shop from now on; a repeat with the same key turns nothing more.

    Raises `NotFound` also for a code that is not theirs, `NotAllowed`, `CodeDamaged`, `CodeUnknown`, `TooManyCodes`.
    """
    code = _whole(code)
    async with database.transaction() as tx:
        await actions.access_shop(tx, shop_id, person_id)
        intent_id = ids.new_id()
        body = {"shop_id": shop_id, "code": code}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="merchants.adopt", body=body, intent_id=intent_id
        )
        if claimed != intent_id:
            return
        found = await codes.resolve_locked(tx, code)
        if found.target_id == shop_id:
            return
        if found.kind is not CodeKind.PERSON or found.target_id != person_id:
            raise NotFound
        await store.shop_locked(tx, shop_id)
        if len(await codes.adopted_by(tx, shop_id)) >= MOST_ADOPTED:
            raise TooManyCodes
        await codes.turn(tx, found, CodeKind.SHOP, shop_id, by_id=person_id)
        await codes.issue(tx, CodeKind.PERSON, person_id)


async def give_back(database: Database, *, shop_id: UUID, person_id: UUID, code: str) -> None:
    """The printed code leads to the owner again; harmless to repeat.

    Raises `NotFound`, `NotAllowed`, `CodeDamaged`, `CodeUnknown`.
    """
    code = _whole(code)
    async with database.transaction() as tx:
        shop = await actions.access_shop(tx, shop_id, person_id)
        found = await codes.resolve_locked(tx, code)
        if found.target_id == shop.owner_id:
            return
        if found.target_id != shop_id or not found.adopted:
            raise NotFound
        await codes.turn(tx, found, CodeKind.PERSON, shop.owner_id, by_id=person_id)


async def codes_of(database: Database, *, shop_id: UUID, person_id: UUID, public_url: str) -> ShopCodes:
    """All codes that lead to the shop. Raises `NotFound`, `NotAllowed`."""
    async with database.read() as reader:
        await actions.access_shop(reader, shop_id, person_id)
        own = await codes.own(reader, shop_id)
        adopted = await codes.adopted_by(reader, shop_id)
    return ShopCodes(
        codes.shown(own, public_url), [AdoptedCode(codes.shown(one, public_url), one.created_at) for one in adopted]
    )


def _whole(code: str) -> str:
    code = code.strip().upper()
    if not code_rules.is_whole(code):
        raise CodeDamaged
    return code
