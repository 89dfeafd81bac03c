"""Who asks at the same time shares a query."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from junzi.kit import gathered
from junzi.kit.gathered import Gathered
from tests.support.until import LONGEST_S


class Line:
    """What queries are read through; it may be lost, or not to be had."""

    def __init__(self) -> None:
        self.lost = False
        self.opened = 0
        self.missing = False

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        if self.missing:
            raise OSError("nobody answers")
        self.opened += 1
        yield self


class Slow:
    """A kind of query that goes on when the test says so. What is 5 or more there is not."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, line: Line, keys: list[int]) -> dict[int, str]:
        self.asked.append(sorted(keys))
        self.begun.set()
        await self.go_on.wait()
        return {key: str(key) for key in keys if key < 5}


async def test_whoever_asks_while_a_query_is_under_way_shares_the_next() -> None:
    line, slow = Line(), Slow()
    together = Gathered(line.open)
    first = asyncio.create_task(together.get(slow, 1))
    await slow.begun.wait()
    others = [asyncio.create_task(together.get(slow, key)) for key in (1, 2, 2, 7)]
    await asyncio.sleep(0)
    slow.go_on.set()
    # What was asked for after a query began is not answered by it.
    assert [await first, *await asyncio.gather(*others)] == ["1", "1", "2", "2", None]
    assert slow.asked == [[1], [1, 2, 7]]


async def test_another_kind_does_not_wait_for_a_slow_one_and_a_third_takes_its_turn() -> None:
    line, slow = Line(), Slow()
    together = Gathered(line.open)

    async def quick(line: Line, keys: list[int]) -> dict[int, int]:
        return {key: key for key in keys}

    async def third(line: Line, keys: list[int]) -> dict[int, int]:
        return {key: -key for key in keys}

    first = asyncio.create_task(together.get(slow, 1))
    await slow.begun.wait()
    assert await asyncio.gather(together.get(quick, 2), together.get(third, 3)) == [2, -3]
    assert line.opened == 2, "as many at a time as there are lanes"
    slow.go_on.set()
    assert await first == "1"


async def test_a_query_that_fails_fails_for_those_alone_who_asked_for_it() -> None:
    line = Line()
    together = Gathered(line.open)

    async def read(line: Line, keys: list[int]) -> dict[int, int]:
        if 0 in keys:
            raise OSError("gone")
        return {key: key for key in keys}

    with pytest.raises(OSError, match="gone"):
        await together.get(read, 0)
    assert await together.get(read, 1) == 1


async def test_what_is_lost_or_not_to_be_had_is_told_and_had_anew_by_the_next() -> None:
    line = Line()
    together = Gathered(line.open)

    async def read(line: Line, keys: list[int]) -> dict[int, int]:
        if line.lost:
            raise OSError("lost")
        return {key: key for key in keys}

    line.lost = True
    answers = await asyncio.gather(*[together.get(read, key) for key in (1, 2)], return_exceptions=True)
    assert [str(answer) for answer in answers] == ["lost", "lost"]
    line.lost, line.missing = False, True
    answers = await asyncio.gather(*[together.get(read, key) for key in (1, 2)], return_exceptions=True)
    assert [str(answer) for answer in answers] == ["nobody answers", "nobody answers"]
    line.missing = False
    assert await together.get(read, 1) == 1


async def test_whoever_asks_while_a_connection_goes_back_is_answered() -> None:
    closing, closed = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def slow_to_close() -> AsyncIterator[Line]:
        yield Line()
        closing.set()
        await closed.wait()

    async def read(line: Line, keys: list[int]) -> dict[int, int]:
        return {key: key for key in keys}

    together = Gathered(slow_to_close)
    for number in range(2 * gathered.LANES):
        closing.clear()
        assert await asyncio.wait_for(together.get(read, number), LONGEST_S) == number
        await asyncio.wait_for(closing.wait(), LONGEST_S)
    closed.set()


async def test_whoever_stops_waiting_stops_nobody_else() -> None:
    line, slow = Line(), Slow()
    together = Gathered(line.open)
    gone, other = asyncio.create_task(together.get(slow, 1)), asyncio.create_task(together.get(slow, 1))
    await slow.begun.wait()
    gone.cancel()
    slow.go_on.set()
    assert await other == "1"


async def test_a_query_takes_only_so_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "MOST", 3)
    line, asked = Line(), []
    together = Gathered(line.open)

    async def read(line: Line, keys: list[int]) -> dict[int, int]:
        asked.append(keys)
        return {key: key for key in keys}

    assert await asyncio.gather(*[together.get(read, key) for key in range(7)]) == list(range(7))
    assert asked == [[0, 1, 2], [3, 4, 5], [6]]
