"""Debits and credits: decided once for ever by their reference, then answered as the card behaves."""

from datetime import timedelta
from uuid import UUID

import msgspec

from junzi_issuer import clock, keys, ledger, store
from junzi_issuer.cards import Behaviour
from junzi_issuer.database import Connection
from junzi_issuer.issuer import Issuer
from junzi_issuer.model import (
    CURRENCY,
    CurrencyUnknown,
    NotFound,
    Notification,
    Payment,
    PaymentAnswer,
    PaymentKind,
    PaymentRequest,
    PaymentState,
    ReferenceReused,
    TokenCard,
    TokenUnknown,
)
from junzi_issuer.rules import (
    Delivery,
    PaymentFacts,
    choose_delivery,
    decide_payment,
    notification_copies,
    notification_delay_ms,
)


class Outcome(msgspec.Struct, frozen=True):
    """`answer` is None where the connection is to be cut before anything was decided; `notification_id` is there at the
    first answer only."""

    answer: PaymentAnswer | None
    delivery: Delivery
    notification_id: int | None = None


async def pay(issuer: Issuer, kind: PaymentKind, request: PaymentRequest) -> Outcome:
    """Decides a debit or credit, or finds what was decided before.

    Raises CurrencyUnknown, TokenUnknown and ReferenceReused; none of them leaves a trace.
    """
    if request.currency != CURRENCY:
        raise CurrencyUnknown(f"Accounts are kept in {CURRENCY}.", currency=CURRENCY)
    async with issuer.pool.acquire() as connection, connection.transaction():
        outcome = await _decide(connection, issuer, kind, request)
    if outcome is None:
        outcome = await _find_decided(issuer, kind, request)
    if outcome.notification_id is not None:
        issuer.courier.wake()
    return outcome


async def find_payment(issuer: Issuer, kind: PaymentKind, reference: UUID) -> PaymentAnswer:
    """What was decided under a reference; raises NotFound where it was never seen."""
    payment = await store.find_payment(issuer.pool, kind, reference)
    if payment is None:
        raise NotFound(f"No {kind} was ever seen under this reference.")
    return _answer(payment)


async def _decide(connection: Connection, issuer: Issuer, kind: PaymentKind, request: PaymentRequest) -> Outcome | None:
    """Row of the reference, movement and notification in one transaction; None where the reference was there before."""
    if await store.find_payment(connection, kind, request.reference) is not None:
        return None
    card = await store.hold_token(connection, request.token, request.currency)
    if card is None:
        raise TokenUnknown("No card was ever bound under this token.")
    cut_first = card.behaviour is Behaviour.CUT_BEFORE
    if cut_first and await store.add_cut_attempt(connection, kind, request.reference, clock.now()):
        return Outcome(answer=None, delivery=Delivery.CUT)

    payment = await _judge(connection, kind, request, card)
    if not await store.add_payment(connection, payment):
        return None
    if payment.state is PaymentState.SUCCEEDED:
        await ledger.move_money(
            connection, kind, payment.reference, card.account_id, payment.amount_minor, payment.currency, payment.at
        )
    notification_id = await _note(connection, issuer, payment, card.behaviour)
    return Outcome(_answer(payment), choose_delivery(card.behaviour, first=True), notification_id)


async def _judge(connection: Connection, kind: PaymentKind, request: PaymentRequest, card: TokenCard) -> Payment:
    """The payment as decided; holds the card's account, so that its balance stays what it was judged by."""
    balance_minor = await store.lock_balance(connection, card.account_id)
    reason = decide_payment(
        PaymentFacts(
            kind=kind,
            behaviour=card.behaviour,
            token_revoked=card.revoked,
            amount_minor=request.amount_minor,
            balance_minor=balance_minor,
        )
    )
    return Payment(
        kind=kind,
        reference=request.reference,
        token=request.token,
        card_id=card.card_id,
        amount_minor=request.amount_minor,
        currency=request.currency,
        text=request.text,
        state=PaymentState.DECLINED if reason else PaymentState.SUCCEEDED,
        reason=reason,
        at=clock.now(),
    )


async def _note(connection: Connection, issuer: Issuer, payment: Payment, behaviour: Behaviour) -> int:
    """Writes down that the operator is to be told."""
    nonce = keys.draw_secret()
    told = Notification(
        reference=payment.reference,
        kind=payment.kind,
        state=payment.state,
        reason=payment.reason,
        at=payment.at,
        nonce=nonce,
    )
    times = issuer.settings.times
    held_ms = notification_delay_ms(behaviour, times.delay_ms, times.timeout_ms)
    notification_id = await store.add_notification(
        connection,
        payment.kind,
        payment.reference,
        nonce,
        msgspec.json.encode(told).decode(),
        notification_copies(behaviour),
        payment.at + timedelta(milliseconds=held_ms),
    )
    if choose_delivery(behaviour, first=True) is Delivery.AFTER_NOTIFICATION:
        issuer.courier.expect(notification_id)
    return notification_id


async def _find_decided(issuer: Issuer, kind: PaymentKind, request: PaymentRequest) -> Outcome:
    """The same answer as before to the same fields; raises ReferenceReused to other ones."""
    payment = await store.find_payment(issuer.pool, kind, request.reference)
    assert payment is not None, "payments are never deleted"
    fields = (payment.token, payment.amount_minor, payment.currency, payment.text)
    if fields != (request.token, request.amount_minor, request.currency, request.text):
        raise ReferenceReused(f"Another {kind} has this reference.")
    behaviour = await store.find_payment_behaviour(issuer.pool, kind, request.reference)
    return Outcome(_answer(payment), choose_delivery(behaviour, first=False))


def _answer(payment: Payment) -> PaymentAnswer:
    return PaymentAnswer(payment.reference, payment.state, payment.reason, payment.at)
