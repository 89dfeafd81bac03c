"""Draw a random sample of the street, send promoters to look, and close it when all was seen.

Drawn within kinds of places (chains and small shops, by area), as many of each as its part of the street, by the hash of a seed
that is kept: nobody chooses, and anybody can draw it again. A survey is closed only when every place was looked at, and of a
rival there is one at a time, so that no result can be waited for and dropped.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from junzi.field import survey_store as store
from junzi.field.model import Size
from junzi.field.survey_model import (
    LEAST_OF_A_STRATUM,
    Counts,
    Look,
    NewSurvey,
    NothingToDraw,
    SurveyClosed,
    SurveyDone,
    SurveyNotDone,
    SurveyUnderWay,
)
from junzi.field.survey_store import Kind
from junzi.kit import clock, idempotency, ids
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.text import refused
from junzi.operators import actions as operators


async def draw(database: Database, *, operator_id: UUID, key: str, new: NewSurvey) -> UUID:
    """The survey's id; a repeat with the same key returns the same one. Raises `NotFound`, `SurveyUnderWay`, `NothingToDraw`."""
    async with database.transaction() as tx:
        survey_id = ids.new_id()
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="field.survey", body=new, intent_id=survey_id
        )
        if claimed != survey_id:
            return claimed
        if not await store.is_rival(tx, new.rival_id):
            raise NotFound
        seed = secrets.token_hex(16)
        street, team = await store.street_to_draw(tx), await store.team(tx)
        drawn = sample(street, seed, new.places)
        if not drawn or not team:
            raise NothingToDraw
        if not await store.insert_survey(tx, survey_id, new, seed=seed, by_id=operator_id, at=clock.now()):
            raise SurveyUnderWay
        await store.insert_strata(tx, survey_id, {kind: len(places) for kind, places in street.items()})
        # Neighbours go to the same promoter.
        chosen = [(kind, place_id) for kind in sorted(drawn, key=_by_area) for place_id in drawn[kind]]
        each = -(-len(chosen) // len(team))
        await store.insert_places(
            tx, survey_id, [(place_id, kind, team[at // each]) for at, (kind, place_id) in enumerate(chosen)]
        )
        facts = {"survey_id": survey_id, "rival_id": new.rival_id, "places": len(chosen), "seed": seed}
        await operators.audit(tx, operator_id, "field.survey_drawn", facts)
    return survey_id


async def look(database: Database, *, survey_id: UUID, place_id: UUID, promoter_id: UUID, seen: Look) -> None:
    """What the promoter saw there; again puts it right, until the survey is closed.

    The same once more changes nothing and is not refused later either: a phone that never heard the answer sends it again.
    Raises `NotFound`, `SurveyClosed`, `InvalidRequest`.
    """
    async with database.transaction() as tx:
        counts, closed_at = await _locked(tx, survey_id)
        if counts is Counts.CODES and max(seen.ours, seen.rivals) > 1:
            raise refused("ours", "A code is there or not: 1 or 0.")
        ours, rivals = (0, 0) if seen.gone else (seen.ours, seen.rivals)
        stands = await store.looked(tx, survey_id, place_id, promoter_id=promoter_id)
        if stands is None:
            raise NotFound
        if stands == (ours, rivals):
            return
        if closed_at is not None:
            raise SurveyClosed
        await store.look(tx, survey_id, place_id, ours=ours, rivals=rivals, at=clock.now())


async def close(database: Database, *, survey_id: UUID, operator_id: UUID) -> None:
    """What was seen stands from now on; harmless to repeat. Raises `NotFound`, `SurveyNotDone`."""
    async with database.transaction() as tx:
        _, closed_at = await _locked(tx, survey_id)
        if closed_at is not None:
            return
        left = await store.places_left(tx, survey_id)
        if left:
            raise SurveyNotDone(left=left)
        await store.close_survey(tx, survey_id, at=clock.now())
        await tx.emit(SurveyDone(survey_id=survey_id))
        await operators.audit(tx, operator_id, "field.survey_closed", {"survey_id": survey_id})


def sample(street: Mapping[Kind, Sequence[UUID]], seed: str, count: int) -> dict[Kind, list[UUID]]:
    """So many places or a few more, of each kind its part and at least two; all where there are no more. Pure."""
    whole = sum(map(len, street.values()))
    drawn = dict[Kind, list[UUID]]()
    for kind, places in street.items():
        wanted = max(LEAST_OF_A_STRATUM, -(-count * len(places) // whole))
        drawn[kind] = sorted(places, key=lambda id: sha256(seed.encode() + id.bytes).digest())[:wanted]
    return drawn


async def _locked(tx: Transaction, survey_id: UUID) -> tuple[Counts, datetime | None]:
    """What it counts, and when it was closed."""
    found = await store.survey_locked(tx, survey_id)
    if found is None:
        raise NotFound
    return found


def _by_area(kind: Kind) -> tuple[str, Size]:
    size, area_id = kind
    return str(area_id or ""), size
