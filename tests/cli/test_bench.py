"""The frame of the benchmarks: a table, one line of JSON at the end and in the results, exit code 0 or 3."""

import json
import sys
from pathlib import Path

import pytest

from junzi.cli import bench as frame
from junzi.cli.bench import at_least, at_most, bench
from junzi.cli.refusal import CommandRefused

MODULE = """
from junzi.cli.bench import Row, at_least, at_most

{kind} measure(quick):
    return [
        at_least("fast", 300.0, "/s", 100, baseline=10.0),
        at_most("small", {ours}, "MB", 250),
        Row(case="told", ours=1, unit="s"),
    ]
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    monkeypatch.setattr(frame, "FOLDER", folder)
    monkeypatch.setattr(frame, "CHECKOUT", tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "benchmarks", raising=False)
    for name in ("benchmarks.good", "benchmarks.poor"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (folder / "good.py").write_text(MODULE.format(kind="def", ours=200))
    (folder / "poor.py").write_text(MODULE.format(kind="async def", ours=251))
    return folder


@pytest.mark.parametrize(("name", "met", "code"), [("good", True, 0), ("poor", False, 3)])
def test_ends_with_one_line_of_json_that_is_kept_and_says_by_its_exit_code_whether_goals_were_met(
    checkout: Path, capsys: pytest.CaptureFixture[str], name: str, met: bool, code: int
) -> None:
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            bench(name, quick=True)
        assert ended.value.code == code
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(last) == {"name", "at", "machine", "rows"}
    assert last["name"] == name
    assert [row["met"] for row in last["rows"]] == [True, met, None]
    assert last["rows"][0]["ratio"] == 30.0
    kept = [json.loads(line) for line in (checkout / "results" / f"{name}.jsonl").read_text().splitlines()]
    assert len(kept) == 2
    assert kept[1] == last


def test_names_the_benchmarks_there_are_when_asked_for_another(checkout: Path) -> None:
    with pytest.raises(CommandRefused, match="There are: good, poor, all"):
        bench("fancy")


def test_says_that_an_installed_program_has_no_benchmarks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(frame, "FOLDER", tmp_path / "none")
    with pytest.raises(CommandRefused, match="Run this in a checkout"):
        bench("start")


def test_a_figure_on_the_goal_meets_it() -> None:
    assert at_most("c", 3.0, "s", 3).met
    assert not at_most("c", 3.01, "s", 3).met
    assert at_least("c", 3.0, "/s", 3).met
    assert not at_least("c", 2.99, "/s", 3).met
