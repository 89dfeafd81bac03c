"""A promoter was at a place: when and where by the phone, what came of it, what a rival's code was, and a photo.

A visit is often told later, without a network on the street: it says itself when it was, and told again it changes nothing.
"""

from datetime import timedelta
from uuid import UUID

from junzi.field import places, rivals, rules, sign_up_store, visit_store, walk
from junzi.field.model import Place
from junzi.field.visit_model import HISTORY, NewVisit, NoteItElsewhere, Outcome, ShownVisit, Visit
from junzi.kit import clock, idempotency, ids, text, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.media import actions as media
from junzi.media.model import Held, Kind
from junzi.merchants import store as merchants
from junzi.merchants.model import Shop
from junzi.people.actions import persons_of

ROOM = "field"
"""Under which media knows who reads a visit's photo."""
OLDEST = timedelta(days=30)
"""How long ago a visit that is told of now may have been."""


async def note(database: Database, *, promoter_id: UUID, place_id: UUID, key: str, new: NewVisit) -> ShownVisit:
    """What came of being there; a repeat with the same key notes nothing more.

    Raises `NotFound`, `InvalidRequest`, `NoteItElsewhere`.
    """
    async with database.transaction() as tx:
        place = await places.access_place(tx, place_id)
        places.check_known(place, promoter_id)
        visit_id = ids.new_id()
        body = {"place_id": place_id, "visit": new}
        claimed = await idempotency.claim(
            tx, person_id=promoter_id, key=key, action="field.visit", body=body, intent_id=visit_id
        )
        if claimed == visit_id:
            if new.outcome is Outcome.SIGNED_UP:
                raise NoteItElsewhere
            await write(tx, visit_id=visit_id, place=place, promoter_id=promoter_id, new=new)
        found = await visit_store.visit(tx, claimed)
        assert found is not None, "a visit is never deleted"
        return (await _shown(tx, place, [found]))[0]


async def write(tx: Transaction, *, visit_id: UUID, place: Place, promoter_id: UUID, new: NewVisit) -> None:
    """The same as a step, under that id."""
    now = clock.now()
    made_at = new.made_at or now
    if made_at > now + rivals.CLOCK_OFF:
        raise text.refused("made_at", "This is in the future.")
    if made_at < now - OLDEST:
        raise text.refused("made_at", f"This is more than {OLDEST.days} days ago.")
    day = town.business_date(made_at)
    if (new.outcome is Outcome.BACK_ON) != (new.back_on is not None):
        raise text.refused("back_on", "A day to come back goes with that outcome, and with no other.")
    if new.back_on is not None and not day < new.back_on <= day + rules.FURTHEST_AHEAD:
        raise text.refused("back_on", f"Come back on one of the next {rules.FURTHEST_AHEAD.days} days.")
    if new.pieces and new.outcome is not Outcome.CALLED:
        raise text.refused("pieces", "A poster is handed over to a shop that was called on.")
    if new.photo_id is not None:
        await _show_photo(tx, place.id, promoter_id, new.photo_id)
    visit = Visit(
        id=visit_id,
        place_id=place.id,
        promoter_id=promoter_id,
        outcome=new.outcome,
        back_on=new.back_on,
        note=text.one_line(new.note, field="note", least=0, most=200),
        latitude_e6=None if new.position is None else new.position.latitude_e6,
        longitude_e6=None if new.position is None else new.position.longitude_e6,
        accuracy_m=new.accuracy_m,
        photo_id=new.photo_id,
        pieces=sorted(set(new.pieces)),
        made_at=min(made_at, now),
        recorded_at=now,
    )
    await visit_store.insert_visit(tx, visit, again_on=rules.again_on(new.outcome, day, new.back_on))
    for number, code in enumerate(new.codes, start=1):
        await rivals.note(tx, id=ids.leg(visit_id, number), place=place, person_id=promoter_id, new=code)


async def history(reader: Reader, *, place_id: UUID, person_id: UUID, is_operator: bool) -> list[ShownVisit]:
    """Who was at a place, the latest first. Raises `NotFound`."""
    place = await places.access_place(reader, place_id)
    if not is_operator:
        places.check_known(place, person_id)
    found = await visit_store.visits(reader, place_id, most=HISTORY)
    return await _shown(reader, place, await _tellable(reader, place, person_id, found))


async def shop_to_post(reader: Reader, *, place_id: UUID, promoter_id: UUID) -> Shop:
    """The shop of ours at a place, whose poster a promoter may open: one that everybody is told of, or that they signed up.

    Raises `NotFound`.
    """
    place = await places.access_standing(reader, place_id, promoter_id)
    shop = None if place.shop_id is None else await merchants.shop(reader, place.shop_id)
    if shop is None:
        raise NotFound
    if not rules.is_seen_as_ours(shop):
        signed_up = await sign_up_store.sign_up_of_shop(reader, shop.id)
        if signed_up is None or signed_up.promoter_id != promoter_id:
            raise NotFound
    return shop


async def photo(reader: Reader, photo_id: UUID) -> Held:
    """The photo of a visit, for the team and the operator. Raises `NotFound`."""
    held, place_ids = await media.shown_in(reader, photo_id, room=ROOM)
    if not place_ids:
        raise NotFound
    return held


async def _show_photo(tx: Transaction, place_id: UUID, promoter_id: UUID, photo_id: UUID) -> None:
    found = await media.show_to_place(
        tx, promoter_id, [(photo_id, False)], room=ROOM, place_id=place_id, reference=str(photo_id)
    )
    if photo_id not in found or found[photo_id].kind is not Kind.PICTURE:
        raise text.refused("photo_id", "This photo is not here any more. Take it again.")


async def _tellable(reader: Reader, place: Place, person_id: UUID, visits: list[Visit]) -> list[Visit]:
    """Without what would tell that a place is ours where nobody may be told: a sign-up or a call, but to whoever made it."""
    shop = None if place.shop_id is None else await merchants.shop(reader, place.shop_id)
    if rules.is_seen_as_ours(shop):
        return visits
    return [one for one in visits if one.outcome not in rules.TELLS_OURS or one.promoter_id == person_id]


async def _shown(reader: Reader, place: Place, visits: list[Visit]) -> list[ShownVisit]:
    people = await persons_of(reader, list({one.promoter_id for one in visits}))
    there = place.position
    return [
        ShownVisit(
            id=one.id,
            promoter=people.get(one.promoter_id),
            outcome=one.outcome,
            back_on=one.back_on,
            note=one.note,
            away_m=None if there is None or one.position is None else round(walk.metres(there, one.position)),
            accuracy_m=one.accuracy_m,
            photo_id=one.photo_id,
            pieces=one.pieces,
            made_at=one.made_at,
            recorded_at=one.recorded_at,
        )
        for one in visits
    ]
