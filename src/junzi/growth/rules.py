"""What a fact adds to the figures. Pure: a fact in, increments out."""

from typing import TypeVar

import msgspec

from junzi.growth.model import Fact, Figures, Hour, Kind

Added = TypeVar("Added", Figures, Hour)


def shows_activity(fact: Fact) -> bool:
    """Whether this fact makes its person one of the day's actives.

    Only the event that says so does: it is told once a person and business day, whatever the person does in the
    application. A payment that a sweeper finishes after midnight is not somebody's presence.
    """
    return fact.kind is Kind.ACTIVE and fact.person_id is not None


def added_to_day(fact: Fact, *, new_active: bool) -> Figures:
    """What the fact adds to its day; `new_active` says that its person was not yet counted that day."""
    match fact.kind:
        case Kind.SIGNED_UP:
            return Figures(sign_ups=1)
        case Kind.ACTIVE:
            return Figures(actives=int(new_active))
        case Kind.CARD_BOUND:
            return Figures(cards_bound=1)
        case Kind.CODE_SCANNED:
            return Figures(scans=1)
        case Kind.PAYMENT_MADE:
            return Figures(
                payments=1,
                payments_minor=fact.amount_minor,
                coupons_redeemed=int(fact.coupon_minor > 0),
                coupons_redeemed_minor=fact.coupon_minor,
            )
        case Kind.PAYMENT_REFUNDED:
            return Figures(refunds=1, refunds_minor=fact.amount_minor)
        case Kind.COUPONS_GIVEN:
            return Figures(coupons_given=fact.pieces, coupons_given_minor=fact.amount_minor)
        case Kind.SPOKE | Kind.OPENED | Kind.INSTALLED:
            return Figures()


def added_to_hour(fact: Fact) -> Hour | None:
    """What the fact adds to its hour; None for a kind that is not shown by the hour."""
    match fact.kind:
        case Kind.CARD_BOUND:
            return Hour(hour=fact.hour, cards_bound=1)
        case Kind.CODE_SCANNED:
            return Hour(hour=fact.hour, scans=1)
        case Kind.PAYMENT_MADE:
            return Hour(hour=fact.hour, payments=1, amount_minor=fact.amount_minor)
        case _:
            return None


def summed(before: Added | None, added: Added) -> Added:
    """Both increments together; of two of an hour the hour is the same."""
    if before is None:
        return added
    sums = {
        name: getattr(before, name) + value for name, value in msgspec.structs.asdict(added).items() if name != "hour"
    }
    return msgspec.structs.replace(before, **sums)
