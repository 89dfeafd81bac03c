"""The queries of briefs, typed."""

import datetime

import msgspec

from junzi.growth.brief_model import Brief
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.growth")


async def brief(reader: Reader, date: datetime.date) -> Brief | None:
    """What is told of a day, as it was first written."""
    row = await _q.brief(reader, business_date=date)
    if row is None:
        return None
    written = msgspec.convert(row["brief"], Brief)
    return msgspec.structs.replace(written, sent_at=row["sent_at"])


async def insert(tx: Transaction, written: Brief, *, at: datetime.datetime) -> None:
    await _q.insert_brief(tx, business_date=written.date, brief=written, at=at)


async def set_sent(tx: Transaction, date: datetime.date, *, at: datetime.datetime) -> None:
    await _q.set_brief_sent(tx, business_date=date, at=at)
