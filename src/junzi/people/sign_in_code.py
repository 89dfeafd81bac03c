"""Sign a browser in from a phone: it shows a code for two minutes, the phone that scans it decides.

The code opens nothing by itself. Whoever approves does so from a session of their own, and only the browser that showed the code
gets the new session, once: it keeps a secret that stands in no picture.
"""

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from junzi.kit import clock, ids
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.people import store
from junzi.people.actions import open_session
from junzi.people.model import NewSession, SignInCode, SignInOver, TooManyAttempts, WaitingBrowser

LIFE = timedelta(minutes=2)
KEPT = timedelta(hours=1)
MOST_OF_AN_ADDRESS = 30
"""Codes that browsers of one address may ask for while one lives: an office has one address."""
LOOKED_EVERY_S = 0.5

State = Literal["waiting", "seen", "approved", "refused", "over"]


class NewCode(msgspec.Struct, frozen=True):
    """code: what the picture says; browser: the secret of the browser that shows it."""

    code: str
    browser: str
    expires_at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """How it stands with a waiting browser. name: of who has seen its code."""

    state: State
    name: str | None


class Asking(msgspec.Struct, frozen=True):
    """What a phone shows of the browser that asks to be signed in."""

    device: str
    address: str
    created_at: datetime
    expires_at: datetime


async def begin(database: Database, *, device: str, address: str) -> NewCode:
    """A browser begins to wait. Raises `TooManyAttempts`."""
    code, browser, at = secrets.token_urlsafe(24), secrets.token_urlsafe(32), clock.now()
    async with database.transaction() as tx:
        if await store.sign_ins_from(tx, address, at - LIFE) >= MOST_OF_AN_ADDRESS:
            raise TooManyAttempts(retry_at=at + LIFE)
        await store.drop_sign_ins(tx, at - KEPT)
        await store.insert_sign_in(
            tx,
            id=ids.new_id(),
            code_hash=_hash(code),
            browser_hash=_hash(browser),
            device=device,
            address=address,
            at=at,
            expires_at=at + LIFE,
        )
    return NewCode(code, browser, at + LIFE)


async def look(database: Database, browser: str, *, wait_s: float) -> Waiting:
    """How it stands, at once or as soon as it stands differently. Raises `NotFound` for a browser that does not wait."""
    first = await _standing(database, browser)
    until_s = asyncio.get_running_loop().time() + wait_s
    found = first
    while found == first and found.state in ("waiting", "seen") and asyncio.get_running_loop().time() < until_s:
        await asyncio.sleep(LOOKED_EVERY_S)
        found = await _standing(database, browser)
    return found


async def see(database: Database, person_id: UUID, code: str) -> Asking:
    """A phone looks at what asks; from here on nobody else can decide. Raises `SignInOver`."""
    async with database.transaction() as tx:
        found = await _open(tx, person_id, code)
        await store.set_sign_in(tx, found.id, person_id, found.decision)
    return Asking(found.device, found.address, found.created_at, found.expires_at)


async def decide(database: Database, person_id: UUID, code: str, decision: Literal["approved", "refused"]) -> None:
    """The phone says yes or no; the same again changes nothing. Raises `SignInOver`."""
    async with database.transaction() as tx:
        found = await _open(tx, person_id, code, decided=decision)
        await store.set_sign_in(tx, found.id, person_id, decision)


async def take(database: Database, browser: str, *, device: str) -> NewSession:
    """The browser takes its session, once. Raises `NotFound` or `SignInOver`."""
    async with database.transaction() as tx:
        found = await store.lock_sign_in_of_browser(tx, _hash(browser))
        if found is None:
            raise NotFound
        if found.seen_by is None or found.decision != "approved" or found.expires_at + LIFE <= clock.now():
            raise SignInOver
        await store.set_sign_in(tx, found.id, found.seen_by, "taken")
        return await open_session(tx, found.seen_by, device)


async def _open(
    tx: Transaction, person_id: UUID, code: str, *, decided: Literal["approved", "refused"] | None = None
) -> SignInCode:
    """What the code stands for, locked. decided: what this person may have said before."""
    found = await store.lock_sign_in_of_code(tx, _hash(code))
    if found is None or found.expires_at <= clock.now():
        raise SignInOver
    if found.seen_by not in (None, person_id) or found.decision not in (None, decided):
        raise SignInOver
    return found


async def _standing(database: Database, browser: str) -> Waiting:
    found: WaitingBrowser | None = await database.together(store.sign_ins_by_browser, _hash(browser))
    if found is None:
        raise NotFound
    if found.decision == "taken" or (found.decision is None and found.expires_at <= clock.now()):
        return Waiting("over", found.name)
    return Waiting(found.decision or ("seen" if found.name else "waiting"), found.name)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
