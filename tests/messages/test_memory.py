"""What the writer remembers of the newest messages: enough, not too much, and what is old goes a few at a time."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest

from junzi.kit import ids
from junzi.messages import memory
from junzi.messages.memory import Newest
from junzi.messages.model import Appended

MOST = 64
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_the_newest_are_found_and_the_old_ones_go_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_NEWEST", MOST)
    newest, chance, here = Newest(), random.Random(7), ids.new_id()
    stand: dict[tuple[UUID, UUID | None, str], Appended] = {}
    kept = 0
    for _ in range(300):
        named = {(here, None, str(len(stand) + at)): appended(len(stand) + at) for at in range(chance.randint(1, 20))}
        stand.update(named)
        newest.add(named)
        held = len(newest._newer) + len(newest._older) + len(newest._let_go)
        assert kept + len(named) - held <= 2 * len(named), "more were let go than a batch may"
        assert held <= 3 * (MOST + 20)
        kept = held
        last = list(stand.items())
        assert all(newest.get(key) == one for key, one in last[-MOST:])
        assert not any(newest.get(key) for key, _ in last[: -2 * (MOST + 20)])
    assert len(stand) > 20 * MOST


def appended(seq: int) -> Appended:
    return Appended(seq=seq, at=NOW, duplicate=False)
