"""The rows of shelters, one typed function a query."""

from datetime import datetime
from uuid import UUID

from junzi.field.model import Place
from junzi.field.shelter_model import MOST_LISTED, Shelter
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.field")


async def insert_shelter(tx: Transaction, new: Shelter) -> bool:
    """False when the shop was under shelter."""
    return bool(
        await _q.insert_shelter(
            tx,
            id=new.id,
            place_id=new.place_id,
            shop_id=new.shop_id,
            by_id=new.by_id,
            at=new.begins_at,
            ends_at=new.ends_at,
            budget_minor=new.budget_minor,
            permyriad=new.permyriad,
        )
    )


async def shelter(reader: Reader, id: UUID) -> Shelter | None:
    return sql.maybe(Shelter, await _q.shelter(reader, id=id))


async def shelters(reader: Reader) -> list[Shelter]:
    """Those that run first."""
    return [sql.struct(Shelter, row) async for row in _q.shelters(reader, most=MOST_LISTED)]


async def running(reader: Reader, shop_ids: list[UUID]) -> list[UUID]:
    """Those of these shops."""
    return [row["id"] async for row in _q.shelters_running(reader, shop_ids=shop_ids)]


async def set_given(tx: Transaction, id: UUID) -> None:
    await _q.set_shelter_given(tx, id=id)


async def end_shelter(tx: Transaction, id: UUID, *, at: datetime) -> bool:
    """False when it was over."""
    return bool(await _q.end_shelter(tx, id=id, at=at))


async def to_look_at(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.shelters_to_look_at(reader, at=at, most=most)]


async def places_to_call_on(reader: Reader, promoter_id: UUID) -> list[tuple[Place, bool]]:
    """Each with whether it is the promoter's own."""
    rows = _q.places_to_call_on(reader, promoter_id=promoter_id)
    return [(sql.struct(Place, row), row["own"]) async for row in rows]


async def insert_campaign(tx: Transaction, campaign_id: UUID, shelter_id: UUID, *, by_id: UUID, at: datetime) -> bool:
    """False when it was drafted for a shelter before."""
    return bool(
        await _q.insert_shelter_campaign(tx, campaign_id=campaign_id, shelter_id=shelter_id, by_id=by_id, at=at)
    )


async def shelter_of_campaign(reader: Reader, campaign_id: UUID) -> UUID | None:
    found: UUID | None = await _q.shelter_of_campaign(reader, campaign_id=campaign_id)
    return found


async def campaigns_of(reader: Reader, shelter_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    """By shelter, the first one first."""
    found: dict[UUID, list[UUID]] = {id: [] for id in shelter_ids}
    async for row in _q.shelter_campaigns(reader, shelter_ids=shelter_ids):
        found[row["shelter_id"]].append(row["campaign_id"])
    return found
