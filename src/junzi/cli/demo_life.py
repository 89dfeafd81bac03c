"""The demo town's residents go on with their day while somebody looks at its tour: a deed every few seconds, and no longer.

The tour's page says so every five seconds (admin/tour.py). What they do then are the deeds of the fortnight, at the present time.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from junzi.admin import tour
from junzi.app import House
from junzi.cli import demo_town as demo
from junzi.cli.demo_day import Residents, Stall
from junzi.cli.demo_rival import Rivals
from junzi.cli.people_file import PeopleFile
from junzi.codes import actions as codes
from junzi.codes.model import CodeKind
from junzi.kit import clock, town
from junzi.kit.bus import Bus
from junzi.kit.errors import Refusal
from junzi.kit.jobs import Background
from junzi.merchants import store as merchants
from junzi.people import actions as people

Deed = Callable[[], Awaitable[None]]

LEAST_PAUSE_S, MOST_PAUSE_S = 2.0, 5.0
LOOKS_FOR_S = 15.0
"""Somebody who has not said so for this long looks no more."""
MOST_DEEDS = 300
"""In one sitting, some seventeen minutes: a page that was forgotten does not fill the books."""
ASKS_FOR_COUPONS = 0.15


class Looks:
    """Whether somebody looks."""

    def __init__(self, bus: Bus, for_s: float = LOOKS_FOR_S) -> None:
        self._for_s = for_s
        self._last_s = float("-inf")
        self._said = asyncio.Event()
        bus.subscribe(tour.LOOKED_AT, lambda _: self._look())

    def goes_on(self) -> bool:
        return asyncio.get_running_loop().time() - self._last_s < self._for_s

    async def begins(self) -> None:
        """Returns when somebody looks."""
        while not self.goes_on():
            self._said.clear()
            await self._said.wait()

    async def ends(self) -> None:
        """Returns when nobody looks."""
        while self.goes_on():
            self._said.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._for_s):
                    await self._said.wait()

    def _look(self) -> None:
        self._last_s = asyncio.get_running_loop().time()
        self._said.set()


@asynccontextmanager
async def lived_in(house: House, people_file: PeopleFile) -> AsyncIterator[None]:
    """The town is alive while the block runs and somebody looks."""
    background, looks = Background(), Looks(house.bus)
    background.keep("demo life", lambda: live(looks, lambda: day(house, people_file)))
    try:
        yield
    finally:
        await background.stop()


async def live(
    looks: Looks,
    day: Callable[[], AbstractAsyncContextManager[Deed]],
    *,
    pauses_s: tuple[float, float] = (LEAST_PAUSE_S, MOST_PAUSE_S),
    most: int = MOST_DEEDS,
) -> None:
    """One sitting after another, for ever. day: what opens one, and what is done in it again and again"""
    while True:
        await looks.begins()
        async with day() as deed:
            for _ in range(most):
                await asyncio.sleep(random.uniform(*pauses_s))
                if not looks.goes_on():
                    break
                # A shop that is closed by now, a card that is empty: not every errand succeeds.
                with suppress(Refusal):
                    await deed()
        await looks.ends()


@asynccontextmanager
async def day(house: House, people_file: PeopleFile) -> AsyncIterator[Deed]:
    """Those who chat and shop are there while the block runs."""
    chance = random.Random()
    present = town.business_date(clock.now())
    residents = Residents(house, people_file.pin(), chance, Rivals(chance, present))
    async with house.database.read() as reader:
        known = await people.persons_by_handle(reader, [one.handle for one in demo.RESIDENTS])
        residents.ids |= {one: known[one.handle].id for one in demo.RESIDENTS}
        shops = [(keeper, await merchants.shops_of(reader, residents.ids[keeper])) for keeper, _, _ in demo.SHOPS]
    prices = {keeper: prices for keeper, _, prices in demo.SHOPS}
    for keeper, [shop, *_] in shops:
        async with house.database.transaction() as tx:
            code = await codes.issue(tx, CodeKind.SHOP, shop.id)
        residents.stalls.append(Stall(keeper, code.code, prices[keeper]))
    await residents.leave()
    try:
        for resident in demo.SHOPPERS:
            await residents.arrive(resident)

        async def deed() -> None:
            if chance.random() < ASKS_FOR_COUPONS:
                await residents.ask_for_coupons()
            await residents.do_something()

        yield deed
    finally:
        await residents.leave()
