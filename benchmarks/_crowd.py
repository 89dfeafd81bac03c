"""Many people who are signed in, their conversations, and the C program that speaks for all of them at once."""

import asyncio
import datetime
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from junzi.chat.actions import open_direct
from junzi.chat.model import GROUP, GroupFacts, stored
from junzi.cli.folders import CHECKOUT
from junzi.kit import clock, ids, town
from junzi.kit.bus import Bus
from junzi.kit.database import open_database
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate
from junzi.messages import Messages, OpenConversation, open_messages

SOURCE = CHECKOUT / "benchmarks" / "load" / "chat.c"
AT_ONCE = 200
LOG_FILES = 32
"""`min_wal_size` in files."""


class Person(msgspec.Struct, frozen=True):
    id: UUID
    token: str


class Load(msgspec.Struct, frozen=True):
    """What the load generator says. per_s: messages that arrived; cpu: of a core, its own"""

    sent: int
    acknowledged: int
    refused: int
    got: int
    per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu: float


@asynccontextmanager
async def durable_postgres() -> AsyncIterator[tuple[EmbeddedPostgres, Path]]:
    """A PostgreSQL as it is shipped, which has been in use for a while, and the folder around its data."""
    parent = Path(tempfile.mkdtemp(prefix="junzi-bench-"))
    # PostgreSQL runs as another account when root measures.
    os.chmod(parent, 0o711)
    postgres = EmbeddedPostgres(parent / "data")
    try:
        await asyncio.to_thread(postgres.start)
        postgres.ensure_database("junzi")
        await _use_log_files(postgres.url("postgres"))
        yield postgres, parent
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(parent, ignore_errors=True)


async def _use_log_files(url: str) -> None:
    """Have the files of its log there, as many as it keeps. In its first minutes it makes each when it comes to it, and whoever
    commits waits for 16 MB to be written; from the first checkpoint on it writes into those that it needs no more."""
    connection = await asyncpg.connect(url)
    for _ in range(LOG_FILES):
        await connection.execute("select pg_logical_emit_message(false, 'benchmark', ''), pg_switch_wal()")
    await connection.execute("checkpoint")
    await connection.close()


async def found(url: str, count: int) -> list[Person]:
    """A town of so many people, each signed in on one device; put in as rows, since to sign up is not what is measured."""
    await migrate(url)
    database = await open_database(url, size=1)
    async with database.transaction() as tx:
        await town.found(tx, name="Benchmark", demo=False)
    async with database.read() as reader:
        await town.load(reader)
    await database.close()
    people = [Person(ids.new_id(), secrets.token_urlsafe(32)) for _ in range(count)]
    now = clock.now()
    today: datetime.date = town.business_date(now)
    connection = await asyncpg.connect(url)
    await connection.copy_records_to_table(
        "persons",
        schema_name="people",
        columns=[
            *("id", "handle", "name", "avatar", "locale", "password_hash", "natural_person_id", "last_active_date"),
            "created_at",
        ],
        records=[
            (one.id, f"person_{number}", f"Person {number}", number % 64, "zh", "", one.id, today, now)
            for number, one in enumerate(people)
        ],
    )
    await connection.copy_records_to_table(
        "sessions",
        schema_name="people",
        columns=["id", "person_id", "token_hash", "device", "created_at", "seen_at"],
        records=[
            (ids.new_id(), one.id, hashlib.sha256(one.token.encode()).digest(), "Benchmark", now, now) for one in people
        ],
    )
    await connection.close()
    return people


@asynccontextmanager
async def engine(url: str) -> AsyncIterator[Messages]:
    messages = await open_messages(url, Bus())
    try:
        yield messages
    finally:
        await messages.close()


async def befriend(url: str, messages: Messages, pairs: Sequence[tuple[Person, Person]]) -> list[UUID]:
    """The conversations of these friends."""
    now = clock.now()
    connection = await asyncpg.connect(url)
    await connection.copy_records_to_table(
        "friendships",
        schema_name="contacts",
        columns=["person_id", "friend_id", "since"],
        records=[row for one, other in pairs for row in ((one.id, other.id, now), (other.id, one.id, now))],
    )
    await connection.close()
    found: list[UUID] = []
    for start in range(0, len(pairs), AT_ONCE):
        part = pairs[start : start + AT_ONCE]
        found += await asyncio.gather(*(open_direct(messages, one.id, other.id) for one, other in part))
    return found


async def group_of(messages: Messages, people: Sequence[Person]) -> UUID:
    id = ids.new_id()
    facts = stored(GroupFacts(name="Everybody", owner_id=people[0].id, face_ids=[one.id for one in people[:9]]))
    await messages.open_conversation(
        OpenConversation(id=id, kind=GROUP, facts=facts, members=[one.id for one in people])
    )
    return id


def compiled(folder: Path) -> Path:
    """The load generator, for this machine."""
    program = folder / "chat"
    if not program.exists():
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", program, SOURCE], check=True)
    return program


def clients_file(folder: Path, name: str, clients: Sequence[tuple[str, str]]) -> Path:
    path = folder / name
    path.write_text("".join(f"{first} {second}\n" for first, second in clients))
    path.chmod(0o600)
    return path


async def load(
    program: Path, protocol: str, mode: str, port: int, clients: Path, *, seconds: float, warm_s: float, rate: float
) -> Load:
    """Run the load generator to its end."""
    process = await asyncio.create_subprocess_exec(
        *(str(program), protocol, mode, str(port), str(seconds), str(warm_s), str(rate), str(clients)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the load generator failed: {complaint.decode()[-1000:]}")
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    if complaint:
        print(complaint.decode()[:500])
    return msgspec.convert(found, Load)
