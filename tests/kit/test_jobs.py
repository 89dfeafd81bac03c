"""Work in the background goes on after it failed, and is told of while it fails every time."""

import asyncio

from junzi.kit import jobs
from junzi.kit.jobs import OFTEN, Background
from tests.support.until import until


async def test_work_that_fails_every_time_is_told_of_until_it_succeeds() -> None:
    tried, works = 0, asyncio.Event()

    async def work() -> None:
        nonlocal tried
        tried += 1
        if not works.is_set():
            raise RuntimeError("not yet")

    background = Background()
    background.every(0.001, "work", work)
    await until(jobs.failing)
    assert jobs.failing() == ["work"] and tried >= OFTEN
    works.set()
    await until(lambda: not jobs.failing())
    await background.stop()


async def test_once_is_not_often_and_what_has_ended_fails_no_more() -> None:
    told: list[list[str]] = []

    async def work() -> None:
        told.append(jobs.failing())
        if len(told) != OFTEN:
            raise RuntimeError("now and then")

    background = Background()
    background.every(0.001, "now and then", work)
    await until(jobs.failing)
    assert told[: 2 * OFTEN] == [[]] * 2 * OFTEN
    await background.stop()
    assert jobs.failing() == []


async def test_the_first_time_comes_when_it_is_asked_for() -> None:
    worked = asyncio.Event()

    async def work() -> None:
        worked.set()

    background = Background()
    background.every(3600, "seldom", work, first_s=0.001)
    await until(worked.is_set)
    await background.stop()
