"""Nouns of commission.

Refusal
└── NoCommissionRule  409, there is none to end
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec

from junzi.kit.errors import Refusal
from junzi.kit.money import AmountMinor
from junzi.people.model import Person

MOST_LISTED = 200


class CommissionState(StrEnum):
    PROMISED = "promised"
    DUE = "due"
    """To be paid now; not while the shop's code is taken back."""
    PAID = "paid"
    LAPSED = "lapsed"
    """The shop was closed before."""
    OVER_BUDGET = "over_budget"
    """Nothing was promised: the budget was used up."""


class NewCommissionRule(msgspec.Struct, frozen=True):
    """What a promoter earns of each shop: after so many days that it stands, or when so many different people paid there,
    whichever comes first; one of the two is needed. budget_minor: the most that is promised by it."""

    amount_minor: AmountMinor
    budget_minor: AmountMinor
    after_days: Annotated[int, msgspec.Meta(ge=1, le=366)] | None = None
    payers: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None


class CommissionRule(msgspec.Struct, frozen=True):
    """promised_minor: what was promised by it and did not lapse; paid_minor: what of that was paid"""

    id: UUID
    amount_minor: int
    after_days: int | None
    payers: int | None
    budget_minor: int
    set_at: datetime
    ended_at: datetime | None
    promised_minor: int
    paid_minor: int


class Commission(msgspec.Struct, frozen=True):
    """paid_there: how many different people whose payments count, where it is listed"""

    id: UUID
    rule_id: UUID
    promoter_id: UUID
    shop_id: UUID
    amount_minor: int
    state: CommissionState
    stands_on: date | None
    payers: int | None
    promised_at: datetime
    paid_at: datetime | None
    paid_there: int = 0


class ShownCommission(msgspec.Struct, frozen=True):
    """shop: as everybody is told of it; stands_on: the day on which it is due at the latest; payers: how many make it due;
    paid_there: how many have paid there by now, of whom those whose payment was refunded are none"""

    id: UUID
    promoter: Person | None
    shop: str
    amount_minor: int
    state: CommissionState
    stands_on: date | None
    payers: int | None
    paid_there: int
    promised_at: datetime
    paid_at: datetime | None


Paid: TypeAlias = tuple[UUID, UUID, UUID]
"""A payment, its shop, and who paid."""


class NoCommissionRule(Refusal):
    slug, status, title = "no-commission-rule", 409, "There is no commission to end."
