"""A shop's code as wallets of other schemes read it (EMVCo, merchant-presented), beside the address that any camera opens."""

from junzi.codes import actions as codes
from junzi.codes import emv
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeDamaged, CodeKind, CodeUnknown
from junzi.kit import town
from junzi.kit.database import Database
from junzi.merchants import store, till
from junzi.merchants.model import card


async def text_of(database: Database, code: str, *, identifier: str, country: str) -> str:
    """What the code says in that form. Raises `CodeDamaged`, and `CodeUnknown` for a person's code."""
    code = code.upper()
    if not code_rules.is_whole(code):
        raise CodeDamaged
    async with database.read() as reader:
        found = await codes.resolve(reader, code)
        if found.kind is CodeKind.PERSON:
            raise CodeUnknown
        charge = await store.charge(reader, found.target_id) if found.kind is CodeKind.CHARGE else None
        place = await till.place_of(reader, found, charge)
        shop = await store.shop(reader, place.shop_id)
    if shop is None:
        raise CodeUnknown
    seen, here = card(shop), town.current()
    return emv.written(
        emv.Presented(
            identifier=identifier,
            code=found.code,
            category_code=seen.trade.category_code,
            currency=here.money,
            country=country,
            name=seen.name,
            city=here.name,
            amount_minor=None if charge is None else charge.amount_minor,
            terminal=till.shown_name(shop, place) or "",
        )
    )
