"""The nouns of the morning brief."""

import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from junzi.coupons.model import Words


class Line(msgspec.Struct, frozen=True):
    """A figure of the day. before: the same of the day before

    changed: by how much, as a part, the mean since the flag differs from the mean before it; None without a flag, or from nothing
    """

    figure: str
    value: int
    before: int
    changed: float | None


class Since(msgspec.Struct, frozen=True):
    """The last thing that happened by then: a launch of ours (title, turn) or a rival's move (rival, move)."""

    whose: Literal["ours", "rival"]
    date: datetime.date
    what: str
    title: Words | None
    rival: str


class Stand(msgspec.Struct, frozen=True):
    """Our codes over a rival's, by the newest survey that was closed by then. fresh: it still counts"""

    rival: str
    date: datetime.date | None
    ratio: float | None
    lower: float
    fresh: bool


class IncidentKind(StrEnum):
    EVENTS_WAIT = "events_wait"
    """Stored events that a listener refused and that are tried again: their number."""
    CAMPAIGN_PAUSED = "campaign_paused"
    SURVEY_OLD = "survey_old"
    """A rival beside whom we have no survey that counts."""
    BOOKS_DIFFER = "books_differ"
    """The auditor found that something does not add up: how much."""
    BOOKS_UNCHECKED = "books_unchecked"
    """The auditor could not finish."""
    WORK_FAILS = "work_fails"
    """Work in the background that failed every time of late: its name."""
    PROMOTER_LATE = "promoter_late"
    """Shops under shelter that no promoter called on within a day: their number."""
    REPORTS_OPEN = "reports_open"
    """Reports of people that nobody has dealt with: their number."""


class Incident(msgspec.Struct, frozen=True):
    """count: how many, where that says something; name: of the rival or the work; title, subject_id: of the campaign"""

    kind: IncidentKind
    count: int = 0
    name: str = ""
    title: Words | None = None
    subject_id: UUID | None = None


class Brief(msgspec.Struct, frozen=True):
    """What was on a business day, as it is told the morning after.

    flags:         launches and moves of that day
    since:         what the changes are measured from
    incidents:     as they stood when it was sent; None for a day whose brief was not sent
    sent_at:       when it went to the operators' group
    audited_until: what was in the books by then was checked by the auditor; None where it did not finish, or nobody asked
    """

    date: datetime.date
    lines: list[Line]
    flags: list[Since]
    since: Since | None
    stands: list[Stand]
    incidents: list[Incident] | None = None
    sent_at: datetime.datetime | None = None
    audited_until: datetime.datetime | None = None
