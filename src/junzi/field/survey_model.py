"""Nouns of surveys.

Refusal
├── SurveyUnderWay   409
├── SurveyClosed     409
├── SurveyNotDone    409, says how many places are left
└── NothingToDraw    409
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.field.model import Position
from junzi.kit.database import Event
from junzi.kit.errors import Refusal
from junzi.merchants.model import Trade

MOST_DRAWN = 5_000
LEAST_OF_A_STRATUM = 2
"""Places drawn of each kind, where there are so many: of one alone nothing can be told of how they differ."""
MOST_COUNTED = 100_000


class Counts(StrEnum):
    """What is counted at a place, of ours and of the rival's."""

    CODES = "codes"
    SCANS = "scans"


class NewSurvey(msgspec.Struct, frozen=True):
    """places: how many to look at; all of them make a complete count"""

    rival_id: UUID
    counts: Counts
    places: Annotated[int, msgspec.Meta(ge=5, le=MOST_DRAWN)]


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """drawn: places of the sample; seen: of these, those that were looked at; seed: by which anybody can draw it again"""

    id: UUID
    rival_id: UUID
    rival: str
    counts: Counts
    seed: str
    drawn_by: UUID
    drawn_at: datetime
    closed_at: datetime | None
    drawn: int
    seen: int


class Look(msgspec.Struct, frozen=True):
    """What is there: codes (0 or 1 of each), or scans that were counted. gone: the shop is not there any more."""

    ours: Annotated[int, msgspec.Meta(ge=0, le=MOST_COUNTED)]
    rivals: Annotated[int, msgspec.Meta(ge=0, le=MOST_COUNTED)]
    gone: bool = False


class ToLookAt(msgspec.Struct, frozen=True):
    """A place where a promoter is to look; what is known of it is not said, lest it be repeated instead of seen."""

    survey_id: UUID
    counts: Counts
    rival: str
    place_id: UUID
    name: str
    trade: Trade
    address: str
    position: Position | None


class SeenStratum(msgspec.Struct, frozen=True):
    """places: that there are of a kind; seen: of each that was looked at, ours and the rival's"""

    places: int
    seen: list[tuple[int, int]]


class Newest(msgspec.Struct, frozen=True):
    """A rival's newest closed survey; None where there is none."""

    rival_id: UUID
    rival: str
    id: UUID | None
    closed_at: datetime | None


class SurveyDone(Event, frozen=True, kw_only=True, tag="field.survey_closed"):
    """A survey was closed: what was seen stands."""

    survey_id: UUID


class SurveyUnderWay(Refusal):
    slug, status, title = "survey-under-way", 409, "A survey of this wallet is under way. Close it first."


class SurveyClosed(Refusal):
    slug, status, title = "survey-closed", 409, "This survey is closed: what was seen stands."


class SurveyNotDone(Refusal):
    slug, status = "survey-not-done", 409
    title = "Some places were not looked at yet. A survey is closed when all were, lest anybody choose."


class NothingToDraw(Refusal):
    slug, status = "nothing-to-draw", 409
    title = "There are no places to draw, or nobody to look at them. Keep some and take somebody into the team."
