"""Telling the operator: signed, retried, bounded, and not forgotten over a restart."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from junzi_issuer import store
from junzi_issuer.database import migrate, open_pool
from junzi_issuer.model import PaymentKind
from tests.issuer.bank import BLOCKED, KEY, WORKS, Bank
from tests.issuer.operator import Operator
from tests.support.until import until


@pytest.mark.parametrize("kind", ["debit", "credit"])
@pytest.mark.parametrize("number", [WORKS, BLOCKED])
async def test_every_outcome_is_told_once_and_signed(bank: Bank, listener: Operator, kind: str, number: str) -> None:
    reference = uuid4()
    answer = (await bank.pay(kind, await bank.bind(number), 100, reference)).json()
    told = await until(lambda: listener.told_of(reference))
    nonce = told[0].facts.pop("nonce")
    assert len(nonce) >= 32
    assert {key: value for key, value in told[0].facts.items() if key != "nonce"} == {**answer, "kind": kind}
    assert told[0].is_signed_with(KEY)
    assert not told[0].is_signed_with(KEY + "x")


async def test_a_repeat_of_a_request_is_not_told_again(
    bank: Bank, listener: Operator, books: asyncpg.Connection
) -> None:
    token, reference = await bank.bind(WORKS), uuid4()
    count = "select count(*) from issuer.notifications"
    before = await books.fetchval(count)
    for _ in range(3):
        await bank.debit(token, 100, reference)
    await until(lambda: listener.told_of(reference))
    assert await books.fetchval(count) == before + 1


async def test_a_notification_that_is_not_taken_comes_again_the_same(own_bank: Bank, operator: Operator) -> None:
    operator.refusals = 4
    reference = uuid4()
    await own_bank.debit(await own_bank.bind(WORKS), 100, reference)
    told = await until(lambda: operator.told_of(reference)[4:] and operator.told_of(reference))
    assert {one.body for one in told} == {told[0].body}
    assert all(one.is_signed_with(KEY) for one in told)


async def test_the_next_try_is_written_down_before_each_try_and_moves_away_to_a_minute(postgres_url: str) -> None:
    pool = await open_pool(postgres_url)
    try:
        await migrate(pool)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        await store.add_notification(pool, PaymentKind.DEBIT, uuid4(), "nonce", "{}", 1, at)
        waits_s = []
        for _ in range(9):
            [due] = await store.claim_due_notifications(pool, at, 1.0, 10)
            assert not await store.claim_due_notifications(pool, at, 1.0, 10)
            next_due_at = await store.next_due_at(pool)
            assert next_due_at is not None
            waits_s.append((next_due_at - at).total_seconds())
            at = next_due_at
        assert waits_s == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert due.tries == 9
    finally:
        await pool.close()


async def test_a_notification_survives_a_kill_while_the_operator_is_away(
    own_bank: Bank, operator: Operator, database: asyncpg.Connection
) -> None:
    reference = uuid4()
    await operator.close()
    await own_bank.debit(await own_bank.bind(WORKS), 100, reference)
    await until(lambda: _tries(database))
    await own_bank.kill()
    await operator.listen()
    assert not operator.told_of(reference)
    await own_bank.start()
    await until(lambda: operator.told_of(reference))
    await until(lambda: _ended(database))


async def test_a_notification_is_given_up_after_a_bounded_number_of_tries(
    make_bank: Callable[..., Bank], operator: Operator, database: asyncpg.Connection
) -> None:
    operator.refusals = 1_000
    async with make_bank() as bank:
        await bank.debit(await bank.bind(WORKS), 100)
        await until(lambda: _tries(database))
        await database.execute("update issuer.notifications set tries = 11, due_at = '2000-01-01Z'")
        await bank.debit(await bank.bind(WORKS), 1)
        await until(lambda: _ended(database))
        assert await database.fetchval("select max(tries) from issuer.notifications where due_at is null") == 12
        assert await database.fetchval("select max(taken) from issuer.notifications") == 0


async def _tries(database: asyncpg.Connection) -> int:
    tries: int = await database.fetchval("select max(tries) from issuer.notifications")
    return tries


async def _ended(database: asyncpg.Connection) -> int:
    ended: int = await database.fetchval("select count(*) from issuer.notifications where ended_at is not null")
    return ended
