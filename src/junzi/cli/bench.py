"""`junzi bench NAME`: runs one benchmark of the checkout, prints its table, keeps the figures and says whether goals were met.

A benchmark is a module `benchmarks/NAME.py` with a function `measure(quick: bool) -> list[Row]`, plain or async. It
measures our path and its baseline in turn, checks its own books at the end and raises when they are wrong.
"""

import importlib
import inspect
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from junzi.cli.folders import CHECKOUT
from junzi.cli.progress import console
from junzi.cli.refusal import CommandRefused
from junzi.kit import clock

FOLDER = CHECKOUT / "benchmarks"
ALL = "all"
FELL_SHORT = 3
WIDE = 140


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One case: our figure, the baseline of the same run, and the goal as text with whether it was met."""

    case: str
    ours: float
    baseline: float | None = None
    ratio: float | None = None
    unit: str
    p50_ms: float | None = None
    p99_ms: float | None = None
    goal: str | None = None
    met: bool | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one run says; the last line of output and a line of `benchmarks/results/NAME.jsonl`."""

    name: str
    at: str
    machine: str
    rows: Sequence[Row]

    def met(self) -> bool:
        return all(row.met is not False for row in self.rows)


def bench(
    name: Annotated[str, Parameter(help="Which benchmark, or `all`.")],
    /,
    *,
    quick: Annotated[bool, Parameter(help="Less than a minute, and less exact.")] = False,
) -> None:
    """Measure what has a goal. Ends with one line of JSON; exit code 0 if every goal was met, 3 if not."""
    known = _names()
    if name == ALL:
        reports = [_run_apart(each, quick) for each in known]
        _print_table("all benchmarks", [(report.name, row) for report in reports for row in report.rows])
        raise SystemExit(0 if all(report.met() for report in reports) else FELL_SHORT)
    if name not in known:
        raise CommandRefused(f"There is no benchmark {name}. There are: {', '.join([*known, ALL])}.")
    report = Report(name=name, at=clock.now().isoformat(), machine=machine(), rows=_measure(name, quick))
    _print_table(name, [(name, row) for row in report.rows])
    line = msgspec.json.encode(report).decode()
    results = FOLDER / "results"
    results.mkdir(exist_ok=True)
    with (results / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)
    raise SystemExit(0 if report.met() else FELL_SHORT)


def at_most(case: str, ours: float, unit: str, most: float) -> Row:
    """A case whose figure should stay small."""
    return Row(case=case, ours=ours, unit=unit, goal=f"≤ {most:g} {unit}", met=ours <= most)


def at_least(case: str, ours: float, unit: str, least: float, *, baseline: float | None = None) -> Row:
    """A case whose figure should become large, beside what the usual way reaches in the same run."""
    ratio = ours / baseline if baseline else None
    return Row(
        case=case, ours=ours, baseline=baseline, ratio=ratio, unit=unit, goal=f"≥ {least:g} {unit}", met=ours >= least
    )


def machine() -> str:
    """What figures depend on: processor, cores, memory and system."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}"


def _names() -> list[str]:
    if not FOLDER.is_dir():
        raise CommandRefused(
            f"The benchmarks are part of the source, not of the installed program, and {FOLDER} is not there. "
            "Run this in a checkout."
        )
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def _measure(name: str, quick: bool) -> list[Row]:
    # Benchmarks are no part of the package: they are found beside it, in the checkout.
    sys.path.insert(0, str(CHECKOUT))
    answer = importlib.import_module(f"benchmarks.{name}").measure(quick)
    if inspect.isawaitable(answer):
        # As a server runs.
        answer = uvloop.run(_awaited(answer))
    return list(answer)


async def _awaited(answer: object) -> object:
    return await answer  # type: ignore[misc]


def _run_apart(name: str, quick: bool) -> Report:
    """In a process of its own, so that no benchmark inherits what another left in memory."""
    console.rule(name)
    command = [sys.executable, "-m", "junzi.cli", "bench", name, *(["--quick"] if quick else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            last = line
            if not line.startswith("{"):
                print(line, end="", flush=True)
    if process.returncode not in (0, FELL_SHORT):
        raise CommandRefused(f"The benchmark {name} failed (exit code {process.returncode}).")
    return msgspec.convert(json.loads(last), Report)


def _print_table(title: str, rows: list[tuple[str, Row]]) -> None:
    # A pipe has no width; the figures should not be cut to that of an old terminal.
    width = console.width if console.is_terminal else WIDE
    Console(width=width, highlight=False).print(_table(title, rows))


def _table(title: str, rows: list[tuple[str, Row]]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("benchmark", "case"):
        table.add_column(heading)
    for heading in ("ours", "baseline", "ratio", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for heading in ("unit", "goal", "met"):
        table.add_column(heading)
    for name, row in rows:
        table.add_row(
            name,
            row.case,
            *(_figure(value) for value in (row.ours, row.baseline, row.ratio, row.p50_ms, row.p99_ms)),
            row.unit,
            row.goal or "",
            {True: "[green]yes[/]", False: "[red]no[/]", None: ""}[row.met],
        )
    return table


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
