"""Hints between parts of the program: "something changed there". A hint may be lost; the database is the truth."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Receiver = Callable[[Any], None]


class Bus:
    """Publish and subscribe within one process."""

    def __init__(self) -> None:
        self._receivers: dict[str, list[Receiver]] = defaultdict(list)

    def subscribe(self, subject: str, receiver: Receiver) -> None:
        """Call `receiver` with every hint of that subject; it must return at once and not raise."""
        self._receivers[subject].append(receiver)

    def publish(self, subject: str, hint: object) -> None:
        for receiver in self._receivers.get(subject, ()):
            receiver(hint)
