"""Killed at the worst moment and started again: every debit happens once or not at all."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.issuer.bank import SLOW, WORKS, Bank, audit
from tests.support.until import until

pytestmark = pytest.mark.crash


async def test_killed_between_commit_and_answer_a_retry_finds_the_debit(
    make_bank: Callable[..., Bank], database: asyncpg.Connection
) -> None:
    async with make_bank(ISSUER_DELAY_MS="60000") as bank:
        token, reference = await bank.bind(SLOW), uuid4()
        debit = asyncio.create_task(bank.debit(token, 700, reference))

        async def found() -> bool:
            return (await bank.find_debit(reference)).status_code == 200

        await until(found)
        await bank.kill()
        with pytest.raises(httpx.TransportError):
            await debit
        await bank.start()
        assert (await bank.debit(token, 700, reference)).json()["state"] == "succeeded"
        assert await _settled(database) == 700
        assert (await audit(bank.database_url))[0] == 0


async def test_killed_before_its_commit_a_debit_never_was_and_a_retry_makes_it_once(
    own_bank: Bank, postgres_url: str, database: asyncpg.Connection
) -> None:
    token, reference = await own_bank.bind(WORKS), uuid4()
    blocker = await asyncpg.connect(postgres_url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("select from issuer.accounts where kind = 'settlement' for update")
    debit = asyncio.create_task(own_bank.debit(token, 700, reference))
    await until(lambda: _waits_for_lock(database))
    await own_bank.kill()
    with pytest.raises(httpx.TransportError):
        await debit
    await transaction.rollback()
    await blocker.close()

    await own_bank.start()
    assert (await own_bank.find_debit(reference)).status_code == 404
    assert await _settled(database) == 0
    assert (await own_bank.debit(token, 700, reference)).json()["state"] == "succeeded"
    assert (await own_bank.debit(token, 700, reference)).json()["state"] == "succeeded"
    assert await _settled(database) == 700
    assert (await audit(own_bank.database_url))[0] == 0


async def test_killed_under_load_every_answered_debit_is_there_once(
    own_bank: Bank, database: asyncpg.Connection
) -> None:
    token = await own_bank.bind(WORKS)
    references = [uuid4() for _ in range(200)]
    answered = []

    async def pay() -> None:
        while references:
            reference = references.pop()
            try:
                answer = await own_bank.debit(token, 1, reference)
            except httpx.TransportError:
                retried.append(reference)
                return
            assert answer.json()["state"] == "succeeded"
            answered.append(reference)

    retried: list[object] = []
    payers = [asyncio.create_task(pay()) for _ in range(8)]
    await until(lambda: len(answered) > 20)
    await own_bank.kill()
    await asyncio.gather(*payers)
    await own_bank.start()
    for reference in answered:
        assert (await own_bank.find_debit(reference)).status_code == 200
    for reference in [*retried, *references]:
        assert (await own_bank.debit(token, 1, reference)).json()["state"] == "succeeded"
    assert await _settled(database) == 200
    assert (await audit(own_bank.database_url))[0] == 0


async def _waits_for_lock(database: asyncpg.Connection) -> bool:
    waiting = await database.fetchval(
        "select count(*) from pg_stat_activity where application_name = 'junzi-issuer' and wait_event_type = 'Lock'"
    )
    return bool(waiting)


async def _settled(database: asyncpg.Connection) -> int:
    balance: int = await database.fetchval("select balance_minor from issuer.accounts where kind = 'settlement'")
    return balance
