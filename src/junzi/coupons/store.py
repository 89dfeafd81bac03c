"""The room's rows, one typed function a query."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from junzi.coupons.choose import Use
from junzi.coupons.model import (
    Campaign,
    CampaignState,
    Coupon,
    CouponState,
    Trigger,
)
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.coupons")


class Grant(msgspec.Struct, frozen=True):
    """An intent to give a campaign's coupons to a person: processing, given or refused. amounts: the cover of each."""

    id: UUID
    campaign_id: UUID
    person_id: UUID
    amounts: list[int]
    state: str
    created_at: datetime


class Gate(msgspec.Struct, frozen=True):
    open: bool
    reason: str


async def insert_campaign(
    tx: Transaction, campaign: Campaign, *, budget_pieces: int, at: datetime, try_at: datetime | None
) -> bool:
    """False when it was there."""
    inserted = await _q.insert_campaign(
        tx,
        id=campaign.id,
        title=campaign.title,
        trigger=campaign.trigger,
        state=campaign.state,
        offers=campaign.offers,
        budget_minor=campaign.budget_minor,
        valid_days=campaign.valid_days,
        budget_pieces=budget_pieces,
        terms=campaign.terms,
        funder=campaign.funder,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        drafted_by=campaign.drafted_by,
        at=at,
        try_at=try_at,
    )
    return inserted is not None


async def set_campaign_state(tx: Transaction, *, id: UUID, state: CampaignState, try_at: datetime | None) -> None:
    await _q.set_campaign_state(tx, id=id, state=state, try_at=try_at)


async def set_campaign_end(tx: Transaction, *, id: UUID, ends_at: datetime) -> None:
    await _q.set_campaign_end(tx, id=id, ends_at=ends_at)


async def raise_campaign(tx: Transaction, *, id: UUID, amount_minor: int, pieces: int) -> None:
    await _q.raise_campaign(tx, id=id, amount_minor=amount_minor, pieces=pieces)


async def set_draft_budget(tx: Transaction, *, id: UUID, budget_minor: int, budget_pieces: int) -> None:
    await _q.set_draft_budget(tx, id=id, budget_minor=budget_minor, budget_pieces=budget_pieces)


async def campaign(reader: Reader, id: UUID) -> Campaign:
    return sql.struct(Campaign, await _q.campaign(reader, id=id))


async def campaign_or_none(reader: Reader, id: UUID) -> Campaign | None:
    return sql.maybe(Campaign, await _q.campaign(reader, id=id))


async def campaign_locked(tx: Transaction, id: UUID) -> Campaign | None:
    return sql.maybe(Campaign, await _q.campaign_locked(tx, id=id))


async def campaigns_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.campaigns_to_try(reader, at=at, most=most)]


async def postpone_campaign(tx: Transaction, *, id: UUID, try_at: datetime | None) -> None:
    await _q.postpone_campaign(tx, id=id, try_at=try_at)


async def gate(tx: Transaction, campaign_id: UUID) -> Gate | None:
    return sql.maybe(Gate, await _q.gate(tx, campaign_id=campaign_id))


async def set_gate(tx: Transaction, campaign_id: UUID, *, open: bool, reason: str) -> None:
    await _q.set_gate(tx, campaign_id=campaign_id, open=open, reason=reason)


async def has_promises(reader: Reader, campaign_id: UUID) -> bool:
    return bool(await _q.has_promises(reader, campaign_id=campaign_id))


async def has_refundable(reader: Reader, campaign_id: UUID, *, since: datetime) -> bool:
    return bool(await _q.has_refundable(reader, campaign_id=campaign_id, since=since))


async def running(reader: Reader, trigger: Trigger) -> list[Campaign]:
    return [sql.struct(Campaign, row) async for row in _q.running(reader, trigger=trigger)]


async def campaigns(reader: Reader, *, most: int = 100) -> list[Campaign]:
    return [sql.struct(Campaign, row) async for row in _q.campaigns(reader, most=most)]


async def lock_person(tx: Transaction, campaign_id: UUID, natural_person_id: UUID) -> None:
    await _q.lock_person(tx, campaign_id=campaign_id, natural_person_id=natural_person_id)


async def times_given(reader: Reader, campaign_id: UUID, natural_person_id: UUID) -> int:
    times: int = await _q.times_given(reader, campaign_id=campaign_id, natural_person_id=natural_person_id)
    return times


async def insert_grant(
    tx: Transaction,
    *,
    id: UUID,
    campaign_id: UUID,
    natural_person_id: UUID,
    person_id: UUID,
    occasion: UUID,
    number: int,
    amounts: list[int],
    at: datetime,
    try_at: datetime,
) -> Grant:
    """The grant there is now: this one, or an earlier one of the same occasion."""
    await _q.insert_grant(
        tx,
        id=id,
        campaign_id=campaign_id,
        natural_person_id=natural_person_id,
        person_id=person_id,
        occasion=occasion,
        number=number,
        amounts=amounts,
        at=at,
        try_at=try_at,
    )
    return sql.struct(Grant, await _q.grant_of(tx, campaign_id=campaign_id, occasion=occasion))


async def grant_of(reader: Reader, campaign_id: UUID, occasion: UUID) -> Grant | None:
    return sql.maybe(Grant, await _q.grant_of(reader, campaign_id=campaign_id, occasion=occasion))


async def grant_locked(tx: Transaction, id: UUID) -> Grant:
    return sql.struct(Grant, await _q.grant_locked(tx, id=id))


async def set_grant(tx: Transaction, *, id: UUID, state: str) -> None:
    await _q.set_grant(tx, id=id, state=state)


async def grants_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.grants_to_try(reader, at=at, most=most)]


async def postpone_grant(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_grant(tx, id=id, try_at=try_at)


async def insert_coupon(tx: Transaction, coupon: Coupon) -> None:
    await _q.insert_coupon(
        tx,
        id=coupon.id,
        campaign_id=coupon.campaign_id,
        person_id=coupon.person_id,
        title=coupon.title,
        amount_minor=coupon.amount_minor,
        threshold_minor=coupon.threshold_minor,
        percent=coupon.percent,
        packet=coupon.packet,
        limits=coupon.limits,
        given_at=coupon.given_at,
        expires_at=coupon.expires_at,
    )


async def coupon(reader: Reader, id: UUID) -> Coupon | None:
    return sql.maybe(Coupon, await _q.coupon(reader, id=id))


async def coupon_locked(tx: Transaction, id: UUID) -> Coupon | None:
    return sql.maybe(Coupon, await _q.coupon_locked(tx, id=id))


async def coupons_locked(tx: Transaction, ids: list[UUID]) -> list[Coupon]:
    return [sql.struct(Coupon, row) async for row in _q.coupons_locked(tx, ids=ids)]


async def coupons_of(reader: Reader, *, person_id: UUID, states: list[CouponState], most: int = 100) -> list[Coupon]:
    return [
        sql.struct(Coupon, row) async for row in _q.coupons_of(reader, person_id=person_id, states=states, most=most)
    ]


async def set_coupon(tx: Transaction, *, id: UUID, state: CouponState, payment_id: UUID | None) -> None:
    await _q.set_coupon(tx, id=id, state=state, payment_id=payment_id)


async def coupons(reader: Reader, ids: list[UUID]) -> list[Coupon]:
    return [sql.struct(Coupon, row) async for row in _q.coupons(reader, ids=ids)]


async def reserve_coupons(
    tx: Transaction, uses: Sequence[Use], *, payment_id: UUID, shop_id: UUID, amount_minor: int, at: datetime
) -> None:
    await _q.reserve_coupons(
        tx,
        ids=[use.coupon.id for use in uses],
        saved=[use.saved_minor for use in uses],
        payment_id=payment_id,
        shop_id=shop_id,
        amount_minor=amount_minor,
        at=at,
    )


async def settle_coupons(
    tx: Transaction, ids: list[UUID], *, payment_id: UUID, before: CouponState, after: CouponState
) -> None:
    await _q.settle_coupons(tx, ids=ids, payment_id=payment_id, before=before, after=after)


async def open_packet(tx: Transaction, id: UUID, *, at: datetime) -> None:
    await _q.open_packet(tx, id=id, at=at)


async def to_expire(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.to_expire(reader, at=at, most=most)]
