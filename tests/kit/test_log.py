"""What stands in the logs, and what never does."""

import json
from collections.abc import Iterator
from io import StringIO

import asyncpg
import pytest
import structlog

from junzi.kit import log

SECRET = "what nobody should read"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """The lines that are logged; afterwards logging is as it was."""
    before = structlog.get_config()
    lines = StringIO()
    log.set_up(to=lines)
    yield lines
    structlog.reset_defaults()
    structlog.configure(**before)


async def test_an_error_of_the_database_is_logged_without_the_row_that_it_is_about(
    postgres_url: str, written: StringIO
) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("create table notes (id integer primary key, note text not null check (length(note) < 5))")
    for statement, arguments in (
        ("insert into notes values ($1, $2)", (1, SECRET)),
        ("select * from notes where id = $1", (SECRET,)),
    ):
        try:
            await fail_behind_another(connection, statement, *arguments)
        except LookupError as failure:
            structlog.get_logger("test").error("defect", exc_info=failure)
    await connection.close()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["defect", "defect"]
    assert "notes_note_check" in lines[0]["exception"]
    assert "query argument $1" in lines[1]["exception"]
    assert SECRET not in written.getvalue()


def test_private_names_are_logged_without_their_values(written: StringIO) -> None:
    structlog.get_logger("test").info("asked", pin=SECRET, password=SECRET, token=SECRET, text=SECRET, route="/api/me")
    assert SECRET not in written.getvalue()
    assert json.loads(written.getvalue())["route"] == "/api/me"


async def fail_behind_another(connection: asyncpg.Connection, statement: str, *arguments: object) -> None:
    try:
        await connection.execute(statement, *arguments)
    except Exception as failure:
        raise LookupError from failure
