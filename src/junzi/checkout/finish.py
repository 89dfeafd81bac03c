"""Write the outcomes of all payments that gathered: paid, the coupons redeemed, and what the payer and the shop hear of it."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from junzi.bank import store as bank_store
from junzi.checkout import rules, store
from junzi.checkout.model import Funding, OrderState, Payment, PaymentMade, PaymentState
from junzi.coupons import actions as coupons
from junzi.kit import clock, ids
from junzi.kit.database import Transaction
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Taking
from junzi.merchants.model import card as card_of
from junzi.people import actions as people
from junzi.wallet import actions as wallet
from junzi.wallet.model import Bill, BillKind, Counterparty


async def finish(tx: Transaction, payments: Sequence[Payment]) -> dict[UUID, Payment]:
    """The payments as they stand now, by id; those that somebody else brought to their outcome meanwhile stay as they are."""
    by_id = {payment.id: payment for payment in payments}
    won = await store.settle_payments(tx, list(by_id), state=PaymentState.PAID)
    paid = [by_id[id] for id in by_id if id in won]
    if paid:
        await store.set_orders(tx, [payment.order_id for payment in paid], state=OrderState.PAID)
        await coupons.redeem(tx, {payment.id: rules.coupon_ids(payment) for payment in paid})
        await _tell(tx, paid)
    others = [id for id in by_id if id not in won]
    return {
        **{payment.id: replace(payment, state=PaymentState.PAID) for payment in paid},
        **{payment.id: payment for payment in (await store.payments(tx, others) if others else [])},
    }


async def _tell(tx: Transaction, payments: Sequence[Payment]) -> None:
    shops = await merchant_store.shops(tx, list({payment.shop_id for payment in payments}))
    payers = await people.persons_of(tx, [payment.payer_id for payment in payments])
    card_ids = [payment.card_id for payment in payments if payment.card_id is not None]
    cards = await bank_store.cards(tx, card_ids) if card_ids else {}
    faces = {shop.id: card_of(shop) for shop in shops.values()}
    names = {id: merchants.masked(payer.name) for id, payer in payers.items()}
    now = clock.now()
    await wallet.record_bills(
        tx,
        [
            (
                payment.payer_id,
                Bill(
                    id=rules.bill_id(payment),
                    kind=BillKind.PAYMENT,
                    amount_minor=-payment.paid_minor,
                    discount_minor=payment.coupon_minor,
                    counterparty=Counterparty(name=faces[payment.shop_id].name, picture=faces[payment.shop_id].picture),
                    note="",
                    at=now,
                    order_id=payment.order_id,
                    moves_balance=payment.funding is Funding.BALANCE,
                ),
            )
            for payment in payments
        ],
    )
    await merchants.record_takings(
        tx,
        [
            (
                payment.shop_id,
                Taking(
                    id=payment.id,
                    order_id=payment.order_id,
                    amount_minor=payment.amount_minor,
                    paid_minor=payment.paid_minor,
                    coupon_minor=payment.coupon_minor,
                    payer_name=names[payment.payer_id],
                    at=now,
                    fee_minor=payment.fee_minor,
                ),
            )
            for payment in payments
        ],
    )
    await tx.emit_all(
        [
            (
                ids.leg(payment.id, rules.EVENT_LEG),
                PaymentMade(
                    payment_id=payment.id,
                    order_id=payment.order_id,
                    shop_id=payment.shop_id,
                    shop_name=faces[payment.shop_id].name,
                    picture=faces[payment.shop_id].picture,
                    payer_id=payment.payer_id,
                    payer_name=names[payment.payer_id],
                    amount_minor=payment.amount_minor,
                    coupon_minor=payment.coupon_minor,
                    paid_minor=payment.paid_minor,
                    funding=payment.funding,
                    card_last4=None if payment.card_id is None else cards[payment.card_id].last4,
                ),
            )
            for payment in payments
        ]
    )
