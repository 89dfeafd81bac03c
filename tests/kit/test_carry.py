"""Who takes the same step at the same time shares a transaction."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from junzi.kit.database import Database, Overtaken, Transaction, open_database
from junzi.kit.errors import Busy, NotFound, Refusal


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await open_database(database_url, size=2)
    async with database.transaction() as tx:
        await tx.execute("create table public.numbers (number integer primary key)")
    yield database
    await database.close()


carried: list[list[int]] = []


async def insert(tx: Transaction, numbers: list[int]) -> list[int | Refusal]:
    """Tens are refused, and a negative number breaks the whole batch."""
    carried.append(numbers)
    good = [number for number in numbers if number % 10]
    await tx.execute(
        "insert into public.numbers select n from unnest($1::integer[]) n", [abs(number) for number in good]
    )
    if min(numbers) < 0:
        raise ZeroDivisionError
    return [number * 2 if number % 10 else NotFound() for number in numbers]


async def stored(database: Database) -> list[int]:
    async with database.read() as reader:
        return [row["number"] for row in await reader.fetch("select number from public.numbers order by number")]


async def test_each_of_a_batch_gets_its_own_answer_after_one_commit(database: Database) -> None:
    carried.clear()
    asked = [database.carry(insert, number) for number in (1, 2, 10, 3)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [answers[0], answers[1], answers[3]] == [2, 4, 6] and isinstance(answers[2], NotFound)
    assert carried == [[1, 2, 10, 3]], "all in one transaction"
    assert await stored(database) == [1, 2, 3]


async def test_what_breaks_a_batch_fails_alone(database: Database) -> None:
    answers = await asyncio.gather(
        *[database.carry(insert, number) for number in (1, 2, -5, 3)], return_exceptions=True
    )
    assert [answers[0], answers[1], answers[3]] == [2, 4, 6] and isinstance(answers[2], ZeroDivisionError)
    assert await stored(database) == [1, 2, 3]


async def test_one_after_the_other_each_is_carried(database: Database) -> None:
    assert [await database.carry(insert, number) for number in (1, 2, 3)] == [2, 4, 6]
    assert await stored(database) == [1, 2, 3]


async def test_what_was_overtaken_begins_again_and_gives_up_after_some_times(database: Database) -> None:
    tries: list[int] = []

    async def overtaken(tx: Transaction, times: list[int]) -> list[int]:
        tries.append(times[0])
        if len(tries) <= times[0]:
            raise Overtaken
        return [len(tries)]

    assert await database.carry(overtaken, 2) == 3
    with pytest.raises(Busy):
        await database.carry(overtaken, 1_000)


async def test_nobody_waits_for_a_shared_transaction_inside_one_of_their_own(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(AssertionError, match="inside an open transaction"):
            await database.carry(insert, 1)


async def test_a_database_that_closes_answers_what_waits_and_takes_nothing_more(database_url: str) -> None:
    database = await open_database(database_url, size=2)

    async def answered(tx: Transaction, numbers: list[int]) -> list[int]:
        return numbers

    waiting = asyncio.create_task(database.carry(answered, 7))
    await asyncio.sleep(0)
    await database.close()
    assert await waiting == 7
    with pytest.raises(Busy):
        await database.carry(answered, 8)
