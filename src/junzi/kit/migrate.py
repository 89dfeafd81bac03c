"""Bring a database to the schema this program knows: forward-only numbered SQL files, applied once each, in order."""

from importlib import resources
from typing import Any

import asyncpg

LOCK = 0x4A756E7A69
"""The advisory lock under which one process migrates while others wait."""


class SchemaTooNew(Exception):
    """The database was migrated by a newer program than this one."""


class SchemaTooOld(Exception):
    """The database lacks migrations that this program needs."""


async def migrate(url: str) -> list[str]:
    """Apply what is missing, each file in a transaction of its own; returns the names applied. Raises `SchemaTooNew`."""
    connection = await asyncpg.connect(url, server_settings={"lock_timeout": "10s"})
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        done = await _applied(connection)
        _refuse_newer(done)
        missing = [name for name in names() if name not in done]
        for name in missing:
            async with connection.transaction():
                await connection.execute(_text(name))
                await connection.execute("insert into public.migrations (name) values ($1)", name)
        return missing
    finally:
        await connection.close()


async def check(url: str) -> None:
    """Raise `SchemaTooOld` or `SchemaTooNew` unless the database has exactly the migrations this program knows."""
    connection = await asyncpg.connect(url)
    try:
        done = await _applied(connection)
    finally:
        await connection.close()
    _refuse_newer(done)
    missing = [name for name in names() if name not in done]
    if missing:
        raise SchemaTooOld(f"the database lacks {', '.join(missing)}: run `junzi migrate`")


def names() -> list[str]:
    """The migrations of this program, in order."""
    folder = resources.files("junzi").joinpath("migrations")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))


async def _applied(connection: Any) -> set[str]:
    await connection.execute("create table if not exists public.migrations (name text primary key)")
    return {row["name"] for row in await connection.fetch("select name from public.migrations")}


def _refuse_newer(done: set[str]) -> None:
    unknown = sorted(done - set(names()))
    if unknown:
        raise SchemaTooNew(
            f"the database has {', '.join(unknown)}, which this program does not know: install the newer program"
        )


def _text(name: str) -> str:
    return resources.files("junzi").joinpath("migrations", name).read_text(encoding="utf-8")
