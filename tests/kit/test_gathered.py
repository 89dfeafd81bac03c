"""Who asks at the same time shares a query."""

import asyncio

import pytest

from junzi.kit.gathered import Gathered


async def test_whoever_asks_while_a_query_is_under_way_shares_the_next() -> None:
    asked: list[list[int]] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def read(keys: list[int]) -> dict[int, str]:
        asked.append(sorted(keys))
        begun.set()
        await go_on.wait()
        return {key: str(key) for key in keys if key < 5}

    gathered = Gathered(read)
    first = asyncio.create_task(gathered.get(1))
    await begun.wait()
    others = [asyncio.create_task(gathered.get(key)) for key in (1, 2, 2, 7)]
    await asyncio.sleep(0)
    go_on.set()
    # What was asked for after a query began is not answered by it.
    assert [await first, *await asyncio.gather(*others)] == ["1", "1", "2", "2", None]
    assert asked == [[1], [1, 2, 7]]


async def test_a_query_that_fails_fails_for_those_alone_who_asked_for_it() -> None:
    async def read(keys: list[int]) -> dict[int, int]:
        if 0 in keys:
            raise OSError("gone")
        return {key: key for key in keys}

    gathered = Gathered(read)
    with pytest.raises(OSError, match="gone"):
        await gathered.get(0)
    assert await gathered.get(1) == 1


async def test_who_stops_waiting_does_not_stop_the_others() -> None:
    go_on = asyncio.Event()

    async def read(keys: list[int]) -> dict[int, int]:
        await go_on.wait()
        return {key: key for key in keys}

    gathered = Gathered(read)
    one, other = asyncio.create_task(gathered.get(1)), asyncio.create_task(gathered.get(1))
    await asyncio.sleep(0)
    one.cancel()
    go_on.set()
    assert await other == 1
    assert one.cancelled() or one.cancelling()
