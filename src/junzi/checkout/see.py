"""What is looked at before a payment begins, all of it together with all who are about to pay at the same time."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from junzi.checkout import store
from junzi.checkout.model import Order
from junzi.coupons import store as coupon_store
from junzi.coupons.model import Coupon
from junzi.kit import idempotency
from junzi.kit.database import Database, Reader
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Shop
from junzi.standing import room


class Seen(msgspec.Struct, frozen=True):
    """is_repeat: the key was used before; coupons: those of the named ones that there are, whoever's; limit_minor: of the shop"""

    is_repeat: bool
    order: Order | None
    shop: Shop | None
    limit_minor: int | None
    coupons: dict[UUID, Coupon]


class _Look(msgspec.Struct, frozen=True):
    payer_id: UUID
    key: str
    order_id: UUID
    coupon_ids: tuple[UUID, ...]


async def see(database: Database, *, payer_id: UUID, key: str, order_id: UUID, coupon_ids: Sequence[UUID]) -> Seen:
    """What stands there at this moment. Nothing is decided on it that is not looked at again where it is decided."""
    seen = await database.together(_seen, _Look(payer_id, key, order_id, tuple(coupon_ids)))
    assert seen is not None, "every look is answered"
    return seen


async def _seen(reader: Reader, looks: list[_Look]) -> dict[_Look, Seen]:
    known = await idempotency.known(reader, [(look.payer_id, look.key) for look in looks])
    orders = await store.orders(reader, list({look.order_id for look in looks}))
    shop_ids = list({order.shop_id for order in orders.values()})
    shops = await merchant_store.shops(reader, shop_ids) if shop_ids else {}
    limits = await room.limits_minor(reader, shop_ids) if shop_ids else {}
    coupon_ids = list({id for look in looks for id in look.coupon_ids})
    coupons = await coupon_store.coupons_by_id(reader, coupon_ids) if coupon_ids else {}

    def seen(look: _Look) -> Seen:
        order = orders.get(look.order_id)
        return Seen(
            is_repeat=(look.payer_id, look.key) in known,
            order=order,
            shop=None if order is None else shops.get(order.shop_id),
            limit_minor=None if order is None else limits.get(order.shop_id),
            coupons={id: coupons[id] for id in look.coupon_ids if id in coupons},
        )

    return {look: seen(look) for look in looks}
