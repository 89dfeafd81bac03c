"""One PostgreSQL for a whole test run, shared by all its workers, with a database apart for every test.

There are two kinds. QUICK has fsync, full page writes and synchronous commit off, for tests in which no crash happens;
DURABLE has them on, like a real installation, and serves every test marked `crash`. Each is started when first asked for.

QUICK lives in memory where the machine has a file system for that: making a database is making some three hundred files.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import asyncpg

from junzi.kit.database import open_database
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate
from junzi.kit.outbox import keep_days
from junzi.kit.postmaster import stop_leftover
from tests.support.admin_connection import PATIENCE_S, AdminConnection
from tests.support.warm import WarmDatabase

QUICK = "quick"
DURABLE = "durable"
TEMPLATE = "template_junzi"
RUN_VARIABLE = "JUNZI_TEST_RUN"
PREFIX = f"junzi-tests-{os.getuid()}-"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30
MOST_CONNECTIONS = 300


@dataclass(frozen=True)
class SharedServer:
    """A server that some worker of this run has started; the controller stops it at the end."""

    admin_url: str
    in_memory: bool

    def make_database(self, *, template: str | None) -> str:
        """Makes a database, empty or as a copy, and returns its address."""
        name = f"test_{uuid4().hex}"
        # A disk is slow at writing many files at once, memory is not.
        strategy = "FILE_COPY" if self.in_memory else "WAL_LOG"
        statement = f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY {strategy}"
        _admin(self.admin_url, PATIENCE_S).execute(statement)
        return self.url(name)

    def drop_database(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        statement = f"DROP DATABASE IF EXISTS {database_name(url)} WITH (FORCE)"
        admin = _admin(self.admin_url, patience_s)
        try:
            admin.execute(statement)
        except asyncpg.QueryCanceledError:
            warnings.warn(
                f"cut off, since nothing could be dropped: {admin.cut_off_who_waits_for_a_client()}", stacklevel=2
            )
            admin.execute(statement)

    def lend_database(self) -> WarmDatabase:
        """A migrated database without a trace of whoever had it before, to be given back."""
        return _idle.pop() if _idle else WarmDatabase(self.make_database(template=TEMPLATE))

    def take_back(self, database: WarmDatabase) -> None:
        if database.make_empty_again():
            _idle.append(database)
        else:
            database.close()
            self.drop_database(database.url)

    def url(self, database: str) -> str:
        return self.admin_url.replace("@/postgres?", f"@/{database}?")


def database_name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def begin_run() -> None:
    """Called once, in the controller, before any worker starts: workers inherit the variable."""
    _sweep_dead_runs()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # PostgreSQL runs as another account when the tests run as root.
    folder.chmod(0o711)
    (folder / "controller").write_text(str(os.getpid()))
    if _has_room(MEMORY):
        memory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY))
        memory.chmod(0o711)
        (folder / QUICK).symlink_to(memory)
    os.environ[RUN_VARIABLE] = str(folder)


def end_run() -> None:
    """Called once, in the controller, when all workers have ended."""
    folder = os.environ.pop(RUN_VARIABLE, None)
    if folder is not None:
        _remove_run(Path(folder))


def shared_server(kind: str) -> SharedServer:
    """The server of this kind, started by whoever asks first while the others wait at the lock."""
    folder = Path(os.environ[RUN_VARIABLE])
    ready = folder / f"{kind}.url"
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            server = EmbeddedPostgres(folder / kind, durable=kind == DURABLE, ends_with_parent=False)
            server.start()
            _let_many_in(server)
            _servers.append(server)
            server.ensure_database(TEMPLATE)
            asyncio.run(_fill_template(server.url(TEMPLATE)))
            ready.write_text(server.url("postgres"))
        return SharedServer(admin_url=ready.read_text(), in_memory=(folder / kind).is_symlink())


async def _fill_template(url: str) -> None:
    await migrate(url)
    database = await open_database(url, size=1)
    # A start that finds the days of its outbox there is twice as fast.
    await keep_days(database)
    await database.close()
    # The first session after a change of the schema writes down for others what it had to look up; the copies inherit it.
    connection = await asyncpg.connect(url)
    await connection.close()


# Those of the quick server that no test of this worker has at the moment.
_idle: list[WarmDatabase] = []

# Kept for as long as the process lives: the object holds the lock on its data folder.
_servers: list[EmbeddedPostgres] = []


def _let_many_in(server: EmbeddedPostgres) -> None:
    """As many as several houses and banks need that all are busy at once; an installation has one of each."""
    admin = AdminConnection(server.url("postgres"))
    admin.execute(f"ALTER SYSTEM SET max_connections = {MOST_CONNECTIONS}")
    admin.close()
    server.stop()
    server.start()


@cache
def _admin(url: str, patience_s: float) -> AdminConnection:
    return AdminConnection(url, patience_s=patience_s)


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM_BYTES


def _sweep_dead_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            os.kill(int((folder / "controller").read_text()), 0)
        except (ProcessLookupError, ValueError):
            _remove_run(folder)
        except OSError:
            continue


def _remove_run(folder: Path) -> None:
    for kind in (QUICK, DURABLE):
        stop_leftover(folder / kind)
    if (folder / QUICK).is_symlink():
        shutil.rmtree((folder / QUICK).resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
