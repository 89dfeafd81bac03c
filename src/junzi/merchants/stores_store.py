"""The rows of tills and stores, one typed function a query."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.merchants.model import Period
from junzi.merchants.stores_model import StoreRow, Sum, Till

_q = sql.queries("junzi.merchants")


async def insert_till(tx: Transaction, *, id: UUID, shop_id: UUID, name: str, at: datetime) -> None:
    await _q.insert_till(tx, id=id, shop_id=shop_id, name=name, at=at)


async def till(reader: Reader, id: UUID) -> Till | None:
    return sql.maybe(Till, await _q.till(reader, id=id))


async def tills_by_id(reader: Reader, ids: list[UUID]) -> dict[UUID, Till]:
    return {row["id"]: sql.struct(Till, row) async for row in _q.tills_by_id(reader, ids=ids)}


async def tills(reader: Reader, shop_id: UUID) -> list[Till]:
    return [sql.struct(Till, row) async for row in _q.tills(reader, shop_id=shop_id)]


async def rename_till(tx: Transaction, *, id: UUID, name: str) -> None:
    await _q.rename_till(tx, id=id, name=name)


async def remove_till(tx: Transaction, *, id: UUID) -> None:
    await _q.remove_till(tx, id=id)


async def insert_till_orders(tx: Transaction, till_ids: Mapping[UUID, UUID]) -> None:
    """By order."""
    await _q.insert_till_orders(tx, order_ids=list(till_ids), till_ids=list(till_ids.values()))


async def till_sums(reader: Reader, *, shop_id: UUID, period: Period) -> dict[UUID | None, Sum]:
    rows = _q.till_sums(reader, shop_id=shop_id, first_date=period.first, last_date=period.last)
    return {row["till_id"]: _sum(row) async for row in rows}


async def insert_store(
    tx: Transaction, *, shop_id: UUID, merchant_id: UUID, branch: str, former_name: str | None = None
) -> None:
    await _q.insert_store(tx, shop_id=shop_id, merchant_id=merchant_id, branch=branch, former_name=former_name)


async def remove_store(tx: Transaction, shop_id: UUID) -> str | None:
    """What the shop was called before it was joined, if it was."""
    row = await _q.remove_store(tx, shop_id=shop_id)
    return None if row is None else row["former_name"]


async def merchant_of(reader: Reader, shop_id: UUID) -> UUID | None:
    found: UUID | None = await _q.merchant_of(reader, shop_id=shop_id)
    return found


async def several(reader: Reader, owner_id: UUID) -> set[UUID]:
    """The person's shops that are one of several."""
    return {row["shop_id"] async for row in _q.several(reader, owner_id=owner_id)}


async def branches(reader: Reader, merchant_id: UUID) -> dict[UUID, str]:
    """What the stores beside a merchant's first shop are called among them."""
    return {row["shop_id"]: row["branch"] async for row in _q.branches(reader, merchant_id=merchant_id)}


async def stores_of(reader: Reader, merchant_id: UUID) -> list[StoreRow]:
    return [sql.struct(StoreRow, row) async for row in _q.stores_of(reader, merchant_id=merchant_id)]


async def shop_sums(reader: Reader, *, shop_ids: Iterable[UUID], period: Period) -> dict[UUID, Sum]:
    rows = _q.shop_sums(reader, shop_ids=list(shop_ids), first_date=period.first, last_date=period.last)
    return {row["shop_id"]: _sum(row) async for row in rows}


def _sum(row: dict[str, int]) -> Sum:
    return Sum(row["count"], row["amount_minor"], row["coupon_minor"])
