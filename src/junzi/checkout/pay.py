"""Pay an order: intent, with the coupons held → card debit if a card pays → one linked chain in the ledger → outcome.

Those who pay at the same time share the transactions of intent and outcome (`intend`, `finish`), each with its own answer.

Repeatable from the intent row: every transfer's and event's id is a leg of the payment's. Once the intent stands, the coupons are
held and the amounts are fixed; a crash at any later point is finished by whoever repeats the request, looks at the
payment, or the sweep.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from junzi.bank import debit as bank_debit
from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.bank.model import CardNotFound, DebitState
from junzi.checkout import rules, store
from junzi.checkout.finish import finish
from junzi.checkout.intend import Asked, intend
from junzi.checkout.model import CardMissing, Funding, NewPayment, OrderState, Payment, PaymentState, ShownPayment
from junzi.checkout.order import own
from junzi.checkout.see import Seen, see
from junzi.checkout.show import show_payment, shown_payment
from junzi.coupons import actions as coupons
from junzi.kit import clock, idempotency, ids, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, open_database
from junzi.kit.errors import Busy, NotFound, Refusal
from junzi.kit.group_commit import GroupCommit, Request, Result
from junzi.kit.leased_connection import BY_KEY, is_outage
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, chain_outcome
from junzi.merchants import actions as merchants
from junzi.merchants import agreement
from junzi.people.model import PinKey
from junzi.people.pin import verify_pin
from junzi.standing import room
from junzi.wallet import accounts as wallet_accounts
from junzi.wallet.model import InsufficientBalance

SHOP_LIMIT_REACHED = "shop-limit-reached"
"""Why a payment was refused that was within the bound when it was asked for: others were first."""

LANES = 1
MOST_AT_ONCE, MOST_WAITING = 256, 4_096

_intended = Point("checkout.pay.intended")
_room_taken = Point("checkout.pay.room_taken")
_debited = Point("checkout.pay.debited")
_posted = Point("checkout.pay.posted")
_finished = Point("checkout.pay.finished")


class Paying:
    """Carries the intents of all who pay at the same time in one transaction, and the outcomes of all that were paid in another.

    What lies between, bank and ledger, each payment meets for itself; the ledger gathers by its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._intents: GroupCommit[Asked, Payment | Refusal] = _group("paying", self._intend)
        self._outcomes: GroupCommit[Payment, Payment] = _group("paid", self._finish)

    async def begin(self, asked: Asked) -> Payment:
        """The payment that it becomes or became, its coupons held. Raises what refuses it, or `Busy`."""
        answer = await self._intents.submit(asked)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def finish(self, payment: Payment) -> Payment:
        """The payment whose money has moved, paid; or as it is if somebody else was faster. Raises `Busy`."""
        return await self._outcomes.submit(payment)

    async def close(self) -> None:
        """Answer what waits."""
        await self._intents.stop()
        await self._outcomes.stop()
        await self._database.close()

    async def _intend(self, batch: list[Asked]) -> list[Payment | Refusal]:
        answers = await self._database.unless_overtaken(lambda tx: intend(tx, batch))
        _intended.passed()
        return answers

    async def _finish(self, batch: list[Payment]) -> list[Payment]:
        async with self._database.transaction() as tx:
            done = await finish(tx, batch)
        return [done[payment.id] for payment in batch]


async def open_paying(url: str) -> Paying:
    """The two queues with connections of their own. Raises what asyncpg raises when nobody answers."""
    return Paying(await open_database(url, size=2 * LANES, settings=BY_KEY))


async def pay(
    database: Database,
    paying: Paying,
    ledger: Ledger,
    issuer: Issuer,
    pin_key: PinKey,
    *,
    order_id: UUID,
    payer_id: UUID,
    key: str,
    new: NewPayment,
) -> ShownPayment:
    """Pay the person's order; a repeat with the same key goes on with the same payment and asks for no PIN again.

    Raises `NotFound`, `OrderAlreadyPaid`, `OrderProcessing`, `OrderExpired`, `ShopClosed`, `CodeWithdrawn`, `ShopLimitReached`,
    `CouponNotUsable`, `CardMissing`, `CardNotFound`, `InsufficientBalance`, and what `verify_pin` raises.
    """
    seen = await see(database, payer_id=payer_id, key=key, order_id=order_id, coupon_ids=new.coupon_ids)

    async def check() -> None:
        await _check(database, ledger, seen, payer_id=payer_id, new=new)
        await verify_pin(database, pin_key, payer_id, new.pin)

    await idempotency.check_once(database, person_id=payer_id, key=key, check=check, is_repeat=seen.is_repeat)
    asked = Asked(ids.new_id(), order_id, payer_id, key, new)
    payment = await _go_on(database, ledger, issuer, await paying.begin(asked), paying.finish)
    if payment.id != asked.payment_id or payment.card_id is not None or seen.shop is None:
        return await show_payment(database, payment)
    return shown_payment(payment, seen.shop, {id: coupon.title for id, coupon in seen.coupons.items()}, None)


async def run(database: Database, ledger: Ledger, issuer: Issuer, payment_id: UUID) -> Payment:
    """Bring a payment as far as the bank's answers allow."""
    async with database.read() as reader:
        payment = await store.payment(reader, payment_id)
    if payment is None:
        raise NotFound

    async def finish_alone(payment: Payment) -> Payment:
        async with database.transaction() as tx:
            return (await finish(tx, [payment]))[payment.id]

    return await _go_on(database, ledger, issuer, payment, finish_alone)


async def _go_on(
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    payment: Payment,
    finished: Callable[[Payment], Awaitable[Payment]],
) -> Payment:
    if payment.state is not PaymentState.PROCESSING:
        return payment
    if not await _take_room(database, ledger, payment):
        return await _refuse(database, payment, SHOP_LIMIT_REACHED)
    _room_taken.passed()
    if payment.card_id is not None and payment.paid_minor:
        debit = await bank_debit.debit(
            database,
            issuer,
            id=ids.leg(payment.id, rules.DEBIT_LEG),
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
        paid = await finished(payment)
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


async def _check(database: Database, ledger: Ledger, seen: Seen, *, payer_id: UUID, new: NewPayment) -> None:
    """Refuse what can be seen to fail, before a PIN is asked. The same is checked again where it is decided."""
    order = own(seen.order, payer_id)
    rules.check_payable(order, is_past=order.expires_at <= clock.now())
    shop = merchants.to_pay(seen.shop)
    uses = coupons.usable(
        seen.coupons, coupon_ids=new.coupon_ids, person_id=payer_id, amount_minor=order.amount_minor, shop=shop
    )
    if new.funding is Funding.CARD:
        if new.card_id is None:
            raise CardMissing
        async with database.read() as reader:
            if await bank_store.card_of(reader, id=new.card_id, person_id=payer_id) is None:
                raise CardNotFound
    await room.check(database, ledger, shop.id, order.amount_minor, limit_minor=seen.limit_minor)
    if new.funding is Funding.BALANCE:
        balance = await wallet_accounts.balance_minor(ledger, payer_id)
        if balance < order.amount_minor - sum(use.saved_minor for use in uses):
            raise InsufficientBalance(balance_minor=balance)


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
        await agreement.unwaive(tx, payment.id)
        return await store.payment_locked(tx, payment.id)


def _group(name: str, write: Callable[[list[Request]], Awaitable[list[Result]]]) -> GroupCommit[Request, Result]:
    group: GroupCommit[Request, Result] = GroupCommit(
        name,
        write,
        is_outage=lambda failure: isinstance(failure, Busy) or is_outage(failure),
        most_in_batch=MOST_AT_ONCE,
        most_waiting=MOST_WAITING,
        lanes=LANES,
    )
    return group
