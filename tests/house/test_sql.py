"""Every query is understood by the database, every table belongs to its room, and the migrations make what the rooms say."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from junzi.kit import migrate, sql
from junzi.kit.database import prepare_connection
from junzi.kit.postgres_binaries import find_binaries
from tests.house.plan import PACKAGE, floor_of, named, owners_of_tables, script, statements
from tests.support.postgres import SharedServer

SEES_EVERYTHING = frozenset({"audit"})
"""Whose SQL may name tables of others: the auditor compares what all rooms say."""

WITH_QUERIES = sorted(path.parent.name for path in PACKAGE.glob("*/queries.sql"))


@pytest.mark.parametrize("room", WITH_QUERIES)
async def test_every_query_is_understood_by_the_database(database_url: str, room: str) -> None:
    queries = sql.queries(f"junzi.{room}")
    names = [name for name in queries.available_queries if not name.endswith("_cursor")]
    assert len(names) == len(re.findall(r"^-- name:", (PACKAGE / room / "queries.sql").read_text(), re.MULTILINE))
    connection = await asyncpg.connect(database_url)
    try:
        await prepare_connection(connection)
        # A room that works on a table of its session alone makes it first.
        for made in [getattr(queries, name).sql for name in names]:
            if made.startswith("create temporary table"):
                await connection.execute(made)
        for name in names:
            try:
                await connection.prepare(getattr(queries, name).sql)
            except asyncpg.PostgresError as failure:
                pytest.fail(f"{room}/queries.sql, {name}: {failure}")
    finally:
        await connection.close()


def test_a_rooms_sql_names_no_table_of_another_room() -> None:
    named_elsewhere = [
        f"{named(path)}: {name}"
        for path in sorted(PACKAGE.glob("*/*.sql"))
        if path.name in ("queries.sql", "schema.sql") and path.parent.name not in SEES_EVERYTHING
        for name in foreign_names(path)
    ]
    assert named_elsewhere == []


def test_a_foreign_name_would_be_found(tmp_path: Path) -> None:
    room = tmp_path / "coupons"
    room.mkdir()
    (room / "queries.sql").write_text(
        "-- people.persons\nselect c.id from coupons.coupons c join people.persons p on true;"
    )
    assert list(foreign_names(room / "queries.sql")) == ["people."]


async def test_no_foreign_key_crosses_a_room(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        keys = await connection.fetch(
            "select conrelid::regclass::text as here, confrelid::regclass::text as there from pg_constraint where contype = 'f'"
        )
    finally:
        await connection.close()
    assert keys, "the database has foreign keys within rooms"
    assert [key for key in keys if key["here"].partition(".")[0] != key["there"].partition(".")[0]] == []


def test_the_schema_is_loaded_floor_by_floor_and_misses_no_room() -> None:
    order = script("first_migration").ROOMS
    floor = floor_of()
    assert sorted(order) == owners_of_tables()
    assert [floor[room] for room in order] == sorted(floor[room] for room in order)


def test_the_migrations_make_what_the_rooms_schemas_say(postgres_server: SharedServer) -> None:
    by_rooms = postgres_server.make_database(template=None)
    by_migrations = postgres_server.make_database(template=None)
    try:
        order = script("first_migration").ROOMS
        whole = "\n".join((PACKAGE / room / "schema.sql").read_text(encoding="utf-8") for room in order)
        asyncio.run(executed(by_rooms, whole))
        asyncio.run(migrate.migrate(by_migrations))
        assert dumped(by_rooms) == dumped(by_migrations)
    finally:
        postgres_server.drop_database(by_rooms)
        postgres_server.drop_database(by_migrations)


def foreign_names(path: Path) -> Iterator[str]:
    """Every mention of a schema that is not the room's own."""
    others = sorted({*owners_of_tables(), "public", "issuer"} - {path.parent.name})
    for found in re.finditer(rf"\b(?:{'|'.join(others)})\.(?=[a-z_])", statements(path)):
        yield found.group()


async def executed(url: str, text: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(text)
    finally:
        await connection.close()


def dumped(url: str) -> list[str]:
    """The schema as `pg_dump` writes it, without the lines that differ from call to call."""
    command = [
        find_binaries().program("pg_dump"),
        "--schema-only",
        "--no-owner",
        "--exclude-table=public.migrations",
        url,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line for line in said.splitlines() if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]
    assert len(lines) > 100, "a whole schema was written"
    return lines
