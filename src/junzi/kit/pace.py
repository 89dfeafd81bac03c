"""How often one person may do something in a minute, counted in this process's memory: it costs a purchase nothing.

Several processes count apart, so that the bound is that many times as high; it stands against trying out, not for the books.
"""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from junzi.kit import clock
from junzi.kit.errors import Refusal

_MINUTE = timedelta(minutes=1)


class TooManyRequests(Refusal):
    slug, status, title = "too-many-requests", 429, "This was asked for too often. Wait a moment."


class Pace:
    """What everybody did of one kind in the present minute of the clock; the next minute forgets it."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._counts: Counter[UUID] = Counter()

    def keep(self, person_id: UUID, *, most: int) -> None:
        """Count it, whatever becomes of it. Raises `TooManyRequests` beyond `most`; it says until when."""
        minute = clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        self._counts[person_id] += 1
        if self._counts[person_id] > most:
            raise TooManyRequests(retry_at=minute + _MINUTE)
