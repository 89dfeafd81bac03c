"""The PostgreSQL that Junzi brings along: made, started and stopped with it, reached by nobody else.

It listens on a unix socket in a private folder and on no network port. It is as durable as any: fsync, full page writes
and synchronous commit are on unless a caller asks for the opposite by name. Whoever starts it holds a lock on the data
folder; a server that a killed Junzi left behind is therefore recognisable, and is stopped before a new one starts.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import quote

from junzi.kit.postgres_binaries import Binaries, find_binaries, reachable_binaries
from junzi.kit.postmaster import TELL_EVERY_S, ending_with_parent, pid_file, stop_leftover
from junzi.kit.service_account import ServiceAccount, service_account

SUPERUSER = "junzi"
PORT = 5432
# The address of a unix socket may have 107 bytes on Linux and 103 elsewhere; the rest of it is "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER_BYTES = 103 - len(f"/.s.PGSQL.{PORT}")
# PostgreSQL's processes go soon after their parent was killed; until then a new one can't have their shared memory.
LEFTOVER_PATIENCE_S = 30.0
STOP_PATIENCE_S = 60.0
"""How long a server may take to write down what it holds before it is stopped at once."""
LONGEST_LOG_BYTES = 16 << 20

SETTINGS = {
    "listen_addresses": "''",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "superuser_reserved_connections": "2",
    "shared_buffers": "96MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    # Commits wait while a new segment is filled with zeros, and not for one that is used again.
    "min_wal_size": "512MB",
    "max_wal_size": "1GB",
    "wal_buffers": "16MB",
    "wal_level": "replica",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_checkpoints": "off",
    # Its details repeat the row that an error is about.
    "log_error_verbosity": "terse",
    "logging_collector": "off",
}


class EmbeddedPostgresError(Exception):
    """Why there is no server: DataFolderInUse, DataFolderUnreachable or StartFailed."""


class DataFolderInUse(EmbeddedPostgresError):
    """Another Junzi that is alive uses this data folder."""


class DataFolderUnreachable(EmbeddedPostgresError):
    """The account that PostgreSQL runs as can't get to the data folder."""


class StartFailed(EmbeddedPostgresError):
    """PostgreSQL ended before it was ready; the text holds the last lines of its log."""


class EmbeddedPostgres:
    """One server on one data folder. `start` and `stop` may be repeated; `url` answers while it runs."""

    def __init__(
        self,
        data: Path,
        *,
        say: Callable[[str], None] = lambda text: None,
        durable: bool = True,
        ends_with_parent: bool = True,
    ) -> None:
        """`durable=False` gives up safety against a crash of the machine for speed: for tests that don't crash anything."""
        self.data = data.resolve()
        self.cluster = self.data / "postgres"
        self.log = self.data / "postgres.log"
        self._say = say
        self._durable = durable
        self._ends_with_parent = ends_with_parent
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._binaries: Binaries | None = None
        self._socket_folder: Path | None = None

    def start(self) -> None:
        """Raises BinariesMissing, DataFolderInUse, DataFolderUnreachable or StartFailed."""
        if self._process is not None:
            return
        binaries = find_binaries()
        account = service_account(self.cluster)
        self._make_data_folder(account)
        self._take_lock()
        try:
            stop_leftover(self.data, say=self._say)
            binaries = reachable_binaries(binaries, account, self.data)
            self._make_cluster(binaries, account)
            self._socket_folder = _socket_folder(self.data, account)
            self._write_settings(account)
            if self.log.exists() and self.log.stat().st_size > LONGEST_LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.old"))
            self._process = self._launch(binaries, account)
        except BaseException:
            self._release_lock()
            raise
        self._binaries = binaries

    def stop(self) -> None:
        """Ends every connection, writes everything down and stops. Harmless when nothing runs."""
        process, self._process = self._process, None
        if process is not None:
            _stop_process(process, self._say)
        self._release_lock()

    @property
    def pid(self) -> int:
        """The process id of the server that `start` started."""
        if self._process is None:
            raise EmbeddedPostgresError("PostgreSQL is not running.")
        return self._process.pid

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, database: str) -> str:
        """The address of one database of this server, as asyncpg and libpq read it."""
        if self._socket_folder is None:
            raise EmbeddedPostgresError("PostgreSQL has not been started.")
        return _url(self._socket_folder, database)

    def ensure_database(self, name: str) -> None:
        """Makes an empty database unless there is one of this name."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
            raise ValueError(f"not a database name: {name!r}")
        if self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") != "1":
            self._sql(f'CREATE DATABASE "{name}"')

    def _make_data_folder(self, account: ServiceAccount) -> None:
        missing = [folder for folder in (self.data, *self.data.parents) if not folder.exists()]
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderUnreachable(f"The data folder {self.data} can't be made: {error.strerror}.") from error
        for folder in missing:
            # Ours to open a way through, whatever the umask: PostgreSQL may run as another account. Nothing else is changed.
            folder.chmod(0o711 if account.switch else 0o700)
        if not os.access(self.data, os.W_OK | os.X_OK):
            raise DataFolderUnreachable(
                f"The data folder {self.data} belongs to somebody else; choose another with --data."
            )
        if not account.can_enter(self.data):
            for folder in missing:
                folder.rmdir()
            raise DataFolderUnreachable(
                f"PostgreSQL runs as the account {account.name}, which can't get to {self.data}: one of the folders above is "
                "private. Choose a folder with --data that every account may pass, like /var/lib/junzi."
            )

    def _take_lock(self) -> None:
        lock = (self.data / "postgres.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise DataFolderInUse(
                f"Another Junzi (process {holder}) uses the data folder {self.data}. Stop it, or choose another with --data."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _release_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()

    def _make_cluster(self, binaries: Binaries, account: ServiceAccount) -> None:
        if (self.cluster / "PG_VERSION").exists():
            made_by = (self.cluster / "PG_VERSION").read_text().strip()
            if made_by != str(binaries.major):
                raise StartFailed(
                    f"{self.cluster} was made by PostgreSQL {made_by}, and only {binaries.version} was found. Set JUNZI_PG_BIN "
                    f"to the programs of PostgreSQL {made_by}."
                )
            return
        self._say(f"Making a PostgreSQL {binaries.version} database in {self.data} …")
        # Made aside and renamed when whole, so that an interrupted start leaves nothing that looks like a database.
        part = self.data / "postgres.part"
        shutil.rmtree(part, ignore_errors=True)
        account.make_own_folder(part)
        locale = (
            ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if binaries.major >= 17
            else ["--locale=C.UTF-8"]
        )
        made = account.run(
            [
                binaries.program("initdb"),
                f"--pgdata={part}",
                f"--username={SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--data-checksums",
                "--no-instructions",
                *locale,
                *([] if self._durable else ["--no-sync"]),
            ],
            _environment(),
        )
        if made.returncode != 0:
            raise StartFailed(f"PostgreSQL could not make its database in {part}:\n{made.stdout.strip()}")
        (part / "pg_hba.conf").write_text(
            "# The socket's folder is private, so who reaches it is us.\nlocal all all trust\n"
        )
        with (part / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude = 'junzi.conf'\n")
        part.rename(self.cluster)

    def _write_settings(self, account: ServiceAccount) -> None:
        """Rewritten at every start; an operator's own choices go into postgresql.auto.conf (ALTER SYSTEM), which wins."""
        durability = "on" if self._durable else "off"
        settings = {
            **SETTINGS,
            "unix_socket_directories": f"'{str(self._socket_folder).replace(chr(39), chr(39) * 2)}'",
            "fsync": durability,
            "synchronous_commit": durability,
            "full_page_writes": durability,
        }
        lines = ["# Written by Junzi at every start.", *(f"{name} = {value}" for name, value in settings.items())]
        path = self.cluster / "junzi.conf"
        path.write_text("\n".join(lines) + "\n")
        if account.switch:
            os.chown(path, account.user_id, account.group_id)

    def _launch(self, binaries: Binaries, account: ServiceAccount) -> subprocess.Popen[bytes]:
        command = [str(binaries.program("postgres")), "-D", str(self.cluster)]
        if self._ends_with_parent:
            command = ending_with_parent(command)
        give_up_at = time.monotonic() + LEFTOVER_PATIENCE_S
        while True:
            log_length = self.log.stat().st_size if self.log.exists() else 0
            stale = pid_file(self.cluster)
            process = account.spawn(command, self.log, _environment())
            if self._wait_until_ready(process, stale):
                return process
            told = self.log.read_bytes()[log_length:].decode(errors="replace").strip()
            if "shared memory block" not in told or time.monotonic() > give_up_at:
                last_lines = "\n".join(told.splitlines()[-12:])
                raise StartFailed(f"PostgreSQL ended before it was ready ({self.log}):\n{last_lines}")
            time.sleep(0.2)

    def _wait_until_ready(self, process: subprocess.Popen[bytes], stale: list[str]) -> bool:
        """Waits as long as it takes: recovery after a crash may be long. False if the server ended instead.

        `stale` is the file of an earlier life, which says "ready" too, and in a container even with the same process id.
        """
        began = told = time.monotonic()
        while process.poll() is None:
            lines = pid_file(self.cluster)
            if lines != stale and lines[:1] == [str(process.pid)] and lines[7:] == ["ready"]:
                return True
            if time.monotonic() - told >= TELL_EVERY_S:
                told = time.monotonic()
                self._say(f"PostgreSQL is getting ready, perhaps recovering after a crash … {told - began:.0f} s")
            time.sleep(0.01)
        return False

    def _sql(self, statement: str) -> str:
        if self._binaries is None:
            raise EmbeddedPostgresError("PostgreSQL has not been started.")
        psql = str(self._binaries.program("psql"))
        answer = subprocess.run(
            [psql, "--no-psqlrc", "-qtAX", "-v", "ON_ERROR_STOP=1", "-d", self.url("postgres"), "-c", statement],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise EmbeddedPostgresError(f"PostgreSQL refused: {answer.stderr.strip()}")
        return answer.stdout.strip()


def running_url(data: Path, database: str) -> str:
    """The address of a database of the server that another process runs on this data folder."""
    lines = pid_file(data.resolve() / "postgres")
    if lines[7:] != ["ready"]:
        raise EmbeddedPostgresError(f"PostgreSQL in {data} is not ready; try again in a moment.")
    return _url(Path(lines[4]), database)


def _url(socket_folder: Path, database: str) -> str:
    return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={quote(str(socket_folder))}&port={PORT}"


def _socket_folder(data: Path, account: ServiceAccount) -> Path:
    """A private folder with a short name: in the data folder, or in the temporary one if that name is too long."""
    folder = data / "socket"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER_BYTES:
        name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"junzi-{account.user_id}-{name}"
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER_BYTES:
            folder = Path("/tmp") / folder.name
    account.make_own_folder(folder)
    status = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or status.st_uid != account.user_id or status.st_mode & 0o077:
        raise DataFolderUnreachable(f"{folder} is not a private folder of {account.name}; remove it and start again.")
    return folder


def _stop_process(
    process: subprocess.Popen[bytes], say: Callable[[str], None], patience_s: float = STOP_PATIENCE_S
) -> None:
    """Let it write everything down and end; one that does not is stopped at once, and reads its journal at the next start.

    Asked to stop while it recovers from running out of disk, PostgreSQL 18 may wait for its own I/O workers for good.
    """
    began = time.monotonic()
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    while True:
        took_s = time.monotonic() - began
        try:
            process.wait(min(TELL_EVERY_S, patience_s))
            return
        except subprocess.TimeoutExpired:
            say(f"PostgreSQL is still writing down what it holds … {took_s:.0f} s")
        if took_s >= patience_s:
            process.send_signal(signal.SIGQUIT)


def _environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL's programs somewhere else, and with messages in English."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("PG") and not name.startswith("LC_")
    }
    return {**kept, "LANG": "C", "LC_ALL": "C"}
