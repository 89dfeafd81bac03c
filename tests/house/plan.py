"""The plan of the house as files say it: where the rooms are, on which floors, and what SQL they hold."""

import configparser
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import junzi

PACKAGE = Path(junzi.__file__).parent
ROOT = PACKAGE.parent.parent
LINTER = ROOT / ".importlinter"

NO_ROOMS = frozenset({"cli", "app", "worker", "client", "kit"})
"""Floors that are not rooms: the programs, the composition, the client of other programs, and the ground."""


def floors() -> list[list[str]]:
    """The floors of `.importlinter`, the lowest first, each with what stands beside each other on it."""
    config = configparser.ConfigParser()
    config.read(LINTER)
    lines = config["importlinter:contract:floors"]["layers"].split("\n")
    return [[name.strip() for name in line.split("|")] for line in reversed(lines) if line.strip()]


def floor_of() -> dict[str, int]:
    """The number of each room's floor, the ground being 0."""
    return {name: number for number, names in enumerate(floors()) for name in names}


def rooms() -> list[str]:
    """Every room, lower floors first."""
    return [name for names in floors() for name in names if name not in NO_ROOMS]


def owners_of_tables() -> list[str]:
    """Every part of the house that has tables, by the name of its schema."""
    return sorted(path.parent.name for path in PACKAGE.glob("*/schema.sql"))


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def sql_files() -> list[Path]:
    """Queries, schemas and migrations."""
    return sorted(PACKAGE.rglob("*.sql"))


def statements(path: Path) -> str:
    """The SQL of a file without its comments."""
    return re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))


def named(path: Path) -> str:
    """The file as a person finds it."""
    return str(path.relative_to(ROOT))


def script(name: str) -> ModuleType:
    """A script of the checkout as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
