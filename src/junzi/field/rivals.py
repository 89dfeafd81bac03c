"""Other wallets, and the state of their codes at each place: what was seen last counts, and what was seen before stays."""

from datetime import timedelta
from uuid import UUID

from junzi.field import places, store
from junzi.field.model import (
    MOST_RIVALS,
    NewRival,
    NewRivalCode,
    Place,
    Rival,
    RivalCode,
    RivalKnown,
    TooManyRivals,
)
from junzi.kit import clock, idempotency, ids, text
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.operators import actions as operators

HISTORY = 100
LONGEST_STICKER = 1_000
OLDEST = timedelta(days=400)
"""How long ago something that is reported now may have been seen."""
CLOCK_OFF = timedelta(minutes=10)
"""How far the clock of a phone may be ahead of ours."""


async def add(database: Database, *, operator_id: UUID, key: str, new: NewRival) -> Rival:
    """One more wallet; a repeat with the same key returns the same. Raises `InvalidRequest`, `RivalKnown`, `TooManyRivals`."""
    async with database.transaction() as tx:
        rival = _tidied(ids.new_id(), new)
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="field.rival", body=new, intent_id=rival.id
        )
        if claimed == rival.id:
            await store.hold_rivals(tx)
            if len(await store.rivals(tx)) >= MOST_RIVALS:
                raise TooManyRivals
            if not await store.insert_rival(tx, rival, at=clock.now()):
                raise RivalKnown
            await operators.audit(tx, operator_id, "field.rival_added", {"rival_id": rival.id, "name": rival.name})
        return await _rival(tx, claimed)


async def change(database: Database, *, operator_id: UUID, rival_id: UUID, new: NewRival) -> Rival:
    """The same wallet under another name, or with other codes. Raises `NotFound`, `InvalidRequest`, `RivalKnown`."""
    rival = _tidied(rival_id, new)
    async with database.transaction() as tx:
        await store.hold_rivals(tx)
        await _rival(tx, rival_id)
        if await store.is_rival_named(tx, rival.name, but=rival_id):
            raise RivalKnown
        await store.change_rival(tx, rival)
        await operators.audit(tx, operator_id, "field.rival_changed", {"rival_id": rival_id, "name": rival.name})
    return rival


async def known(reader: Reader) -> list[Rival]:
    """All of them, by name."""
    return await store.rivals(reader)


async def see(database: Database, *, person_id: UUID, place_id: UUID, key: str, new: NewRivalCode) -> RivalCode:
    """A promoter or an operator says what they saw of a rival's code; a repeat with the same key says nothing more.

    Raises `NotFound`, `InvalidRequest`.
    """
    async with database.transaction() as tx:
        place = await places.access_standing(tx, place_id, person_id)
        code_id = ids.new_id()
        body = {"place_id": place_id, "seen": new}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="field.rival_code", body=body, intent_id=code_id
        )
        if claimed == code_id:
            return await note(tx, id=code_id, place=place, person_id=person_id, new=new)
        return next(one for one in await store.codes_seen(tx, place_id, most=HISTORY) if one.id == claimed)


async def note(tx: Transaction, *, id: UUID, place: Place, person_id: UUID, new: NewRivalCode) -> RivalCode:
    """The same as a step, under that id."""
    now = clock.now()
    seen_at = new.seen_at or now
    if seen_at > now + CLOCK_OFF:
        raise text.refused("seen_at", "This is in the future.")
    if seen_at < now - OLDEST:
        raise text.refused("seen_at", f"This is more than {OLDEST.days} days ago.")
    if await store.rival(tx, new.rival_id) is None:
        raise text.refused("rival_id", "There is no such wallet.")
    code = RivalCode(
        id,
        place.id,
        new.rival_id,
        new.state,
        new.how,
        text.one_line(new.note, field="note", least=0, most=200),
        min(seen_at, now),
        person_id,
    )
    await store.insert_rival_code(tx, code, at=now)
    return code


async def history(reader: Reader, place_id: UUID) -> list[RivalCode]:
    """What was seen at a place, the latest first."""
    await places.access_place(reader, place_id)
    return await store.codes_seen(reader, place_id, most=HISTORY)


async def whose(reader: Reader, said: str) -> Rival | None:
    """The wallet whose codes begin like what a camera read, the longest beginning first. Raises `InvalidRequest`."""
    said = text.one_line(said, field="text", least=1, most=LONGEST_STICKER)
    fitting = [
        (len(start), rival)
        for rival in await store.rivals(reader)
        for start in rival.code_starts
        if said.lower().startswith(start.lower())
    ]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


async def _rival(reader: Reader, rival_id: UUID) -> Rival:
    found = await store.rival(reader, rival_id)
    if found is None:
        raise NotFound
    return found


def _tidied(id: UUID, new: NewRival) -> Rival:
    starts = [text.one_line(one, field="code_starts", least=4, most=100) for one in new.code_starts]
    return Rival(id, text.one_line(new.name, field="name", least=1, most=40), starts)
