"""What operators does: give a role, tell a role, keep the audit trail."""

from typing import Any
from uuid import UUID

from junzi.kit import clock, ids
from junzi.kit.database import Reader, Transaction
from junzi.operators import store
from junzi.operators.model import AuditEntry, NotAnOperator, Operator, Role


async def make_administrator(tx: Transaction, person_id: UUID, *, by: UUID | None = None) -> None:
    """Make a person an administrator; one who is stays one, and nothing is written.

    by: the administrator who decided it; None for the machine's own console, which makes the first one
    """
    if await store.insert_staff(tx, person_id, Role.ADMINISTRATOR, clock.now()):
        await audit(tx, by, "operators.administrator_made", {"person_id": person_id})


async def has_staff(reader: Reader) -> bool:
    """Whether the town has anybody who runs it."""
    return await store.has_staff(reader)


async def role_of(reader: Reader, person_id: UUID) -> Role | None:
    """The role a person holds, if any."""
    return await store.role_of(reader, person_id)


async def administrators(reader: Reader) -> list[UUID]:
    """Who runs the town, the first one in front."""
    return await store.staff(reader, Role.ADMINISTRATOR)


async def access_operator(reader: Reader, person_id: UUID) -> Operator:
    """The person as a member of the operator's staff. Raises `NotAnOperator`."""
    role = await store.role_of(reader, person_id)
    if role is None:
        raise NotAnOperator
    return Operator(person_id, role)


async def audit(tx: Transaction, person_id: UUID | None, action: str, facts: dict[str, Any]) -> None:
    """Write into the audit trail what is being done in this transaction. `action` is `room.what_was_done`."""
    await store.insert_audit_entry(tx, id=ids.new_id(), person_id=person_id, action=action, facts=facts, at=clock.now())


async def audit_trail(reader: Reader, *, most: int = 100) -> list[AuditEntry]:
    """What was done, newest first."""
    return await store.audit_entries(reader, most)
