"""Decide who is given what: the facts that bear on all wishes in a few queries, the rules, the grants in one statement.

The rows themselves keep two who decide at once apart: an occasion has one grant, and so has each time of a natural person.
"""

import secrets
from collections.abc import Sequence
from uuid import UUID

from junzi.bank import store as bank_store
from junzi.coupons import rules, store
from junzi.coupons.books import Grant, GrantFacts, Wish
from junzi.coupons.model import Audience, Campaign, Offer, WhyNotGiven
from junzi.kit import clock
from junzi.kit import sweep as sweeping
from junzi.kit.database import Overtaken, Reader, Transaction
from junzi.people import actions as people


async def intend(tx: Transaction, wishes: Sequence[Wish]) -> list[Grant | WhyNotGiven]:
    """The grant of each wish, this one or an earlier one of its occasion, or why there is none. Raises `Overtaken`."""
    if not wishes:
        return []
    bearing, now = await facts(tx, wishes), clock.now()
    decided = rules.grants(wishes, bearing, now)
    known = {grant.id for grant in bearing.known.values()}
    new = {one.id: one for one in decided if isinstance(one, Grant) and one.id not in known}
    if new and not await store.insert_grants(tx, list(new.values()), try_at=now + sweeping.FIRST):
        raise Overtaken
    return decided


async def facts(reader: Reader, wishes: Sequence[Wish]) -> GrantFacts:
    """What bears on the wishes, in at most four queries however many they are."""
    standings = await people.standings_of(reader, [wish.person_id for wish in wishes])
    natural = {id: standing.natural_person_id for id, standing in standings.items()}
    asked = {wish.person_id for wish in wishes if wish.campaign.terms.audience is Audience.CARD_BOUND}
    # A wish that is its own occasion is new.
    occasions = [
        (wish.campaign.id, wish.occasion or natural[wish.person_id])
        for wish in wishes
        if wish.occasion != wish.grant_id
    ]
    pairs = {(wish.campaign.id, natural[wish.person_id]) for wish in wishes}
    return GrantFacts(
        standings,
        await bank_store.card_holders(reader, list(asked)) if asked else set(),
        await store.grants_of(reader, occasions) if occasions else {},
        await store.times_of(reader, list(pairs)),
    )


def wished(campaign: Campaign, grant_id: UUID, person_id: UUID, occasion: UUID | None) -> Wish:
    """A wish with what chance decides in it, drawn from the machine's secret source."""
    return Wish(grant_id, campaign, person_id, occasion, [_drawn(offer) for offer in campaign.offers])


def _drawn(offer: Offer) -> int:
    """The cover of a coupon: what is drawn between the bounds, both included, or what the offer says."""
    if offer.kind not in rules.DRAWN:
        return offer.amount_minor
    return offer.least_minor + secrets.randbelow(offer.amount_minor - offer.least_minor + 1)
