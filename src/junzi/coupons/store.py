"""The room's rows, one typed function a query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from junzi.coupons.books import Grant, Purchase, Times
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

MOST_CHOICES = 100
"""Of one person's coupons, those that end first: so many are looked at for a purchase."""

_q = sql.queries("junzi.coupons")


class Gate(msgspec.Struct, frozen=True):
    open: bool
    reason: str
    open_until: datetime | None


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
        follow_up=campaign.follow_up,
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


async def set_drafter(tx: Transaction, *, id: UUID, drafted_by: UUID) -> None:
    await _q.set_drafter(tx, id=id, drafted_by=drafted_by)


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


async def set_gate(tx: Transaction, campaign_id: UUID, *, open: bool, reason: str, open_until: datetime | None) -> None:
    await _q.set_gate(tx, campaign_id=campaign_id, open=open, reason=reason, open_until=open_until)


async def has_promises(reader: Reader, campaign_id: UUID) -> bool:
    return bool(await _q.has_promises(reader, campaign_id=campaign_id))


async def has_refundable(reader: Reader, campaign_id: UUID, *, since: datetime) -> bool:
    return bool(await _q.has_refundable(reader, campaign_id=campaign_id, since=since))


async def running(reader: Reader, trigger: Trigger) -> list[Campaign]:
    return [sql.struct(Campaign, row) async for row in _q.running(reader, trigger=trigger)]


async def campaigns(reader: Reader, *, most: int = 100) -> list[Campaign]:
    return [sql.struct(Campaign, row) async for row in _q.campaigns(reader, most=most)]


async def campaigns_by_id(reader: Reader, ids: list[UUID]) -> dict[UUID, Campaign]:
    return {row["id"]: sql.struct(Campaign, row) async for row in _q.campaigns_by_id(reader, ids=ids)}


async def note_payments(tx: Transaction, first: Mapping[UUID, UUID]) -> None:
    """By person the first of their payments there are here."""
    await _q.note_payments(tx, person_ids=list(first), payment_ids=list(first.values()))


async def times_given(reader: Reader, campaign_id: UUID, natural_person_id: UUID) -> int:
    return (await times_of(reader, [(campaign_id, natural_person_id)]))[campaign_id, natural_person_id].given


async def times_of(reader: Reader, pairs: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Times]:
    """Of each campaign and natural person."""
    rows = _q.times_of(reader, campaign_ids=[pair[0] for pair in pairs], natural_person_ids=[pair[1] for pair in pairs])
    return {(row["campaign_id"], row["natural_person_id"]): Times(row["given"], row["last"]) async for row in rows}


async def insert_grants(tx: Transaction, grants: list[Grant], *, try_at: datetime) -> bool:
    """False when somebody else was faster with one of them: what was known of it is not true any more."""
    inserted = [
        row
        async for row in _q.insert_grants(
            tx,
            ids=[grant.id for grant in grants],
            campaign_ids=[grant.campaign_id for grant in grants],
            natural_person_ids=[grant.natural_person_id for grant in grants],
            person_ids=[grant.person_id for grant in grants],
            occasions=[grant.occasion for grant in grants],
            numbers=[grant.number for grant in grants],
            amounts=[f"{{{','.join(map(str, grant.amounts))}}}" for grant in grants],
            at=grants[0].created_at,
            try_at=try_at,
        )
    ]
    return len(inserted) == len(grants)


async def grants_of(reader: Reader, pairs: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Grant]:
    """The grants there are, by campaign and occasion."""
    wanted = set(pairs)
    rows = _q.grants_of(
        reader, campaign_ids=list({pair[0] for pair in pairs}), occasions=list({pair[1] for pair in pairs})
    )
    found = [sql.struct(Grant, row) async for row in rows]
    return {
        (grant.campaign_id, grant.occasion): grant for grant in found if (grant.campaign_id, grant.occasion) in wanted
    }


async def grants(reader: Reader, ids: list[UUID]) -> list[Grant]:
    return [sql.struct(Grant, row) async for row in _q.grants(reader, ids=ids)]


async def settle_grants(tx: Transaction, *, ids: list[UUID], state: str) -> set[UUID]:
    """Those of these that were under way until now."""
    return {row["id"] async for row in _q.settle_grants(tx, ids=ids, state=state)}


async def grants_to_try(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.grants_to_try(reader, at=at, most=most)]


async def postpone_grant(tx: Transaction, *, id: UUID, try_at: datetime) -> None:
    await _q.postpone_grant(tx, id=id, try_at=try_at)


async def insert_coupons(tx: Transaction, coupons: list[Coupon]) -> None:
    await _q.insert_coupons(
        tx,
        ids=[coupon.id for coupon in coupons],
        campaign_ids=[coupon.campaign_id for coupon in coupons],
        person_ids=[coupon.person_id for coupon in coupons],
        titles=[coupon.title for coupon in coupons],
        amounts_minor=[coupon.amount_minor for coupon in coupons],
        thresholds_minor=[coupon.threshold_minor for coupon in coupons],
        percents=[coupon.percent for coupon in coupons],
        packets=[coupon.packet for coupon in coupons],
        limits=[coupon.limits for coupon in coupons],
        given_at=[coupon.given_at for coupon in coupons],
        expires_at=[coupon.expires_at for coupon in coupons],
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


async def coupons_that_count(reader: Reader, person_ids: list[UUID]) -> dict[UUID, list[Coupon]]:
    """By person; those who have none are left out."""
    found = dict[UUID, list[Coupon]]()
    async for row in _q.coupons_that_count(reader, person_ids=person_ids, most=MOST_CHOICES):
        found.setdefault(row["person_id"], []).append(sql.struct(Coupon, row))
    return found


async def set_expiring(tx: Transaction, id: UUID, *, try_at: datetime) -> None:
    await _q.set_expiring(tx, id=id, try_at=try_at)


async def set_expired(tx: Transaction, id: UUID) -> None:
    await _q.set_expired(tx, id=id)


async def coupons_by_id(reader: Reader, ids: list[UUID]) -> dict[UUID, Coupon]:
    return {coupon.id: coupon for coupon in await coupons(reader, ids)}


async def coupons(reader: Reader, ids: list[UUID]) -> list[Coupon]:
    return [sql.struct(Coupon, row) async for row in _q.coupons(reader, ids=ids)]


async def reserve_coupons(tx: Transaction, held: Sequence[tuple[Purchase, Use]], *, at: datetime) -> None:
    await _q.reserve_coupons(
        tx,
        ids=[use.coupon.id for _, use in held],
        saved=[use.saved_minor for _, use in held],
        payment_ids=[purchase.payment_id for purchase, _ in held],
        shop_ids=[purchase.shop.id for purchase, _ in held],
        amounts_minor=[purchase.amount_minor for purchase, _ in held],
        at=at,
    )


async def redeem_coupons(tx: Transaction, used: Sequence[tuple[UUID, UUID]]) -> None:
    """Each with the payment that holds it in front."""
    if used:
        await _q.redeem_coupons(tx, payment_ids=[one[0] for one in used], ids=[one[1] for one in used])


async def settle_coupons(
    tx: Transaction, ids: list[UUID], *, payment_id: UUID, before: CouponState, after: CouponState
) -> None:
    await _q.settle_coupons(tx, ids=ids, payment_id=payment_id, before=before, after=after)


async def open_packet(tx: Transaction, id: UUID, *, at: datetime) -> None:
    await _q.open_packet(tx, id=id, at=at)


async def to_expire(reader: Reader, *, at: datetime, most: int) -> list[UUID]:
    return [row["id"] async for row in _q.to_expire(reader, at=at, most=most)]
