"""What a person does with their account: sign up and in, change the profile, look at and end sessions."""

import contextlib
import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from junzi.kit import clock, ids, text, town
from junzi.kit.bus import Bus
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.people import hashing, rules, store
from junzi.people.model import (
    AVATARS,
    SESSION_ENDED,
    HandleTaken,
    InvalidHandle,
    Me,
    NewSession,
    Person,
    PersonActive,
    PersonSignedUp,
    ProfileChange,
    Session,
    SignedIn,
    SignIn,
    SignUp,
    Standing,
    WrongPassword,
)

SESSION_LIFE = timedelta(days=180)
"""A device that was not seen for so long has to sign in again."""
MOST_SESSIONS = 50
"""Devices on which one person is signed in; one more signs out the one that was not seen for longest."""
SEEN_EVERY = timedelta(minutes=1)
"""A device's last sign of life is written down at most so often."""


async def sign_up(database: Database, wanted: SignUp) -> Person:
    """Make an account without signing anybody in. Raises `InvalidRequest` or `HandleTaken`."""
    person, password_hash = await _checked(database, wanted)
    async with database.transaction() as tx:
        await _register(tx, person, wanted, password_hash)
    return person


async def sign_up_here(database: Database, wanted: SignUp, *, device: str = "") -> NewSession:
    """Make an account and sign the device in, both or neither. Raises `InvalidRequest` or `HandleTaken`."""
    person, password_hash = await _checked(database, wanted)
    async with database.transaction() as tx:
        await _register(tx, person, wanted, password_hash)
        return await open_session(tx, person.id, device)


async def sign_in(database: Database, given: SignIn, *, address: str, device: str = "") -> NewSession:
    """Sign a device in. Raises `WrongPassword`, also for a handle nobody has, or `TooManyAttempts`."""
    try:
        handle = rules.handle_from(given.handle)
    except InvalidHandle as failure:
        raise WrongPassword from failure
    hashing.refuse_when_full()
    by_address, by_handle = f"address:{address}", f"handle:{handle}"
    async with database.transaction() as tx:
        await _count_try(tx, by_address, by_handle)
    async with database.read() as reader:
        person_id, password_hash = await store.password_of(reader, handle) or (None, None)
    right = await hashing.password_matches(password_hash, rules.typed_password(given.password))
    if not right or person_id is None:
        raise WrongPassword
    async with database.transaction() as tx:
        await store.give_back_attempt(tx, by_address)
        await store.forget_attempts(tx, by_handle)
        return await open_session(tx, person_id, device)


async def open_session(tx: Transaction, person_id: UUID, device: str) -> NewSession:
    """Sign a device in whose person is known. Only the hash of its token is kept."""
    session = NewSession(ids.new_id(), person_id, secrets.token_urlsafe(32))
    await store.insert_session(
        tx, id=session.id, person_id=person_id, token_hash=_token_hash(session.token), device=device, at=clock.now()
    )
    await store.keep_latest_sessions(tx, person_id, most=MOST_SESSIONS)
    return session


async def authenticate(database: Database, token: str) -> SignedIn | None:
    """Who holds this token. Their first sign of life on a business day is stored as an event."""
    at = clock.now()
    found = await database.together(store.sessions_by_token, _token_hash(token))
    if found is None or found.seen_at <= at - SESSION_LIFE:
        return None
    written_down = at - found.seen_at < SEEN_EVERY and found.last_active_date == town.business_date(at)
    if not written_down and not await keep_session(database, found.id):
        return None
    return SignedIn(found.person_id, found.id)


async def keep_session(database: Database, session_id: UUID) -> bool:
    """Write down that a device was seen; False when its session is over."""
    # Should this be lost in a crash, the next sign of life writes it down.
    return await database.carry(_touch, session_id, durable=False)


async def _touch(tx: Transaction, session_ids: list[UUID]) -> list[bool]:
    """A step for all devices that are seen at the same time."""
    at = clock.now()
    today = town.business_date(at)
    owners = await store.touch_sessions(tx, session_ids, at)
    active = await store.mark_active(tx, list(set(owners.values())), today) if owners else []
    await tx.emit_all([(ids.new_id(), PersonActive(person_id=id, business_date=today)) for id in active])
    return [id in owners for id in session_ids]


async def sessions_of(reader: Reader, person_id: UUID) -> list[Session]:
    """A person's devices, the latest seen first."""
    return await store.sessions_of(reader, person_id)


async def live_sessions(reader: Reader, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these sessions are not over."""
    wanted = list(ids)
    return await store.live_sessions(reader, wanted) if wanted else set()


async def revoke_session(database: Database, bus: Bus, person_id: UUID, session_id: UUID) -> None:
    """Sign a device out and close its sockets. Raises `NotFound` unless it is the person's own."""
    async with database.transaction() as tx:
        if not await store.delete_session(tx, session_id, person_id):
            raise NotFound
    bus.publish(SESSION_ENDED, session_id)


async def change_profile(database: Database, person_id: UUID, change: ProfileChange) -> None:
    """Change name, avatar or language. Raises `InvalidRequest`."""
    if change.name is not None:
        name = text.one_line(change.name, field="name", least=1, most=40)
        change = ProfileChange(name, change.avatar, change.locale)
    async with database.transaction() as tx:
        await store.change_profile(tx, person_id, change)


async def me(reader: Reader, person_id: UUID) -> Me:
    """What a person sees of themself. Raises `NotFound`."""
    found = await store.me(reader, person_id)
    if found is None:
        raise NotFound
    return found


async def person_of(reader: Reader, id: UUID) -> Person:
    """What anybody may see of a person. Raises `NotFound`."""
    found = await store.person(reader, id)
    if found is None:
        raise NotFound
    return found


async def persons_of(reader: Reader, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The same for several in one query; ids that nobody has are missing from the answer."""
    wanted = set(ids)
    return {person.id: person for person in await store.persons(reader, wanted)} if wanted else {}


async def natural_person_of(reader: Reader, person_id: UUID) -> UUID:
    """The natural person behind an account: what is given once a person is counted by it. Raises `NotFound`."""
    found = await store.natural_person(reader, person_id)
    if found is None:
        raise NotFound
    return found


async def standings_of(reader: Reader, ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Who is behind accounts and since when; ids that nobody has are missing from the answer."""
    return await store.standings(reader, list(set(ids)))


async def person_by_handle(reader: Reader, handle: str) -> Person:
    """Whoever has exactly this handle, in whatever case it was typed. Raises `NotFound`."""
    try:
        found = await store.person_by_handle(reader, rules.handle_from(handle))
    except InvalidHandle as failure:
        raise NotFound from failure
    if found is None:
        raise NotFound
    return found


async def persons_by_handle(reader: Reader, handles: Iterable[str]) -> dict[str, Person]:
    """The same for several, by the handle as it was typed; what nobody has is missing from the answer."""
    wanted = {}
    for typed in handles:
        with contextlib.suppress(InvalidHandle):
            wanted[typed] = rules.handle_from(typed)
    found = {person.handle: person for person in await store.persons_by_handle(reader, list(set(wanted.values())))}
    return {typed: found[handle] for typed, handle in wanted.items() if handle in found}


async def forget_old(database: Database) -> None:
    """Drop sessions that were not seen for long and failed tries of the past."""
    at = clock.now()
    async with database.transaction() as tx:
        await store.drop_old(tx, sessions_before=at - SESSION_LIFE, attempts_before=at - rules.FAILURES_FORGOTTEN_AFTER)


async def _checked(database: Database, wanted: SignUp) -> tuple[Person, str]:
    handle = rules.handle_from(wanted.handle)
    name = text.one_line(wanted.name, field="name", least=1, most=40)
    password = rules.new_password(wanted.password)
    hashing.refuse_when_full()
    async with database.read() as reader:
        # Only to spare the hash: two who want the handle at once meet at the unique index.
        if await store.person_by_handle(reader, handle) is not None:
            raise HandleTaken
    person = Person(ids.new_id(), handle, name, secrets.randbelow(AVATARS))
    return person, await hashing.password_hash(password)


async def _register(tx: Transaction, person: Person, wanted: SignUp, password_hash: str) -> None:
    inserted = await store.insert_person(
        tx,
        id=person.id,
        handle=person.handle,
        name=person.name,
        avatar=person.avatar,
        locale=wanted.locale,
        password_hash=password_hash,
        at=clock.now(),
    )
    if not inserted:
        raise HandleTaken
    await tx.emit(PersonSignedUp(person_id=person.id, handle=person.handle, source=wanted.source))


async def _count_try(tx: Transaction, by_address: str, by_handle: str) -> None:
    free = {by_address: rules.FREE_FAILURES_OF_ADDRESS, by_handle: rules.FREE_FAILURES_OF_HANDLE}
    at = clock.now()
    for attempts in await store.lock_attempts(tx, sorted(free), at):
        await store.set_attempts(tx, rules.count_try(attempts, free[attempts.subject], at))


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
