"""Nouns of shelter.

Refusal
├── NothingToShelter  409
├── ShelterOver       409
└── ShelterRuns       409
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.coupons.model import CampaignState, Words
from junzi.kit.errors import Refusal
from junzi.kit.money import AmountMinor

LONGEST_DAYS = 90
MOST_LISTED = 200


class NewShelter(msgspec.Struct, frozen=True):
    """days: until it ends by itself; budget_minor: the most fees that are waived, after which it ends before"""

    days: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_DAYS)]
    budget_minor: AmountMinor


class Shelter(msgspec.Struct, frozen=True):
    """permyriad: the fee before; given: whether the holiday was agreed on; called_at: when a promoter was there first since it
    began"""

    id: UUID
    place_id: UUID
    shop_id: UUID
    by_id: UUID
    begins_at: datetime
    ends_at: datetime
    budget_minor: int
    permyriad: int
    given: bool
    ended_at: datetime | None
    called_at: datetime | None


class ShelterCampaign(msgspec.Struct, frozen=True):
    """A campaign that counts at the sheltered shop alone. cost_minor: what its coupons have paid so far"""

    id: UUID
    title: Words
    state: CampaignState
    budget_minor: int
    cost_minor: int


class ShownShelter(msgspec.Struct, frozen=True):
    """shop: as everybody is told of it; place_id: None when nobody may be told where that is; cost_minor: fees that were waived,
    beside which its campaigns have costs of their own"""

    id: UUID
    place_id: UUID | None
    shop: str
    begins_at: datetime
    ends_at: datetime
    budget_minor: int
    cost_minor: int
    permyriad: int
    called_at: datetime | None
    ended_at: datetime | None
    campaigns: list[ShelterCampaign]


class NothingToShelter(Refusal):
    slug, status = "nothing-to-shelter", 409
    title = "Shelter is for a shop of ours at which a rival's code was seen to be threatened or dead."


class ShelterOver(Refusal):
    slug, status, title = "shelter-over", 409, "This shelter is over."


class ShelterRuns(Refusal):
    slug, status, title = "shelter-runs", 409, "This shop is under shelter already."
