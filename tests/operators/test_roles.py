"""Who is an administrator, and what the audit trail keeps."""

import asyncpg
import pytest

from junzi.kit import ids
from junzi.kit.database import Database
from junzi.operators import actions
from junzi.operators.model import NotAnOperator, Operator, Role


async def test_a_person_is_nobody_to_the_operator_until_made_administrator(database: Database) -> None:
    person_id = ids.new_id()
    async with database.read() as reader:
        assert await actions.role_of(reader, person_id) is None
        with pytest.raises(NotAnOperator):
            await actions.access_operator(reader, person_id)
    async with database.transaction() as tx:
        await actions.make_administrator(tx, person_id)
    async with database.read() as reader:
        assert await actions.role_of(reader, person_id) is Role.ADMINISTRATOR
        assert await actions.access_operator(reader, person_id) == Operator(person_id, Role.ADMINISTRATOR)
        assert await actions.role_of(reader, ids.new_id()) is None


async def test_making_an_administrator_is_written_down_once(database: Database) -> None:
    first, second = ids.new_id(), ids.new_id()
    for person_id, by in ((first, None), (first, None), (second, first)):
        async with database.transaction() as tx:
            await actions.make_administrator(tx, person_id, by=by)
    async with database.read() as reader:
        trail = await actions.audit_trail(reader)
    assert [(entry.person_id, entry.action, entry.facts) for entry in trail] == [
        (first, "operators.administrator_made", {"person_id": str(second)}),
        (None, "operators.administrator_made", {"person_id": str(first)}),
    ]


async def test_what_is_rolled_back_leaves_no_trace_in_the_trail(database: Database) -> None:
    async def fail_after_the_fact() -> None:
        async with database.transaction() as tx:
            await actions.make_administrator(tx, ids.new_id())
            raise LookupError

    with pytest.raises(LookupError):
        await fail_after_the_fact()
    async with database.read() as reader:
        assert await actions.audit_trail(reader) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update operators.audit_trail set action = 'nothing'",
        "delete from operators.audit_trail",
        "truncate operators.audit_trail",
    ],
)
async def test_the_audit_trail_only_grows(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await actions.audit(tx, None, "test.happened", {"what": "something"})
    with pytest.raises(asyncpg.RestrictViolationError):
        async with database.transaction() as tx:
            await tx.execute(statement)
    async with database.read() as reader:
        assert [entry.facts for entry in await actions.audit_trail(reader)] == [{"what": "something"}]
