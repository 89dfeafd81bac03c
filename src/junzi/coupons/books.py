"""What is decided for many at once: wishes, the facts that bear on them, the grants that come of them; purchases."""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.coupons.model import Campaign
from junzi.merchants.model import Shop
from junzi.people.model import Standing


class Grant(msgspec.Struct, frozen=True):
    """An intent to give a campaign's coupons to a person: processing, given or refused. amounts: the cover of each."""

    id: UUID
    campaign_id: UUID
    natural_person_id: UUID
    person_id: UUID
    occasion: UUID
    number: int | None
    amounts: list[int]
    state: str
    created_at: datetime


class Wish(msgspec.Struct, frozen=True):
    """That a person be given a campaign's coupons.

    grant_id:  the id that the grant would have
    occasion:  what happened; None for what happens to a natural person once
    amounts:   the cover of each coupon, drawn where chance has a say
    """

    grant_id: UUID
    campaign: Campaign
    person_id: UUID
    occasion: UUID | None
    amounts: list[int]


class Times(msgspec.Struct, frozen=True):
    """How often a natural person was given a campaign's coupons, and the number of the last time."""

    given: int
    last: int


class GrantFacts(msgspec.Struct, frozen=True):
    """What bears on several wishes. standings: by person; known: grants by campaign and occasion; times: by campaign and
    natural person, missing for never."""

    standings: dict[UUID, Standing]
    card_holders: set[UUID]
    known: dict[tuple[UUID, UUID], Grant]
    times: dict[tuple[UUID, UUID], Times]


class Purchase(msgspec.Struct, frozen=True):
    """A payment that is about to begin, with the coupons that are wanted for it."""

    payment_id: UUID
    person_id: UUID
    coupon_ids: list[UUID]
    amount_minor: int
    shop: Shop
