"""Hints between parts of the program: "something changed there". A hint may be lost; the database is the truth.

`Bus` is that of a process which serves alone; `nats_bus.py` joins the buses of several that serve the same database.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

Hint = TypeVar("Hint")
Receiver = Callable[[Hint], None]
Respond = Callable[[bytes], Awaitable[bytes]]


class NobodyAnswers(Exception):
    """There is nobody to ask, and nothing was done."""


class Subject(Generic[Hint]):
    """What hints of one kind are published under. type: as what they travel between processes"""

    def __init__(self, name: str, type: type[Hint]) -> None:
        self.name = name
        self.type = type


class Bus:
    """Publish and subscribe within one process.

    reaches_others: whether other processes may be on the same bus
    """

    reaches_others = False

    def __init__(self) -> None:
        self._receivers: dict[str, list[Receiver[Any]]] = defaultdict(list)
        self._own_receivers: dict[str, list[Receiver[Any]]] = defaultdict(list)
        self._told_of_gaps: list[Callable[[], None]] = []

    @property
    def up(self) -> bool:
        """Whether the others can be reached at this moment, where there may be any."""
        return True

    def subscribe(self, subject: Subject[Hint], receiver: Receiver[Hint], *, own: bool = False) -> None:
        """Call `receiver` with every hint of that subject; it must return at once and not raise.

        own: only with those of this process, for what one process does for all
        """
        (self._own_receivers if own else self._receivers)[subject.name].append(receiver)

    def publish(self, subject: Subject[Hint], hint: Hint) -> None:
        for receivers in (self._receivers, self._own_receivers):
            for receiver in receivers.get(subject.name, ()):
                receiver(hint)

    def on_gap(self, receiver: Callable[[], None]) -> None:
        """Call `receiver` when hints of other processes may have been lost: look at the database."""
        self._told_of_gaps.append(receiver)

    async def ask(self, name: str, question: bytes) -> bytes:
        """The answer of the process that answers questions of that name.

        Raises `NobodyAnswers`, or `Busy` when no answer came, and what became of the question is unknown.
        """
        raise NobodyAnswers

    async def ask_all(self, name: str, question: bytes) -> list[bytes]:
        """What all other processes say that answer questions of that name, as far as they say it within a moment."""
        return []

    def answer(self, name: str, respond: Respond) -> Callable[[], None]:
        """Answer the other processes' questions of that name, until what is returned is called."""
        return _nothing

    async def close(self) -> None:
        """Say goodbye to the others."""


def _nothing() -> None:
    pass
