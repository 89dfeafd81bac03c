"""Stored events: in which partition they lie, and when they are forgotten."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import asyncpg
import pytest

from junzi.kit import clock, ids, outbox
from junzi.kit.database import Event
from tests.support.market import Market, Time


async def test_events_that_a_wrong_clock_dated_ahead_keep_nobody_from_opening_that_day(
    market: Market, time: Time
) -> None:
    """Opening the days comes first when a server starts: what failed here would keep it from starting again."""
    time.pass_by(days=20)
    await market.person("early")
    time.pass_by(days=-20)
    time.pass_by(days=14)
    await outbox.keep_days(market.house.database)
    await market.person("late")
    assert await in_partition(market, clock.now().date() + timedelta(days=6)) == ["early"]
    assert await in_partition(market, clock.now().date()) == ["late"]
    assert await market.value("select count(*) from kit.outbox_other") == 0
    time.pass_by(days=6)
    await market.settle()
    assert await market.value("select count(*) from kit.outbox where delivered_at is null") == 0


async def test_delivered_events_are_forgotten_after_35_days_wherever_they_lie(market: Market, time: Time) -> None:
    time.pass_by(days=-20)
    await market.person("xiaoman")
    await market.settle()
    assert await market.value("select count(*) from kit.outbox_other") > 0
    time.pass_by(days=20)
    await market.person("azhe")
    time.pass_by(days=36)
    await outbox.keep_days(market.house.database)
    handles = "select array_agg(payload->>'handle') from kit.outbox where type = 'people.signed_up'"
    assert await market.value(handles) == ["azhe"], "what nobody took yet is kept"
    await market.settle()
    await outbox.keep_days(market.house.database)
    assert await market.value("select count(*) from kit.outbox") == 0


async def test_a_backup_keeps_neither_the_days_nor_those_who_store_events_waiting(market: Market, time: Time) -> None:
    first = clock.now().date()
    time.pass_by(days=40)
    reader = await asyncpg.connect(market.database_url)
    async with reader.transaction():
        await reader.execute("lock table kit.outbox, kit.outbox_other in access share mode")
        keeping = asyncio.create_task(outbox.keep_days(market.house.database))
        await asyncio.wait_for(market.person("xiaoman"), 10)
        await asyncio.wait_for(keeping, 10)
    await reader.close()
    await market.settle()
    await outbox.keep_days(market.house.database)
    assert await market.value("select count(*) from kit.outbox_other") == 0
    assert await market.value(f"select to_regclass('kit.outbox_{first:%Y%m%d}')") is None


class Rung(Event, frozen=True, kw_only=True, tag="test.rung"):
    number: int


class Said(Event, frozen=True, kw_only=True, tag="test.said"):
    number: int


async def test_a_rush_is_told_at_once_and_never_across_what_stands_alone(market: Market) -> None:
    told: list[tuple[str, list[int]]] = []

    async def rung(deliveries: Sequence[outbox.Delivery]) -> None:
        told.append(("rung", [delivery.event.number for delivery in deliveries]))

    async def said(delivery: outbox.Delivery) -> None:
        told.append(("said", [delivery.event.number]))

    await market.settle()
    relay = outbox.Relay(market.house.database, {Rung: outbox.Together(rung), Said: [said]})
    async with market.house.database.transaction() as tx:
        for event in (Rung(number=1), Rung(number=2), Said(number=3), Rung(number=4), Rung(number=5), Said(number=6)):
            await tx.emit(event)
    await relay.drain()
    assert told == [("rung", [1, 2]), ("said", [3]), ("rung", [4, 5]), ("said", [6])]
    assert await market.value("select count(*) from kit.outbox where delivered_at is null") == 0


async def test_one_of_a_rush_that_cannot_be_told_is_tried_later_by_itself(market: Market) -> None:
    told: list[int] = []

    async def rung(deliveries: Sequence[outbox.Delivery]) -> None:
        if any(delivery.event.number == 3 for delivery in deliveries):
            raise OSError("not this one")
        told.extend(delivery.event.number for delivery in deliveries)

    await market.settle()
    relay = outbox.Relay(market.house.database, {Rung: outbox.Together(rung)})
    async with market.house.database.transaction() as tx:
        await tx.emit_all([(ids.new_id(), Rung(number=number)) for number in range(1, 8)])
    await relay.deliver()
    assert told == [1, 2, 4, 5, 6, 7]
    waiting = "select payload->>'number' || ' ' || attempts from kit.outbox where delivered_at is null"
    assert await market.value(waiting) == "3 1"


@pytest.mark.parametrize("turns", range(5))
async def test_a_relay_that_is_woken_while_it_is_ended_ends(turns: int) -> None:
    """A server that stops waits for it, without a limit."""
    database = Quiet()
    relaying = asyncio.create_task(IdleRelay(database, {}).run())  # type: ignore[arg-type]
    for _ in range(3):
        await asyncio.sleep(0)
    database.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    relaying.cancel()
    await asyncio.wait({relaying}, timeout=0.5)
    ended = relaying.cancelled()
    relaying.cancel()
    assert ended


class Quiet:
    """A database in which nothing happens until a test says so."""

    def on_events(self, told: Callable[[], None]) -> None:
        self.wake = told


class IdleRelay(outbox.Relay):
    async def deliver(self) -> int:
        return 0


async def in_partition(market: Market, day: date) -> list[str]:
    return await market.value(  # type: ignore[no-any-return]
        f"select array_agg(payload->>'handle') from kit.outbox_{day:%Y%m%d} where type = 'people.signed_up'"
    )
