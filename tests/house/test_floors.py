"""Imports run one way, downward; and the check that says so can say no."""

from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_ERROR, EXIT_STATUS_SUCCESS, lint_imports

from tests.house.plan import LINTER, PACKAGE, floors, rooms

SCREEN_LINES = 40


def test_nothing_is_imported_from_a_floor_above(tmp_path: Path) -> None:
    assert lint_imports(config_filename=str(LINTER), cache_dir=str(tmp_path), no_logo=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("a floor too low", "junzi.coupons is not allowed to import"),
        ("a room without a floor", "growth"),
        ("rules that read the clock", "junzi.kit.ids"),
    ],
)
def test_the_check_says_no(tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, said: str) -> None:
    """The plan is changed instead of the house: with coupons below people, what coupons import is an upward import."""
    plan = LINTER.read_text(encoding="utf-8")
    wrong = {
        "a floor too low": plan.replace("    coupons\n", "").replace("    people\n", "    people\n    coupons\n"),
        "a room without a floor": plan.replace("    growth\n", ""),
        "rules that read the clock": plan.replace("    junzi.kit.clock\n", "    junzi.kit.clock\n    junzi.kit.ids\n"),
    }[change]
    assert wrong != plan
    changed = tmp_path / "changed"
    changed.write_text(wrong, encoding="utf-8")
    assert lint_imports(config_filename=str(changed), cache_dir=str(tmp_path), no_logo=True) == EXIT_STATUS_ERROR
    assert said in " ".join(capsys.readouterr().out.split())


def test_every_part_of_the_house_stands_on_a_floor() -> None:
    parts = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert {name for names in floors() for name in names} == parts | modules


def test_every_room_says_on_one_screen_what_it_owns_and_how_it_flows() -> None:
    flows = {room: PACKAGE / room / "FLOW.md" for room in rooms()}
    assert [room for room, flow in flows.items() if not flow.exists()] == []
    lines = {room: flow.read_text(encoding="utf-8").splitlines() for room, flow in flows.items()}
    assert [room for room in lines if not lines[room][0].lower().startswith(f"# {room}")] == []
    assert [room for room in lines if len(lines[room]) > SCREEN_LINES] == []
