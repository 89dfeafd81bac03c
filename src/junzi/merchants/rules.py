"""Who may do what at a shop; which of an owner's changes wait for a look; who may take a charge and how it
stands; which days are asked for and what they come to; what is
waived of a fee. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from junzi.kit.errors import NotAllowed, NotFound
from junzi.merchants.model import (
    Charge,
    ChargeOver,
    ChargeState,
    DayFigure,
    Deed,
    Figures,
    HourFigure,
    HourSum,
    Period,
    Range,
    Role,
    Shop,
    StaffRow,
    StaffState,
)
from junzi.merchants.opening_model import (
    MOST_SHOPS,
    MOST_UNREVIEWED,
    Opened,
    OpeningBarred,
    ShopsUnreviewed,
    TooManyShops,
)
from junzi.merchants.profile_model import Change, Profile

_MAY = {Role.OWNER: frozenset(Deed), Role.CASHIER: frozenset({Deed.LOOK, Deed.CHARGE})}


def role_of(shop: Shop, person_id: UUID, staff: StaffRow | None) -> Role | None:
    """What somebody is at a shop; None for everybody else, and for those who were asked and have not accepted."""
    if shop.owner_id == person_id:
        return Role.OWNER
    return staff.role if staff is not None and staff.state is StaffState.ACTIVE else None


def check_may(role: Role | None, deed: Deed) -> None:
    """Raise `NotFound` to whoever has nothing to do with the shop, `NotAllowed` to whoever may not do this there."""
    if role is None:
        raise NotFound
    if deed not in _MAY[role]:
        raise NotAllowed("Only the shop's owner can do this.")


def check_opening(opened: Opened) -> None:
    """Raise why somebody who opened these shops opens no other: `OpeningBarred`, `TooManyShops`, `ShopsUnreviewed`."""
    if opened.is_barred:
        raise OpeningBarred
    if opened.count >= MOST_SHOPS:
        raise TooManyShops
    if opened.unreviewed >= MOST_UNREVIEWED:
        raise ShopsUnreviewed


_LOOKED_AT = frozenset({"name", "trade", "area_id", "photo_id"})
"""What others rely on once an operator has looked at a shop: whom they pay, and which coupons count there.

A photo can hold any name; the drawn picture in its place says nothing that has to be looked at.
"""


def split(wanted: Change, before: Profile, *, is_looked_at: bool) -> tuple[Change, Change]:
    """What of it is new and holds at once, and what waits for an operator's look."""
    new = {name: one for name, one in _set(wanted).items() if one != getattr(before, name)}
    waits = {name for name in new if is_looked_at and name in _LOOKED_AT and (name, new[name]) != ("photo_id", None)}
    return (
        Change(**{name: one for name, one in new.items() if name not in waits}),
        Change(**{name: one for name, one in new.items() if name in waits}),
    )


def touches_look(wanted: Change) -> bool:
    """Whether it says something of what an operator looks at."""
    return not _LOOKED_AT.isdisjoint(_set(wanted))


def changed(before: Profile, wanted: Change) -> Profile:
    """What the shop says of itself after that change."""
    return msgspec.structs.replace(before, **_set(wanted))


def _set(wanted: Change) -> dict[str, Any]:
    fields = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    return {name: one for name, one in fields.items() if one is not UNSET}


def charge_state(charge: Charge, at: datetime) -> ChargeState:
    """How a charge stands: paid, held by an order, too old, or open to be scanned."""
    if charge.payment_id is not None:
        return ChargeState.PAID
    if charge.order_id is not None:
        return ChargeState.TAKEN
    return ChargeState.EXPIRED if charge.expires_at <= at else ChargeState.OPEN


def check_charge(charge: Charge, payer_id: UUID, at: datetime) -> None:
    """Raise `ChargeOver` unless this person may pay it: nobody holds it, or they do."""
    state = charge_state(charge, at)
    if state is not ChargeState.OPEN and charge.payer_id != payer_id:
        raise ChargeOver(reason=state.value)


def period(asked: Range, today: date) -> Period:
    """The days of a range, as far as they are over or begun."""
    starts = {
        Range.TODAY: today,
        Range.WEEK: today - timedelta(days=today.weekday()),
        Range.MONTH: today.replace(day=1),
    }
    return Period(starts[asked], today)


def figures(asked: Range, days: Period, sums: list[HourSum]) -> Figures:
    """The sums of hours put together: all 24 hours, and every day of the period."""
    by_hour = [HourFigure(hour, *_sum(one for one in sums if one.hour == hour)) for hour in range(24)]
    count_of_days = (days.last - days.first).days + 1
    dates = [days.first + timedelta(days=number) for number in range(count_of_days)]
    by_day = [DayFigure(day, *_sum(one for one in sums if one.business_date == day)) for day in dates]
    count, amount_minor = _sum(sums)
    coupon_minor = sum(one.coupon_minor for one in sums)
    return Figures(asked, days.first, days.last, count, amount_minor, coupon_minor, by_hour, by_day)


def _sum(sums: Iterable[HourSum]) -> tuple[int, int]:
    chosen = list(sums)
    return sum(one.count for one in chosen), sum(one.amount_minor for one in chosen)


def waived(fees: Sequence[tuple[UUID, UUID, int]], lefts: Mapping[UUID, int]) -> list[tuple[UUID, UUID, int]]:
    """What is waived of each fee, the first ones first, in part where the rest of the budget is less.

    fees: payments with their waiver and fee; lefts: what is left of each waiver. Fees of which nothing is waived are left out.
    """
    left, found = dict(lefts), []
    for payment_id, waiver_id, fee_minor in fees:
        if minor := min(fee_minor, left[waiver_id]):
            left[waiver_id] -= minor
            found.append((payment_id, waiver_id, minor))
    return found
