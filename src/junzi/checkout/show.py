"""What a person sees of an order before they pay it, and of a payment."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from junzi.bank import store as bank_store
from junzi.bank.model import Card
from junzi.bank.model import shown as shown_card
from junzi.checkout import rules, store
from junzi.checkout.model import Order, OrderState, Payment, ShownOrder, ShownPayment, ShownUse
from junzi.coupons import actions as coupons
from junzi.coupons import store as coupon_store
from junzi.coupons.model import Coupon, Words
from junzi.kit import clock
from junzi.kit.database import Database, Reader
from junzi.ledger.engine import Ledger
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Shop
from junzi.merchants.model import card as shop_card
from junzi.wallet import accounts as wallet_accounts


class _View(msgspec.Struct, frozen=True):
    shop: Shop
    coupons: list[Coupon]
    cards: list[Card]


async def show(database: Database, ledger: Ledger, order: Order) -> ShownOrder:
    """The order with coupons, the best first, balance and cards."""
    view = await database.together(_views, (order.payer_id, order.shop_id))
    assert view is not None, "a shop is never deleted"
    choices, best = coupons.choices(view.coupons, order.amount_minor, shop=view.shop)
    # An open order is one without a payment that stands.
    open = order.state is OrderState.OPEN
    payment = None if open else await database.together(store.standing_payments, order.id)
    return ShownOrder(
        id=order.id,
        shop=shop_card(view.shop),
        amount_minor=order.amount_minor,
        state=rules.state_at(order, clock.now()),
        expires_at=order.expires_at,
        coupons=choices,
        best_coupon_ids=[use.coupon.id for use in best],
        best_saves_minor=sum(use.saved_minor for use in best),
        balance_minor=await wallet_accounts.balance_minor(ledger, order.payer_id),
        cards=[shown_card(card) for card in view.cards],
        payment=None if payment is None else await show_payment(database, payment),
    )


async def show_payment(database: Database, payment: Payment) -> ShownPayment:
    """The payment with its shop, its card and what its coupons are called."""
    async with database.read() as reader:
        shop = await merchant_store.shop(reader, payment.shop_id)
        used = await coupon_store.coupons(reader, rules.coupon_ids(payment)) if payment.coupons else []
        card = None if payment.card_id is None else await bank_store.card(reader, payment.card_id)
    assert shop is not None, "a shop is never deleted"
    return shown_payment(payment, shop, {coupon.id: coupon.title for coupon in used}, card)


def shown_payment(payment: Payment, shop: Shop, titles: Mapping[UUID, Words], card: Card | None) -> ShownPayment:
    """titles: of its coupons"""
    return ShownPayment(
        id=payment.id,
        order_id=payment.order_id,
        number=payment.number,
        state=payment.state,
        amount_minor=payment.amount_minor,
        coupon_minor=payment.coupon_minor,
        paid_minor=payment.paid_minor,
        funding=payment.funding,
        card=None if card is None else shown_card(card),
        shop=shop_card(shop),
        coupons=[ShownUse(one.coupon_id, titles[one.coupon_id], one.saved_minor) for one in payment.coupons],
        reason=payment.reason,
        at=payment.created_at,
    )


async def _views(reader: Reader, wanted: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], _View]:
    """What these people see at these shops."""
    person_ids = list({person_id for person_id, _ in wanted})
    shops = await merchant_store.shops(reader, list({shop_id for _, shop_id in wanted}))
    counting = await coupon_store.coupons_that_count(reader, person_ids)
    cards = await bank_store.cards_of_people(reader, person_ids)
    return {
        (person_id, shop_id): _View(shops[shop_id], counting.get(person_id, []), cards.get(person_id, []))
        for person_id, shop_id in wanted
        if shop_id in shops
    }
