"""The nouns of who comes and comes again: spans of days, and coupons' days."""

import datetime
from enum import StrEnum

import msgspec


class By(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """People of a day, a week (from Monday) or a month; the last one may still be going on.

    actives:      who used the application
    new:          of these, who never did before
    kept:         of these, who did in the span before
    returned:     of these, who did some time before that, but not in the span before
    lost:         who did in the span before, and not in this one
    chat_actives: who wrote to somebody
    pay_actives:  who paid a shop
    stickiness:   how many of the people of the thirty days up to the last one come on a day, from 0 to 1: the mean over the span
    habit:        who scanned on at least three of the seven days up to the last one
    """

    first: datetime.date
    last: datetime.date
    actives: int
    new: int
    kept: int
    returned: int
    lost: int
    chat_actives: int
    pay_actives: int
    stickiness: float
    habit: int


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed up in a week (from Monday).

    active, paying: how many of them came, and paid a shop, in that week and each one since; the last one may still be going on
    """

    week: datetime.date
    size: int
    active: list[int]
    paying: list[int]


class CouponDay(msgspec.Struct, frozen=True, kw_only=True):
    """coupon_minor: what coupons paid; sales_minor: payments in which one was used, whole; bare: payments without one

    bare_after: of these, by people who had paid with a coupon on an earlier day
    """

    date: datetime.date
    coupon_minor: int = 0
    sales_minor: int = 0
    bare: int = 0
    bare_after: int = 0
