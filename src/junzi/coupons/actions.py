"""What a person sees of their coupons, and the steps checkout takes with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from junzi.coupons import choose, rules, store
from junzi.coupons.books import Purchase
from junzi.coupons.choose import Choice, Unused, Use
from junzi.coupons.model import (
    Campaign,
    Coupon,
    CouponNotUsable,
    CouponState,
    Place,
    ShownCoupon,
    shown,
)
from junzi.kit import clock, text, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound, Refusal
from junzi.merchants.model import Shop, card

SHOWN_STATES = {
    "available": [CouponState.AVAILABLE, CouponState.RESERVED],
    "redeemed": [CouponState.REDEEMED],
    "expired": [CouponState.EXPIRING, CouponState.EXPIRED, CouponState.WITHDRAWING, CouponState.WITHDRAWN],
}


async def coupons_of(reader: Reader, person_id: UUID, state: str) -> list[ShownCoupon]:
    """The person's coupons that are available, redeemed, or gone: expired or withdrawn."""
    now = clock.now()
    # A coupon past its time is expired from that moment on, whether or not its money went back yet.
    wanted = SHOWN_STATES["available"] + SHOWN_STATES["expired"] if state == "expired" else SHOWN_STATES[state]
    found = await store.coupons_of(reader, person_id=person_id, states=wanted)
    coupons = [as_of(coupon, now) for coupon in found]
    return [shown(coupon) for coupon in coupons if _is_past(coupon) == (state == "expired")]


def choices(coupons: Sequence[Coupon], amount_minor: int, *, shop: Shop) -> tuple[list[Choice], list[Use]]:
    """A person's coupons seen from a purchase of that amount at that shop, and the best combination of them in front."""
    now = clock.now()
    return choose.choices(coupons, amount_minor, now, _place(shop, now))


def usable(
    found: Mapping[UUID, Coupon], *, coupon_ids: Sequence[UUID], person_id: UUID, amount_minor: int, shop: Shop
) -> list[Use]:
    """What these coupons of the person take off that purchase when all are used, in the order of use.

    found: by id, whoever's they are

    Raises `CouponNotUsable` with the reason and which it is about, and `InvalidRequest` when one is named twice.
    """
    if len(set(coupon_ids)) < len(coupon_ids):
        raise text.refused("coupon_ids", "A coupon is named once.")
    if not coupon_ids:
        return []
    own = {id: coupon for id in coupon_ids if (coupon := found.get(id)) is not None and coupon.person_id == person_id}
    now = clock.now()
    place = _place(shop, now)
    for id in coupon_ids:
        if id not in own:
            raise CouponNotUsable("This coupon is not yours.", reason="not-yours", coupon_id=id)
        why = rules.why_not(own[id], amount_minor, now, place)
        if why is not None:
            raise CouponNotUsable(reason=why.value, coupon_id=id)
    for one, other in combinations(own.values(), 2):
        if not choose.go_together(one, other):
            raise CouponNotUsable(reason=Unused.NOT_TOGETHER.value, coupon_id=one.id, excluded_by=other.id)
    uses = choose.uses(own.values(), amount_minor)
    for use in uses:
        if use.saved_minor == 0:
            raise CouponNotUsable(reason=Unused.NOT_NEEDED.value, coupon_id=use.coupon.id)
    return uses


async def reserve(tx: Transaction, purchases: Sequence[Purchase]) -> list[list[Use] | Refusal]:
    """Hold each purchase's coupons, the first come first: what they take off, or what `usable` refuses them with."""
    wanted = [id for purchase in purchases for id in purchase.coupon_ids]
    found = {coupon.id: coupon for coupon in await store.coupons_locked(tx, list(set(wanted)))} if wanted else {}
    answers = list[list[Use] | Refusal]()
    for purchase in purchases:
        try:
            uses = usable(
                found,
                coupon_ids=purchase.coupon_ids,
                person_id=purchase.person_id,
                amount_minor=purchase.amount_minor,
                shop=purchase.shop,
            )
        except Refusal as refusal:
            answers.append(refusal)
        else:
            answers.append(uses)
            for use in uses:
                found[use.coupon.id] = msgspec.structs.replace(use.coupon, state=CouponState.RESERVED)
    held = [
        (purchase, use)
        for purchase, uses_or_not in zip(purchases, answers, strict=True)
        if not isinstance(uses_or_not, Refusal)
        for use in uses_or_not
    ]
    if held:
        await store.reserve_coupons(tx, held, at=clock.now())
    return answers


async def redeem(tx: Transaction, coupon_ids: Mapping[UUID, Sequence[UUID]]) -> None:
    """The payments that held these coupons are done; by payment."""
    await store.redeem_coupons(tx, [(payment_id, id) for payment_id, used in coupon_ids.items() for id in used])


async def release(tx: Transaction, *, coupon_ids: Sequence[UUID], payment_id: UUID) -> None:
    """The payment that held the coupons was refused: they count again."""
    await _settle(tx, coupon_ids, payment_id, CouponState.RESERVED, CouponState.AVAILABLE)


async def give_back(tx: Transaction, *, coupon_ids: Sequence[UUID], payment_id: UUID) -> None:
    """The payment that used the coupons was refunded whole: they count again, until they end as ever."""
    await _settle(tx, coupon_ids, payment_id, CouponState.REDEEMED, CouponState.AVAILABLE)


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


def _place(shop: Shop, at: datetime) -> Place:
    # Of a discreet shop a coupon that counts would tell its trade and its part of the town.
    area_id = None if shop.discreet else shop.area_id
    return Place(shop.id, card(shop).trade, at.astimezone(ZoneInfo(town.current().time_zone)).hour, area_id)


async def _settle(
    tx: Transaction, coupon_ids: Sequence[UUID], payment_id: UUID, before: CouponState, after: CouponState
) -> None:
    if coupon_ids:
        await store.settle_coupons(tx, list(coupon_ids), payment_id=payment_id, before=before, after=after)


def _is_past(coupon: Coupon) -> bool:
    return coupon.state in SHOWN_STATES["expired"]
