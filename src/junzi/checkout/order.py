"""Make an order from a shop's code and an amount, or from an amount it asks for, and show what choosing how to pay it takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from junzi.checkout import rules, store
from junzi.checkout.counter import Counter, counter_at
from junzi.checkout.model import (
    OWN_SHOP,
    NewOrder,
    NotAShopCode,
    Order,
    OrderState,
    OwnCode,
    PaymentState,
)
from junzi.codes import actions as codes
from junzi.codes import rules as code_rules
from junzi.codes.model import CodeKind, CodeUnknown
from junzi.kit import clock, idempotency, ids
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound, Refusal
from junzi.ledger.engine import Ledger
from junzi.merchants import actions as merchants
from junzi.merchants import charge as charges
from junzi.merchants import store as merchant_store
from junzi.merchants import till as tills
from junzi.merchants.model import Shop, ShopState
from junzi.merchants.stores_model import Place
from junzi.standing import room

LIFETIME = timedelta(minutes=15)


class Asked(msgspec.Struct, frozen=True):
    """Somebody wants to pay so much at a shop's or a till's code. order_id: the id that the order would have."""

    order_id: UUID
    payer_id: UUID
    key: str
    code: str
    amount_minor: int
    counter: Counter


async def create(
    database: Database, ledger: Ledger, *, payer_id: UUID, key: str, new: NewOrder, own_hosts: frozenset[str]
) -> Order:
    """The order; a repeat with the same key returns the same one.

    Raises what reading a code raises, `NotAShopCode`, `ShopClosed`, `CodeWithdrawn`, `OwnCode`, `ChargeOver`, `ShopLimitReached`.
    """
    text = code_rules.read(new.code, own_hosts)
    # A charge's code is never turned to something else, so its letter says what it is.
    if text.startswith(CodeKind.CHARGE.value):
        return await _create_for_charge(database, ledger, text, payer_id=payer_id, key=key, new=new)
    counter = await counter_at(database, text)

    async def check() -> None:
        await _check_room(database, ledger, counter.shop, counter.limit_minor, new.amount_minor)

    # Only what is refused is worth a look whether it is a repeat.
    await idempotency.check_once(database, person_id=payer_id, key=key, check=check, is_repeat=False)
    return await database.carry(_create_all, Asked(ids.new_id(), payer_id, key, text, new.amount_minor, counter))


async def _check_room(
    database: Database, ledger: Ledger, shop: Shop | None, limit_minor: int | None, amount_minor: int
) -> None:
    """Refuse what the shop has no room for today, as early as it can be seen; all else is refused where it is decided."""
    if shop is not None and shop.state is ShopState.OPEN and not shop.withdrawn:
        await room.check(database, ledger, shop.id, amount_minor, limit_minor=limit_minor)


async def _create_all(tx: Transaction, batch: list[Asked]) -> list[Order | Refusal]:
    """A step for all who order at the same time. What they saw at the counter a moment ago is seen again when it is paid."""

    async def decide(places: list[int]) -> list[Order | Refusal]:
        return await _create_new(tx, [batch[place] for place in places])

    async def earlier(order_ids: list[UUID]) -> dict[UUID, Order]:
        return await store.orders(tx, order_ids)

    keyed = [_keyed(one.payer_id, one.key, one.code, one.amount_minor, one.order_id) for one in batch]
    return await idempotency.once_each(tx, keyed, decide, earlier)


async def _create_new(tx: Transaction, batch: Sequence[Asked]) -> list[Order | Refusal]:
    now, answers, new = clock.now(), list[Order | Refusal](), dict[UUID, Place]()
    for asked in batch:
        try:
            place = asked.counter.place
            if place is None:
                raise NotAShopCode
            shop = merchants.to_pay(asked.counter.shop)
            answers.append(_order(asked.order_id, shop, asked.payer_id, asked.amount_minor, now))
            new[asked.order_id] = place
        except Refusal as refusal:
            answers.append(refusal)
    if new:
        await store.insert_orders(tx, [order for order in answers if isinstance(order, Order)])
        await tills.note_orders(tx, new)
    return answers


async def _create_for_charge(
    database: Database, ledger: Ledger, text: str, *, payer_id: UUID, key: str, new: NewOrder
) -> Order:
    """An order of the amount that a till asks for. Who scans the charge again goes on with the order by which they hold it."""
    amount_minor = new.amount_minor

    async def check() -> None:
        async with database.read() as reader:
            charge = await merchant_store.charge(reader, (await codes.resolve(reader, text)).target_id)
            shop = None if charge is None else await merchant_store.shop(reader, charge.shop_id)
            limit_minor = None if shop is None else await room.limit_minor(reader, shop.id)
        await _check_room(database, ledger, shop, limit_minor, amount_minor)

    await idempotency.check_once(database, person_id=payer_id, key=key, check=check)
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
    return own(await store.order(reader, order_id), payer_id)


def own(order: Order | None, payer_id: UUID) -> Order:
    """The order if it is the person's. Raises `NotFound`."""
    if order is None or order.payer_id != payer_id:
        raise NotFound
    return order


async def paid(reader: Reader, *, payment_id: UUID, payer_id: UUID) -> tuple[UUID, datetime]:
    """Which shop the person's payment paid, and when. Raises `NotFound`, also while it is not paid."""
    payment = await store.payment(reader, payment_id)
    if payment is None or payment.payer_id != payer_id or payment.state is not PaymentState.PAID:
        raise NotFound
    at = await merchant_store.taken_at(reader, shop_id=payment.shop_id, id=payment_id)
    assert at is not None, "what was paid was taken"
    return payment.shop_id, at
