"""Every "no" has a name of its own, stands in the documentation, and has words in the web app."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import junzi
from junzi.kit.errors import Refusal
from tests.house.plan import ROOT

PAGE = ROOT / "docs" / "problems.md"
WORDS = [ROOT / "web" / "src" / "kit" / "i18n" / f"{language}.ts" for language in ("zh", "en")]

NEVER_SHOWN = frozenset({"not-ready", "length-missing"})
"""What only machines are told."""


def test_every_refusal_has_a_name_of_its_own_and_a_status() -> None:
    named = [kind for kind in refusals() if "slug" in vars(kind)]
    assert [slug for slug, times in Counter(kind.slug for kind in named).items() if times > 1] == []
    assert [kind.slug for kind in named if not re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)] == []
    assert [kind.slug for kind in refusals() if kind.status not in range(400, 600)] == []
    assert [kind.__name__ for kind in refusals() if not kind.title.endswith(".")] == []


def test_a_refusal_without_a_name_of_its_own_keeps_the_status_of_its_kind() -> None:
    parents = {kind: next(parent for parent in kind.__mro__ if "slug" in vars(parent)) for kind in refusals()}
    assert [kind.__name__ for kind, parent in parents.items() if kind.status != parent.status] == []


def test_the_documentation_lists_every_refusal_with_its_status_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]*\| (\d{3}) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(dict(rows)), "no refusal is listed twice"
    assert {slug: int(status) for slug, status in rows} == {kind.slug: kind.status for kind in refusals()}


@pytest.mark.parametrize("words", WORDS, ids=lambda path: path.stem)
def test_the_web_app_has_words_for_every_refusal_a_person_can_meet(words: Path) -> None:
    assert sorted({kind.slug for kind in refusals()} - NEVER_SHOWN - worded(words)) == []


def refusals() -> list[type[Refusal]]:
    """Every kind of refusal that any module of the house declares."""
    for module in pkgutil.walk_packages(junzi.__path__, "junzi."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(set(below(Refusal)), key=lambda kind: kind.__qualname__)


def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("junzi."):
            yield child
            yield from below(child)


def worded(words: Path) -> set[str]:
    """The names for which the app's catalogue of one language has words."""
    text = words.read_text(encoding="utf-8")
    block = text[text.index("  problem: {") :]
    return set(re.findall(r"^    '?([a-z-]+)'?:", block[: block.index("\n  },")], re.MULTILINE))
