"""What a campaign may promise and to whom, which coupon counts for a purchase and what it saves. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from junzi.coupons.books import Grant, GrantFacts, Times, Wish
from junzi.coupons.model import (
    LONGEST_PACKET_DAYS,
    LONGEST_TITLE,
    MOST_MINOR,
    Audience,
    Campaign,
    CampaignChange,
    CampaignState,
    Coupon,
    CouponState,
    Funded,
    Funder,
    NewCampaign,
    Offer,
    OfferKind,
    Place,
    Stacking,
    Trigger,
    Why,
    WhyNotGiven,
    Words,
)
from junzi.kit import text

DRAWN = (OfferKind.RANDOM, OfferKind.PACKET)
"""Kinds whose sum is drawn when they are given."""


def why_not(coupon: Coupon, amount_minor: int, at: datetime, place: Place | None = None) -> Why | None:
    """The first reason why the coupon does not count for a purchase of that amount, or `None` when it does.

    place: where it is bought; None for nowhere in particular, where only coupons count that count everywhere at any hour
    """
    if coupon.state is CouponState.REDEEMED:
        return Why.USED
    if coupon.state in (CouponState.EXPIRING, CouponState.EXPIRED) or coupon.expires_at <= at:
        return Why.EXPIRED
    if coupon.state in (CouponState.WITHDRAWING, CouponState.WITHDRAWN):
        return Why.WITHDRAWN
    if coupon.state is CouponState.RESERVED:
        return Why.RESERVED
    limits = coupon.limits
    if limits.shop_ids and (place is None or place.shop_id not in limits.shop_ids):
        return Why.ELSEWHERE
    if limits.trades and (place is None or place.trade not in limits.trades):
        return Why.ELSEWHERE
    if limits.area_ids and (place is None or place.area_id not in limits.area_ids):
        return Why.ELSEWHERE
    if (limits.from_hour, limits.until_hour) != (0, 24) and (
        place is None or not limits.from_hour <= place.hour < limits.until_hour
    ):
        return Why.OTHER_HOURS
    if amount_minor < coupon.threshold_minor or saves(coupon, amount_minor) == 0:
        return Why.BELOW_THRESHOLD
    return None


def saves(coupon: Coupon, amount_minor: int) -> int:
    """What a coupon that counts takes off: never more than the purchase, nor than what it is covered for."""
    wanted = amount_minor * coupon.percent // 100 if coupon.percent else coupon.amount_minor
    return min(wanted, coupon.amount_minor, amount_minor)


def why_not_given(
    campaign: Campaign, at: datetime, *, since: datetime, has_card: bool, times: int
) -> WhyNotGiven | None:
    """Why a person is not given what the campaign promises, or `None`.

    since: when the person came; times: how often their natural person was given it
    """
    if campaign.state is not CampaignState.RUNNING or not _in_its_time(campaign, at):
        return WhyNotGiven.NOT_RUNNING
    terms = campaign.terms
    if terms.audience is Audience.NEW and at - since > timedelta(days=terms.new_within_days):
        return WhyNotGiven.NOT_FOR_YOU
    if terms.audience is Audience.CARD_BOUND and not has_card:
        return WhyNotGiven.NOT_FOR_YOU
    return WhyNotGiven.LIMIT_REACHED if times >= terms.per_person else None


def grants(wishes: Sequence[Wish], facts: GrantFacts, at: datetime) -> list[Grant | WhyNotGiven]:
    """What becomes of each wish, one after the other: a new grant, the one there is of the occasion, or why there is none."""
    known, times = dict(facts.known), dict(facts.times)

    def one(wish: Wish) -> Grant | WhyNotGiven:
        campaign, standing = wish.campaign, facts.standings[wish.person_id]
        by_campaign = campaign.id, standing.natural_person_id
        on = campaign.id, wish.occasion or standing.natural_person_id
        if on in known:
            return known[on]
        so_far = times.get(by_campaign, Times(0, 0))
        has_card = wish.person_id in facts.card_holders
        reason = why_not_given(campaign, at, since=standing.since, has_card=has_card, times=so_far.given)
        if reason is not None:
            return reason
        number = so_far.last + 1
        grant = Grant(
            wish.grant_id, *by_campaign, wish.person_id, on[1], number, wish.amounts, state="processing", created_at=at
        )
        known[on], times[by_campaign] = grant, Times(so_far.given + 1, number)
        return grant

    return [one(wish) for wish in wishes]


def checked(new: NewCampaign, at: datetime) -> NewCampaign:
    """The draft as it is stored. Raises `InvalidRequest` that names the field."""
    for place, offer in enumerate(new.offers):
        _check_offer(offer, new, f"offers[{place}]")
    if new.funder is not None:
        _check_funder(new.funder, new)
    if sum(offer.amount_minor for offer in new.offers) > new.budget_minor:
        raise text.refused("budget_minor", "This does not cover what one person is given.")
    if len(new.offers) > new.budget_pieces:
        raise text.refused("budget_pieces", "These are fewer pieces than one person is given.")
    if 0 < new.terms.per_day < len(new.offers):
        raise text.refused("terms.per_day", "These are fewer pieces than one person is given.")
    if new.terms.limits.from_hour >= new.terms.limits.until_hour:
        raise text.refused("terms.limits.until_hour", "This has to be later than the hour from which on they count.")
    for field, moment in (("starts_at", new.starts_at), ("ends_at", new.ends_at)):
        _check_moment(moment, field)
    if new.ends_at is not None and new.ends_at <= max(new.starts_at or at, at):
        raise text.refused("ends_at", "This has to be later than now and than the start.")
    words = Words(
        *(
            text.one_line(words, field=f"title.{locale}", least=1, most=LONGEST_TITLE)
            for locale, words in (("zh", new.title.zh), ("en", new.title.en))
        )
    )
    terms = new.terms
    if new.funder is not None:
        terms = msgspec.structs.replace(
            terms, limits=msgspec.structs.replace(terms.limits, shop_ids=[new.funder.shop_id])
        )
    return msgspec.structs.replace(new, title=words, terms=terms)


def check_change(campaign: Campaign, change: CampaignChange, at: datetime) -> None:
    """Raise `InvalidRequest` unless everything that was promised stays kept: more of it, for longer."""
    if change == CampaignChange():
        raise text.refused("", "Say what is to change.")
    if change.budget_minor is not msgspec.UNSET and change.budget_minor < campaign.budget_minor:
        raise text.refused("budget_minor", "A budget can only be raised.")
    if change.budget_pieces is not msgspec.UNSET and change.budget_pieces < (campaign.budget_pieces or 0):
        raise text.refused("budget_pieces", "A budget can only be raised.")
    if change.ends_at is not msgspec.UNSET:
        _check_moment(change.ends_at, "ends_at")
        if change.ends_at <= at or campaign.ends_at is None or change.ends_at < campaign.ends_at:
            raise text.refused("ends_at", "An end can only be made later.")


def pieces_of(campaign: Campaign) -> int:
    """How many coupons there are of a campaign."""
    return campaign.budget_pieces or min(campaign.budget_minor, MOST_MINOR)


def shop_part(funder: Funder, amount_minor: int) -> int:
    """What the shop pays of a sum, half a unit rounded up."""
    return (2 * amount_minor * funder.permille + 1000) // 2000


def shop_part_of_rest(funded: Funded, rest_minor: int) -> int:
    """What of a rest goes back to the shop: of all that went back so far and now, the part that it paid of all.

    Counted over the whole, so that however a campaign's money comes back, each gets to the unit what it has not spent; what
    is not to be divided is the operator's until the last unit is back.
    """
    if not funded.amount_minor:
        return 0
    back = (funded.returned_minor + rest_minor) * funded.shop_minor // funded.amount_minor
    return back - funded.shop_returned_minor


def shop_part_of_redeemed(funded: Funded, redeemed_minor: int) -> int:
    """What the shop has paid of what was redeemed: what would not come back to it if all else did now."""
    if not funded.amount_minor:
        return 0
    return funded.shop_minor - (funded.amount_minor - redeemed_minor) * funded.shop_minor // funded.amount_minor


def may_be_asked_for(campaign: Campaign) -> bool:
    """Whether anybody may know that there is this campaign to ask for."""
    return campaign.trigger is Trigger.CLAIM and campaign.state is not CampaignState.DRAFT


def _in_its_time(campaign: Campaign, at: datetime) -> bool:
    begun = campaign.starts_at is None or campaign.starts_at <= at
    return begun and (campaign.ends_at is None or at < campaign.ends_at)


def _check_funder(funder: Funder, new: NewCampaign) -> None:
    if new.terms.limits.shop_ids not in ([], [funder.shop_id]):
        raise text.refused("terms.limits.shop_ids", "What a shop pays a part of counts at that shop only.")
    if not shop_part(funder, new.budget_minor):
        raise text.refused("funder.permille", "Of this budget that comes to nothing.")


def _check_moment(moment: datetime | None, field: str) -> None:
    if moment is not None and (moment.tzinfo is None or not 2000 < moment.year < 2200):
        raise text.refused(field, "This needs a time zone, and a year of this age.")


def _check_offer(offer: Offer, new: NewCampaign, field: str) -> None:
    if (offer.kind is OfferKind.PERCENT) != (offer.percent > 0):
        raise text.refused(f"{field}.percent", "A percentage has one of 1 to 100, and nothing else has.")
    if offer.kind in DRAWN and not 1 <= offer.least_minor <= offer.amount_minor:
        raise text.refused(f"{field}.least_minor", "What is drawn needs a least sum that is no more than the most.")
    if offer.kind not in DRAWN and offer.least_minor:
        raise text.refused(f"{field}.least_minor", "Only what is drawn has a least sum.")
    stacking = new.terms.limits.stacking
    if stacking is not Stacking.ALONE and (stacking is Stacking.PACKET) != (offer.kind is OfferKind.PACKET):
        raise text.refused("terms.limits.stacking", "Red packets are a group of their own.")
    if offer.kind is OfferKind.PACKET and (offer.threshold_minor or new.valid_days > LONGEST_PACKET_DAYS):
        raise text.refused(field, f"A red packet has no threshold and is gone in {LONGEST_PACKET_DAYS} days at most.")
