"""The shape of the code: what a newcomer relies on when reading any file."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.plan import PACKAGE, ROOT, named, python_files, sql_files, statements

MOST_LINES = 400

PURE_BELOW = re.compile(
    r"junzi\.(kit\.(ids|errors|money|text)|\w+\.((\w+_)?model|accounts|rules|choose|bounds|books)|codes\.emv|messages|ledger)"
)
"""What rules may import beside the standard library: nouns, ids, words and sums. The engines' packages give out their nouns."""

PURE_ELSEWHERE = frozenset(
    {
        "bisect",
        "collections",
        "datetime",
        "enum",
        "hmac",
        "ipaddress",
        "itertools",
        "math",
        "msgspec",
        "re",
        "typing",
        "unicodedata",
        "urllib",
        "uuid",
    }
)

PURE_FILES = frozenset({"rules.py", "emv.py", "choose.py"})

MACHINE_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}

TIME_IN_SQL = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\("
    r"|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)


def test_files_are_short_and_say_what_they_are_for() -> None:
    texts = {named(path): path.read_text(encoding="utf-8") for path in python_files()}
    assert [name for name, text in texts.items() if len(text.splitlines()) >= MOST_LINES] == []
    assert [name for name, text in texts.items() if not ast.get_docstring(ast.parse(text))] == []


def test_imports_stand_at_the_top_where_the_floors_are_checked() -> None:
    hidden = [
        f"{named(path)}:{inner.lineno}"
        for path, module in parsed().items()
        for outer in ast.walk(module)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.If | ast.Try)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []
    assert [named(path) for path in python_files() if "TYPE_CHECKING" in path.read_text(encoding="utf-8")] == []


def test_nothing_but_the_clock_asks_the_machine_for_the_time() -> None:
    asked = [
        f"{named(path)}:{call.lineno}"
        for path, module in parsed().items()
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in MACHINE_CLOCKS
    ]
    assert {place.partition(":")[0] for place in asked} == {"src/junzi/kit/clock.py"}


def test_no_sql_asks_for_the_time() -> None:
    asked = [
        f"{named(path)}: {found.group()}" for path in sql_files() for found in TIME_IN_SQL.finditer(statements(path))
    ]
    assert asked == []


def test_a_forbidden_time_would_be_found() -> None:
    for text in ("at < now()", "default CURRENT_TIMESTAMP", "x := clock_timestamp ()", "localtimestamp"):
        assert TIME_IN_SQL.search(text)
    for text in ("known_at", "nowhere (x)", "unknown(x)", "localtime_zone"):
        assert not TIME_IN_SQL.search(text)


def test_rules_import_only_what_is_pure() -> None:
    impure = [
        f"{named(path)}: {name}"
        for path, module in parsed().items()
        if path.name in PURE_FILES
        for name in imported(module)
        if not (PURE_BELOW.fullmatch(name) if name.startswith("junzi") else name.partition(".")[0] in PURE_ELSEWHERE)
    ]
    assert impure == []


def test_rules_neither_wait_nor_open_anything() -> None:
    deeds = [
        f"{named(path)}:{node.lineno}"
        for path, module in parsed().items()
        if path.name in PURE_FILES
        for node in ast.walk(module)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("open", "print", "input")
        )
    ]
    assert deeds == []


def test_lock_files_name_packages_versions_and_hashes_but_no_address() -> None:
    for lock in ("requirements.lock", "web/package-lock.json"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert len(text) > 10_000, lock
        assert "://" not in text, lock


@cache
def parsed() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in python_files()}


def imported(module: ast.Module) -> Iterator[str]:
    """Each imported module; `from junzi.bank import accounts` counts as `junzi.bank.accounts`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if (PACKAGE.parent / f"{whole.replace('.', '/')}.py").exists() else node.module
