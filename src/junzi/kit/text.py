"""Text that people type: trimmed, in one Unicode form, without characters that a database or a screen cannot take."""

import unicodedata

from junzi.kit.errors import InvalidRequest

_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp"})
"""Categories of characters that show nothing by themselves. Joiners are among them, which names and emoji need between others."""
_TURNING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Line breaks of another kind, and what turns the direction of all that follows: a name would rewrite the line it stands in."""


def one_line(text: str, *, field: str, least: int, most: int) -> str:
    """The text as it is stored. Raises `InvalidRequest` that names the field, in words for whoever typed it."""
    cleaned = tidy(text)
    # Most text is printable through and through, which is quick to see.
    if not cleaned.isprintable():
        if any(is_control(character) or character in _TURNING for character in cleaned):
            raise refused(field, "This may not contain line breaks or control characters.")
        if least and all(unicodedata.category(character) in _UNSEEN for character in cleaned):
            raise refused(field, "This may not be empty.")
    return _bounded(cleaned, field, least, most)


def several_lines(text: str, *, field: str, least: int, most: int) -> str:
    """The same, with line breaks and tabs allowed."""
    cleaned = tidy(text)
    if not cleaned.isprintable() and any(is_control(character) and character not in "\n\t" for character in cleaned):
        raise refused(field, "This may not contain control characters.")
    return _bounded(cleaned, field, least, most)


def tidy(text: str) -> str:
    """Trimmed, in Unicode normal form C, line breaks as `\\n`."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())


def is_control(character: str) -> bool:
    """Whether it is one of those that stand for no sign (category Cc), line breaks and tabs among them."""
    return unicodedata.category(character) == "Cc"


def refused(field: str, message: str) -> InvalidRequest:
    """The refusal of one field."""
    return InvalidRequest(message, errors=[{"field": field, "message": message}])


def _bounded(text: str, field: str, least: int, most: int) -> str:
    if len(text) < least:
        raise refused(field, "This may not be empty." if least == 1 else f"This needs at least {least} characters.")
    if len(text) > most:
        raise refused(field, f"This may have at most {most} characters; it has {len(text)}.")
    return text
