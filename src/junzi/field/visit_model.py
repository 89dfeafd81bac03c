"""Nouns of the promoter's day: where to go, and what came of being there.

Refusal
├── NoteItElsewhere   422, a sign-up is noted by signing up
└── NotInTheTeam      409, whom a place is to be given to
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.field.model import (
    LONGEST_NOTE,
    LatitudeE6,
    LongitudeE6,
    Moment,
    NewRivalCode,
    Position,
    StreetPlace,
)
from junzi.kit.errors import Refusal
from junzi.merchants.poster import Format
from junzi.people.model import Person

MOST_STOPS = 20
"""Places of one day's route."""
MOST_CODES = 5
"""Codes of rivals that one visit tells of."""
HISTORY = 100


class Outcome(StrEnum):
    SIGNED_UP = "signed_up"
    """Noted by the sign-up itself and by nobody else."""
    BACK_ON = "back_on"
    """To be asked again on a day."""
    NO = "no"
    SHUT = "shut"
    """Nobody there to talk to."""
    CLOSED = "closed"
    """For good."""
    NOT_FOUND = "not_found"
    CALLED = "called"
    """Called on a shop of ours."""


class NewVisit(msgspec.Struct, frozen=True):
    """What a promoter notes at a place.

    position, accuracy_m:  where the phone was, if it said so, and to how many metres
    photo_id:              a picture that the promoter uploaded
    made_at:               when it was, if it is sent later
    codes:                 what was seen of rivals' codes there
    pieces:                in what forms the shop's code was handed over, to one that was called on
    """

    outcome: Outcome
    back_on: date | None = None
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)] = ""
    position: Position | None = None
    accuracy_m: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    photo_id: UUID | None = None
    made_at: Moment | None = None
    codes: Annotated[list[NewRivalCode], msgspec.Meta(max_length=MOST_CODES)] = []
    pieces: Annotated[list[Format], msgspec.Meta(max_length=len(Format))] = []


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """made_at: when it was, by the promoter's phone; recorded_at: when it was heard of"""

    id: UUID
    place_id: UUID
    promoter_id: UUID
    outcome: Outcome
    back_on: date | None
    note: str
    latitude_e6: LatitudeE6 | None
    longitude_e6: LongitudeE6 | None
    accuracy_m: int | None
    photo_id: UUID | None
    pieces: list[Format]
    made_at: datetime
    recorded_at: datetime

    @property
    def position(self) -> Position | None:
        if self.latitude_e6 is None or self.longitude_e6 is None:
            return None
        return Position(self.latitude_e6, self.longitude_e6)


class ShownVisit(msgspec.Struct, frozen=True, kw_only=True):
    """away_m: how far from the place the phone was, if both are known; accuracy_m: to how many metres"""

    id: UUID
    promoter: Person | None
    outcome: Outcome
    back_on: date | None
    note: str
    away_m: int | None
    accuracy_m: int | None
    photo_id: UUID | None
    pieces: list[Format]
    made_at: datetime
    recorded_at: datetime


class Reason(StrEnum):
    """Why a place is on the route, the most urgent first."""

    SHELTERED = "sheltered"
    """A shop of ours that is under shelter and that nobody called on since."""
    THREATENED = "threatened"
    """A rival's code was seen to be threatened or dead."""
    WISHED = "wished"
    """People asked for it."""
    OPEN = "open"
    """It has no code of ours."""


class LastVisit(msgspec.Struct, frozen=True):
    outcome: Outcome
    at: datetime
    mine: bool


class Stop(msgspec.Struct, frozen=True):
    """mine: whether the place was given to me; walk_m: metres from the stop before, or from where I am, as the crow flies"""

    place: StreetPlace
    reason: Reason
    mine: bool
    last: LastVisit | None
    walk_m: int | None


class NoteItElsewhere(Refusal):
    slug, status, title = "note-it-elsewhere", 422, "Sign the shop up at its counter; that notes the visit as well."


class NotInTheTeam(Refusal):
    slug, status, title = "not-in-the-team", 409, "This person is not in the offline team."
