"""What a person sees of their coupons, and the steps checkout takes with them."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from junzi.coupons import rules, store
from junzi.coupons.model import (
    Campaign,
    Choice,
    Coupon,
    CouponNotUsable,
    CouponState,
    Place,
    Report,
    ShownCoupon,
    shown,
)
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.merchants import store as merchants
from junzi.merchants.model import Trade

SHOWN_STATES = {
    "available": [CouponState.AVAILABLE, CouponState.RESERVED],
    "redeemed": [CouponState.REDEEMED],
    "expired": [CouponState.EXPIRING, CouponState.EXPIRED],
}


async def coupons_of(reader: Reader, person_id: UUID, state: str) -> list[ShownCoupon]:
    """The person's coupons that are available, redeemed or expired."""
    now = clock.now()
    # A coupon past its time is expired from that moment on, whether or not its money went back yet.
    wanted = SHOWN_STATES["available"] + SHOWN_STATES["expired"] if state == "expired" else SHOWN_STATES[state]
    found = await store.coupons_of(reader, person_id=person_id, states=wanted)
    coupons = [as_of(coupon, now) for coupon in found]
    return [shown(coupon) for coupon in coupons if _is_past(coupon) == (state == "expired")]


async def choices(reader: Reader, person_id: UUID, amount_minor: int, *, shop_id: UUID, trade: Trade) -> list[Choice]:
    """The person's coupons seen from a purchase of that amount at that shop, the best first."""
    found = await store.coupons_of(reader, person_id=person_id, states=[CouponState.AVAILABLE, CouponState.RESERVED])
    now = clock.now()
    return rules.choices(found, amount_minor, now, _place(shop_id, trade, now))


async def access_usable(
    reader: Reader, *, coupon_id: UUID, person_id: UUID, amount_minor: int, shop_id: UUID, trade: Trade
) -> Coupon:
    """The person's coupon if it counts for that purchase. Raises `CouponNotUsable` with the reason."""
    coupon = await store.coupon(reader, coupon_id)
    return _usable(coupon, person_id, amount_minor, shop_id, trade)


async def reserve(
    tx: Transaction,
    *,
    coupon_id: UUID,
    person_id: UUID,
    payment_id: UUID,
    amount_minor: int,
    shop_id: UUID,
    trade: Trade,
) -> Coupon:
    """Hold a coupon for a payment of that amount at that shop. Raises `CouponNotUsable` with the reason."""
    coupon = _usable(await store.coupon_locked(tx, coupon_id), person_id, amount_minor, shop_id, trade)
    await store.reserve_coupon(
        tx,
        id=coupon_id,
        payment_id=payment_id,
        shop_id=shop_id,
        amount_minor=amount_minor,
        saved_minor=rules.saves(coupon, amount_minor),
        at=clock.now(),
    )
    return coupon


async def redeem(tx: Transaction, *, coupon_id: UUID, payment_id: UUID) -> None:
    """The payment that held the coupon is done."""
    await store.set_coupon(tx, id=coupon_id, state=CouponState.REDEEMED, payment_id=payment_id)


async def release(tx: Transaction, *, coupon_id: UUID, payment_id: UUID) -> None:
    """The payment that held the coupon was refused: it counts again."""
    coupon = await store.coupon_locked(tx, coupon_id)
    if coupon is not None and coupon.state is CouponState.RESERVED and coupon.payment_id == payment_id:
        await store.set_coupon(tx, id=coupon_id, state=CouponState.AVAILABLE, payment_id=None)


async def give_back(tx: Transaction, *, coupon_id: UUID, payment_id: UUID) -> None:
    """The payment that used the coupon was refunded whole: it counts again, until it ends as ever."""
    coupon = await store.coupon_locked(tx, coupon_id)
    if coupon is not None and coupon.state is CouponState.REDEEMED and coupon.payment_id == payment_id:
        await store.set_coupon(tx, id=coupon_id, state=CouponState.AVAILABLE, payment_id=None)


def as_of(coupon: Coupon, at: datetime) -> Coupon:
    """The coupon as it counts at that moment."""
    if coupon.state is CouponState.AVAILABLE and coupon.expires_at <= at:
        return msgspec.structs.replace(coupon, state=CouponState.EXPIRING)
    return coupon


async def open_packet(database: Database, *, coupon_id: UUID, person_id: UUID) -> ShownCoupon:
    """Open a red packet; a repeat shows what was in it. Raises `NotFound` for what is no packet of the person."""
    async with database.transaction() as tx:
        coupon = await store.coupon_locked(tx, coupon_id)
        if coupon is None or coupon.person_id != person_id or not coupon.packet:
            raise NotFound
        await store.open_packet(tx, coupon_id, at=clock.now())
        opened = await store.coupon(tx, coupon_id)
    assert opened is not None, "a coupon is never deleted"
    return shown(as_of(opened, clock.now()))


async def access_campaign(reader: Reader, campaign_id: UUID) -> Campaign:
    """A campaign as the operator sees it. Raises `NotFound`."""
    campaign = await store.campaign_or_none(reader, campaign_id)
    if campaign is None:
        raise NotFound
    return campaign


async def report(reader: Reader, campaign_id: UUID) -> Report:
    """What became of a campaign. Raises `NotFound`."""
    await access_campaign(reader, campaign_id)
    found = await store.report(reader, campaign_id, zone=town.current().time_zone)
    shops = await merchants.shops(reader, [line.shop_id for line in found.by_shop])
    named = [
        msgspec.structs.replace(line, name=shops[line.shop_id].name, picture=shops[line.shop_id].picture)
        for line in found.by_shop
    ]
    return msgspec.structs.replace(found, by_shop=named)


def _place(shop_id: UUID, trade: Trade, at: datetime) -> Place:
    return Place(shop_id, trade, at.astimezone(ZoneInfo(town.current().time_zone)).hour)


def _usable(coupon: Coupon | None, person_id: UUID, amount_minor: int, shop_id: UUID, trade: Trade) -> Coupon:
    if coupon is None or coupon.person_id != person_id:
        raise CouponNotUsable("This coupon is not yours.", reason="not-yours")
    now = clock.now()
    reason = rules.why_not(coupon, amount_minor, now, _place(shop_id, trade, now))
    if reason is not None:
        raise CouponNotUsable(reason=reason.value)
    return coupon


def _is_past(coupon: Coupon) -> bool:
    return coupon.state in (CouponState.EXPIRING, CouponState.EXPIRED)
