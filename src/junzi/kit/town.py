"""The operator whose database this is: name, home currency, time zone, and whether everything here is a demonstration."""

from datetime import date, datetime

import msgspec

from junzi.kit import clock, sql
from junzi.kit.database import Reader, Transaction
from junzi.kit.money import CURRENCIES, Currency

_q = sql.queries("junzi.kit")


class Town(msgspec.Struct, frozen=True):
    name: str
    currency: str
    time_zone: str
    demo: bool

    @property
    def money(self) -> Currency:
        return CURRENCIES[self.currency]


async def found(
    tx: Transaction, *, name: str, demo: bool, currency: str = "CNY", time_zone: str = "Asia/Shanghai"
) -> None:
    """Make the operator's row. A database that has one keeps it: a demonstration cannot become live, nor the other way."""
    await _q.found_town(tx, name=name, currency=currency, time_zone=time_zone, demo=demo, at=clock.now())


async def load(reader: Reader) -> Town:
    """Read the operator's row and let this process work under it. Raises `LookupError` on a database without one."""
    row = await _q.town(reader)
    if row is None:
        raise LookupError("this database has no operator yet: run `junzi up` or `junzi migrate` first")
    global _town
    _town = Town(row["name"], row["currency"], row["time_zone"], row["demo"])
    return _town


async def demo_filled_at(reader: Reader) -> datetime | None:
    """When the demo town's history was complete, if it is."""
    found: datetime | None = await _q.demo_filled_at(reader)
    return found


async def set_demo_filled(tx: Transaction) -> None:
    await _q.set_demo_filled(tx, at=clock.now())


def current() -> Town:
    """The operator this process works under."""
    if _town is None:
        raise LookupError("no operator was loaded")
    return _town


def business_date(at: datetime) -> date:
    return clock.business_date(at, current().time_zone)


_town: Town | None = None
