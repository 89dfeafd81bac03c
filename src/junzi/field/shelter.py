"""Shelter for a shop of ours whose rival took its code back or threatens to: no fee for a while, and a promoter who calls.

The holiday is an agreement of merchants' own, made and undone under keys that follow from the shelter, so that it can be
repeated from its row. It ends by itself: on its day, or when the fees that were waived reach its budget, beyond which none is
waived whatever is under way in that moment. The shop hears of both in its conversation, as of any agreement.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from junzi.field import rules, shelter_coupons, shelter_store, store
from junzi.field.model import CodeState
from junzi.field.shelter_model import NewShelter, NothingToShelter, Shelter, ShelterRuns, ShownShelter
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.merchants import agreement
from junzi.merchants import store as merchants
from junzi.merchants.agreement_model import NewAgreement, Waiver
from junzi.merchants.model import card
from junzi.operators import actions as operators

IN_DANGER = frozenset({CodeState.THREATENED, CodeState.DEAD})
CALL_WITHIN = timedelta(days=1)
"""A shop under shelter is promised a promoter by then."""


async def begin(database: Database, *, operator_id: UUID, place_id: UUID, key: str, new: NewShelter) -> UUID:
    """The shop at that place pays no fee from now on; a repeat with the same key begins nothing more.

    Raises `NotFound`, `NothingToShelter`, `ShelterRuns`.
    """
    async with database.transaction() as tx:
        shelter_id, now = ids.new_id(), clock.now()
        body = {"place_id": place_id, "shelter": new}
        claimed = await idempotency.claim(
            tx, person_id=operator_id, key=key, action="field.shelter", body=body, intent_id=shelter_id
        )
        if claimed == shelter_id:
            place = await store.place_locked(tx, place_id)
            if place is None:
                raise NotFound
            shop = None if place.shop_id is None else await merchants.shop(tx, place.shop_id)
            codes = (await store.latest_codes(tx, [place_id])).get(place_id, [])
            if shop is None or not rules.is_seen_as_ours(shop) or not any(one.state in IN_DANGER for one in codes):
                raise NothingToShelter
            began = Shelter(
                id=shelter_id,
                place_id=place_id,
                shop_id=shop.id,
                by_id=operator_id,
                begins_at=now,
                ends_at=now + timedelta(days=new.days),
                budget_minor=new.budget_minor,
                permyriad=await agreement.permyriad_at(tx, shop.id, now),
                given=False,
                ended_at=None,
                called_at=None,
            )
            if not await shelter_store.insert_shelter(tx, began):
                raise ShelterRuns
            facts = {"shop_id": shop.id, "days": new.days, "budget_minor": new.budget_minor}
            await operators.audit(tx, operator_id, "field.shelter_begun", facts)
    await run(database, claimed)
    return claimed


async def end(database: Database, *, operator_id: UUID, shelter_id: UUID) -> None:
    """By hand; harmless to repeat. Raises `NotFound`."""
    async with database.read() as reader:
        found = await shelter_store.shelter(reader, shelter_id)
    if found is None:
        raise NotFound
    await _finish(database, found, by_id=operator_id)


async def run(database: Database, shelter_id: UUID) -> None:
    """Bring the holiday about, or end it when it is due. Repeatable."""
    async with database.read() as reader:
        found = await shelter_store.shelter(reader, shelter_id)
        waived = await merchants.waived_minor(reader, [shelter_id])
    if found is None or found.ended_at is not None:
        return
    if found.ends_at <= clock.now() or waived.get(shelter_id, 0) >= found.budget_minor:
        await _finish(database, found, by_id=None)
    elif not found.given:
        waiver = Waiver(found.id, found.permyriad, found.budget_minor)
        await _agree(database, found, permyriad=0, key=f"field.shelter.{found.id}", waiver=waiver)
        async with database.transaction() as tx:
            await shelter_store.set_given(tx, found.id)


async def on_payments_made(database: Database, shop_ids: Sequence[UUID]) -> None:
    """Whose budget is used up now is over. shop_ids: where was paid"""
    async with database.read() as reader:
        running = await shelter_store.running(reader, list(set(shop_ids)))
    for shelter_id in running:
        await run(database, shelter_id)


async def sweep(database: Database) -> int:
    """End what is due and go on with what was interrupted; returns how many were looked at."""
    async with database.read() as reader:
        due = await shelter_store.to_look_at(reader, at=clock.now(), most=sweeping.MOST)
    return await sweeping.each(due, lambda id: run(database, id))


async def shown(reader: Reader) -> list[ShownShelter]:
    """Those that run first; a shop that became discreet meanwhile stands under its neutral name and nowhere."""
    found = await shelter_store.shelters(reader)
    shops = await merchants.shops(reader, [one.shop_id for one in found])
    waived = await merchants.waived_minor(reader, [one.id for one in found])
    aimed = await shelter_coupons.campaigns(reader, [one.id for one in found])
    return [
        ShownShelter(
            one.id,
            one.place_id if rules.is_seen_as_ours(shops[one.shop_id]) else None,
            card(shops[one.shop_id]).name,
            one.begins_at,
            one.ends_at,
            one.budget_minor,
            waived.get(one.id, 0),
            one.permyriad,
            one.called_at,
            one.ended_at,
            aimed[one.id],
        )
        for one in found
    ]


async def waiting_too_long(reader: Reader) -> int:
    """How many shops under shelter no promoter called on in time, without those that nobody may be told where they are."""
    late = clock.now() - CALL_WITHIN
    return sum(
        one.place_id is not None and one.ended_at is None and one.called_at is None and one.begins_at < late
        for one in await shown(reader)
    )


async def _finish(database: Database, shelter: Shelter, *, by_id: UUID | None) -> None:
    if shelter.ended_at is not None:
        return
    async with database.read() as reader:
        now_permyriad = await agreement.permyriad_at(reader, shelter.shop_id, clock.now())
    # What was agreed on with the shop meanwhile holds.
    if now_permyriad == 0:
        await _agree(database, shelter, permyriad=shelter.permyriad, key=f"field.shelter.{shelter.id}.end")
    async with database.transaction() as tx:
        if await shelter_store.end_shelter(tx, shelter.id, at=clock.now()):
            await operators.audit(tx, by_id, "field.shelter_ended", {"shop_id": shelter.shop_id})


async def _agree(
    database: Database, shelter: Shelter, *, permyriad: int, key: str, waiver: Waiver | None = None
) -> None:
    if shelter.permyriad:
        new, by_id = NewAgreement(permyriad), shelter.by_id
        await agreement.agree(database, shop_id=shelter.shop_id, operator_id=by_id, key=key, new=new, waiver=waiver)
