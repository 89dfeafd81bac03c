"""Make an order from a shop's code and an amount, or from an amount it asks for, and show what choosing how to pay it takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

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
from junzi.codes.model import Code, CodeKind, CodeUnknown
from junzi.coupons import actions as coupons
from junzi.kit import clock, idempotency, ids
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound, Refusal
from junzi.ledger.engine import Ledger
from junzi.merchants import actions as merchants
from junzi.merchants import charge as charges
from junzi.merchants import store as merchant_store
from junzi.merchants import till as tills
from junzi.merchants.model import Shop, ShopState
from junzi.merchants.model import card as shop_card
from junzi.standing import room
from junzi.wallet import accounts as wallet_accounts

LIFETIME = timedelta(minutes=15)


class Asked(msgspec.Struct, frozen=True):
    """Somebody wants to pay so much at a shop's or a till's code. order_id: the id that the order would have."""

    order_id: UUID
    payer_id: UUID
    key: str
    code: str
    amount_minor: int


async def create(
    database: Database, ledger: Ledger, *, payer_id: UUID, key: str, new: NewOrder, own_hosts: frozenset[str]
) -> Order:
    """The order; a repeat with the same key returns the same one.

    Raises what reading a code raises, `NotAShopCode`, `ShopClosed`, `CodeWithdrawn`, `OwnCode`, `ChargeOver`, `ShopLimitReached`.
    """
    text = code_rules.read(new.code, own_hosts)

    async def check() -> None:
        await _check_room(database, ledger, text, new.amount_minor)

    await idempotency.check_once(database, person_id=payer_id, key=key, check=check)
    # A charge's code is never turned to something else, so its letter says what it is.
    if text.startswith(CodeKind.CHARGE.value):
        return await _create_for_charge(database, text, payer_id=payer_id, key=key, amount_minor=new.amount_minor)
    return await database.carry(_create_all, Asked(ids.new_id(), payer_id, key, text, new.amount_minor))


async def _check_room(database: Database, ledger: Ledger, text: str, amount_minor: int) -> None:
    """Refuse what the shop has no room for today, as early as it can be seen; all else is refused where it is decided."""
    code = await codes.resolve_together(database, text)
    if code.kind is CodeKind.PERSON:
        return
    if code.kind is CodeKind.CHARGE:
        async with database.read() as reader:
            charge = await merchant_store.charge(reader, code.target_id)
            if charge is None:
                return
            shop_id = charge.shop_id
    else:
        shop_id = (await tills.place_together(database, code)).shop_id
    shop = await database.together(merchant_store.shops, shop_id)
    if shop is not None and shop.state is ShopState.OPEN and not shop.withdrawn:
        await room.check(database, ledger, shop.id, amount_minor)


async def _create_all(tx: Transaction, batch: list[Asked]) -> list[Order | Refusal]:
    """A step for all who order at the same time."""

    async def decide(places: list[int]) -> list[Order | Refusal]:
        return await _create_new(tx, [batch[place] for place in places])

    async def earlier(order_ids: list[UUID]) -> dict[UUID, Order]:
        return await store.orders(tx, order_ids)

    keyed = [_keyed(one.payer_id, one.key, one.code, one.amount_minor, one.order_id) for one in batch]
    return await idempotency.once_each(tx, keyed, decide, earlier)


async def _create_new(tx: Transaction, batch: Sequence[Asked]) -> list[Order | Refusal]:
    resolved = await codes.resolve_all(tx, list({asked.code for asked in batch}))
    payable = [code for code in resolved.values() if isinstance(code, Code) and code.kind is not CodeKind.PERSON]
    places = await tills.places_of(tx, payable)
    shops = await merchant_store.shops(tx, list({place.shop_id for place in places.values()}))
    now, answers, new = clock.now(), list[Order | Refusal](), dict[UUID, Order]()
    for asked in batch:
        try:
            code = resolved[asked.code]
            if isinstance(code, Refusal):
                raise code
            if code.kind is CodeKind.PERSON:
                raise NotAShopCode
            place = places.get(asked.code)
            if place is None:
                raise CodeUnknown
            order = _order(
                asked.order_id, merchants.to_pay(shops.get(place.shop_id)), asked.payer_id, asked.amount_minor, now
            )
        except Refusal as refusal:
            answers.append(refusal)
        else:
            answers.append(order)
            new[order.id] = order
    if new:
        await store.insert_orders(tx, list(new.values()))
        await tills.note_orders(tx, {asked.order_id: places[asked.code] for asked in batch if asked.order_id in new})
    return answers


async def _create_for_charge(database: Database, text: str, *, payer_id: UUID, key: str, amount_minor: int) -> Order:
    """An order of the amount that a till asks for. Who scans the charge again goes on with the order by which they hold it."""
    async with database.transaction() as tx:
        code = await codes.resolve(tx, text)
        charge = await charges.charge_locked(tx, code)
        if charge is None:
            raise CodeUnknown
        held = charge.order_id if charge.payer_id == payer_id else None
        wanted = _keyed(payer_id, key, text, amount_minor, held or ids.new_id())
        claimed = await idempotency.claim(
            tx, person_id=payer_id, key=key, action=wanted.action, body=wanted.body, intent_id=wanted.intent_id
        )
        if claimed == wanted.intent_id:
            shop = await merchants.shop_to_pay(tx, charge.shop_id)
            if shop.owner_id == payer_id:
                raise OwnCode(OWN_SHOP)
            await charges.take(tx, charge, amount_minor=amount_minor, order_id=claimed, payer_id=payer_id)
            if held is None:
                await store.insert_orders(tx, [_order(claimed, shop, payer_id, amount_minor, clock.now())])
                await tills.note_orders(tx, {claimed: await tills.place_of(tx, code, charge)})
        order = await store.order(tx, claimed)
    assert order is not None, "what a key is bound to is there"
    return order


def _order(id: UUID, shop: Shop, payer_id: UUID, amount_minor: int, at: datetime) -> Order:
    if shop.owner_id == payer_id:
        raise OwnCode(OWN_SHOP)
    return Order(id, shop.id, payer_id, amount_minor, OrderState.OPEN, at, at + LIFETIME)


def _keyed(payer_id: UUID, key: str, code: str, amount_minor: int, order_id: UUID) -> idempotency.Keyed:
    return idempotency.Keyed(payer_id, key, "checkout.order", {"code": code, "amount_minor": amount_minor}, order_id)


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
    return _own(await store.order(reader, order_id), payer_id)


async def access_together(database: Database, order_id: UUID, payer_id: UUID) -> Order:
    """The same, in one query with all who ask for theirs at the same time."""
    return _own(await database.together(store.orders, order_id), payer_id)


async def show(database: Database, ledger: Ledger, order: Order) -> ShownOrder:
    """The order with coupons, the best first, balance and cards."""
    balance = await wallet_accounts.balance_minor(ledger, order.payer_id)
    shop = await database.together(merchant_store.shops, order.shop_id)
    assert shop is not None, "a shop is never deleted"
    choices, best = await coupons.choices(database, order.payer_id, order.amount_minor, shop=shop)
    cards = await database.together(bank_store.cards_of_people, order.payer_id) or []
    # An open order is one without a payment that stands.
    open = order.state is OrderState.OPEN
    payment = None if open else await database.together(store.standing_payments, order.id)
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
        payment=None if payment is None else await shown_payment(database, payment),
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


async def shown_payment(database: Database, payment: Payment) -> ShownPayment:
    shop = await database.together(merchant_store.shops, payment.shop_id)
    assert shop is not None, "a shop is never deleted"
    card = None if payment.card_id is None else await database.together(bank_store.cards, payment.card_id)
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
        coupons=[
            ShownUse(one.coupon_id, await coupons.title(database, one.coupon_id), one.saved_minor)
            for one in payment.coupons
        ],
        reason=payment.reason,
        at=payment.created_at,
    )


def _own(order: Order | None, payer_id: UUID) -> Order:
    if order is None or order.payer_id != payer_id:
        raise NotFound
    return order
