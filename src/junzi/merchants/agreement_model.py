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


class FeeAgreed(Event, frozen=True, kw_only=True, tag="merchants.fee_agreed"):
    shop_id: UUID
    permyriad: int
    valid_from: datetime
