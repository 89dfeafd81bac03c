"""Nouns of co-funding: a shop that pays a part of a campaign, what it is asked, and what it has paid.

Refusal
├── ShareNotAgreed   409, says in which state it is
├── ShareOver        409, says in which state it is
└── FunderShort      409
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from junzi.coupons.model import Campaign, CampaignState, Offer, Terms, Trigger, Words
from junzi.kit.database import Event
from junzi.kit.errors import Refusal


class ShareState(StrEnum):
    """What became of asking a shop for its part."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    PAID = "paid"
    VOID = "void"
    """The sum was changed, or the campaign is over: another question stands in its place, or none."""


class Share(msgspec.Struct, frozen=True):
    """What a shop is asked to pay of a sum. raises: beside what runs already; pieces: how many coupons come with it."""

    id: UUID
    campaign_id: UUID
    shop_id: UUID
    amount_minor: int
    shop_minor: int
    pieces: int
    raises: bool
    state: ShareState
    asked_at: datetime


class ShownShare(msgspec.Struct, frozen=True, kw_only=True):
    """The same as the shop's owner sees it, with what the campaign promises, and what came back of all the shop paid for it."""

    id: UUID
    campaign_id: UUID
    title: Words
    campaign_state: CampaignState
    trigger: Trigger
    offers: list[Offer]
    terms: Terms
    valid_days: int
    starts_at: datetime | None
    ends_at: datetime | None
    amount_minor: int
    shop_minor: int
    raises: bool
    state: ShareState
    asked_at: datetime
    returned_minor: int


class RaiseAsked(msgspec.Struct, frozen=True):
    """A new whole that one administrator asked for, and that waits until another asks for the same."""

    budget_minor: int
    budget_pieces: int
    asked_by: UUID
    asked_at: datetime


class ShownCampaign(Campaign, frozen=True):
    """A campaign as the desk shows it. asker: the name of who asked for more of it."""

    raise_asked: RaiseAsked | None = None
    asker: str = ""


class ShareAsked(Event, frozen=True, kw_only=True, tag="coupons.share_asked"):
    """shop_minor: what the shop is to pay of amount_minor."""

    share_id: UUID
    campaign_id: UUID
    title: Words
    shop_id: UUID
    amount_minor: int
    shop_minor: int


class ShareReturned(Event, frozen=True, kw_only=True, tag="coupons.share_returned"):
    """What was left of a campaign came back to the shop."""

    campaign_id: UUID
    title: Words
    shop_id: UUID
    amount_minor: int


class ShareNotAgreed(Refusal):
    slug, status, title = "share-not-agreed", 409, "The shop that pays a part of this campaign has not agreed to it."


class ShareOver(Refusal):
    slug, status, title = "share-over", 409, "The shop is not asked for this any more."


class FunderShort(Refusal):
    slug, status, title = "funder-short", 409, "The shop's balance does not cover its share. Nothing was moved."
