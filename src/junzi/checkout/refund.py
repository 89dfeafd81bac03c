"""Give money of a payment back: intent → one linked chain out of the shop's balance → card credit if a card paid → outcome.

Repeatable from the intent row: every transfer's and event's id is a leg of the refund's. The shop's money is set aside at the
bank before the card is credited, so that a crash or a silent bank leaves it where it can be asked for; a card that does not take
it leaves it to the payer's balance.
"""

from uuid import UUID

from junzi.bank import credit as bank_credit
from junzi.bank import store as bank_store
from junzi.bank.issuer import Issuer
from junzi.bank.model import CreditState
from junzi.checkout import rules, store
from junzi.checkout.model import (
    LONGEST_REASON,
    Funding,
    NewRefund,
    Payment,
    PaymentRefunded,
    Refund,
    RefundCoupon,
    RefundState,
    ShopBalanceTooSmall,
    ShopPayment,
    ShownRefund,
)
from junzi.coupons import actions as coupons
from junzi.coupons import store as coupon_store
from junzi.kit import clock, idempotency, ids, text, town
from junzi.kit import sweep as sweeping
from junzi.kit.database import Database, Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.points import Point
from junzi.ledger.engine import Ledger
from junzi.ledger.model import CreateTransferStatus, chain_outcome
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import actions as merchants
from junzi.merchants import store as merchant_store
from junzi.merchants.model import Taking, TakingKind
from junzi.merchants.model import card as card_of
from junzi.people.actions import person_of
from junzi.wallet import accounts as wallet_accounts
from junzi.wallet import actions as wallet
from junzi.wallet.model import Bill, BillKind, Counterparty

SHOP_BALANCE_TOO_SMALL = "shop-balance-too-small"

_intended = Point("checkout.refund.intended")
_posted = Point("checkout.refund.posted")
_credited = Point("checkout.refund.credited")
_finished = Point("checkout.refund.finished")


async def refund(
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    *,
    shop_id: UUID,
    payment_id: UUID,
    person_id: UUID,
    key: str,
    new: NewRefund,
) -> Refund:
    """Give back that much of a payment of the person's shop; a repeat with the same key goes on with the same refund.

    Raises `NotFound`, `PaymentNotPaid`, `RefundTooLarge`, `RefundTooLate`, `TooManyRefunds`, `ShopBalanceTooSmall`.
    """

    async def check() -> None:
        async with database.read() as reader:
            payment = await _access_payment(reader, shop_id, payment_id, person_id)
            before = await store.refund_sums(reader, payment_id)
        rules.check_refundable(payment, before, new.amount_minor, clock.now())
        balance = await merchant_accounts.balance_minor(ledger, shop_id)
        if balance < new.amount_minor - rules.fee_back(payment, before, new.amount_minor):
            raise ShopBalanceTooSmall(balance_minor=balance)

    reason = text.one_line(new.reason, field="reason", least=0, most=LONGEST_REASON)
    await idempotency.check_once(database, person_id=person_id, key=key, check=check)
    async with database.transaction() as tx:
        refund_id = ids.new_id()
        body = {"shop_id": shop_id, "payment_id": payment_id, "amount_minor": new.amount_minor, "reason": reason}
        claimed = await idempotency.claim(
            tx, person_id=person_id, key=key, action="checkout.refund", body=body, intent_id=refund_id
        )
        if claimed == refund_id:
            await _access_payment(tx, shop_id, payment_id, person_id)
            await _intend(tx, refund_id=refund_id, payment_id=payment_id, amount_minor=new.amount_minor, reason=reason)
    _intended.passed()
    return await run(database, ledger, issuer, claimed)


async def run(database: Database, ledger: Ledger, issuer: Issuer, refund_id: UUID) -> Refund:
    """Bring a refund as far as the bank's answers allow."""
    async with database.read() as reader:
        refund = await store.refund(reader, refund_id)
        if refund is None:
            raise NotFound
        payment = await store.payment(reader, refund.payment_id)
    if refund.state is not RefundState.PROCESSING:
        return refund
    assert payment is not None, "a payment is never deleted"
    await wallet_accounts.open_account(ledger, refund.payer_id)
    number = town.current().money.number
    outcome = chain_outcome(await ledger.create_transfers(rules.refund_transfers(refund, payment, number)))
    if outcome in (CreateTransferStatus.EXCEEDS_CREDITS, CreateTransferStatus.ID_ALREADY_FAILED):
        return await _refuse(database, refund)
    if outcome not in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS):
        raise AssertionError(f"the ledger refused a refund: {outcome.name}")
    _posted.passed()
    paid_to = await _reach_payer(database, ledger, issuer, refund, payment)
    if paid_to is None:
        return refund
    _credited.passed()
    done = await _finish(database, refund, payment, paid_to)
    _finished.passed()
    return done


async def shop_payment(
    database: Database, ledger: Ledger, issuer: Issuer, *, shop_id: UUID, payment_id: UUID, person_id: UUID
) -> ShopPayment:
    """A payment of the person's shop with its refunds, those gone on with that are processing. Raises `NotFound`."""
    async with database.read() as reader:
        await _access_payment(reader, shop_id, payment_id, person_id)
        refunds = await store.refunds_of(reader, payment_id)
    for each in refunds:
        if each.state is RefundState.PROCESSING:
            await run(database, ledger, issuer, each.id)
    async with database.read() as reader:
        payment = await _access_payment(reader, shop_id, payment_id, person_id)
        refunds = await store.refunds_of(reader, payment_id)
        before = await store.refund_sums(reader, payment_id)
        payer = await person_of(reader, payment.payer_id)
    return ShopPayment(
        id=payment.id,
        order_id=payment.order_id,
        number=payment.number,
        state=payment.state,
        amount_minor=payment.amount_minor,
        coupon_minor=payment.coupon_minor,
        paid_minor=payment.paid_minor,
        funding=payment.funding,
        payer_name=merchants.masked(payer.name),
        at=payment.created_at,
        refunds=[shown(each) for each in refunds],
        left_minor=payment.amount_minor - before.payer_minor - before.coupon_minor,
    )


async def sweep(database: Database, ledger: Ledger, issuer: Issuer) -> int:
    """Go on with refunds that were interrupted or wait for a bank; returns how many were tried."""
    return await sweeping.sweep(
        database, store.refunds_to_try, store.postpone_refund, lambda id: run(database, ledger, issuer, id)
    )


def shown(refund: Refund) -> ShownRefund:
    return ShownRefund(
        id=refund.id,
        payment_id=refund.payment_id,
        state=refund.state,
        amount_minor=refund.amount_minor,
        payer_minor=refund.payer_minor,
        coupon_minor=refund.coupon_minor,
        coupons_back=refund.coupons_back,
        reason=refund.reason,
        paid_to=refund.paid_to,
        refusal=refund.refusal,
        at=refund.created_at,
    )


async def _access_payment(reader: Reader, shop_id: UUID, payment_id: UUID, person_id: UUID) -> Payment:
    await merchants.access_shop(reader, shop_id, person_id)
    payment = await store.payment(reader, payment_id)
    if payment is None or payment.shop_id != shop_id:
        raise NotFound
    return payment


async def _intend(tx: Transaction, *, refund_id: UUID, payment_id: UUID, amount_minor: int, reason: str) -> None:
    payment = await store.payment_locked(tx, payment_id)
    before = await store.refund_sums(tx, payment_id)
    now = clock.now()
    rules.check_refundable(payment, before, amount_minor, now)
    payer_minor = rules.payer_part(payment, before, amount_minor)
    coupon_minor = amount_minor - payer_minor
    ends = {one.id: one.expires_at for one in await coupon_store.coupons(tx, rules.coupon_ids(payment))}
    parts = zip(payment.coupons, rules.coupon_parts(payment, before, coupon_minor), strict=True)
    await store.insert_refund(
        tx,
        Refund(
            id=refund_id,
            payment_id=payment_id,
            shop_id=payment.shop_id,
            payer_id=payment.payer_id,
            state=RefundState.PROCESSING,
            amount_minor=amount_minor,
            payer_minor=payer_minor,
            coupon_minor=coupon_minor,
            coupons=[
                RefundCoupon(place, part, rules.gives_back(payment, one, amount_minor, ends[one.coupon_id], now))
                for place, (one, part) in enumerate(parts)
                if part
            ],
            reason=reason,
            paid_to=None,
            refusal=None,
            created_at=now,
            fee_minor=rules.fee_back(payment, before, amount_minor),
        ),
        try_at=now + sweeping.FIRST,
    )


async def _reach_payer(
    database: Database, ledger: Ledger, issuer: Issuer, refund: Refund, payment: Payment
) -> Funding | None:
    """Where the payer's part arrived; `None` while the bank has not said."""
    if payment.card_id is None or not refund.payer_minor:
        return payment.funding
    credit = await bank_credit.credit(
        database,
        issuer,
        id=ids.leg(refund.id, rules.CREDIT_LEG),
        card_id=payment.card_id,
        amount_minor=refund.payer_minor,
        text=f"{town.current().name} {payment.number}",
    )
    if credit.state is CreditState.ASKED:
        return None
    if credit.state is CreditState.SUCCEEDED:
        return Funding.CARD
    number = town.current().money.number
    [result] = await ledger.create_transfers([rules.declined_transfer(refund, payment, number)])
    if not result.stands:
        raise AssertionError(f"the ledger refused what a card did not take: {result.status.name}")
    return Funding.BALANCE


async def _finish(database: Database, refund: Refund, payment: Payment, paid_to: Funding) -> Refund:
    async with database.transaction() as tx:
        locked = await store.refund_locked(tx, refund.id)
        if locked.state is not RefundState.PROCESSING:
            return locked
        await store.set_refund(tx, id=refund.id, state=RefundState.DONE, paid_to=paid_to)
        back = [payment.coupons[part.place].coupon_id for part in refund.coupons if part.back]
        await coupons.give_back(tx, coupon_ids=back, payment_id=payment.id)
        await _tell(tx, refund, payment, paid_to)
        return await store.refund_locked(tx, refund.id)


async def _tell(tx: Transaction, refund: Refund, payment: Payment, paid_to: Funding) -> None:
    shop = await merchant_store.shop(tx, refund.shop_id)
    assert shop is not None, "a shop is never deleted"
    face, payer = card_of(shop), await person_of(tx, refund.payer_id)
    card = None
    if paid_to is Funding.CARD and payment.card_id is not None:
        card = await bank_store.card(tx, payment.card_id)
    now = clock.now()
    bill = Bill(
        id=rules.refund_bill_id(refund, paid_to, payment),
        kind=BillKind.REFUND,
        amount_minor=refund.payer_minor,
        discount_minor=-refund.coupon_minor,
        counterparty=Counterparty(name=face.name, picture=face.picture),
        note=refund.reason,
        at=now,
        order_id=payment.order_id,
        moves_balance=paid_to is Funding.BALANCE,
    )
    await wallet.record_bill(tx, payer.id, bill)
    taking = Taking(
        id=refund.id,
        order_id=payment.order_id,
        amount_minor=-refund.amount_minor,
        paid_minor=-refund.payer_minor,
        coupon_minor=-refund.coupon_minor,
        payer_name=merchants.masked(payer.name),
        at=now,
        kind=TakingKind.REFUND,
        fee_minor=-refund.fee_minor,
    )
    await merchants.record_taking(tx, shop.id, taking)
    await tx.emit(
        PaymentRefunded(
            refund_id=refund.id,
            payment_id=payment.id,
            order_id=payment.order_id,
            shop_id=shop.id,
            shop_name=face.name,
            picture=face.picture,
            payer_id=payer.id,
            payer_name=merchants.masked(payer.name),
            amount_minor=refund.amount_minor,
            payer_minor=refund.payer_minor,
            coupon_minor=refund.coupon_minor,
            coupons_back=refund.coupons_back,
            reason=refund.reason,
            paid_to=paid_to,
            card_last4=None if card is None else card.last4,
        ),
        id=ids.leg(refund.id, rules.REFUNDED_LEG),
    )


async def _refuse(database: Database, refund: Refund) -> Refund:
    async with database.transaction() as tx:
        locked = await store.refund_locked(tx, refund.id)
        if locked.state is RefundState.PROCESSING:
            await store.set_refund(tx, id=refund.id, state=RefundState.REFUSED, refusal=SHOP_BALANCE_TOO_SMALL)
        return await store.refund_locked(tx, refund.id)
