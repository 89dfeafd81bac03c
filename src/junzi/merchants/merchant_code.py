"""A shop's code as wallets of other schemes read it (EMVCo, merchant-presented), beside the address that any camera opens."""

from junzi.codes import actions as codes
from junzi.codes import emv
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeDamaged, CodeKind, CodeUnknown
from junzi.kit import town
from junzi.kit.database import Database
from junzi.merchants import store


async def text_of(database: Database, code: str, *, identifier: str, country: str) -> str:
    """What the code says in that form. Raises `CodeDamaged`, and `CodeUnknown` for a person's code."""
    code = code.upper()
    if not code_rules.is_whole(code):
        raise CodeDamaged
    async with database.read() as reader:
        found = await codes.resolve(reader, code)
        charge = await store.charge(reader, found.target_id) if found.kind is CodeKind.CHARGE else None
        shop_id = found.target_id if charge is None else charge.shop_id
        shop = None if found.kind is CodeKind.PERSON else await store.shop(reader, shop_id)
    if shop is None:
        raise CodeUnknown
    here = town.current()
    return emv.written(
        emv.Presented(
            identifier=identifier,
            code=found.code,
            category_code=shop.trade.category_code,
            currency=here.money,
            country=country,
            name=shop.name,
            city=here.name,
            amount_minor=None if charge is None else charge.amount_minor,
        )
    )
