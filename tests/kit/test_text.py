"""Text that people type, as it is stored."""

import pytest

from junzi.kit import text
from junzi.kit.errors import InvalidRequest


@pytest.mark.parametrize("typed", ["吴桂芳", "Ana María", "👩‍👩‍👧", "می‌خواهم", "🏪", "\U0001fae8", "a b"])
def test_names_of_all_scripts_are_kept(typed: str) -> None:
    assert text.one_line(f" {typed} ", field="name", least=1, most=40) == typed


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "\u2060\u200d", "\ufeff", "\u3000\u00ad", "\u200b \u200b"])
def test_what_nobody_sees_is_no_name(typed: str) -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        text.one_line(typed, field="name", least=1, most=40)


@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\x1b", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"])
def test_what_breaks_or_turns_a_line_stands_in_no_name(character: str) -> None:
    with pytest.raises(InvalidRequest, match="line breaks"):
        text.one_line(f"a{character}b", field="name", least=1, most=40)


@pytest.mark.parametrize("typed", ["", "早", "a\u200bb"])
def test_a_note_may_be_empty(typed: str) -> None:
    assert text.one_line(typed, field="note", least=0, most=60) == typed
