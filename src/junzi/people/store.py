"""The rows of people, one typed function a query."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from junzi.kit import sql
from junzi.kit.database import Reader, Transaction
from junzi.people.model import (
    Attempts,
    FoundSession,
    Me,
    Person,
    PinState,
    ProfileChange,
    Session,
    SignInCode,
    Standing,
    WaitingBrowser,
)

_q = sql.queries("junzi.people")


async def insert_person(
    tx: Transaction, *, id: UUID, handle: str, name: str, avatar: int, locale: str, password_hash: str, at: datetime
) -> bool:
    """False when the handle is in use."""
    row = await _q.insert_person(
        tx, id=id, handle=handle, name=name, avatar=avatar, locale=locale, password_hash=password_hash, at=at
    )
    return row is not None


async def person(reader: Reader, id: UUID) -> Person | None:
    return sql.maybe(Person, await _q.person(reader, id=id))


async def natural_person(reader: Reader, id: UUID) -> UUID | None:
    found: UUID | None = await _q.natural_person(reader, id=id)
    return found


async def standings(reader: Reader, ids: list[UUID]) -> dict[UUID, Standing]:
    return {row["id"]: Standing(row["natural_person_id"], row["since"]) async for row in _q.standings(reader, ids=ids)}


async def persons(reader: Reader, ids: Iterable[UUID]) -> list[Person]:
    return [sql.struct(Person, row) async for row in _q.persons(reader, ids=list(ids))]


async def person_by_handle(reader: Reader, handle: str) -> Person | None:
    return sql.maybe(Person, await _q.person_by_handle(reader, handle=handle))


async def persons_by_handle(reader: Reader, handles: list[str]) -> list[Person]:
    return [sql.struct(Person, row) async for row in _q.persons_by_handle(reader, handles=handles)]


async def me(reader: Reader, id: UUID) -> Me | None:
    return sql.maybe(Me, await _q.me(reader, id=id))


async def password_of(reader: Reader, handle: str) -> tuple[UUID, str] | None:
    row = await _q.password_of(reader, handle=handle)
    return None if row is None else (row["id"], row["password_hash"])


async def change_profile(tx: Transaction, id: UUID, change: ProfileChange) -> None:
    await _q.change_profile(tx, id=id, name=change.name, avatar=change.avatar, locale=change.locale)


async def insert_session(
    tx: Transaction, *, id: UUID, person_id: UUID, token_hash: bytes, device: str, at: datetime
) -> None:
    await _q.insert_session(tx, id=id, person_id=person_id, token_hash=token_hash, device=device, at=at)


async def keep_latest_sessions(tx: Transaction, person_id: UUID, *, most: int) -> None:
    await _q.keep_latest_sessions(tx, person_id=person_id, most=most)


async def sessions_by_token(reader: Reader, token_hashes: list[bytes]) -> dict[bytes, FoundSession]:
    rows = _q.sessions_by_token(reader, token_hashes=token_hashes)
    return {row["token_hash"]: sql.struct(FoundSession, row) async for row in rows}


async def touch_sessions(tx: Transaction, ids: list[UUID], at: datetime) -> dict[UUID, UUID]:
    """Whose sessions they are, by session; those that are over are left out."""
    return {row["id"]: row["person_id"] async for row in _q.touch_sessions(tx, ids=ids, at=at)}


async def mark_active(tx: Transaction, person_ids: list[UUID], business_date: date) -> list[UUID]:
    """Those for whom it is the first time on that day."""
    return [row["id"] async for row in _q.mark_active(tx, person_ids=person_ids, business_date=business_date)]


async def sessions_of(reader: Reader, person_id: UUID) -> list[Session]:
    return [sql.struct(Session, row) async for row in _q.sessions_of(reader, person_id=person_id)]


async def delete_session(tx: Transaction, id: UUID, person_id: UUID) -> bool:
    return await _q.delete_session(tx, id=id, person_id=person_id) is not None


async def lock_attempts(tx: Transaction, subjects: list[str], at: datetime) -> list[Attempts]:
    """Each subject's failures, locked; subjects that had none are there with zero."""
    await _q.make_attempts(tx, subjects=subjects, at=at)
    return [sql.struct(Attempts, row) async for row in _q.lock_attempts(tx, subjects=subjects)]


async def set_attempts(tx: Transaction, attempts: Attempts) -> None:
    await _q.set_attempts(
        tx, subject=attempts.subject, failures=attempts.failures, retry_at=attempts.retry_at, at=attempts.last_at
    )


async def give_back_attempt(tx: Transaction, subject: str) -> None:
    await _q.give_back_attempt(tx, subject=subject)


async def forget_attempts(tx: Transaction, subject: str) -> None:
    await _q.forget_attempts(tx, subject=subject)


async def lock_pins(tx: Transaction, ids: list[UUID]) -> dict[UUID, PinState]:
    """By person."""
    return {row["id"]: sql.struct(PinState, row) async for row in _q.lock_pins(tx, ids=ids)}


async def pin_state(reader: Reader, id: UUID) -> PinState | None:
    return sql.maybe(PinState, await _q.pin_state(reader, id=id))


async def set_pin_states(tx: Transaction, states: Mapping[UUID, PinState]) -> None:
    await _q.set_pin_states(
        tx,
        ids=list(states),
        failures=[state.failures for state in states.values()],
        lockouts=[state.lockouts for state in states.values()],
        locked_until=[state.locked_until for state in states.values()],
    )


async def forget_pin_failures(tx: Transaction, ids: list[UUID]) -> None:
    await _q.forget_pin_failures(tx, ids=ids)


async def set_pin(tx: Transaction, id: UUID, pin_hash: str, pin_key_id: str) -> None:
    await _q.set_pin(tx, id=id, pin_hash=pin_hash, pin_key_id=pin_key_id)


async def set_first_pin(tx: Transaction, id: UUID, pin_hash: str, pin_key_id: str) -> bool:
    """False when there is a PIN already."""
    return await _q.set_first_pin(tx, id=id, pin_hash=pin_hash, pin_key_id=pin_key_id) is not None


async def drop_old(tx: Transaction, *, sessions_before: datetime, attempts_before: datetime) -> None:
    await _q.drop_sessions_before(tx, oldest=sessions_before)
    await _q.drop_attempts_before(tx, oldest=attempts_before)


async def live_sessions(reader: Reader, ids: list[UUID]) -> set[UUID]:
    """Which of these sessions are not over."""
    return {row["id"] async for row in _q.live_sessions(reader, ids=ids)}


async def insert_sign_in(
    tx: Transaction,
    *,
    id: UUID,
    code_hash: bytes,
    browser_hash: bytes,
    device: str,
    address: str,
    at: datetime,
    expires_at: datetime,
) -> None:
    await _q.insert_sign_in(
        tx,
        id=id,
        code_hash=code_hash,
        browser_hash=browser_hash,
        device=device,
        address=address,
        at=at,
        expires_at=expires_at,
    )


async def sign_ins_from(reader: Reader, address: str, since: datetime) -> int:
    return int(await _q.sign_ins_from(reader, address=address, since=since))


async def sign_ins_by_browser(reader: Reader, browser_hashes: list[bytes]) -> dict[bytes, WaitingBrowser]:
    rows = _q.sign_ins_by_browser(reader, browser_hashes=browser_hashes)
    return {row["browser_hash"]: sql.struct(WaitingBrowser, row) async for row in rows}


async def lock_sign_in_of_code(tx: Transaction, code_hash: bytes) -> SignInCode | None:
    return sql.maybe(SignInCode, await _q.lock_sign_in_of_code(tx, code_hash=code_hash))


async def lock_sign_in_of_browser(tx: Transaction, browser_hash: bytes) -> SignInCode | None:
    return sql.maybe(SignInCode, await _q.lock_sign_in_of_browser(tx, browser_hash=browser_hash))


async def set_sign_in(tx: Transaction, id: UUID, seen_by: UUID, decision: str | None) -> None:
    await _q.set_sign_in(tx, id=id, seen_by=seen_by, decision=decision)


async def drop_sign_ins(tx: Transaction, before: datetime) -> None:
    await _q.drop_sign_ins_before(tx, oldest=before)
