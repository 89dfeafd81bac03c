"""Give a campaign's coupons: intent → money and pieces from budget to outstanding → coupons.

Once an occasion, and a natural person only as often as the campaign says. The transfers of one grant are a linked chain: a
person gets all of a campaign's coupons or, when the budget or the day's allowance is short, none. What chance decides is drawn
from the machine's secret source and stands in the intent, so that a repeat draws nothing new.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from junzi.bank import store as bank_store
from junzi.coupons import accounts, rules, store
from junzi.coupons.model import (
    Campaign,
    Coupon,
    CouponsGiven,
    CouponState,
    GivenCoupon,
    Offer,
    OfferKind,
    Trigger,
    WhyNotGiven,
)
from junzi.coupons.store import Grant
from junzi.kit import clock, ids, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, Transfer, chain_outcome
from junzi.people import actions as people

CODE_GIVE, CODE_GIVE_PIECES, CODE_ALLOW_DAY, CODE_USE_DAY = 21, 25, 29, 30
PIECES_LEG, DAY_LEG, EVENT_LEG = 101, 102, 255
ALLOW_LEG = 2

_intended = Point("coupons.give.intended")
_covered = Point("coupons.give.covered")


async def give_for(
    database: Database,
    ledger: Ledger,
    trigger: Trigger,
    person_id: UUID,
    *,
    occasion: UUID | None = None,
    amount_minor: int = 0,
) -> None:
    """Give the person what every running campaign promises on this occasion; a repeat gives nothing more.

    occasion: what happened; None for what happens to a natural person once; amount_minor: of the payment it was
    """
    async with database.transaction() as tx:
        natural_person_id = await people.natural_person_of(tx, person_id)
        grants = []
        for campaign in await store.running(tx, trigger):
            if amount_minor < campaign.terms.least_payment_minor:
                continue
            grant = await intend(tx, campaign, person_id, ids.new_id(), occasion or natural_person_id)
            if isinstance(grant, Grant):
                grants.append(grant)
    _intended.passed()
    for grant in grants:
        if grant.state == "processing":
            await run(database, ledger, grant.id)


async def intend(
    tx: Transaction, campaign: Campaign, person_id: UUID, grant_id: UUID, occasion: UUID
) -> Grant | WhyNotGiven:
    """The intent to give on that occasion, this one or an earlier one, or why the person is not given anything."""
    natural_person_id = await people.natural_person_of(tx, person_id)
    await store.lock_person(tx, campaign.id, natural_person_id)
    known = await store.grant_of(tx, campaign.id, occasion)
    if known is not None:
        return known
    times = await store.times_given(tx, campaign.id, natural_person_id)
    reason = await why_not(tx, campaign, person_id, times)
    if reason is not None:
        return reason
    now = clock.now()
    return await store.insert_grant(
        tx,
        id=grant_id,
        campaign_id=campaign.id,
        natural_person_id=natural_person_id,
        person_id=person_id,
        occasion=occasion,
        number=times + 1,
        amounts=[_drawn(offer) for offer in campaign.offers],
        at=now,
        try_at=now + sweeping.FIRST,
    )


async def why_not(reader: Reader, campaign: Campaign, person_id: UUID, times: int) -> WhyNotGiven | None:
    """Why the person is not given what the campaign promises, or `None`."""
    me = await people.me(reader, person_id)
    has_card = await bank_store.card_count(reader, person_id) > 0
    return rules.why_not_given(campaign, clock.now(), since=me.created_at, has_card=has_card, times=times)


async def run(database: Database, ledger: Ledger, grant_id: UUID) -> None:
    """Bring a grant to its outcome."""
    async with database.transaction() as tx:
        grant = await store.grant_locked(tx, grant_id)
        campaign = await store.campaign(tx, grant.campaign_id)
    if grant.state != "processing":
        return
    if campaign.terms.per_day:
        await _allow_day(ledger, grant, campaign)
    outcome = chain_outcome(await ledger.create_transfers(_cover(grant, campaign)))
    _covered.passed()
    if outcome in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS):
        await _given(database, grant_id, campaign)
    elif outcome in (CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED):
        async with database.transaction() as tx:
            await store.set_grant(tx, id=grant_id, state="refused")
    else:
        raise AssertionError(f"the ledger refused a grant: {outcome.name}")


async def sweep(database: Database, ledger: Ledger) -> int:
    """Finish grants that were interrupted; returns how many were tried."""
    return await sweeping.sweep(
        database, store.grants_to_try, store.postpone_grant, lambda id: run(database, ledger, id)
    )


def coupon_ids(grant: Grant) -> list[UUID]:
    """The ids of a grant's coupons, given or to be given."""
    return [ids.derived(grant.id, f"coupon {number}") for number in range(1, len(grant.amounts) + 1)]


def _drawn(offer: Offer) -> int:
    """The cover of a coupon: what is drawn between the bounds, both included, or what the offer says."""
    if offer.kind not in rules.DRAWN:
        return offer.amount_minor
    return offer.least_minor + secrets.randbelow(offer.amount_minor - offer.least_minor + 1)


async def _allow_day(ledger: Ledger, grant: Grant, campaign: Campaign) -> None:
    """What may be given on the day of the grant, put aside when the first one asks."""
    day = town.business_date(grant.created_at)
    account = accounts.of_day(campaign.id, day)
    await ledger.create_accounts([account])
    [result] = await ledger.create_transfers(
        [
            accounts.pieces(
                ids.leg(ids.derived(campaign.id, f"pieces of {day}"), ALLOW_LEG),
                accounts.ALL_PIECES,
                account.id,
                campaign.terms.per_day,
                CODE_ALLOW_DAY,
            )
        ]
    )
    if not result.stands:
        raise AssertionError(f"the ledger refused a day's allowance: {result.status.name}")


def _cover(grant: Grant, campaign: Campaign) -> list[Transfer]:
    chain = [
        accounts.money(
            ids.leg(grant.id, number),
            accounts.budget_id(campaign.id),
            accounts.outstanding_id(campaign.id),
            amount,
            CODE_GIVE,
        )
        for number, amount in enumerate(grant.amounts, start=1)
    ]
    pieces = len(grant.amounts)
    chain.append(
        accounts.pieces(
            ids.leg(grant.id, PIECES_LEG),
            accounts.budget_pieces_id(campaign.id),
            accounts.outstanding_pieces_id(campaign.id),
            pieces,
            CODE_GIVE_PIECES,
        )
    )
    if campaign.terms.per_day:
        day = accounts.day_id(campaign.id, town.business_date(grant.created_at))
        chain.append(accounts.pieces(ids.leg(grant.id, DAY_LEG), day, accounts.ALL_PIECES, pieces, CODE_USE_DAY))
    return accounts.chained(chain)


async def _given(database: Database, grant_id: UUID, campaign: Campaign) -> None:
    async with database.transaction() as tx:
        grant = await store.grant_locked(tx, grant_id)
        if grant.state != "processing":
            return
        now = clock.now()
        expires_at = now + timedelta(days=campaign.valid_days)
        coupons = [
            Coupon(
                id=id,
                campaign_id=campaign.id,
                person_id=grant.person_id,
                title=campaign.title,
                amount_minor=amount,
                threshold_minor=offer.threshold_minor,
                state=CouponState.AVAILABLE,
                given_at=now,
                expires_at=expires_at,
                payment_id=None,
                percent=offer.percent,
                packet=offer.kind is OfferKind.PACKET,
                limits=campaign.terms.limits,
            )
            for id, amount, offer in zip(coupon_ids(grant), grant.amounts, campaign.offers, strict=True)
        ]
        for coupon in coupons:
            await store.insert_coupon(tx, coupon)
        await store.set_grant(tx, id=grant_id, state="given")
        await tx.emit(
            CouponsGiven(
                campaign_id=campaign.id,
                title=campaign.title,
                person_id=grant.person_id,
                coupons=[
                    GivenCoupon(one.amount_minor, one.threshold_minor, expires_at, one.percent, one.packet)
                    for one in coupons
                ],
            ),
            id=ids.leg(grant_id, EVENT_LEG),
        )
