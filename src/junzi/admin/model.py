"""What the operator is shown, and the one refusal of this face."""

from datetime import datetime
from uuid import UUID

import msgspec

from junzi.checkout.model import Funding, PaymentState
from junzi.coupons.model import CampaignState, Words
from junzi.kit.errors import Refusal
from junzi.people.model import Person


class PaymentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the operator sees it. amount_minor: what the shop asked for, of which a coupon paid coupon_minor."""

    id: UUID
    number: str
    payer: Person
    shop_name: str
    picture: str
    amount_minor: int
    coupon_minor: int
    funding: Funding
    state: PaymentState
    at: datetime


class CampaignMoney(msgspec.Struct, frozen=True):
    """Where a campaign's money is: in coupons that people hold, and in coupons that came to a shop."""

    outstanding_minor: int
    redeemed_minor: int


class CampaignLine(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, its budget and where that is now; given and redeemed are pieces."""

    id: UUID
    title: Words
    state: CampaignState
    budget_minor: int
    outstanding_minor: int
    redeemed_minor: int
    given: int
    redeemed: int


class NotReady(Refusal):
    slug, status, title = "not-ready", 503, "This server cannot do its work right now."
