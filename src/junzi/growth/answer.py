"""Answer a rival's move: a campaign is drafted for it, a second administrator hears of it on the phone and lets it run.

What starts a campaign is what starts any other (coupons): two administrators, and the gate where it follows up.
"""

from uuid import UUID

import msgspec

from junzi.coupons import life
from junzi.coupons import store as coupon_store
from junzi.coupons.model import NewCampaign
from junzi.field import rivals
from junzi.growth import calendar, calendar_store
from junzi.growth.calendar_model import Answer, MoveAnswered
from junzi.kit import clock, idempotency, ids
from junzi.kit.database import Database
from junzi.kit.outbox import Delivery
from junzi.messages import Messages
from junzi.notices.actions import Notice, tell_all, with_service
from junzi.operators import actions as operators
from junzi.people.actions import persons_of

ASKED_EVENT = "answered"


async def answer(database: Database, *, operator_id: UUID, move_id: UUID, key: str, new: NewCampaign) -> Answer:
    """Draft a campaign as the answer to a move; a repeat with the same key drafts nothing more.

    Raises `NotFound`, `InvalidRequest`, and `IdempotencyKeyReused` when it answers another move already.
    """
    async with database.read() as reader:
        await calendar.access_move(reader, move_id)
    campaign_id = await life.draft(database, operator_id=operator_id, key=key, new=new)
    async with database.transaction() as tx:
        # Held, so that of two repeats at once one finds what the other wrote.
        campaign = await coupon_store.campaign_locked(tx, campaign_id)
        move = await calendar_store.move(tx, move_id)
        assert campaign is not None and move is not None, "neither is ever deleted"
        known = await calendar_store.answer_by(tx, campaign_id)
        if known not in (None, move_id):
            raise idempotency.IdempotencyKeyReused
        if known is not None:
            return next(
                one for one in (await calendar_store.answers(tx, [move]))[move_id] if one.campaign_id == campaign_id
            )
        made = Answer(
            move_id=move_id,
            campaign_id=campaign_id,
            title=campaign.title,
            drafted_by=operator_id,
            drafted_at=clock.now(),
        )
        await calendar_store.insert_answer(tx, made)
        names = {rival.id: rival.name for rival in await rivals.known(tx)}
        asked = MoveAnswered(
            move_id=move_id,
            move=move.kind,
            rival=names[move.rival_id],
            campaign_id=campaign_id,
            title=campaign.title,
            drafted_by=operator_id,
        )
        await tx.emit(asked, id=ids.derived(campaign_id, ASKED_EVENT))
        facts = {"move_id": move_id, "campaign_id": campaign_id}
        await operators.audit(tx, operator_id, "growth.move_answered", facts)
    return made


async def on_answered(messages: Messages, database: Database, delivery: Delivery) -> None:
    """Every administrator who may approve it hears of it: everybody but whoever drafted it."""
    event: MoveAnswered = delivery.event
    async with database.read() as reader:
        others = [id for id in await operators.administrators(reader) if id != event.drafted_by]
        drafter = (await persons_of(reader, [event.drafted_by])).get(event.drafted_by)
    facts = {
        "campaign_id": str(event.campaign_id),
        "campaign_title": msgspec.to_builtins(event.title),
        "rival": event.rival,
        "move": event.move.value,
        "drafted_by": drafter.name if drafter else "",
    }
    fallback = f"{event.title.zh}：请批准（应对 {event.rival}）"
    await tell_all(
        messages,
        [Notice(with_service(id, "desk"), "ops.approval_asked", facts, fallback, delivery.id) for id in others],
    )
