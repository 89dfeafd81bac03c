"""What stands behind a code that a customer scans or orders at: the till, the shop, and what it may receive a day."""

import msgspec

from junzi.codes import actions as codes
from junzi.codes.model import Code, CodeKind, CodeUnknown
from junzi.kit.database import Database, Reader
from junzi.merchants import store as merchant_store
from junzi.merchants import till as tills
from junzi.merchants.model import Shop
from junzi.merchants.stores_model import Place
from junzi.standing import room

AT_COUNTERS = (CodeKind.SHOP, CodeKind.TILL)


class Counter(msgspec.Struct, frozen=True):
    """place and shop: of a shop's or a till's code; limit_minor: what the shop may receive a day, None for no bound"""

    code: Code
    place: Place | None = None
    shop: Shop | None = None
    limit_minor: int | None = None


async def counter_at(database: Database, code: str) -> Counter:
    """Read together with all who stand at a counter at the same time. Raises `CodeUnknown`."""
    found = await database.together(_counters, code)
    if not isinstance(found, Counter):
        raise found or CodeUnknown
    return found


async def _counters(reader: Reader, wanted: list[str]) -> dict[str, Counter | CodeUnknown]:
    resolved = await codes.resolve_all(reader, wanted)
    places = await tills.places_of(
        reader, [code for code in resolved.values() if isinstance(code, Code) and code.kind in AT_COUNTERS]
    )
    shop_ids = list({place.shop_id for place in places.values()})
    shops = await merchant_store.shops(reader, shop_ids) if shop_ids else {}
    limits = await room.limits_minor(reader, shop_ids) if shop_ids else {}

    def counter(code: Code) -> Counter | CodeUnknown:
        place = places.get(code.code)
        if place is None:
            return CodeUnknown() if code.kind in AT_COUNTERS else Counter(code)
        return Counter(code, place, shops.get(place.shop_id), limits.get(place.shop_id))

    return {text: code if isinstance(code, CodeUnknown) else counter(code) for text, code in resolved.items()}
