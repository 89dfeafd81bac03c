"""The queries of operators, typed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.operators.model import AuditEntry, Role

_q = sql.queries("junzi.operators")


async def insert_staff(tx: Transaction, person_id: UUID, role: Role, since: datetime) -> bool:
    """Give a role; False when the person holds one."""
    return bool(await _q.insert_staff(tx, person_id=person_id, role=role, since=since))


async def role_of(reader: Reader, person_id: UUID) -> Role | None:
    role = await _q.role_of(reader, person_id=person_id)
    return None if role is None else Role(role)


async def staff(reader: Reader, role: Role) -> list[UUID]:
    """Who holds that role, the first one in front."""
    return [row["person_id"] async for row in _q.staff(reader, role=role)]


async def has_staff(reader: Reader) -> bool:
    return bool(await _q.has_staff(reader))


async def insert_audit_entry(
    tx: Transaction, *, id: UUID, person_id: UUID | None, action: str, facts: dict[str, Any], at: datetime
) -> None:
    await _q.insert_audit_entry(tx, id=id, person_id=person_id, action=action, facts=facts, at=at)


async def audit_entries(reader: Reader, most: int) -> list[AuditEntry]:
    """The newest entries first."""
    return [sql.struct(AuditEntry, row) async for row in _q.audit_entries(reader, most=most)]
