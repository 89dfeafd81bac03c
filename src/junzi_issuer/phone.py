"""The telephones of the sandbox: where the text message with a one-time code arrives.

A real bank never shows the code again. Here the page shows it as a message on a phone, so it stays in memory while it
is good, and never reaches the database or a log. After a restart the phones are empty; a new code can be asked for.
"""

from collections import OrderedDict
from datetime import datetime
from uuid import UUID

MAX_MESSAGES = 10_000


class Phone:
    def __init__(self) -> None:
        self._codes: OrderedDict[UUID, tuple[str, datetime]] = OrderedDict()

    def receive(self, reference: UUID, code: str, expires_at: datetime) -> None:
        """The latest message of a binding replaces the one before; the oldest of all make room."""
        self._codes[reference] = (code, expires_at)
        self._codes.move_to_end(reference)
        while len(self._codes) > MAX_MESSAGES:
            self._codes.popitem(last=False)

    def read(self, reference: UUID, at: datetime) -> str | None:
        code, expires_at = self._codes.get(reference, (None, at))
        return code if at < expires_at else None

    def forget(self, reference: UUID) -> None:
        self._codes.pop(reference, None)
