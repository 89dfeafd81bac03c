"""Areas of the town, for everybody who names one, and the operator's desk that draws them."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get, patch, post

from junzi.kit.database import Database
from junzi.merchants import areas
from junzi.merchants.areas import Area, AreaName
from junzi.merchants.model import ShopCard, card
from junzi.operators.model import Operator
from junzi.people.model import SignedIn


class Areas(msgspec.Struct):
    areas: list[Area]


class MovedShop(msgspec.Struct):
    shop: ShopCard
    area_id: UUID | None


class Move(msgspec.Struct):
    """area_id: None for no area."""

    area_id: UUID | None


@get("/api/areas", summary="The town's areas", tags=["merchants"])
async def list_areas(person: SignedIn, database: Database) -> Areas:
    async with database.read() as reader:
        return Areas(await areas.areas(reader))


@post("/api/ops/areas", summary="Draw an area", tags=["operator"])
async def draw_area(data: AreaName, operator: Operator, idempotency_key: str, database: Database) -> Area:
    return await areas.draw(database, operator_id=operator.person_id, key=idempotency_key, name=data)


@patch("/api/ops/areas/{area_id:uuid}", summary="Name an area anew", tags=["operator"])
async def rename_area(area_id: UUID, data: AreaName, operator: Operator, database: Database) -> Area:
    return await areas.rename(database, operator_id=operator.person_id, area_id=area_id, name=data)


@patch("/api/ops/shops/{shop_id:uuid}", summary="Say in which area a shop is", tags=["operator"])
async def move_shop(shop_id: UUID, data: Move, operator: Operator, database: Database) -> MovedShop:
    shop = await areas.move(database, shop_id=shop_id, operator_id=operator.person_id, area_id=data.area_id)
    return MovedShop(card(shop), shop.area_id)


ROUTES: list[Any] = [list_areas, draw_area, rename_area, move_shop]
