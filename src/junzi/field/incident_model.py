"""Nouns of incidents: what was said to a shop, as the shop keeps it.

Refusal
├── TooManyIncidents    409
└── IncidentWithdrawn   409
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.field.model import Moment
from junzi.kit.errors import Refusal
from junzi.merchants.model import ShopCard
from junzi.people.model import Person

LONGEST_TEXT, LONGEST_LINE = 2_000, 100
MOST_PHOTOS = 6
"""Of one incident, and of each addition to it."""
MOST_A_DAY, MOST_ENTRIES = 50, 50
"""Incidents of a shop in 24 hours, and what may be written below one."""
OLDEST = timedelta(days=730)
"""How long ago something that is recorded now may have been said."""

Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
Line = Annotated[str, msgspec.Meta(max_length=LONGEST_LINE)]
Photos = Annotated[list[UUID], msgspec.Meta(max_length=MOST_PHOTOS)]


class EntryKind(StrEnum):
    """What is written below an incident, which itself is never changed."""

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    """The shop does not stand by it any more."""
    HANDED_OVER = "handed_over"
    """From then on the operator reads it."""


class NewIncident(msgspec.Struct, frozen=True):
    """What somebody said to a shop.

    words:        what was said, word for word; this, or what happened, is needed
    account:      what happened around it
    speaker:      who said it, as the shop describes them: a name, a role, a company
    spot:         where, such as at which till
    rival_id:     the wallet for which it was said, if the operator keeps that one
    happened_at:  when it was said
    photo_ids:    pictures that whoever records it uploaded
    """

    happened_at: Moment
    words: Text = ""
    account: Text = ""
    speaker: Line = ""
    spot: Line = ""
    rival_id: UUID | None = None
    photo_ids: Photos = []


class NewEntry(msgspec.Struct, frozen=True):
    """What is added later: a text, photos, or both."""

    text: Text = ""
    photo_ids: Photos = []


class Incident(msgspec.Struct, frozen=True):
    id: UUID
    shop_id: UUID
    rival_id: UUID | None
    words: str
    account: str
    speaker: str
    spot: str
    happened_at: datetime
    photo_ids: list[UUID]
    recorded_by: UUID
    recorded_at: datetime


class Entry(msgspec.Struct, frozen=True):
    id: UUID
    incident_id: UUID
    kind: EntryKind
    text: str
    photo_ids: list[UUID]
    written_by: UUID
    written_at: datetime


class ShownEntry(msgspec.Struct, frozen=True):
    """by: None where a person would tell which shop it is"""

    kind: EntryKind
    text: str
    photo_ids: list[UUID]
    by: Person | None
    written_at: datetime


class ShownIncident(msgspec.Struct, frozen=True, kw_only=True):
    """recorded_at: when the server heard of it; entries: what was written below it, the first one first"""

    id: UUID
    rival: str | None
    words: str
    account: str
    speaker: str
    spot: str
    happened_at: datetime
    photo_ids: list[UUID]
    recorded_by: Person | None
    recorded_at: datetime
    entries: list[ShownEntry]


class HandedOver(msgspec.Struct, frozen=True):
    """An incident that a shop handed to the operator.

    shop: as everybody is told of it; place_id: where in the street it is, None when nobody may be told
    """

    incident: ShownIncident
    shop: ShopCard
    place_id: UUID | None


class TooManyIncidents(Refusal):
    slug, status = "too-many-incidents", 409
    title = f"A shop records at most {MOST_A_DAY} incidents a day, and writes at most {MOST_ENTRIES} times below one."


class IncidentWithdrawn(Refusal):
    slug, status, title = "incident-withdrawn", 409, "This was withdrawn. It stays as it is; record anew what is true."
