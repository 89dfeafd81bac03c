"""Make an order from a shop's code and an amount, or from an amount it asks for, and show what choosing how to pay it takes."""

from datetime import datetime, timedelta
from uuid import UUID

from junzi.bank import store as bank_store
from junzi.bank.model import shown as shown_card
from junzi.checkout import rules, store
from junzi.checkout.model import (
    OWN_SHOP,
    NewOrder,
    NotAShopCode,
    Order,
    OrderState,
    OwnCode,
    Payment,
    PaymentState,
    ShownOrder,
    ShownPayment,
    ShownUse,
)
from junzi.codes import actions as codes
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeKind
from junzi.coupons import actions as coupons
from junzi.kit import clock, idempotency, ids
from junzi.kit.database import Database, Reader
from junzi.kit.errors import NotFound
from junzi.ledger.engine import Ledger
from junzi.merchants import actions as merchants
from junzi.merchants import charge as charges
from junzi.merchants import store as merchant_store
from junzi.merchants import till as tills
from junzi.merchants.model import ShopState
from junzi.merchants.model import card as shop_card
from junzi.standing import room
from junzi.wallet import accounts as wallet_accounts

LIFETIME = timedelta(minutes=15)


async def create(database: Database, *, payer_id: UUID, key: str, new: NewOrder, own_hosts: frozenset[str]) -> UUID:
    """The order's id; a repeat with the same key returns the same one.

    Raises what reading a code raises, `NotAShopCode`, `ShopClosed`, `OwnCode`, `ChargeOver`.
    """
    text = code_rules.read(new.code, own_hosts)
    async with database.transaction() as tx:
        code = await codes.resolve(tx, text)
        charge = await charges.charge_locked(tx, code)
        # Who scans a charge again goes on with the order by which they hold it.
        held = None if charge is None or charge.payer_id != payer_id else charge.order_id
        order_id = held or ids.new_id()
        body = {"code": text, "amount_minor": new.amount_minor}
        claimed = await idempotency.claim(
            tx, person_id=payer_id, key=key, action="checkout.order", body=body, intent_id=order_id
        )
        if claimed != order_id:
            return claimed
        if code.kind is CodeKind.PERSON:
            raise NotAShopCode
        place = await tills.place_of(tx, code, charge)
        shop = await merchants.shop_to_pay(tx, place.shop_id)
        if shop.owner_id == payer_id:
            raise OwnCode(OWN_SHOP)
        if charge is not None:
            await charges.take(tx, charge, amount_minor=new.amount_minor, order_id=order_id, payer_id=payer_id)
        if held is not None:
            return held
        now = clock.now()
        await store.insert_order(
            tx, Order(order_id, shop.id, payer_id, new.amount_minor, OrderState.OPEN, now, now + LIFETIME)
        )
        await tills.note_order(tx, order_id, place)
    return order_id


async def check_room(database: Database, ledger: Ledger, *, new: NewOrder, own_hosts: frozenset[str]) -> None:
    """Refuse what the shop has no room for today, as early as it can be seen.

    Raises `ShopLimitReached`, and what reading a code raises; every other refusal is left to `create`.
    """
    text = code_rules.read(new.code, own_hosts)
    async with database.read() as reader:
        code = await codes.resolve(reader, text)
        if code.kind is CodeKind.PERSON:
            return
        charge = await merchant_store.charge(reader, code.target_id) if code.kind is CodeKind.CHARGE else None
        place = await tills.place_of(reader, code, charge)
        shop = await merchant_store.shop(reader, place.shop_id)
    if shop is not None and shop.state is ShopState.OPEN and not shop.withdrawn:
        await room.check(database, ledger, shop.id, new.amount_minor)


async def close(database: Database, *, order_id: UUID, payer_id: UUID) -> None:
    """The person does not want to pay the order any more; harmless to repeat.

    Raises `NotFound`, `OrderAlreadyPaid`, `OrderProcessing`.
    """
    async with database.transaction() as tx:
        await access_order(tx, order_id, payer_id)
        order = await store.order_locked(tx, order_id)
        if order.state is OrderState.CLOSED:
            return
        rules.check_payable(order, is_past=False)
        await store.set_order(tx, id=order_id, state=OrderState.CLOSED)
        await charges.let_go(tx, order_id)


async def access_order(reader: Reader, order_id: UUID, payer_id: UUID) -> Order:
    """The person's order. Raises `NotFound`, also for somebody else's."""
    order = await store.order(reader, order_id)
    if order is None or order.payer_id != payer_id:
        raise NotFound
    return order


async def show(database: Database, ledger: Ledger, *, order_id: UUID, payer_id: UUID) -> ShownOrder:
    """The order with coupons, the best first, balance and cards. Raises `NotFound`."""
    balance = await wallet_accounts.balance_minor(ledger, payer_id)
    async with database.read() as reader:
        order = await access_order(reader, order_id, payer_id)
        shop = await merchant_store.shop(reader, order.shop_id)
        assert shop is not None, "a shop is never deleted"
        choices, best = await coupons.choices(reader, payer_id, order.amount_minor, shop=shop)
        cards = await bank_store.cards_of(reader, payer_id)
        payment = await store.standing_payment(reader, order_id)
        return ShownOrder(
            id=order.id,
            shop=shop_card(shop),
            amount_minor=order.amount_minor,
            state=state_at(order),
            expires_at=order.expires_at,
            coupons=choices,
            best_coupon_ids=[use.coupon.id for use in best],
            best_saves_minor=sum(use.saved_minor for use in best),
            balance_minor=balance,
            cards=[shown_card(card) for card in cards],
            payment=None if payment is None else await shown_payment(reader, payment),
        )


async def paid(reader: Reader, *, payment_id: UUID, payer_id: UUID) -> tuple[UUID, datetime]:
    """Which shop the person's payment paid, and when. Raises `NotFound`, also while it is not paid."""
    payment = await store.payment(reader, payment_id)
    if payment is None or payment.payer_id != payer_id or payment.state is not PaymentState.PAID:
        raise NotFound
    at = await merchant_store.taken_at(reader, shop_id=payment.shop_id, id=payment_id)
    assert at is not None, "what was paid was taken"
    return payment.shop_id, at


def state_at(order: Order) -> OrderState:
    """The order's state now: an open one that nobody paid in time is expired."""
    return OrderState.EXPIRED if order.state is OrderState.OPEN and is_past(order) else order.state


def is_past(order: Order) -> bool:
    return order.expires_at <= clock.now()


async def shown_payment(reader: Reader, payment: Payment) -> ShownPayment:
    shop = await merchant_store.shop(reader, payment.shop_id)
    assert shop is not None, "a shop is never deleted"
    titles = await coupons.titles(reader, [one.coupon_id for one in payment.coupons])
    return ShownPayment(
        id=payment.id,
        order_id=payment.order_id,
        number=payment.number,
        state=payment.state,
        amount_minor=payment.amount_minor,
        coupon_minor=payment.coupon_minor,
        paid_minor=payment.paid_minor,
        funding=payment.funding,
        card=None if payment.card_id is None else shown_card(await bank_store.card(reader, payment.card_id)),
        shop=shop_card(shop),
        coupons=[ShownUse(one.coupon_id, titles[one.coupon_id], one.saved_minor) for one in payment.coupons],
        reason=payment.reason,
        at=payment.created_at,
    )
