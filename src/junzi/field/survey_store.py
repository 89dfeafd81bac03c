"""The rows of surveys, one typed function a query."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from junzi.field import store
from junzi.field.model import Position, Size
from junzi.field.survey_model import Counts, Newest, NewSurvey, SeenStratum, Survey, ToLookAt
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.merchants.model import Trade

Kind = tuple[Size, UUID | None]
"""Places that are drawn among each other: their size and area."""

MOST_SURVEYS, MOST_TO_LOOK_AT, MOST_TEAM = 100, 500, 1_000

_q = sql.queries("junzi.field")


async def is_rival(reader: Reader, id: UUID) -> bool:
    return await store.rival(reader, id) is not None


async def team(reader: Reader) -> list[UUID]:
    return [id for id, _ in await store.promoters(reader, most=MOST_TEAM)]


async def street_to_draw(reader: Reader) -> dict[Kind, list[UUID]]:
    found = dict[Kind, list[UUID]]()
    async for row in _q.street_to_draw(reader):
        found.setdefault((Size(row["size"]), row["area_id"]), []).append(row["id"])
    return found


async def insert_survey(tx: Transaction, id: UUID, new: NewSurvey, *, seed: str, by_id: UUID, at: datetime) -> bool:
    """False while another of that rival is under way."""
    return bool(
        await _q.insert_survey(tx, id=id, rival_id=new.rival_id, counts=new.counts, seed=seed, by_id=by_id, at=at)
    )


async def insert_strata(tx: Transaction, survey_id: UUID, places: Mapping[Kind, int]) -> None:
    await _q.insert_survey_strata(
        tx,
        survey_id=survey_id,
        sizes=[size for size, _ in places],
        area_ids=[area_id for _, area_id in places],
        places=list(places.values()),
    )


async def insert_places(tx: Transaction, survey_id: UUID, places: Sequence[tuple[UUID, Kind, UUID]]) -> None:
    """Each with its kind and who looks at it."""
    await _q.insert_survey_places(
        tx,
        survey_id=survey_id,
        place_ids=[id for id, _, _ in places],
        sizes=[size for _, (size, _), _ in places],
        area_ids=[area_id for _, (_, area_id), _ in places],
        promoter_ids=[promoter_id for _, _, promoter_id in places],
    )


async def surveys(reader: Reader) -> list[Survey]:
    """The newest first."""
    return [sql.struct(Survey, row) async for row in _q.surveys(reader, most=MOST_SURVEYS)]


async def survey_locked(tx: Transaction, id: UUID) -> tuple[Counts, datetime | None] | None:
    """What it counts, and when it was closed."""
    row = await _q.survey_locked(tx, id=id)
    return None if row is None else (Counts(row["counts"]), row["closed_at"])


async def close_survey(tx: Transaction, id: UUID, *, at: datetime) -> None:
    await _q.close_survey(tx, id=id, at=at)


async def places_left(reader: Reader, id: UUID) -> int:
    return int(await _q.survey_places_left(reader, id=id))


async def looked(
    reader: Reader, survey_id: UUID, place_id: UUID, *, promoter_id: UUID
) -> tuple[int | None, int | None] | None:
    """What that promoter saw of ours and of the rival's, if they looked; None where they were not sent."""
    row = await _q.looked(reader, survey_id=survey_id, place_id=place_id, promoter_id=promoter_id)
    return None if row is None else (row["ours"], row["rivals"])


async def look(tx: Transaction, survey_id: UUID, place_id: UUID, *, ours: int, rivals: int, at: datetime) -> None:
    await _q.look(tx, survey_id=survey_id, place_id=place_id, ours=ours, rivals=rivals, at=at)


async def places_to_look_at(reader: Reader, promoter_id: UUID) -> list[ToLookAt]:
    found = list[ToLookAt]()
    async for row in _q.places_to_look_at(reader, promoter_id=promoter_id, most=MOST_TO_LOOK_AT):
        position = None if row["latitude_e6"] is None else Position(row["latitude_e6"], row["longitude_e6"])
        found.append(
            ToLookAt(
                row["survey_id"],
                Counts(row["counts"]),
                row["rival"],
                row["place_id"],
                row["name"],
                Trade(row["trade"]),
                row["address"],
                position,
            )
        )
    return found


async def newest_closed(reader: Reader, counts: Counts) -> list[Newest]:
    """Of every rival that the operator keeps."""
    return [sql.struct(Newest, row) async for row in _q.newest_closed_surveys(reader, counts=counts)]


async def strata_seen(reader: Reader, survey_ids: list[UUID]) -> dict[UUID, list[SeenStratum]]:
    """By survey."""
    found = defaultdict[UUID, list[SeenStratum]](list)
    async for row in _q.strata_seen(reader, survey_ids=survey_ids):
        found[row["survey_id"]].append(SeenStratum(row["places"], list(zip(row["ours"], row["rivals"], strict=True))))
    return found
