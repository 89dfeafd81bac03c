"""ejabberd as a baseline: as Debian ships it, with its archive in the same PostgreSQL under the same settings."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from benchmarks._served import free_port
from junzi.kit.embedded_postgres import EmbeddedPostgres

PROGRAM = "ejabberdctl"
ACCOUNT = "ejabberd"
SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
ADDRESS = "127.17.0.9"
"""Of this machine alone. ejabberd reaches no database through a socket file."""
PASSWORD = "pw"
SHIPPED = Path("/etc/ejabberd/ejabberd.yml")
"""What Debian's package runs: contacts, blocking, copies to other devices, receipts of the stream, groups and the rest."""
CONFIGURATION = """
hosts: [localhost]
loglevel: error
auth_method: sql
auth_use_cache: true
sql_type: pgsql
sql_server: "{address}"
sql_database: ejabberd
sql_username: junzi
sql_password: ""
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
modules:
  mod_mam:
    db_type: sql
    default: always
"""
AS_SHIPPED = """
include_config_file:
  {shipped}:
    allow_only: [acl, access_rules, shaper, shaper_rules, modules]
"""
"""No limit on what a client may send, which is a listener's; all else as it comes."""


def is_installed() -> bool:
    """With what it needs to speak to PostgreSQL: Debian's packages ejabberd and erlang-p1-pgsql."""
    return (
        shutil.which(PROGRAM) is not None
        and SCHEMA.exists()
        and SHIPPED.exists()
        and any(Path("/usr/lib/erlang/lib").glob("p1_pgsql-*"))
    )


async def let_in(postgres: EmbeddedPostgres) -> None:
    """Let PostgreSQL listen where ejabberd can ask it."""
    connection = await asyncpg.connect(postgres.url("junzi"))
    await connection.execute(f"alter system set listen_addresses = '{ADDRESS}'")
    await connection.close()
    with (postgres.cluster / "pg_hba.conf").open("a") as file:
        file.write("host all all 127.0.0.0/8 trust\n")
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)
    postgres.ensure_database("ejabberd")


async def put_in(postgres: EmbeddedPostgres, users: Sequence[str]) -> None:
    """ejabberd's tables with these users."""
    connection = await asyncpg.connect(postgres.url("ejabberd"))
    await connection.execute(await asyncio.to_thread(SCHEMA.read_text))
    await connection.executemany(
        "insert into users (username, password) values ($1, $2)", [(user, PASSWORD) for user in users]
    )
    await connection.close()


@asynccontextmanager
async def ejabberd(parent: Path, *, shipped: bool) -> AsyncIterator[int]:
    """Run it until the block ends; its port. shipped: with all that Debian's package runs, else with nothing but its archive"""
    port = free_port()
    folder = parent / "ejabberd"
    for part in ("conf", "logs", "spool"):
        (folder / part).mkdir(parents=True)
    configuration = folder / "conf" / "ejabberd.yml"
    written = CONFIGURATION.format(port=port, address=ADDRESS)
    configuration.write_text(written + (AS_SHIPPED.format(shipped=SHIPPED) if shipped else ""))
    await _run("chown", "-R", f"{ACCOUNT}:{ACCOUNT}", str(folder))
    had_names = await _run("epmd", "-names") == 0
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups", PROGRAM),
        *("--config-dir", str(folder / "conf"), "--config", str(configuration)),
        *("--spool", str(folder / "spool"), "--logs", str(folder / "logs"), "foreground"),
        env={
            **os.environ,
            "HOME": str(folder / "spool"),
            "EJABBERD_CONFIG_PATH": str(configuration),
            "EJABBERDCTL_CONFIG_PATH": "/nonexistent",
            "CONFIG_DIR": str(folder / "conf"),
            "LOGS_DIR": str(folder / "logs"),
            "SPOOL_DIR": str(folder / "spool"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await _listens(port, folder / "logs")
        yield port
    finally:
        await _end(process)
        if not had_names:
            # Erlang's register of nodes, which came with it and would stay.
            await _run("epmd", "-kill")


async def _end(process: asyncio.subprocess.Process) -> None:
    """The script and the server that it started: that one lives on for a while, and its name with it."""
    for turn in range(300):
        try:
            os.killpg(process.pid, {0: signal.SIGTERM, 200: signal.SIGKILL}.get(turn, 0))
        except ProcessLookupError:
            break
        await asyncio.sleep(0.1)
    await process.wait()


async def _listens(port: int, logs: Path) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError(f"ejabberd did not start; it may have said why in {logs}")


async def _run(*command: str) -> int:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    return await process.wait()
