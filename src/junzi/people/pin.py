"""The payment PIN: set it, and compare what somebody typed with it."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from junzi.kit import clock
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound, Refusal
from junzi.kit.text import refused
from junzi.people import hashing, rules, store
from junzi.people.model import PinKey, PinState, WrongPin

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()


async def set_pin(
    database: Database, pin_key: PinKey, person_id: UUID, pin: str, current_pin: str | None = None
) -> None:
    """Set the first PIN, or a new one in place of the current one.

    Raises `InvalidRequest`, `WeakPin`, and of the current one `WrongPin` or `PinLocked`.
    """
    rules.check_pin_strength(rules.pin_from(pin))
    hashing.refuse_when_full()
    async with database.read() as reader:
        state = await _state(reader, person_id)
    if state.pin_hash is None:
        pin_hash = await hashing.pin_hash(pin_key, person_id, pin)
        async with database.transaction() as tx:
            if not await store.set_first_pin(tx, person_id, pin_hash, pin_key.id):
                raise _current_wanted()
        return
    if current_pin is None:
        raise _current_wanted()
    await verify_pin(database, pin_key, person_id, rules.pin_from(current_pin, field="current_pin"))
    pin_hash = await hashing.pin_hash(pin_key, person_id, pin)
    async with database.transaction() as tx:
        await store.set_pin(tx, person_id, pin_hash, pin_key.id)


async def verify_pin(database: Database, pin_key: PinKey, person_id: UUID, pin: str) -> None:
    """Return if it is the person's PIN. Raises `PinMissing`, `PinLocked` (until) or `WrongPin` (attempts_left).

    The try is counted as failed before it is compared, and uncounted when it was right: whatever is tried at once, and
    wherever the program dies, nobody gets more than five tries between locks. Call it outside any transaction.
    """
    # One after the other, so that somebody who pays six times at once with the right PIN does not meet a lock.
    async with _turns.setdefault(person_id, asyncio.Lock()):
        await _verify(database, pin_key, person_id, pin)


async def pin_state(reader: Reader, person_id: UUID) -> PinState:
    """Whether there is a PIN, and until when it is locked. Raises `NotFound`."""
    return await _state(reader, person_id)


async def _verify(database: Database, pin_key: PinKey, person_id: UUID, pin: str) -> None:
    hashing.refuse_when_full()
    state = await database.carry(_count_tries, person_id)
    if state.pin_hash is None or state.pin_key_id != pin_key.id:
        raise LookupError(f"this PIN was made under the key {state.pin_key_id}, which this program does not hold")
    if not await hashing.pin_matches(state.pin_hash, pin_key, person_id, pin):
        if state.locked_until is not None:
            raise rules.locked(state.locked_until)
        left = rules.PIN_TRIES - state.failures
        tries = "try is" if left == 1 else "tries are"
        raise WrongPin(f"The payment PIN is wrong. {left} {tries} left.", attempts_left=left)
    # Should this be lost in a crash, a try is counted that was none.
    await database.carry(_forget_failures, person_id, durable=False)


async def _count_tries(tx: Transaction, person_ids: list[UUID]) -> list[PinState | Refusal]:
    """Each person's PIN with this try counted, or why they may not try."""
    states = await store.lock_pins(tx, person_ids)
    answers, counted = list[PinState | Refusal](), dict[UUID, PinState]()
    for id in person_ids:
        try:
            if id not in states:
                raise NotFound
            states[id] = counted[id] = rules.count_pin_try(states[id], clock.now())
            answers.append(states[id])
        except Refusal as refusal:
            answers.append(refusal)
    if counted:
        await store.set_pin_states(tx, counted)
    return answers


async def _forget_failures(tx: Transaction, person_ids: list[UUID]) -> list[None]:
    await store.forget_pin_failures(tx, person_ids)
    return [None] * len(person_ids)


async def _state(reader: Reader, person_id: UUID) -> PinState:
    state = await store.pin_state(reader, person_id)
    if state is None:
        raise NotFound
    return state


def _current_wanted() -> Exception:
    return refused("current_pin", "You have a PIN already: give the current one to change it.")
