"""The rows of chat, one typed function a query."""

from datetime import datetime
from typing import Any
from uuid import UUID

from junzi.chat.model import Invitation, Report
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.chat")


async def put_invitation(
    tx: Transaction, *, token_hash: bytes, group_id: UUID, inviter_id: UUID, at: datetime, expires_at: datetime
) -> None:
    await _q.put_invitation(
        tx, token_hash=token_hash, group_id=group_id, inviter_id=inviter_id, at=at, expires_at=expires_at
    )


async def invitation(reader: Reader, token_hash: bytes) -> Invitation | None:
    return sql.maybe(Invitation, await _q.invitation(reader, token_hash=token_hash))


async def insert_request(tx: Transaction, from_id: UUID, to_id: UUID, at: datetime) -> None:
    await _q.insert_request(tx, from_id=from_id, to_id=to_id, at=at)


async def requests_since(reader: Reader, from_id: UUID, since: datetime) -> int:
    return int(await _q.requests_since(reader, from_id=from_id, since=since))


async def insert_report(
    tx: Transaction,
    *,
    id: UUID,
    reporter_id: UUID,
    conversation_id: UUID,
    reason: str,
    note: str,
    messages: list[Any],
    at: datetime,
) -> None:
    await _q.insert_report(
        tx,
        id=id,
        reporter_id=reporter_id,
        conversation_id=conversation_id,
        reason=reason,
        note=note,
        messages=messages,
        at=at,
    )


async def reports(reader: Reader, *, open: bool, before: tuple[datetime, UUID], most: int) -> list[Report]:
    """Newest first, from before a moment and id on."""
    rows = _q.reports(reader, open=open, before_at=before[0], before_id=before[1], most=most)
    return [sql.struct(Report, row) async for row in rows]


async def report(reader: Reader, id: UUID) -> Report | None:
    return sql.maybe(Report, await _q.report(reader, id=id))


async def close_report(tx: Transaction, *, id: UUID, operator_id: UUID, outcome: str, at: datetime) -> bool:
    """False when it was closed before."""
    return await _q.close_report(tx, id=id, operator_id=operator_id, outcome=outcome, at=at) is not None


async def drop_old(tx: Transaction, *, invitations: datetime, requests: datetime, reports: datetime) -> None:
    """Forget what lies before these moments."""
    await _q.drop_invitations(tx, before=invitations)
    await _q.drop_requests(tx, before=requests)
    await _q.drop_reports(tx, before=reports)
