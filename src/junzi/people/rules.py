"""What is decided about handles, passwords, PINs and repeated failures. Facts in, decision out."""

import re
import unicodedata
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from junzi.kit.text import refused
from junzi.people.model import Attempts, InvalidHandle, PinLocked, PinMissing, PinState, TooManyAttempts, WeakPin

FREE_FAILURES_OF_HANDLE = 5
FREE_FAILURES_OF_ADDRESS = 50
"""A school or a shop may share one address, so it bears more failures than a handle."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FAILURES_FORGOTTEN_AFTER = timedelta(days=1)

PIN_TRIES = 5
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(days=1)

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128

_HANDLE = re.compile(r"[a-z0-9_]{3,20}")
_PIN = re.compile(r"[0-9]{6}", re.ASCII)
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"))
_MORE_BROWSERS = (("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))
_MORE_SYSTEMS = (("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def handle_from(text: str) -> str:
    """A handle as it is stored. Raises `InvalidHandle`."""
    handle = text.strip().lower()
    if not _HANDLE.fullmatch(handle):
        message = "A handle has 3 to 20 letters (a to z), digits or underscores."
        raise InvalidHandle(message, errors=[{"field": "handle", "message": message}])
    return handle


def typed_password(text: str) -> str:
    """A password as it is hashed: whatever keyboard typed it, the same characters are the same bytes."""
    return unicodedata.normalize("NFC", text)


def new_password(text: str) -> str:
    """The same for one that is being chosen. Raises `InvalidRequest`."""
    password = typed_password(text)
    if len(password) < SHORTEST_PASSWORD:
        raise refused("password", f"A password has at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise refused("password", f"A password has at most {LONGEST_PASSWORD} characters.")
    return password


def pin_from(text: str, *, field: str = "pin") -> str:
    """Six digits, or `InvalidRequest`."""
    if not _PIN.fullmatch(text):
        raise refused(field, "A payment PIN has six digits.")
    return text


def check_pin_strength(pin: str) -> None:
    """Raise `WeakPin` for what thieves try first: one digit, runs, repeated pairs and threes, doubled digits."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    doubled = all(pin[place] == pin[place + 1] for place in (0, 2, 4))
    if (len(steps) == 1 and steps <= {0, 1, 9}) or pin[:2] * 3 == pin or pin[:3] * 2 == pin or doubled:
        raise WeakPin


def count_try(attempts: Attempts, free: int, at: datetime) -> Attempts:
    """Count a try to sign in as failed before it is made, so that tries made at once cannot slip through together.

    Raises `TooManyAttempts` while the wait after the last failure lasts.
    """
    if attempts.retry_at is not None and at < attempts.retry_at:
        until = attempts.retry_at
        raise TooManyAttempts(f"Too many tries. Wait until {until:%H:%M:%S} UTC before the next one.", retry_at=until)
    forgotten = at - attempts.last_at >= FAILURES_FORGOTTEN_AFTER
    failures = (0 if forgotten else attempts.failures) + 1
    over = failures - free
    wait = min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)
    return Attempts(attempts.subject, failures, at + wait if over >= 0 else None, at)


def count_pin_try(state: PinState, at: datetime) -> PinState:
    """Count a PIN as wrong before it is compared, so that tries made at once share the five that there are.

    Raises `PinMissing`, or `PinLocked` while a lock lasts.
    """
    if state.pin_hash is None:
        raise PinMissing
    if state.locked_until is not None and at < state.locked_until:
        raise locked(state.locked_until)
    failures = (0 if state.locked_until is not None else state.failures) + 1
    if failures < PIN_TRIES:
        return msgspec.structs.replace(state, failures=failures, locked_until=None)
    lock = min(FIRST_LOCK * 2 ** min(state.lockouts, 10), LONGEST_LOCK)
    return msgspec.structs.replace(state, failures=failures, lockouts=state.lockouts + 1, locked_until=at + lock)


def locked(until: datetime) -> PinLocked:
    return PinLocked(f"Payment is locked after {PIN_TRIES} wrong PINs, until {until:%Y-%m-%d %H:%M} UTC.", until=until)


def device_of(user_agent: str) -> str:
    """A name by which a person recognises their device: `Chrome · Android`."""
    browser = next((name for mark, name in _BROWSERS + _MORE_BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS + _MORE_SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or "Program"
