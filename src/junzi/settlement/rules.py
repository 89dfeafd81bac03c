"""Which morning it is, which transfers a payout is made of, and how a shop's transfers become a statement. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from junzi.bank import accounts as bank_accounts
from junzi.kit import ids
from junzi.kit.text import refused
from junzi.ledger.model import Transfer
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants.model import Period
from junzi.settlement.model import MORNING, Line, LineKind, Movement, Payout, Sums

CODE_PAYOUT, CODE_PAYOUT_RETURNED = 40, 41
"""The ledger's codes of the transfers a payout is made of."""

_KINDS = {
    **dict.fromkeys((10, 11, 17), LineKind.PAYMENT),
    **dict.fromkeys((13, 14, 18), LineKind.REFUND),
    **dict.fromkeys((32, 33), LineKind.CAMPAIGN),
    CODE_PAYOUT: LineKind.PAYOUT,
    CODE_PAYOUT_RETURNED: LineKind.PAYOUT_RETURNED,
}
"""What a transfer of a shop's account is a leg of, by its code in the chart of accounts."""
_PAID, _BY_COUPON, _FEE = frozenset({10, 13}), frozenset({11, 14}), frozenset({17, 18})

_NOBODY = ("", "")

Gathered = dict[tuple[UUID, LineKind], Movement]
"""Movements by what they are of."""

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CREDIT_LEG, OUT_LEG, RETURNED_LEG, TOLD_LEG = 1, 2, 4, 5
"""Legs of a payout's id."""


def latest_morning(local: datetime) -> date:
    """The last business day whose morning has come, by the operator's clocks."""
    return local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)


def morning_of(day: date, local: datetime) -> datetime:
    """The moment of that day's morning, in the time zone of `local`."""
    return datetime.combine(day, MORNING, tzinfo=local.tzinfo)


def out_transfer(payout: Payout, ledger: int) -> Transfer:
    """The shop's money is set aside at the bank, which is then asked to give it to the card."""
    return _transfer(
        payout,
        OUT_LEG,
        debit=merchant_accounts.balance_id(payout.shop_id),
        credit=bank_accounts.BANK,
        code=CODE_PAYOUT,
        ledger=ledger,
    )


def returned_transfer(payout: Payout, ledger: int) -> Transfer:
    """What the card did not take is the shop's again."""
    return _transfer(
        payout,
        RETURNED_LEG,
        debit=bank_accounts.BANK,
        credit=merchant_accounts.balance_id(payout.shop_id),
        code=CODE_PAYOUT_RETURNED,
        ledger=ledger,
    )


def _transfer(payout: Payout, leg: int, *, debit: UUID, credit: UUID, code: int, ledger: int) -> Transfer:
    return Transfer(
        id=ids.leg(payout.id, leg),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=payout.amount_minor,
        ledger=ledger,
        code=code,
    )


def statement_period(*, month: str | None, day: str | None, today: date) -> Period:
    """The days of a statement: a month, a day, or this month. Raises `InvalidRequest` that names the field."""
    if month is not None and day is not None:
        raise refused("day", "Ask for a month or for a day.")
    if day is not None:
        try:
            one = date.fromisoformat(day) if _DAY.fullmatch(day) else None
        except ValueError:
            one = None
        if one is None:
            raise refused("day", "A day is written as in 2026-01-31.")
        return Period(one, one)
    first = today.replace(day=1)
    if month is not None:
        found = _MONTH.fullmatch(month)
        if found is None:
            raise refused("month", "A month is written as in 2026-01.")
        first = date(int(found[1]), int(found[2]), 1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def movements(transfers: Iterable[Transfer], account_id: UUID) -> list[Movement]:
    """The transfers of a shop's account, put together by what they are legs of, in the order of their first ones."""
    found: Gathered = {}
    gather(found, transfers, account_id)
    return list(found.values())


def gather(found: Gathered, transfers: Iterable[Transfer], account_id: UUID) -> None:
    """Put the next transfers, in the order of the ledger, to the movements that were found so far."""
    legs: dict[tuple[UUID, LineKind], list[Transfer]] = {}
    for one in transfers:
        legs.setdefault((UUID(int=one.id.int & ~0xFF), _KINDS.get(one.code, LineKind.OTHER)), []).append(one)
    for key, some in legs.items():
        new, before = _movement(*key, some, account_id), found.get(key)
        found[key] = new if before is None else _together(before, new)


def lines(
    moved: Iterable[Movement], names: Mapping[UUID, tuple[str, str]], shares: Mapping[UUID, int], opening_minor: int
) -> list[Line]:
    """The lines of a statement with the balance after each.

    names: who paid and at which till, as far as is known; shares: thousandths of a campaign that the shop itself pays
    """
    made: list[Line] = []
    balance = opening_minor
    for one in moved:
        by_shop = sum(_share(minor, shares.get(campaign_id, 0)) for campaign_id, minor in one.coupons.items())
        by_operator = sum(one.coupons.values()) - by_shop
        amount = one.paid_minor + by_operator + by_shop + one.other_minor
        balance += amount + one.fee_minor
        payer_name, till = names.get(one.id, _NOBODY)
        made.append(
            Line(
                id=one.id,
                kind=one.kind,
                at=_EPOCH + timedelta(microseconds=one.timestamp // 1000),
                order_id=one.order_id,
                payer_name=payer_name,
                till=till,
                amount_minor=amount,
                paid_minor=one.paid_minor,
                by_operator_minor=by_operator,
                by_shop_minor=by_shop,
                fee_minor=one.fee_minor,
                net_minor=amount + one.fee_minor,
                balance_minor=balance,
            )
        )
    return made


def sums(some: Iterable[Line]) -> Sums:
    """What these lines come to."""
    listed = list(some)

    def of(*kinds: LineKind) -> list[Line]:
        return [line for line in listed if line.kind in kinds]

    sold = of(LineKind.PAYMENT)
    return Sums(
        count=len(sold),
        sold_minor=sum(line.amount_minor for line in sold),
        paid_minor=sum(line.paid_minor for line in sold),
        by_operator_minor=sum(line.by_operator_minor for line in sold),
        by_shop_minor=sum(line.by_shop_minor for line in sold),
        refunded_minor=sum(line.amount_minor for line in of(LineKind.REFUND)),
        fees_minor=sum(line.fee_minor for line in listed),
        paid_out_minor=sum(line.amount_minor for line in of(LineKind.PAYOUT, LineKind.PAYOUT_RETURNED)),
        campaigns_minor=sum(line.amount_minor for line in of(LineKind.CAMPAIGN)),
        other_minor=sum(line.amount_minor for line in of(LineKind.OTHER)),
        net_minor=sum(line.net_minor for line in listed),
    )


def _together(first: Movement, later: Movement) -> Movement:
    coupons = {id: first.coupons.get(id, 0) + later.coupons.get(id, 0) for id in {**first.coupons, **later.coupons}}
    return Movement(
        first.id,
        first.kind,
        first.timestamp,
        first.order_id,
        first.paid_minor + later.paid_minor,
        coupons,
        first.fee_minor + later.fee_minor,
        first.other_minor + later.other_minor,
    )


def _movement(id: UUID, kind: LineKind, legs: Sequence[Transfer], account_id: UUID) -> Movement:
    paid = fee = other = 0
    coupons: dict[UUID, int] = {}
    for leg in legs:
        amount = leg.amount if leg.credit_account_id == account_id else -leg.amount
        if leg.code in _PAID:
            paid += amount
        elif leg.code in _BY_COUPON:
            # The other side is an account of the campaign, whose id has the campaign's but for the last byte.
            campaign = leg.debit_account_id if amount > 0 else leg.credit_account_id
            campaign_id = UUID(int=campaign.int & ~0xFF)
            coupons[campaign_id] = coupons.get(campaign_id, 0) + amount
        elif leg.code in _FEE:
            fee += amount
        else:
            other += amount
    order_id = legs[0].user_data_128 if kind in (LineKind.PAYMENT, LineKind.REFUND) else None
    return Movement(id, kind, legs[0].timestamp, order_id, paid, coupons, fee, other)


def _share(minor: int, permille: int) -> int:
    """That many thousandths, half a unit away from nought."""
    part = (2 * abs(minor) * permille + 1000) // 2000
    return part if minor >= 0 else -part
