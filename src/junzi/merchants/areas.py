"""Areas of the town: drawn and named by the operator, chosen by a shop, or by the operator for it. A shop may be in none."""

from typing import Annotated
from uuid import UUID

import msgspec

from junzi.kit import clock, idempotency, ids, sql, text
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.merchants import store
from junzi.merchants.model import MOST_AREAS, Shop, ShopState, TooManyAreas
from junzi.operators import actions as operators

LONGEST_AREA = 20

_q = sql.queries("junzi.merchants")

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_AREA)]


class AreaName(msgspec.Struct, frozen=True):
    """An area's name in the languages it is shown in."""

    zh: _Name
    en: _Name


class Area(msgspec.Struct, frozen=True):
    id: UUID
    name: AreaName


async def areas(reader: Reader) -> list[Area]:
    """All of them, the first drawn in front."""
    return [sql.struct(Area, row) async for row in _q.areas(reader, most=MOST_AREAS)]


async def draw(database: Database, *, operator_id: UUID, key: str, name: AreaName) -> Area:
    """A new area; a repeat with the same key returns the same one. Raises `InvalidRequest`, `TooManyAreas`."""
    good = _tidied(name)
    async with database.transaction() as tx:
        area_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="merchants.area", body=name, intent_id=area_id
        )
        if claimed == area_id:
            await _q.hold_areas(tx)
            if len(await areas(tx)) >= MOST_AREAS:
                raise TooManyAreas
            await _q.insert_area(tx, id=area_id, name=good, at=clock.now())
            facts = {"area_id": area_id, "name": msgspec.to_builtins(good)}
            await operators.audit(tx, operator_id, "merchants.area_drawn", facts)
        return sql.struct(Area, await _q.area(tx, id=claimed))


async def rename(database: Database, *, operator_id: UUID, area_id: UUID, name: AreaName) -> Area:
    """The same area under another name. Raises `InvalidRequest`, `NotFound`."""
    good = _tidied(name)
    async with database.transaction() as tx:
        if not await _q.rename_area(tx, id=area_id, name=good):
            raise NotFound
        facts = {"area_id": area_id, "name": msgspec.to_builtins(good)}
        await operators.audit(tx, operator_id, "merchants.area_renamed", facts)
    return Area(area_id, good)


async def move(database: Database, *, shop_id: UUID, operator_id: UUID, area_id: UUID | None) -> Shop:
    """The operator says in which area a shop is. Raises `NotFound`, `InvalidRequest`."""
    async with database.transaction() as tx:
        shop = await store.shop_locked(tx, shop_id)
        if shop is None or shop.state is ShopState.OPENING:
            raise NotFound
        await check_area(tx, area_id)
        await store.set_area(tx, id=shop_id, area_id=area_id)
        await operators.audit(tx, operator_id, "merchants.shop_moved", {"shop_id": shop_id, "area_id": area_id})
    return msgspec.structs.replace(shop, area_id=area_id)


async def check_area(reader: Reader, area_id: UUID | None) -> None:
    """Raise `InvalidRequest` unless there is such an area, or none is asked for."""
    if area_id is not None and await _q.area(reader, id=area_id) is None:
        raise text.refused("area_id", "There is no such area.")


def _tidied(name: AreaName) -> AreaName:
    return AreaName(
        *(
            text.one_line(words, field=locale, least=1, most=LONGEST_AREA)
            for locale, words in (("zh", name.zh), ("en", name.en))
        )
    )
