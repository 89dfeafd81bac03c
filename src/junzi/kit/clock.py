"""The one source of time. Nothing else asks the machine, and no SQL says `now()`.

A simulated clock can stand in for the machine's, so that days pass in seconds and tests decide what time it is.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Source = Callable[[], datetime]


def now() -> datetime:
    """The present, timezone-aware, in UTC."""
    return _source()


def business_date(at: datetime, time_zone: str) -> date:
    """The operator's calendar day at that moment; stored with money, never recomputed."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def local(at: datetime, time_zone: str) -> datetime:
    """That moment as the operator's clocks show it."""
    return at.astimezone(ZoneInfo(time_zone))


def use(source: Source | None) -> None:
    """Let `source` tell the time from here on; `None` goes back to the machine's clock."""
    global _source
    _source = source or _machine


class SimulatedClock:
    """A clock that moves only when told to, and never backwards."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, duration: timedelta) -> None:
        if duration < timedelta(0):
            raise ValueError("a clock does not go backwards")
        self.at += duration


def _machine() -> datetime:
    return datetime.now(UTC)


_source: Source = _machine
