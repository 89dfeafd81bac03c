"""How a code is written and read. The check character is that of ISO 7064 MOD 37,36: it finds every single wrong character and
nearly every pair of swapped ones."""

import re
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

from junzi.codes import emv
from junzi.codes.model import CodeDamaged, CodeForeign, CodeKind

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

RANDOM_LENGTH = 10
_ISO_7064 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOCAL_NAMES = (".local", ".lan", ".internal", ".home.arpa")
_SHAPE = re.compile(r"[0-9A-Z]+")


class Reach(Enum):
    """From where an address can be opened: this machine, a home's or shop's own network, everywhere."""

    MACHINE = 1
    NETWORK = 2
    EVERYWHERE = 3


def write(kind: CodeKind, random_bits: int) -> str:
    """The code of that kind for 50 random bits."""
    characters = [ALPHABET[random_bits >> 5 * place & 31] for place in range(RANDOM_LENGTH)]
    body = kind.value + "".join(characters)
    return body + check_character(body)


def read(text: str, own_hosts: frozenset[str]) -> str:
    """The code in what a camera read or a person pasted: an address of ours, a merchant code (EMVCo) of ours, or the bare code.

    Raises `CodeForeign` for other people's codes, `CodeDamaged` for ours with a wrong character.
    """
    text = text.strip()
    if emv.is_one(text):
        text = emv.code_for(text, frozenset(map(emv.identifier_of, own_hosts))) or ""
        if not text:
            raise CodeForeign
    try:
        parts = urlsplit(text)
    except ValueError as failure:
        raise CodeForeign from failure
    if parts.scheme in ("http", "https"):
        if parts.netloc.lower() not in own_hosts or not parts.path.startswith("/c/"):
            raise CodeForeign
        text = parts.path.removeprefix("/c/")
    elif not _SHAPE.fullmatch(text.upper()) or len(text) > 40:
        raise CodeForeign
    code = text.upper().rstrip("/")
    if not is_whole(code):
        raise CodeDamaged
    return code


def is_whole(code: str) -> bool:
    """Whether the code has a known kind, the right length and the right check character."""
    return (
        len(code) == RANDOM_LENGTH + 2
        and _SHAPE.fullmatch(code) is not None
        and code[0] in list(CodeKind)
        and check_character(code[:-1]) == code[-1]
    )


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36 over the characters 0–9 and A–Z."""
    product = 36
    for character in body:
        total = (product + _ISO_7064.index(character)) % 36
        product = (total or 36) * 2 % 37
    return _ISO_7064[(37 - product) % 36]


def reach_of(address: str) -> Reach:
    """How far the host of an address is known, as far as it shows."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        number = ip_address(host)
    except ValueError:
        if host == "localhost" or host.endswith(".localhost"):
            return Reach.MACHINE
        is_local = "." not in host or host.endswith(_LOCAL_NAMES)
        return Reach.NETWORK if is_local else Reach.EVERYWHERE
    if number.is_loopback or number.is_unspecified:
        return Reach.MACHINE
    return Reach.EVERYWHERE if number.is_global else Reach.NETWORK
