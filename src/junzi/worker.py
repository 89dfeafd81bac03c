"""Who listens to what, and what is done now and then. One of the two places that know every room.

A room says what happened and never who listens; here a stored event becomes plain arguments of the listener's job.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from junzi.bank import bind
from junzi.bank.issuer import Issuer
from junzi.bank.model import CardBound, CreditAnswered, DebitAnswered
from junzi.chat import jobs as chat
from junzi.chat import reports
from junzi.chat.model import PersonSpoke
from junzi.checkout import jobs as checkout
from junzi.checkout import pay, refund
from junzi.checkout import store as checkout_store
from junzi.checkout.model import CodeScanned, PaymentMade, PaymentRefunded
from junzi.contacts import jobs as contacts
from junzi.contacts.model import ContactAccepted, ContactRequested
from junzi.coupons import expire, give, life, withdraw
from junzi.coupons import jobs as coupons
from junzi.coupons.co_funding import ShareAsked, ShareReturned
from junzi.coupons.give import Giving, Occasion
from junzi.coupons.model import CouponsGiven, CouponsWithdrawn
from junzi.coupons.turns import CampaignTurned
from junzi.field import commission, shelter, sign_up, wish
from junzi.field.commission_model import Paid
from junzi.field.sign_up_model import ShopSignedUp, SignUpAsked
from junzi.field.survey_model import SurveyDone
from junzi.growth import actions as growth
from junzi.growth import answer, audience, brief, calendar, sources, third
from junzi.growth.calendar_model import MoveAnswered
from junzi.growth.model import Kind
from junzi.kit import idempotency, outbox
from junzi.kit.config import Settings
from junzi.kit.database import Database, Event
from junzi.kit.jobs import Background
from junzi.kit.outbox import Delivery, Listener, Together
from junzi.ledger import Ledger
from junzi.media import actions as media
from junzi.media.blobs import Blobs
from junzi.merchants import figures, open_shop
from junzi.merchants import jobs as merchants
from junzi.merchants.agreement_model import FeeAgreed
from junzi.merchants.model import ShopOpened, StaffAccepted, StaffInvited
from junzi.merchants.profile_model import ChangeDecided, ChangeProposed, ShopRenamed
from junzi.messages import Messages
from junzi.people import jobs as people
from junzi.people.model import PersonActive, PersonSignedUp
from junzi.settlement import jobs as settlement
from junzi.settlement import morning, payout
from junzi.settlement import store as settlement_store
from junzi.settlement.model import BankAccountLost, BankAccountSet, PaidOut, PayoutReturned
from junzi.standing import far
from junzi.standing import jobs as standing
from junzi.standing.model import StandingChanged
from junzi.wallet import jobs as wallet
from junzi.wallet import store as wallet_store
from junzi.wallet import topup, transfer
from junzi.wallet.model import ToppedUp, TopUpRefused, Transferred

MINUTE_S, HOUR_S = 60, 3600
BANK_PATIENCE_S, BANK_PAUSE_S = 2.0, 10.0
"""How long the delivery of events waits for a bank that sent word, and how long it asks no more of one that kept it waiting."""


def listeners(
    database: Database, ledger: Ledger, messages: Messages, giving: Giving, issuer: Issuer
) -> dict[type[Event], list[Listener] | Together]:
    """Every stored event and who takes it, in the order in which they are called."""

    async def count(kind: Kind, deliveries: Sequence[Delivery], read: Callable[[Any], dict[str, Any]]) -> None:
        facts = [growth.fact(one.id, kind, at=one.at, **read(one.event)) for one in deliveries]
        await growth.record(database, facts)

    def counted(kind: Kind, read: Callable[[Any], dict[str, Any]]) -> Listener:
        return lambda delivery: count(kind, [delivery], read)

    async def active(deliveries: Sequence[Delivery]) -> None:
        await count(
            Kind.ACTIVE,
            deliveries,
            lambda event: {"person_id": event.person_id, "business_date": event.business_date},
        )

    async def spoke(deliveries: Sequence[Delivery]) -> None:
        await count(
            Kind.SPOKE,
            deliveries,
            lambda event: {"person_id": event.person_id, "business_date": event.business_date},
        )

    async def scanned(deliveries: Sequence[Delivery]) -> None:
        await count(
            Kind.CODE_SCANNED,
            deliveries,
            lambda event: {"person_id": event.person_id, "subject_id": event.target_id},
        )

    async def given(deliveries: Sequence[Delivery]) -> None:
        await coupons.on_given(messages, deliveries)
        await count(
            Kind.COUPONS_GIVEN,
            deliveries,
            lambda event: {
                "person_id": event.person_id,
                "amount_minor": sum(coupon.amount_minor for coupon in event.coupons),
                "pieces": len(event.coupons),
                "subject_id": event.campaign_id,
            },
        )

    async def paid(deliveries: Sequence[Delivery]) -> None:
        await checkout.on_payments_made(messages, database, deliveries)
        events = [delivery.event for delivery in deliveries]
        occasions = [Occasion(event.payment_id, event.payer_id, event.amount_minor) for event in events]
        await coupons.on_payments_made(database, giving, occasions)
        await shelter.on_payments_made(database, [event.shop_id for event in events])
        await commission.on_payments_made(database, ledger, [paid_at_shop(event) for event in events])
        await count(
            Kind.PAYMENT_MADE,
            deliveries,
            lambda event: {
                "person_id": event.payer_id,
                "amount_minor": event.amount_minor,
                "coupon_minor": event.coupon_minor,
                "subject_id": event.payment_id,
            },
        )

    silent_until_s = 0.0

    async def bank_answered(go_on: Callable[[], Awaitable[None]]) -> None:
        # Everybody's news waits behind this one. It is a hint: what is left undone here, the sweep does.
        nonlocal silent_until_s
        time_s = asyncio.get_running_loop().time()
        if time_s < silent_until_s:
            return
        try:
            async with asyncio.timeout(BANK_PATIENCE_S):
                await go_on()
        except TimeoutError:
            silent_until_s = time_s + BANK_PAUSE_S

    def paid_at_shop(event: PaymentMade | PaymentRefunded) -> Paid:
        return event.payment_id, event.shop_id, event.payer_id

    async def debit_answered(delivery: Delivery) -> None:
        await bank_answered(lambda: go_on_with_debit(database, ledger, issuer, delivery.event.debit_id))

    async def credit_answered(delivery: Delivery) -> None:
        await bank_answered(lambda: go_on_with_credit(database, ledger, issuer, delivery.event.credit_id))

    return {
        PersonSignedUp: [
            lambda delivery: wallet.on_signed_up(ledger, delivery.event.person_id),
            lambda delivery: sources.on_signed_up(database, delivery),
        ],
        PersonActive: Together(active),
        PersonSpoke: Together(spoke),
        SignUpAsked: [lambda delivery: sign_up.on_asked(messages, database, delivery)],
        ShopSignedUp: [lambda delivery: commission.on_signed_up(database, delivery.event)],
        SurveyDone: [lambda delivery: third.set_gate(database)],
        CampaignTurned: [lambda delivery: calendar.on_turned(database, delivery)],
        MoveAnswered: [lambda delivery: answer.on_answered(messages, database, delivery)],
        ContactRequested: [lambda delivery: contacts.on_requested(messages, database, delivery)],
        ContactAccepted: [
            lambda delivery: chat.on_accepted(messages, database, delivery),
            lambda delivery: contacts.on_accepted(messages, database, delivery),
        ],
        CardBound: [
            lambda delivery: coupons.on_card_bound(database, giving, delivery.event.person_id),
            counted(Kind.CARD_BOUND, lambda event: {"person_id": event.person_id, "subject_id": event.card_id}),
        ],
        DebitAnswered: [debit_answered],
        CreditAnswered: [credit_answered],
        ToppedUp: [lambda delivery: wallet.on_topped_up(messages, delivery)],
        TopUpRefused: [lambda delivery: wallet.on_topup_refused(messages, delivery)],
        Transferred: [lambda delivery: wallet.on_transferred(messages, delivery)],
        CouponsGiven: Together(given),
        CouponsWithdrawn: [lambda delivery: coupons.on_withdrawn(messages, delivery)],
        ShareAsked: [lambda delivery: coupons.on_share_asked(messages, database, delivery)],
        ShareReturned: [lambda delivery: coupons.on_share_returned(messages, database, delivery)],
        ShopOpened: [
            lambda delivery: merchants.on_shop_opened(messages, delivery),
            lambda delivery: standing.on_shop_opened(database, delivery),
        ],
        ShopRenamed: [lambda delivery: merchants.on_shop_renamed(messages, database, delivery)],
        ChangeProposed: [lambda delivery: standing.on_change_proposed(database, delivery)],
        ChangeDecided: [lambda delivery: merchants.on_change_decided(messages, database, delivery)],
        StandingChanged: [lambda delivery: standing.on_changed(messages, database, delivery)],
        FeeAgreed: [lambda delivery: merchants.on_fee_agreed(messages, database, delivery)],
        StaffInvited: [lambda delivery: merchants.on_staff_invited(messages, database, delivery)],
        StaffAccepted: [lambda delivery: merchants.on_staff_accepted(messages, delivery)],
        CodeScanned: Together(scanned),
        PaymentMade: Together(paid),
        PaymentRefunded: [
            lambda delivery: checkout.on_payment_refunded(messages, database, delivery),
            lambda delivery: commission.on_payment_refunded(database, paid_at_shop(delivery.event)),
            counted(
                Kind.PAYMENT_REFUNDED,
                lambda event: {
                    "person_id": event.payer_id,
                    "amount_minor": event.amount_minor,
                    "coupon_minor": event.coupon_minor,
                    "subject_id": event.refund_id,
                },
            ),
        ],
        BankAccountSet: [lambda delivery: settlement.on_bank_account_set(messages, database, delivery)],
        BankAccountLost: [lambda delivery: settlement.on_bank_account_lost(messages, database, delivery)],
        PaidOut: [lambda delivery: settlement.on_paid_out(messages, database, delivery)],
        PayoutReturned: [lambda delivery: settlement.on_payout_returned(messages, database, delivery)],
    }


def sweeps(database: Database, ledger: Ledger, issuer: Issuer) -> dict[str, Callable[[], Awaitable[int]]]:
    """What finishes interrupted flows, by name."""
    return {
        "merchants.open": lambda: open_shop.sweep(database, ledger),
        "bank.bind": lambda: bind.sweep(database, issuer),
        "wallet.topup": lambda: topup.sweep(database, ledger, issuer),
        "wallet.transfer": lambda: transfer.sweep(database, ledger),
        "coupons.give": lambda: give.sweep(database, ledger),
        "coupons.life": lambda: life.sweep(database, ledger),
        "coupons.expire": lambda: expire.sweep(database, ledger),
        "coupons.withdraw": lambda: withdraw.sweep(database, ledger),
        "checkout.pay": lambda: pay.sweep(database, ledger, issuer),
        "checkout.refund": lambda: refund.sweep(database, ledger, issuer),
        "field.commission": lambda: commission.sweep(database, ledger),
        "field.shelter": lambda: shelter.sweep(database),
        "field.sign_up": lambda: sign_up.sweep(database, ledger),
        "settlement.morning": lambda: morning.sweep(database, ledger, issuer),
        "settlement.payout": lambda: payout.sweep(database, ledger, issuer),
    }


def keep(
    background: Background,
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    blobs: Blobs,
    relay: outbox.Relay,
    sweep_every_s: float,
) -> None:
    """Let everything run that runs in the background of a server."""
    background.keep("outbox relay", relay.run)
    # Each at a moment of its own: all of them at once keep everybody else waiting.
    to_sweep = sweeps(database, ledger, issuer)
    for number, (name, sweep) in enumerate(to_sweep.items()):
        background.every(sweep_every_s, f"sweep {name}", sweep, first_s=sweep_every_s * (1 + number / len(to_sweep)))
    background.every(MINUTE_S, "gate of what follows up", lambda: third.set_gate(database))
    background.every(MINUTE_S, "roll up figures", lambda: audience.roll_up(database))
    background.every(15, "outbox gauge", lambda: outbox.measure(database))
    background.every(6 * HOUR_S, "outbox days", lambda: outbox.keep_days(database))
    # More often than once a day, which a server that is stopped every evening would never reach.
    background.every(HOUR_S, "forget old sessions", lambda: people.forget_old(database))
    background.every(HOUR_S, "sum up takings", lambda: figures.sum_up(database))
    background.every(24 * HOUR_S, "forget far scans", lambda: far.forget_old(database))
    background.every(HOUR_S, "forget unread files", lambda: media.forget_unread(database, blobs))
    background.every(HOUR_S, "forget old invitations and reports", lambda: reports.forget_old(database))
    background.every(HOUR_S, "forget old wishes", lambda: wish.forget_old(database))
    background.every(HOUR_S, "forget old keys", lambda: idempotency.forget_old(database))


def keep_brief(background: Background, database: Database, messages: Messages, settings: Settings) -> None:
    """Tell the operators of yesterday each morning."""
    background.every(
        MINUTE_S, "brief", lambda: brief.send_due(database, messages, settings.database_url, settings.brief_hour)
    )


async def go_on_with_debit(database: Database, ledger: Ledger, issuer: Issuer, debit_id: UUID) -> None:
    """The issuer sent word of a debit: go on with the top-up or the payment it is a leg of."""
    intent_id = UUID(int=debit_id.int & ~0xFF)
    async with database.read() as reader:
        is_payment = await checkout_store.payment(reader, intent_id) is not None
        is_topup = await wallet_store.topup(reader, intent_id) is not None
    if is_payment:
        await pay.run(database, ledger, issuer, intent_id)
    elif is_topup:
        await topup.run(database, ledger, issuer, intent_id)


async def go_on_with_credit(database: Database, ledger: Ledger, issuer: Issuer, credit_id: UUID) -> None:
    """The issuer sent word of a credit: go on with the refund or the payout it is a leg of."""
    intent_id = UUID(int=credit_id.int & ~0xFF)
    async with database.read() as reader:
        is_refund = await checkout_store.refund(reader, intent_id) is not None
        is_payout = await settlement_store.payout(reader, intent_id) is not None
    if is_refund:
        await refund.run(database, ledger, issuer, intent_id)
    elif is_payout:
        await payout.run(database, ledger, issuer, intent_id)
