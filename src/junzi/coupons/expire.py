"""Expire coupons past their time: no longer usable → money from outstanding back to the budget → expired."""

from uuid import UUID

from junzi.coupons import accounts, store
from junzi.coupons.model import CouponState
from junzi.kit import clock, ids
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, chain_outcome

CODE_EXPIRE = 22
CODE_EXPIRE_PIECE = 27
RETURN_LEG, PIECE_LEG = 1, 2
MOST = 200
"""How many coupons one sweep takes up."""

_marked = Point("coupons.expire.marked")
_returned = Point("coupons.expire.returned")


async def sweep(database: Database, ledger: Ledger) -> int:
    """Expire what is due; returns how many coupons were taken up."""
    async with database.read() as reader:
        due = await store.to_expire(reader, at=clock.now(), most=MOST)
    return await sweeping.each(due, lambda coupon_id: expire(database, ledger, coupon_id))


async def expire(database: Database, ledger: Ledger, coupon_id: UUID) -> None:
    """Expire one coupon unless a payment has it. Repeatable."""
    async with database.transaction() as tx:
        coupon = await store.coupon_locked(tx, coupon_id)
        if coupon is None or coupon.expires_at > clock.now():
            return
        if coupon.state not in (CouponState.AVAILABLE, CouponState.EXPIRING):
            return
        await store.set_expiring(tx, coupon_id, try_at=clock.now() + sweeping.AGAIN)
    _marked.passed()
    campaign_id = coupon.campaign_id
    outcome = chain_outcome(
        await ledger.create_transfers(
            accounts.chained(
                [
                    accounts.money(
                        ids.leg(coupon_id, RETURN_LEG),
                        accounts.outstanding_id(campaign_id),
                        accounts.budget_id(campaign_id),
                        coupon.amount_minor,
                        CODE_EXPIRE,
                    ),
                    accounts.pieces(
                        ids.leg(coupon_id, PIECE_LEG),
                        accounts.outstanding_pieces_id(campaign_id),
                        accounts.expired_pieces_id(campaign_id),
                        1,
                        CODE_EXPIRE_PIECE,
                    ),
                ]
            )
        )
    )
    if outcome not in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS):
        raise AssertionError(f"the ledger refused an expiry: {outcome.name}")
    _returned.passed()
    async with database.transaction() as tx:
        await store.set_expired(tx, coupon_id)
