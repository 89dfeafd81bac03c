"""The operator's key and what is derived from it: who may call, what is signed, and what hides numbers and codes.

The key itself checks the caller and signs notifications. Card numbers and one-time codes are hidden by keys derived
from it for that one use, so that no signature ever equals a hash in the database.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from uuid import UUID

import msgspec

MIN_KEY_LENGTH = 16


class KeyFileError(Exception):
    """The key file cannot be read or holds no usable key."""


class Keys(msgspec.Struct, frozen=True):
    operator: bytes
    number: bytes
    code: bytes


def read_keys(path: Path) -> Keys:
    """The keys of a key file: one line of at least 16 printable ASCII characters."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"The key file {path} cannot be read: {type(error).__name__}.") from error
    if len(text) < MIN_KEY_LENGTH or not text.isprintable() or " " in text:
        raise KeyFileError(f"The key file {path} must hold one line of at least {MIN_KEY_LENGTH} characters.")
    operator = text.encode("ascii")
    return Keys(operator=operator, number=_derive(operator, b"number"), code=_derive(operator, b"code"))


def is_operator(keys: Keys, authorization: str) -> bool:
    """Whether an Authorization header carries the operator's key; takes as long for a wrong as for a right one."""
    scheme, _, given = authorization.partition(" ")
    given_hash = hashlib.sha256(given.strip().encode("utf-8", "surrogateescape")).digest()
    same = hmac.compare_digest(given_hash, hashlib.sha256(keys.operator).digest())
    return same and scheme.lower() == "bearer"


def sign(keys: Keys, body: bytes, unix_s: int) -> str:
    """The value of the Issuer-Signature header for a body sent at this second."""
    signed = f"{unix_s}.".encode() + body
    return f"t={unix_s},v1={hmac.new(keys.operator, signed, hashlib.sha256).hexdigest()}"


def hash_number(keys: Keys, number: str) -> bytes:
    return hmac.new(keys.number, number.encode(), hashlib.sha256).digest()


def fingerprint(keys: Keys, card_id: int) -> str:
    """What an operator may know a card again by; tells nothing of its number."""
    return hmac.new(keys.number, f"card {card_id}".encode(), hashlib.sha256).hexdigest()[:32]


def hash_code(keys: Keys, reference: UUID, code: str) -> bytes:
    """Bound to its binding, so that equal codes of two bindings do not show as equal."""
    return hmac.new(keys.code, reference.bytes + code.encode(), hashlib.sha256).digest()


def draw_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def draw_secret(prefix: str = "") -> str:
    """192 unguessable bits that are safe in an address."""
    return prefix + secrets.token_urlsafe(24)


def equal(left: str | bytes, right: str | bytes) -> bool:
    """Compares in a time that does not tell where two secrets differ."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def _derive(key: bytes, use: bytes) -> bytes:
    return hmac.new(key, b"junzi-issuer/" + use, hashlib.sha256).digest()


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
