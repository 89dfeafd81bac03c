"""The nouns of operators: a role, who holds it, an entry of the audit trail, and the refusal at the door."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal


class Role(StrEnum):
    """What somebody is to the operator."""

    ADMINISTRATOR = "administrator"


class Operator(msgspec.Struct, frozen=True):
    """A signed-in person who holds a role."""

    person_id: UUID
    role: Role


class AuditEntry(msgspec.Struct, frozen=True):
    """Who did what. `person_id` is None for what was done at the machine itself, by whoever runs the program there."""

    id: UUID
    person_id: UUID | None
    action: str
    facts: dict[str, Any]
    at: datetime


class NotAnOperator(Refusal):
    slug, status, title = "not-an-operator", 403, "This is for the operator's staff."
