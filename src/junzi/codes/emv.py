"""EMVCo merchant-presented codes (QRCPS-MPM 1.1): what wallets of other schemes read. Built and parsed; pure.

A code is a row of objects: two digits of name, two digits of length, value. Lengths count characters; the checksum at the end,
CRC-16/CCITT-FALSE, runs over UTF-8 bytes. Names below are the standard's.
"""

import re
import unicodedata
from collections.abc import Iterable
from uuid import NAMESPACE_DNS, uuid5

import msgspec

from junzi.codes.model import CodeDamaged
from junzi.kit.money import Currency
from junzi.kit.text import refused

FORMAT, INITIATION, CATEGORY, CURRENCY, AMOUNT = "00", "01", "52", "53", "54"
COUNTRY, NAME, CITY, MORE, CHECKSUM, LANGUAGE = "58", "59", "60", "62", "63", "64"
TIP, FEE, PERCENTAGE, POSTAL = "55", "56", "57", "61"
TERMINAL = "07"
"""In 62: at which till."""
STATIC, DYNAMIC = "11", "12"
OURS = "26"
"""The template in which our codes stand; a reader looks through all of 26 to 51."""

LONGEST, LONGEST_VALUE, LONGEST_IDENTIFIER = 512, 99, 32
LONGEST_NAME, LONGEST_CITY, LONGEST_TERMINAL, LONGEST_AMOUNT = 25, 15, 25, 13

_START = "000201"
_OWN_TEMPLATES = [f"{number:02}" for number in range(26, 52)]
_TEMPLATES = frozenset([*_OWN_TEMPLATES, MORE, LANGUAGE, *(f"{number:02}" for number in range(80, 100))])
_ACCOUNTS = frozenset(f"{number:02}" for number in range(2, 52))
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")

_MONEY = re.compile(r"[0-9]{1,13}|(?=.{1,13}$)[0-9]+\.[0-9]*")

# Names and places are taken as they come: other schemes write them longer, and not only in Latin letters.
_SHAPES = {
    INITIATION: re.compile(r"1[12]"),
    CATEGORY: re.compile(r"[0-9]{4}"),
    CURRENCY: re.compile(r"[0-9]{3}"),
    AMOUNT: _MONEY,
    TIP: re.compile(r"0[123]"),
    FEE: _MONEY,
    PERCENTAGE: re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?"),
    POSTAL: re.compile(r".{1,10}"),
    COUNTRY: re.compile(r"[A-Z]{2}"),
}
_NO_END = "The code's end, its checksum, is missing."
_WANTED = (CATEGORY, CURRENCY, COUNTRY, NAME, CITY)


class Presented(msgspec.Struct, frozen=True):
    """What our own code of a shop says.

    identifier: who we are among all schemes: a reverse domain, or 32 hexadecimal digits
    amount:     as a person writes it, such as 12.50; without one the payer types it
    terminal:   the till's name, if the shop has several; of one without Latin letters the code stands there
    """

    identifier: str
    code: str
    category_code: str
    currency: Currency
    country: str
    name: str
    city: str
    amount_minor: int | None = None
    terminal: str = ""


def written(shown: Presented) -> str:
    """The code's text. The name's and the city's Latin letters stand in 59 and 60, the name as it is in 64.

    Raises `InvalidRequest` for an amount of more digits than such a code holds.
    """
    rows = [
        (FORMAT, "01"),
        (INITIATION, STATIC if shown.amount_minor is None else DYNAMIC),
        (OURS, joined([("00", shown.identifier), ("01", shown.code)])),
        (CATEGORY, shown.category_code),
        (CURRENCY, f"{shown.currency.number:03}"),
    ]
    if shown.amount_minor is not None:
        rows.append((AMOUNT, _amount(shown.amount_minor, shown.currency)))
    rows += [
        (COUNTRY, shown.country),
        (NAME, latin(shown.name, LONGEST_NAME) or "SHOP"),
        (CITY, latin(shown.city, LONGEST_CITY) or "TOWN"),
    ]
    if shown.terminal:
        rows.append((MORE, joined([(TERMINAL, latin(shown.terminal, LONGEST_TERMINAL) or shown.code)])))
    if not shown.name.isascii():
        rows.append((LANGUAGE, joined([("00", "ZH"), ("01", shown.name[:LONGEST_NAME])])))
    return sealed(rows)


def sealed(rows: Iterable[tuple[str, str]]) -> str:
    """The objects as one text with its checksum."""
    text = joined(rows) + CHECKSUM + "04"
    return text + checksum(text)


def joined(rows: Iterable[tuple[str, str]]) -> str:
    """The objects one after the other. Raises `ValueError` for a value that cannot stand in one."""
    parts = []
    for name, value in rows:
        if not 1 <= len(value) <= LONGEST_VALUE:
            raise ValueError(f"object {name} holds 1 to {LONGEST_VALUE} characters, not {len(value)}")
        parts.append(f"{name}{len(value):02}{value}")
    return "".join(parts)


def is_one(text: str) -> bool:
    """Whether it begins as every merchant-presented code does."""
    return text.startswith(_START)


def parsed(text: str) -> dict[str, str]:
    """The code's objects by name, templates as text, by every rule of the standard. Raises `CodeDamaged` that names the field."""
    rows = _whole(text)
    _check(rows)
    return rows


def _whole(text: str) -> dict[str, str]:
    if not is_one(text):
        raise damaged(FORMAT, "The code does not begin as a merchant code does.")
    if len(text) > LONGEST:
        raise damaged(FORMAT, f"The code has more than {LONGEST} characters.")
    rows = _split(text)
    if list(rows)[-1] != CHECKSUM or len(rows[CHECKSUM]) != 4:
        raise damaged(CHECKSUM, _NO_END)
    if checksum(text[:-4]) != rows[CHECKSUM].upper():
        raise damaged(CHECKSUM, "The code's checksum does not fit: a character was misread or changed.")
    return rows


def _check(rows: dict[str, str]) -> None:
    for name in _WANTED:
        if name not in rows:
            raise damaged(name, f"The code lacks its field {name}.")
    for name, shape in _SHAPES.items():
        if name in rows and not shape.fullmatch(rows[name]):
            raise damaged(name, f"The code's field {name} does not have its form.")
    if not _ACCOUNTS & rows.keys():
        raise damaged(OURS, "The code names no account to pay to.")
    for name in _TEMPLATES & rows.keys():
        _split(rows[name], inside=f"{name}.")
    for indicator, name in (("02", FEE), ("03", PERCENTAGE)):
        if rows.get(TIP) == indicator and name not in rows:
            raise damaged(name, f"The code lacks its field {name}.")


def template(rows: dict[str, str], name: str) -> dict[str, str]:
    """The objects inside a template. Raises `CodeDamaged` that names the field."""
    return _split(rows[name], inside=f"{name}.")


def code_for(text: str, identifiers: frozenset[str]) -> str | None:
    """The code that the text carries for one of these identifiers; None when it is another scheme's. Raises `CodeDamaged`.

    Another scheme's may leave out what the standard wants (PromptPay names no shop): its checksum says that it was read well.
    """
    rows = _whole(text)
    for name in _OWN_TEMPLATES:
        if name in rows:
            inside = template(rows, name)
            if inside.get("00", "").lower() in identifiers:
                if "01" not in inside:
                    raise damaged(f"{name}.01", f"The code lacks its field {name}.01.")
                _check(rows)
                return inside["01"]
    if not _ACCOUNTS & rows.keys():
        _check(rows)
    return None


def identifier_of(host: str) -> str:
    """Who we are in such a code: our domain name from its end, or, of a host that has none or a long one, its UUID version 5."""
    labels = host.split(".")
    is_domain = len(labels) > 1 and not labels[-1].isdigit() and all(map(_LABEL.fullmatch, labels))
    return (
        ".".join(reversed(labels)) if is_domain and len(host) <= LONGEST_IDENTIFIER else uuid5(NAMESPACE_DNS, host).hex
    )


def host_of(identifier: str) -> str:
    """The domain name that a reverse domain stands for."""
    return ".".join(reversed(identifier.lower().split(".")))


def latin(text: str, most: int) -> str:
    """The text's Latin letters, digits and signs in capitals, without accents, at most so many."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    seen = "".join(letter if letter.isprintable() else " " for letter in letters)
    return " ".join(seen.split()).upper()[:most].strip()


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE (polynomial 1021, from FFFF, nothing reflected) of the text in UTF-8, in four hexadecimal digits."""
    rest = 0xFFFF
    for byte in text.encode():
        rest ^= byte << 8
        for _ in range(8):
            rest = (rest << 1 ^ 0x1021 if rest & 0x8000 else rest << 1) & 0xFFFF
    return f"{rest:04X}"


def damaged(field: str, detail: str) -> CodeDamaged:
    """The refusal of one field."""
    return CodeDamaged(detail, field=field)


def _split(text: str, inside: str = "") -> dict[str, str]:
    rows: dict[str, str] = {}
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        name = inside + head[:2]
        if len(head) < 4:
            if inside:
                raise damaged(inside[:-1], f"The code's field {inside[:-1]} is cut short.")
            raise damaged(CHECKSUM, _NO_END)
        if not (head.isascii() and head.isdigit()) or head[2:] == "00":
            raise damaged(name, f"The code cannot be read from its field {name} on.")
        value = text[place + 4 : place + 4 + int(head[2:])]
        if len(value) < int(head[2:]):
            raise damaged(name, f"The code's field {name} is cut short.")
        if head[:2] in rows:
            raise damaged(name, f"The code has its field {name} twice.")
        rows[head[:2]] = value
        place += 4 + len(value)
    return rows


def _amount(amount_minor: int, currency: Currency) -> str:
    whole, rest = divmod(amount_minor, 10**currency.decimals)
    text = f"{whole}.{rest:0{currency.decimals}}" if currency.decimals else str(whole)
    if len(text) > LONGEST_AMOUNT:
        raise refused("amount_minor", "The amount is too large for a merchant code.")
    return text
