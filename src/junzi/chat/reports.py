"""Put messages before the operator: those that somebody chose, as they were read then, and no others."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from junzi.chat import rules, store
from junzi.chat.access import access
from junzi.chat.model import Report, ShownMessage, shown
from junzi.chat.saying import Seq
from junzi.kit import clock
from junzi.kit.database import Database
from junzi.kit.errors import InvalidRequest, NotFound
from junzi.kit.text import several_lines
from junzi.messages import Messages
from junzi.operators.actions import audit
from junzi.people.actions import persons_of
from junzi.people.model import Person

LONGEST_NOTE = 500
MOST_MESSAGES = 50
INVITATIONS_KEPT, REQUESTS_KEPT, REPORTS_KEPT = timedelta(days=30), timedelta(days=7), timedelta(days=365)
LAST = UUID(int=2**128 - 1)

Reason = Literal["spam", "fraud", "abuse", "other"]
Outcome = Literal["dismissed", "warned", "noted"]


class NewReport(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    conversation_id: UUID
    seqs: Annotated[list[Seq], msgspec.Meta(min_length=1, max_length=MOST_MESSAGES)]
    reason: Reason
    note: Annotated[str, msgspec.Meta(max_length=5_000, description="up to 500 characters")] = ""


class ShownReport(msgspec.Struct, frozen=True, kw_only=True):
    """reported: who wrote the messages."""

    id: UUID
    reporter: Person
    reported: list[Person]
    reason: str
    note: str
    messages: list[ShownMessage]
    created_at: datetime
    closed_at: datetime | None
    outcome: str | None


class Reports(msgspec.Struct, frozen=True):
    reports: list[ShownReport]
    more: bool


async def report(database: Database, messages: Messages, reporter_id: UUID, new: NewReport) -> None:
    """Put messages that I can read before the operator; the same id again is the same report.

    Raises `NotFound` or `InvalidRequest`.
    """
    note = several_lines(new.note, field="note", least=0, most=LONGEST_NOTE)
    state = await access(messages, new.conversation_id, reporter_id)
    chosen = []
    for seq in sorted(set(new.seqs)):
        found = await messages.history(
            state.id, after=seq - 1, before=min(seq, state.head_seq) + 1, from_seq=rules.from_seq(state), limit=1
        )
        if not found:
            raise NotFound
        chosen += found
    if all(message.sender_id in (None, reporter_id) for message in chosen):
        raise InvalidRequest("Choose messages that somebody else wrote.")
    async with database.transaction() as tx:
        await store.insert_report(
            tx,
            id=new.id,
            reporter_id=reporter_id,
            conversation_id=new.conversation_id,
            reason=new.reason,
            note=note,
            messages=[shown(message) for message in chosen],
            at=clock.now(),
        )


async def desk(database: Database, *, open: bool, before: UUID | None, limit: int) -> Reports:
    """What lies on the operator's desk, or was closed, newest first. before: the last report of the page before."""
    async with database.read() as reader:
        last = None if before is None else await store.report(reader, before)
        if before is not None and last is None:
            raise NotFound
        place = (last.created_at, last.id) if last else (clock.now() + timedelta(days=1), LAST)
        found = await store.reports(reader, open=open, before=place, most=limit + 1)
        persons = await persons_of(reader, {id for one in found for id in (one.reporter_id, *_authors(one))})
    return Reports([_shown(one, persons) for one in found[:limit] if one.reporter_id in persons], len(found) > limit)


async def close(database: Database, operator_id: UUID, report_id: UUID, outcome: Outcome) -> None:
    """A report is dealt with; the first outcome stands. Raises `NotFound`."""
    async with database.transaction() as tx:
        if await store.report(tx, report_id) is None:
            raise NotFound
        if await store.close_report(tx, id=report_id, operator_id=operator_id, outcome=outcome, at=clock.now()):
            await audit(tx, operator_id, "chat.report_closed", {"report_id": report_id, "outcome": outcome})


async def forget_old(database: Database) -> None:
    """Forget codes that are long over, whom strangers wrote to, and reports closed a year ago."""
    at = clock.now()
    async with database.transaction() as tx:
        await store.drop_old(
            tx, invitations=at - INVITATIONS_KEPT, requests=at - REQUESTS_KEPT, reports=at - REPORTS_KEPT
        )


def _shown(report: Report, persons: dict[UUID, Person]) -> ShownReport:
    return ShownReport(
        id=report.id,
        reporter=persons[report.reporter_id],
        reported=[persons[id] for id in _authors(report) if id in persons],
        reason=report.reason,
        note=report.note,
        messages=report.messages,
        created_at=report.created_at,
        closed_at=report.closed_at,
        outcome=report.outcome,
    )


def _authors(report: Report) -> list[UUID]:
    return list(
        dict.fromkeys(one.sender_id for one in report.messages if one.sender_id not in (None, report.reporter_id))
    )
