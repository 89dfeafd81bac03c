"""The morning brief: what was yesterday, what changed and since when, and what is wrong now, told in the operators' group.

The row of a day is written with the brief before it is told, and the message has the day as its key: whatever is interrupted, a
day is told once and says what was written first.
"""

import asyncio
import datetime
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import structlog
from msgspec.structs import replace

from junzi.audit import audit
from junzi.chat import reports
from junzi.chat import store as chat_store
from junzi.coupons import store as coupon_store
from junzi.coupons.model import CampaignState
from junzi.field import rivals, shelter
from junzi.field.survey_model import Counts
from junzi.growth import around, brief_store, calendar, operators_group, sources_store, store, third
from junzi.growth.brief_model import Brief, Incident, IncidentKind, Line, Since, Stand
from junzi.growth.calendar_model import Flag
from junzi.kit import clock, jobs, outbox, town
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.messages import Messages

FIGURES = (*calendar.BY_DAY, "coupons_redeemed_minor")
OPENINGS = ("opened", "installed")
"""Of devices; before the others, since people come by them."""
LOOKS_BACK = 14
"""Days within which the last flag counts as what a change is measured from."""
AUDIT_PATIENCE_S = 900.0
MOST_REPORTS = 100

_log = structlog.get_logger("brief")


async def send_due(database: Database, messages: Messages, database_url: str, hour: int) -> bool:
    """Tell of yesterday, once the operator's hour has come; True when it was told now."""
    now = clock.local(clock.now(), town.current().time_zone)
    if now.hour < hour:
        return False
    date = now.date() - timedelta(days=1)
    async with database.read() as reader:
        known = await brief_store.brief(reader, date)
    if known is not None and known.sent_at is not None:
        return False
    if known is None:
        began_at = clock.now()
        books = await _books(database_url)
        is_checked = not any(one.kind is IncidentKind.BOOKS_UNCHECKED for one in books)
        async with database.transaction() as tx:
            incidents = [*books, *await _incidents(tx)]
            brief = replace(await composed(tx, date, incidents), audited_until=began_at if is_checked else None)
            await brief_store.insert(tx, brief, at=clock.now())
            known = await brief_store.brief(tx, date)
    assert known is not None, "it was just written"
    if not await operators_group.tell(database, messages, known):
        return False
    async with database.transaction() as tx:
        await brief_store.set_sent(tx, date, at=clock.now())
    return True


async def of_day(reader: Reader, date: datetime.date) -> Brief:
    """The brief of a past day: its figures as they are known now, and the rest as it was told. Raises `NotFound`."""
    if not datetime.date(2000, 1, 1) < date < town.business_date(clock.now()):
        raise NotFound
    told = await brief_store.brief(reader, date)
    now = await composed(reader, date, None)
    if told is None:
        return now
    return replace(now, incidents=told.incidents, sent_at=told.sent_at, audited_until=told.audited_until)


async def composed(reader: Reader, date: datetime.date, incidents: list[Incident] | None) -> Brief:
    flags = (await calendar.calendar(reader, date - timedelta(days=LOOKS_BACK - 1), date)).flags
    last = flags[-1] if flags else None
    first = (last.date if last else date) - timedelta(days=around.DAYS + 1)
    span = min(first, date - timedelta(days=1)), date
    days = await store.days(reader, *span)
    devices = await sources_store.openings(reader, *span)
    values = {name: {day: counts[place] for day, counts in devices.items()} for place, name in enumerate(OPENINGS)}
    values |= {name: {day.date: getattr(day, name) for day in days} for name in FIGURES}
    found = {one.rival_id: one for one in await third.history(reader, Counts.CODES) if one.date <= date}
    stands = [
        Stand(rival.name, one.date, one.ratio, one.lower, date - one.date < third.FRESH)
        if (one := found.get(rival.id))
        else Stand(rival.name, None, None, 0.0, False)
        for rival in await rivals.known(reader)
    ]
    return Brief(
        date=date,
        lines=[_line(figure, counted, date, last) for figure, counted in values.items()],
        flags=[_since(flag) for flag in flags if flag.date == date],
        since=_since(last) if last else None,
        stands=stands,
        incidents=incidents,
    )


def _line(figure: str, counted: dict[datetime.date, int], date: datetime.date, last: Flag | None) -> Line:
    changed = None
    if last is not None:
        values = {day.toordinal(): value for day, value in counted.items()}
        at, until = last.date.toordinal(), date.toordinal() + 1
        before, _ = around.before_and_after(values, at, each=around.DAYS, first=0, until=until)
        _, after = around.before_and_after(values, at, each=until - at, first=0, until=until)
        changed = (after - before) / before if before and after is not None else None
    return Line(figure, counted.get(date, 0), counted.get(date - timedelta(days=1), 0), changed)


def _since(flag: Flag) -> Since:
    if flag.launch is not None:
        return Since("ours", flag.date, flag.launch.turn, flag.launch.title, "")
    assert flag.move is not None, "a flag is one of the two"
    return Since("rival", flag.date, flag.move.kind, None, flag.rival)


async def _books(database_url: str) -> Sequence[Incident]:
    """What the auditor says of the books. It reads everything, on a connection of its own, and leaves the database to others half
    the time."""
    try:
        async with asyncio.timeout(AUDIT_PATIENCE_S):
            findings = await audit(database_url, gently=True)
    except (OSError, TimeoutError, asyncpg.PostgresError) as failure:
        _log.error("the auditor did not finish", failure=type(failure).__name__)
        return [Incident(IncidentKind.BOOKS_UNCHECKED)]
    return [Incident(IncidentKind.BOOKS_DIFFER, count=len(findings))] if findings else []


async def _incidents(reader: Reader) -> list[Incident]:
    """What is wrong at this moment."""
    found = list[Incident]()
    if refused := await outbox.refused_count(reader):
        found.append(Incident(IncidentKind.EVENTS_WAIT, count=refused))
    found += [Incident(IncidentKind.WORK_FAILS, name=name) for name in jobs.failing()]
    if late := await shelter.waiting_too_long(reader):
        found.append(Incident(IncidentKind.PROMOTER_LATE, count=late))
    paused = [one for one in await coupon_store.campaigns(reader) if one.state is CampaignState.PAUSED]
    found += [Incident(IncidentKind.CAMPAIGN_PAUSED, title=one.title, subject_id=one.id) for one in paused]
    now = clock.now()
    for ratio in await third.ratios(reader, Counts.CODES):
        if ratio.counts_until is None or ratio.counts_until <= now:
            found.append(Incident(IncidentKind.SURVEY_OLD, name=ratio.rival))
    waiting = await chat_store.reports(
        reader, open=True, before=(now + timedelta(days=1), reports.LAST), most=MOST_REPORTS
    )
    if waiting:
        found.append(Incident(IncidentKind.REPORTS_OPEN, count=len(waiting)))
    return found
