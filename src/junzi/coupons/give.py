"""Give a campaign's coupons: intent → money and pieces from budget to outstanding → coupons.

Whoever asks at the same time is carried together: one transaction for all intents, one call of the ledger, one transaction for
all outcomes. The transfers of one grant are a linked chain: a person gets all of a campaign's coupons or, when the budget or
the day's allowance is short, none, whatever becomes of the others. What chance decides stands in the intent, so that a repeat
draws nothing new.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec.structs import replace

from junzi.coupons import intend, rules, store
from junzi.coupons.books import Grant, Wish
from junzi.coupons.cover import cover
from junzi.coupons.model import (
    Campaign,
    CampaignNotClaimable,
    Coupon,
    CouponsGiven,
    CouponState,
    GivenCoupon,
    OfferKind,
    Trigger,
)
from junzi.kit import clock, idempotency, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Overtaken, Transaction, open_database
from junzi.kit.errors import Busy, NotFound
from junzi.kit.group_commit import GroupCommit
from junzi.kit.leased_connection import BY_KEY, is_outage
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus
from junzi.people import actions as people

EVENT_LEG = 255
COVERED = frozenset({CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS})
NOT_COVERED = frozenset({CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED})
LANES = 3
MOST_AT_ONCE, MOST_WAITING = 512, 8_192

_intended = Point("coupons.give.intended")
_covered = Point("coupons.give.covered")


class Asked(msgspec.Struct, frozen=True):
    """What somebody asks for: a claim under its key, or what an occasion brings.

    grant_id:  the id of the grant that it becomes; a claim is its own occasion
    """

    grant_id: UUID
    campaign_id: UUID
    person_id: UUID
    occasion: UUID | None = None
    key: str | None = None


class Given(msgspec.Struct, frozen=True):
    """What became of a grant, and its coupons in the order of the offers."""

    grant: Grant
    coupons: list[Coupon]


class Giving:
    """The queue in front of all that is given because somebody asks for it or something happened to them."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._queue: GroupCommit[Asked, Given | Exception] = GroupCommit(
            "giving",
            self._carry,
            is_outage=lambda failure: isinstance(failure, Busy) or is_outage(failure),
            most_in_batch=MOST_AT_ONCE,
            most_waiting=MOST_WAITING,
            lanes=LANES,
        )

    async def give(self, asked: Asked) -> Given:
        """What became of it, after the commit. Raises `NotFound`, `CampaignNotClaimable`, `IdempotencyKeyReused`, `Busy`."""
        answer = await self._queue.submit(asked)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Answer what waits."""
        await self._queue.stop()
        await self._database.close()

    async def _carry(self, batch: list[Asked]) -> list[Given | Exception]:
        answers, campaigns = await self._database.unless_overtaken(lambda tx: _begin(tx, batch))
        _intended.passed()
        grants = {one.id: one for one in answers if isinstance(one, Grant)}
        done = await _finish(self._database, self._ledger, list(grants.values()), campaigns)
        return [done[one.id] if isinstance(one, Grant) else one for one in answers]


async def open_giving(url: str, ledger: Ledger) -> Giving:
    """The queue with connections of its own. Raises what asyncpg raises when nobody answers."""
    return Giving(await open_database(url, size=LANES, settings=BY_KEY), ledger)


class Occasion(msgspec.Struct, frozen=True):
    """What happened to somebody that may bring coupons, each time it happens. amount_minor: of the payment it was."""

    id: UUID
    person_id: UUID
    amount_minor: int


async def give_for(database: Database, giving: Giving, trigger: Trigger, person_id: UUID) -> None:
    """Give what every running campaign promises on what happens to a natural person once; a repeat gives nothing more."""
    async with database.read() as reader:
        running = await store.running(reader, trigger)
        await people.natural_person_of(reader, person_id)
    for campaign in running:
        await _give(giving, Asked(ids.new_id(), campaign.id, person_id))


async def give_for_occasions(
    database: Database, giving: Giving, trigger: Trigger, occasions: Sequence[Occasion]
) -> None:
    """Give for each occasion what every running campaign promises for it; a repeat gives nothing more."""
    async with database.read() as reader:
        running = await store.running(reader, trigger)
    await asyncio.gather(
        *[
            _give(giving, Asked(ids.new_id(), campaign.id, occasion.person_id, occasion.id))
            for campaign in running
            for occasion in occasions
            if occasion.amount_minor >= campaign.terms.least_payment_minor
        ]
    )


async def _give(giving: Giving, asked: Asked) -> None:
    with contextlib.suppress(CampaignNotClaimable):
        await giving.give(asked)


async def run(database: Database, ledger: Ledger, grant_ids: Sequence[UUID]) -> dict[UUID, Given | Exception]:
    """Bring grants to their outcome; of each what became of it, or what went wrong with it alone."""
    async with database.read() as reader:
        grants = await store.grants(reader, list(grant_ids))
        campaigns = await store.campaigns_by_id(reader, list({grant.campaign_id for grant in grants}))
    return await _finish(database, ledger, grants, campaigns)


async def sweep(database: Database, ledger: Ledger) -> int:
    """Finish grants that were interrupted; returns how many were tried."""

    async def again(grant_id: UUID) -> None:
        outcome = (await run(database, ledger, [grant_id]))[grant_id]
        if isinstance(outcome, Exception):
            raise outcome

    return await sweeping.sweep(database, store.grants_to_try, store.postpone_grant, again)


def coupon_ids(grant: Grant) -> list[UUID]:
    """The ids of a grant's coupons, given or to be given."""
    return [ids.derived(grant.id, f"coupon {number}") for number in range(1, len(grant.amounts) + 1)]


async def _begin(tx: Transaction, batch: Sequence[Asked]) -> tuple[list[Grant | Exception], dict[UUID, Campaign]]:
    """Of each who asks the grant or why there is none, and the grants' campaigns. Raises `Overtaken`."""
    campaigns = await store.campaigns_by_id(tx, list({asked.campaign_id for asked in batch}))
    claims = {asked.grant_id: _keyed(asked) for asked in batch if asked.key is not None}
    held = dict(zip(claims, await idempotency.held(tx, list(claims.values())), strict=True))
    answers = dict[UUID, Grant | Exception]()
    wishes, repeats = list[Wish](), dict[UUID, UUID]()
    for asked in batch:
        holder, campaign = held.get(asked.grant_id), campaigns.get(asked.campaign_id)
        if isinstance(holder, Exception):
            answers[asked.grant_id] = holder
        elif holder is not None:
            repeats[asked.grant_id] = holder
        elif campaign is None or (asked.key is not None and not rules.may_be_asked_for(campaign)):
            answers[asked.grant_id] = NotFound()
        else:
            wishes.append(intend.wished(campaign, asked.grant_id, asked.person_id, asked.occasion))
    for wish, decided in zip(wishes, await intend.intend(tx, wishes), strict=True):
        answers[wish.grant_id] = decided if isinstance(decided, Grant) else CampaignNotClaimable(reason=decided.value)
    if not await idempotency.claim_all(tx, [claims[id] for id in claims if isinstance(answers.get(id), Grant)]):
        raise Overtaken
    refused = [claims[id] for id in claims if held[id] is None and not isinstance(answers[id], Grant)]
    if await idempotency.are_bound(tx, refused):
        raise Overtaken
    earlier = {grant.id: grant for grant in await store.grants(tx, list(repeats.values()))} if repeats else {}
    for grant_id, holder in repeats.items():
        # What it was bound to a moment ago, in this very batch, may have been refused.
        answers[grant_id] = earlier[holder] if holder in earlier else answers[holder]
    return [answers[asked.grant_id] for asked in batch], campaigns


def _keyed(asked: Asked) -> idempotency.Keyed:
    assert asked.key is not None
    body = {"campaign_id": asked.campaign_id}
    return idempotency.Keyed(asked.person_id, asked.key, "coupons.claim", body, asked.grant_id)


async def _finish(
    database: Database, ledger: Ledger, grants: Sequence[Grant], campaigns: dict[UUID, Campaign]
) -> dict[UUID, Given | Exception]:
    under_way = [grant for grant in grants if grant.state == "processing"]
    outcomes = await cover(ledger, under_way, campaigns) if under_way else {}
    _covered.passed()
    done = dict[UUID, Given | Exception]()
    if outcomes:
        async with database.transaction() as tx:
            done |= await _settle(tx, under_way, outcomes, campaigns)
    done |= {
        id: AssertionError(f"the ledger refused a grant: {outcome.name}")
        for id, outcome in outcomes.items()
        if outcome not in COVERED | NOT_COVERED
    }
    others = [grant.id for grant in grants if grant.id not in done]
    return done | await _found(database, others) if others else done


async def _settle(
    tx: Transaction,
    grants: Sequence[Grant],
    outcomes: dict[UUID, CreateTransferStatus],
    campaigns: dict[UUID, Campaign],
) -> dict[UUID, Given]:
    """Write what became of grants; those that somebody else brought to their outcome meanwhile are left out."""
    covered = [grant.id for grant in grants if outcomes[grant.id] in COVERED]
    short = [grant.id for grant in grants if outcomes[grant.id] in NOT_COVERED]
    given = await store.settle_grants(tx, ids=covered, state="given") if covered else set()
    refused = await store.settle_grants(tx, ids=short, state="refused") if short else set()
    now = clock.now()
    done = {
        grant.id: Given(replace(grant, state="given"), _coupons(grant, campaigns[grant.campaign_id], now))
        for grant in grants
        if grant.id in given
    }
    await store.insert_coupons(tx, [coupon for one in done.values() for coupon in one.coupons])
    await tx.emit_all([(ids.leg(id, EVENT_LEG), _event(one)) for id, one in done.items()])
    return done | {
        grant.id: Given(replace(grant, state="refused", number=None), []) for grant in grants if grant.id in refused
    }


def _coupons(grant: Grant, campaign: Campaign, now: datetime) -> list[Coupon]:
    return [
        Coupon(
            id=id,
            campaign_id=campaign.id,
            person_id=grant.person_id,
            title=campaign.title,
            amount_minor=amount,
            threshold_minor=offer.threshold_minor,
            state=CouponState.AVAILABLE,
            given_at=now,
            expires_at=now + timedelta(days=campaign.valid_days),
            payment_id=None,
            percent=offer.percent,
            packet=offer.kind is OfferKind.PACKET,
            limits=campaign.terms.limits,
        )
        for id, amount, offer in zip(coupon_ids(grant), grant.amounts, campaign.offers, strict=True)
    ]


def _event(given: Given) -> CouponsGiven:
    first = given.coupons[0]
    return CouponsGiven(
        campaign_id=first.campaign_id,
        title=first.title,
        person_id=first.person_id,
        coupons=[
            GivenCoupon(one.amount_minor, one.threshold_minor, one.expires_at, one.percent, one.packet)
            for one in given.coupons
        ],
    )


async def _found(database: Database, grant_ids: list[UUID]) -> dict[UUID, Given | Exception]:
    """What became of grants earlier."""
    async with database.read() as reader:
        grants = await store.grants(reader, grant_ids)
        wanted = [id for grant in grants if grant.state == "given" for id in coupon_ids(grant)]
        coupons = {coupon.id: coupon for coupon in await store.coupons(reader, wanted)}
    return {grant.id: Given(grant, [coupons[id] for id in coupon_ids(grant) if id in coupons]) for grant in grants}
