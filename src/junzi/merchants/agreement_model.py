"""Nouns of the fee by agreement."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from junzi.kit.database import Event

MOST_PERMYRIAD = 1_000
"""The highest fee that can be agreed on, in hundredths of a percent."""


class NewAgreement(msgspec.Struct, frozen=True):
    """permyriad: the fee in hundredths of a percent, so that 38 is 0.38 %. from_date: a later day; at once without one."""

    permyriad: Annotated[int, msgspec.Meta(ge=0, le=MOST_PERMYRIAD)]
    from_date: date | None = None


class Agreement(msgspec.Struct, frozen=True):
    """What a shop pays of each payment from that moment on, unless a later agreement says otherwise."""

    id: UUID
    shop_id: UUID
    permyriad: int
    valid_from: datetime
    agreed_by: UUID
    agreed_at: datetime


class Waiver(msgspec.Struct, frozen=True):
    """Fees that the operator does not take, up to a budget. id: of what they are waived for; permyriad: the fee otherwise"""

    id: UUID
    permyriad: int
    budget_minor: int


class FeeTerms(msgspec.Struct, frozen=True):
    """permyriad: the fee of a payment, which the shop pays, or the waiver as long as its budget lasts."""

    permyriad: int
    waiver_id: UUID | None


class FeeAgreed(Event, frozen=True, kw_only=True, tag="merchants.fee_agreed"):
    shop_id: UUID
    permyriad: int
    valid_from: datetime
