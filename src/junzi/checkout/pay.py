"""Pay an order: intent, with the coupons held → card debit if a card pays → one linked chain in the ledger → outcome.

Repeatable from the intent row: every transfer's and event's id is a leg of the payment's. Once the intent stands, the coupons are
held and the amounts are fixed; a crash at any later point is finished by whoever repeats the request, looks at the
payment, or the sweep.
"""

from datetime import datetime
from uuid import UUID

from junzi.bank import debit as bank_debit
from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.bank.model import CardNotFound, DebitState
from junzi.checkout import order as orders
from junzi.checkout import rules, store
from junzi.checkout.model import (
    CardMissing,
    Funding,
    NewPayment,
    OrderState,
    Payment,
    PaymentCoupon,
    PaymentMade,
    PaymentState,
)
from junzi.coupons import actions as coupons
from junzi.kit import clock, idempotency, ids, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, chain_outcome
from junzi.merchants import actions as merchants
from junzi.merchants import agreement
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Taking
from junzi.merchants.model import card as card_of
from junzi.people.actions import person_of
from junzi.people.model import PinKey
from junzi.people.pin import verify_pin
from junzi.standing import room
from junzi.wallet import accounts as wallet_accounts
from junzi.wallet import actions as wallet
from junzi.wallet.model import Bill, BillKind, Counterparty, InsufficientBalance

SHOP_LIMIT_REACHED = "shop-limit-reached"
"""Why a payment was refused that was within the bound when it was asked for: others were first."""

_intended = Point("checkout.pay.intended")
_room_taken = Point("checkout.pay.room_taken")
_debited = Point("checkout.pay.debited")
_posted = Point("checkout.pay.posted")
_finished = Point("checkout.pay.finished")


async def pay(
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    pin_key: PinKey,
    *,
    order_id: UUID,
    payer_id: UUID,
    key: str,
    new: NewPayment,
) -> Payment:
    """Pay the person's order; a repeat with the same key goes on with the same payment and asks for no PIN again.

    Raises `NotFound`, `OrderAlreadyPaid`, `OrderProcessing`, `OrderExpired`, `ShopClosed`, `CodeWithdrawn`, `ShopLimitReached`,
    `CouponNotUsable`, `CardMissing`, `CardNotFound`, `InsufficientBalance`, and what `verify_pin` raises.
    """

    async def check() -> None:
        await _check(database, ledger, order_id=order_id, payer_id=payer_id, new=new)
        await verify_pin(database, pin_key, payer_id, new.pin)

    await idempotency.check_once(database, person_id=payer_id, key=key, check=check)
    async with database.transaction() as tx:
        payment_id = ids.new_id()
        body = {"order_id": order_id, "coupon_ids": new.coupon_ids, "funding": new.funding, "card_id": new.card_id}
        claimed = await idempotency.claim(
            tx, person_id=payer_id, key=key, action="checkout.pay", body=body, intent_id=payment_id
        )
        if claimed == payment_id:
            await _intend(tx, payment_id=payment_id, order_id=order_id, payer_id=payer_id, new=new)
    _intended.passed()
    return await run(database, ledger, issuer, claimed)


async def run(database: Database, ledger: Ledger, issuer: Issuer, payment_id: UUID) -> Payment:
    """Bring a payment as far as the bank's answers allow."""
    async with database.read() as reader:
        payment = await store.payment(reader, payment_id)
    if payment is None:
        raise NotFound
    if payment.state is not PaymentState.PROCESSING:
        return payment
    if not await _take_room(database, ledger, payment):
        return await _refuse(database, payment, SHOP_LIMIT_REACHED)
    _room_taken.passed()
    if payment.card_id is not None and payment.paid_minor:
        debit = await bank_debit.debit(
            database,
            issuer,
            id=ids.leg(payment_id, rules.DEBIT_LEG),
            card_id=payment.card_id,
            amount_minor=payment.paid_minor,
            text=f"{town.current().name} {payment.number}",
        )
        if debit.state is DebitState.ASKED:
            return payment
        if debit.state is DebitState.DECLINED:
            return await _come_to_nothing(database, ledger, payment, debit.reason or "declined")
    _debited.passed()
    outcome = chain_outcome(await ledger.create_transfers(rules.transfers(payment, town.current().money.number)))
    _posted.passed()
    if outcome in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS):
        paid = await _finish(database, payment)
        _finished.passed()
        return paid
    broke = (
        CreateTransferStatus.EXCEEDS_CREDITS,
        CreateTransferStatus.ID_ALREADY_FAILED,
        CreateTransferStatus.DEBIT_ACCOUNT_NOT_FOUND,
    )
    if payment.funding is Funding.BALANCE and outcome in broke:
        return await _come_to_nothing(database, ledger, payment, "insufficient-balance")
    raise AssertionError(f"the ledger refused a payment whose money was set aside: {outcome.name}")


async def payment_of(
    database: Database, ledger: Ledger, issuer: Issuer, *, payment_id: UUID, payer_id: UUID
) -> Payment:
    """The person's payment, gone on with while it is processing. Raises `NotFound`."""
    async with database.read() as reader:
        payment = await store.payment(reader, payment_id)
    if payment is None or payment.payer_id != payer_id:
        raise NotFound
    return await run(database, ledger, issuer, payment_id)


async def sweep(database: Database, ledger: Ledger, issuer: Issuer) -> int:
    """Go on with payments that were interrupted or wait for a bank; returns how many were tried."""
    return await sweeping.sweep(
        database, store.payments_to_try, store.postpone_payment, lambda id: run(database, ledger, issuer, id)
    )


async def _check(database: Database, ledger: Ledger, *, order_id: UUID, payer_id: UUID, new: NewPayment) -> None:
    """Refuse what can be seen to fail, before a PIN is asked. The same is checked again where it is decided."""
    balance = await wallet_accounts.balance_minor(ledger, payer_id)
    async with database.read() as reader:
        order = await orders.access_order(reader, order_id, payer_id)
        rules.check_payable(order, is_past=orders.is_past(order))
        shop = await merchants.shop_to_pay(reader, order.shop_id)
        uses = await coupons.access_usable(
            reader,
            coupon_ids=new.coupon_ids,
            person_id=payer_id,
            amount_minor=order.amount_minor,
            shop=shop,
        )
        saves = sum(use.saved_minor for use in uses)
        if new.funding is Funding.CARD:
            if new.card_id is None:
                raise CardMissing
            if await bank_store.card_of(reader, id=new.card_id, person_id=payer_id) is None:
                raise CardNotFound
    await room.check(database, ledger, shop.id, order.amount_minor)
    if new.funding is Funding.BALANCE and balance < order.amount_minor - saves:
        raise InsufficientBalance(balance_minor=balance)


async def _intend(tx: Transaction, *, payment_id: UUID, order_id: UUID, payer_id: UUID, new: NewPayment) -> None:
    order = await store.order_locked(tx, order_id)
    rules.check_payable(order, is_past=orders.is_past(order))
    shop = await merchants.shop_to_pay(tx, order.shop_id)
    now = clock.now()
    uses = await coupons.reserve(
        tx,
        coupon_ids=new.coupon_ids,
        person_id=payer_id,
        payment_id=payment_id,
        amount_minor=order.amount_minor,
        shop=shop,
    )
    saves = sum(use.saved_minor for use in uses)
    permyriad = await agreement.permyriad_at(tx, order.shop_id, now)
    await store.insert_payment(
        tx,
        Payment(
            id=payment_id,
            order_id=order_id,
            shop_id=order.shop_id,
            payer_id=payer_id,
            number=_number(payment_id, now),
            state=PaymentState.PROCESSING,
            amount_minor=order.amount_minor,
            coupons=[
                PaymentCoupon(use.coupon.id, use.coupon.campaign_id, use.coupon.amount_minor, use.saved_minor)
                for use in uses
            ],
            coupon_minor=saves,
            paid_minor=order.amount_minor - saves,
            funding=new.funding,
            card_id=new.card_id if new.funding is Funding.CARD else None,
            reason=None,
            created_at=now,
            room_date=None if await room.limit_minor(tx, shop.id) is None else town.business_date(now),
            fee_minor=rules.fee(order.amount_minor, permyriad),
        ),
        try_at=now + sweeping.FIRST,
    )
    await store.set_order(tx, id=order_id, state=OrderState.PROCESSING)


def _number(payment_id: UUID, at: datetime) -> str:
    """What a receipt is found by: the business date, then the id's milliseconds, its counter and some of its chance."""
    drawn = payment_id.hex
    return f"{town.business_date(at):%y%m%d}{drawn[5:12]}{drawn[13:16]}{drawn[26:28]}".upper()


async def _finish(database: Database, payment: Payment) -> Payment:
    async with database.transaction() as tx:
        locked = await store.payment_locked(tx, payment.id)
        if locked.state is not PaymentState.PROCESSING:
            return locked
        await store.set_payment(tx, id=payment.id, state=PaymentState.PAID, reason=None)
        await store.set_order(tx, id=payment.order_id, state=OrderState.PAID)
        await coupons.redeem(tx, coupon_ids=rules.coupon_ids(payment), payment_id=payment.id)
        await _tell(tx, payment)
        return await store.payment_locked(tx, payment.id)


async def _tell(tx: Transaction, payment: Payment) -> None:
    shop = await merchant_store.shop(tx, payment.shop_id)
    assert shop is not None, "a shop is never deleted"
    face, payer = card_of(shop), await person_of(tx, payment.payer_id)
    card = None if payment.card_id is None else await bank_store.card(tx, payment.card_id)
    now = clock.now()
    bill = Bill(
        id=rules.bill_id(payment),
        kind=BillKind.PAYMENT,
        amount_minor=-payment.paid_minor,
        discount_minor=payment.coupon_minor,
        counterparty=Counterparty(name=face.name, picture=face.picture),
        note="",
        at=now,
        order_id=payment.order_id,
        moves_balance=payment.funding is Funding.BALANCE,
    )
    await wallet.record_bill(tx, payer.id, bill)
    await merchants.record_taking(
        tx,
        shop.id,
        Taking(
            id=payment.id,
            order_id=payment.order_id,
            amount_minor=payment.amount_minor,
            paid_minor=payment.paid_minor,
            coupon_minor=payment.coupon_minor,
            payer_name=merchants.masked(payer.name),
            at=now,
            fee_minor=payment.fee_minor,
        ),
    )
    await tx.emit(
        PaymentMade(
            payment_id=payment.id,
            order_id=payment.order_id,
            shop_id=shop.id,
            shop_name=face.name,
            picture=face.picture,
            payer_id=payer.id,
            payer_name=merchants.masked(payer.name),
            amount_minor=payment.amount_minor,
            coupon_minor=payment.coupon_minor,
            paid_minor=payment.paid_minor,
            funding=payment.funding,
            card_last4=None if card is None else card.last4,
        ),
        id=ids.leg(payment.id, rules.EVENT_LEG),
    )


async def _take_room(database: Database, ledger: Ledger, payment: Payment) -> bool:
    """Whether the shop may receive it on its day; what was taken before is taken."""
    return payment.room_date is None or await room.take(
        database, ledger, payment.id, payment.shop_id, payment.room_date, payment.amount_minor
    )


async def _come_to_nothing(database: Database, ledger: Ledger, payment: Payment, reason: str) -> Payment:
    if payment.room_date is not None:
        await room.give_back(ledger, payment.id, payment.shop_id, payment.room_date, payment.amount_minor)
    return await _refuse(database, payment, reason)


async def _refuse(database: Database, payment: Payment, reason: str) -> Payment:
    async with database.transaction() as tx:
        locked = await store.payment_locked(tx, payment.id)
        if locked.state is not PaymentState.PROCESSING:
            return locked
        await store.set_payment(tx, id=payment.id, state=PaymentState.REFUSED, reason=reason)
        await store.set_order(tx, id=payment.order_id, state=OrderState.OPEN)
        await coupons.release(tx, coupon_ids=rules.coupon_ids(payment), payment_id=payment.id)
        return await store.payment_locked(tx, payment.id)
