"""Our codes beside each rival's, as the newest surveys show them, and the gate that waits for a third.

The gate of campaigns that follow up is open while, of every rival that the operator keeps, the newest closed survey of codes is
younger than thirty days and its lower bound reaches a third. It is set anew when a survey closes, and each minute, since a rival
may have come; it closes by itself when the oldest of these surveys is too old. An override lets one campaign pass: two
administrators, and a reason on record.
"""

from datetime import datetime, timedelta
from uuid import UUID

from junzi.coupons import life
from junzi.coupons import store as coupon_store
from junzi.coupons.model import CampaignNotReady, CampaignState, FourEyes
from junzi.field import survey_store
from junzi.field.survey_model import Counts, SeenStratum
from junzi.growth import estimate, store
from junzi.growth.third_model import GateState, NothingToOverride, Override, Past, Ratio, Waiting
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.text import one_line
from junzi.operators import actions as operators
from junzi.people.actions import persons_of

FRESH = timedelta(days=30)
LONGEST_REASON = 200
_WAITING = (CampaignState.DRAFT, CampaignState.PAUSED)


async def ratios(reader: Reader, counts: Counts) -> list[Ratio]:
    """Of every rival: what its newest closed survey shows, if there is one."""
    newest = await survey_store.newest_closed(reader, counts)
    seen = await survey_store.strata_seen(reader, [one.id for one in newest if one.id is not None])
    return [
        Ratio(rival_id=one.rival_id, rival=one.rival)
        if one.id is None or one.closed_at is None
        else _ratio(one.rival_id, one.rival, one.id, one.closed_at, seen[one.id])
        for one in newest
    ]


async def history(reader: Reader, counts: Counts) -> list[Past]:
    """What each closed survey showed, the earliest first."""
    closed = [
        (one, one.closed_at) for one in await survey_store.surveys(reader) if one.counts is counts and one.closed_at
    ]
    seen = await survey_store.strata_seen(reader, [one.id for one, _ in closed])
    found = [(at, _ratio(one.rival_id, one.rival, one.id, at, seen[one.id])) for one, at in closed]
    return [
        Past(town.business_date(at), ratio.rival_id, ratio.rival, ratio.ratio, ratio.lower)
        for at, ratio in sorted(found, key=lambda one: one[0])
    ]


async def gate(reader: Reader) -> GateState:
    """Whether campaigns that follow up may start now."""
    return decided(await ratios(reader, Counts.CODES), clock.now())


async def set_gate(database: Database) -> None:
    """Let the gate say what the surveys show. Repeatable, and safe to do at any time."""
    async with database.transaction() as tx:
        state = await gate(tx)
        await life.set_gate(tx, life.FOLLOW_UPS, open=state.open, reason=state.reason, open_until=state.open_until)


def decided(found: list[Ratio], at: datetime) -> GateState:
    """What of every rival together lets the gate be. Pure."""
    if not found or any(one.counts_until is None for one in found):
        return GateState(False, "no-survey", None)
    until = min(one.counts_until for one in found if one.counts_until is not None)
    if until <= at:
        return GateState(False, "survey-too-old", None)
    if not all(one.may_claim for one in found):
        return GateState(False, "below-a-third", None)
    return GateState(True, "survey-too-old", until)


async def override(database: Database, *, campaign_id: UUID, operator_id: UUID, reason: str) -> Override:
    """Let one campaign pass the gate: the first administrator says why, another one agrees by saying the same of it.

    Raises `NotFound`, `NothingToOverride`, `CampaignNotReady`, `FourEyes`, `InvalidRequest`.
    """
    reason = one_line(reason, field="reason", least=5, most=LONGEST_REASON)
    async with database.transaction() as tx:
        campaign = await coupon_store.campaign_locked(tx, campaign_id)
        if campaign is None:
            raise NotFound
        if not campaign.follow_up:
            raise NothingToOverride
        if campaign.state not in _WAITING:
            raise CampaignNotReady(f"The campaign is {campaign.state}.", state=campaign.state)
        asked = await store.override(tx, campaign_id)
        if asked is None:
            await store.insert_override(tx, campaign_id, reason=reason, by_id=operator_id, at=clock.now())
            await _audit(tx, operator_id, "growth.override_asked", campaign_id, reason)
        elif asked.agreed_by is None:
            if asked.asked_by == operator_id:
                raise FourEyes
            await store.agree_to_override(tx, campaign_id, by_id=operator_id, at=clock.now())
            await life.set_gate(tx, campaign_id, open=True, reason="overridden")
            await _audit(tx, operator_id, "growth.override_agreed", campaign_id, asked.reason)
        standing = await store.override(tx, campaign_id)
    assert standing is not None, "it was just written"
    return standing


async def gated(reader: Reader) -> list[Waiting]:
    """Campaigns that wait for the gate, the newest first, and who lets which of them pass. Three queries."""
    found = [one for one in await coupon_store.campaigns(reader) if one.follow_up and one.state in _WAITING]
    overrides = await store.overrides(reader, [one.id for one in found])
    askers = await persons_of(reader, [one.asked_by for one in overrides.values()])
    waiting = list[Waiting]()
    for one in found:
        asked = overrides.get(one.id)
        asker = askers.get(asked.asked_by) if asked else None
        waiting.append(Waiting(one.id, one.title, asked, asker.name if asker else ""))
    return waiting


async def _audit(tx: Transaction, operator_id: UUID, action: str, campaign_id: UUID, reason: str) -> None:
    await operators.audit(tx, operator_id, action, {"campaign_id": campaign_id, "reason": reason})


def _ratio(rival_id: UUID, rival: str, survey_id: UUID, closed_at: datetime, kinds: list[SeenStratum]) -> Ratio:
    strata = [_stratum(kind) for kind in kinds]
    estimated, claimed = estimate.estimate(strata), estimate.claim(strata)
    return Ratio(
        rival_id=rival_id,
        rival=rival,
        survey_id=survey_id,
        closed_at=closed_at,
        counts_until=closed_at + FRESH,
        ours=estimated.ours,
        rivals=estimated.rivals,
        ratio=estimated.ratio,
        lower=estimated.lower,
        design_effect=estimated.design_effect,
        seen=estimated.seen,
        places=estimated.shops,
        may_claim=claimed.may,
        more_to_look_at=claimed.more_to_look_at,
        more_to_win=claimed.more_to_win,
    )


def _stratum(kind: SeenStratum) -> estimate.Stratum:
    return estimate.Stratum(kind.places, [(float(ours), float(rivals)) for ours, rivals in kind.seen])
