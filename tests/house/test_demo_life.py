"""The demo town's residents act while somebody looks at its tour, gently, and not otherwise."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from junzi.admin import tour
from junzi.cli.demo_life import Deed, Looks, live
from junzi.client import Refused
from junzi.kit.bus import Bus
from junzi.kit.errors import NotAllowed
from junzi.operators.actions import make_administrator
from tests.support.market import Market
from tests.support.until import until

SHORT_S, LONG_S = 0.2, 60.0
AT_ONCE = (0.0, 0.0)


class Days:
    """Days in which deeds are counted. open: how many are under way; deeds: of each day"""

    def __init__(self) -> None:
        self.open = 0
        self.deeds: list[int] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Deed]:
        self.open += 1
        self.deeds.append(0)
        try:
            yield self.deed
        finally:
            self.open -= 1

    async def deed(self) -> None:
        self.deeds[-1] += 1
        if self.deeds[-1] % 2:
            raise NotAllowed


async def test_nothing_is_done_before_somebody_looks_and_a_day_ends_when_nobody_does() -> None:
    bus, days = Bus(), Days()
    living = asyncio.create_task(live(Looks(bus, SHORT_S), days.one, pauses_s=AT_ONCE, most=10**9))
    try:
        await asyncio.wait({living}, timeout=0)
        assert days.deeds == []
        for day in (1, 2):
            bus.publish(tour.LOOKED_AT, None)
            # That an errand does not succeed ends no day.
            await until(lambda: days.open == 1)
            await until(lambda: days.open == 0)
            assert len(days.deeds) == day and days.deeds[-1] > 3
    finally:
        await stop(living)


async def test_whoever_looks_on_for_long_sees_a_bounded_number_of_deeds() -> None:
    bus, days = Bus(), Days()
    living = asyncio.create_task(live(Looks(bus, LONG_S), days.one, pauses_s=AT_ONCE, most=7))
    try:
        bus.publish(tour.LOOKED_AT, None)
        await until(lambda: days.deeds == [7] and days.open == 0)
        bus.publish(tour.LOOKED_AT, None)
        assert days.deeds == [7]
    finally:
        await stop(living)


async def test_where_the_money_is_real_nobody_can_look_at_a_tour(market: Market) -> None:
    looked: list[None] = []
    market.house.bus.subscribe(tour.LOOKED_AT, looked.append)
    stranger, operator = await market.person("xiaoman"), await market.person("yuan")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(operator.me["id"]))
    for client, status in ((stranger, 403), (operator, 404)):
        with pytest.raises(Refused) as refused:
            await client.post("/api/ops/tour/looks")
        assert refused.value.status == status
    assert looked == []


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
