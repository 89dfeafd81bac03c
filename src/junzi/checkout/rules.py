"""What may be paid and refunded, and which transfers a payment or a refund is made of. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

from junzi.bank import accounts as bank_accounts
from junzi.checkout.model import (
    Funding,
    Order,
    OrderAlreadyPaid,
    OrderClosed,
    OrderExpired,
    OrderProcessing,
    OrderState,
    Payment,
    PaymentNotPaid,
    PaymentState,
    Refund,
    RefundSums,
    RefundTooLarge,
    RefundTooLate,
    TooManyRefunds,
)
from junzi.coupons import accounts as coupon_accounts
from junzi.kit import ids
from junzi.ledger.model import Transfer, TransferFlags
from junzi.merchants import accounts as merchant_accounts
from junzi.wallet import accounts as wallet_accounts

CODE_PAYMENT = 10
CODE_REDEMPTION = 11
CODE_UNUSED_COUPON = 12
CODE_REDEEMED_PIECE = 26
"""The ledger's codes of the transfers a payment is made of."""

CODE_REFUND = 13
CODE_COUPON_REFUND = 14
CODE_CREDIT_DECLINED = 15
CODE_PIECE_BACK = 31
"""The same of the transfers a refund is made of."""

DEBIT_LEG, PAID_LEG, COUPON_LEG, UNUSED_LEG, EVENT_LEG, PIECE_LEG = 1, 2, 3, 4, 5, 6
"""Legs of a payment's id."""
CREDIT_LEG, BACK_LEG, COUPON_BACK_LEG, DECLINED_LEG, REFUNDED_LEG, PIECE_BACK_LEG = 1, 2, 3, 4, 5, 6
"""Legs of a refund's id."""

MOST_REFUNDS = 50
REFUNDABLE = timedelta(days=365)


def check_payable(order: Order, *, is_past: bool) -> None:
    """Raise unless a payment of this order may begin."""
    if order.state is OrderState.PAID:
        raise OrderAlreadyPaid
    if order.state is OrderState.PROCESSING:
        raise OrderProcessing
    if order.state is OrderState.CLOSED:
        raise OrderClosed
    if is_past:
        raise OrderExpired


def transfers(payment: Payment, ledger: int) -> list[Transfer]:
    """The payment as one linked chain: what the payer pays, what the coupon pays, what is left of the coupon."""
    shop = merchant_accounts.balance_id(payment.shop_id)
    source = bank_accounts.BANK if payment.funding is Funding.CARD else wallet_accounts.balance_id(payment.payer_id)
    legs: list[tuple[int, UUID, UUID, int, int, int]] = []
    if payment.paid_minor:
        legs.append((PAID_LEG, source, shop, payment.paid_minor, CODE_PAYMENT, ledger))
    if payment.coupon_campaign_id is not None:
        campaign_id = payment.coupon_campaign_id
        outstanding = coupon_accounts.outstanding_id(campaign_id)
        legs.append((COUPON_LEG, outstanding, shop, payment.coupon_minor, CODE_REDEMPTION, ledger))
        unused = payment.coupon_worth_minor - payment.coupon_minor
        if unused:
            budget = coupon_accounts.budget_id(campaign_id)
            legs.append((UNUSED_LEG, outstanding, budget, unused, CODE_UNUSED_COUPON, ledger))
        piece = coupon_accounts.outstanding_pieces_id(campaign_id)
        redeemed = coupon_accounts.redeemed_pieces_id(campaign_id)
        legs.append((PIECE_LEG, piece, redeemed, 1, CODE_REDEEMED_PIECE, coupon_accounts.PIECES))
    return [
        Transfer(
            id=ids.leg(payment.id, leg),
            debit_account_id=debit,
            credit_account_id=credit,
            amount=amount,
            user_data_128=payment.order_id,
            ledger=leg_ledger,
            code=code,
            flags=TransferFlags.NONE if place == len(legs) else TransferFlags.LINKED,
        )
        for place, (leg, debit, credit, amount, code, leg_ledger) in enumerate(legs, start=1)
    ]


def bill_id(payment: Payment) -> UUID:
    """The ledger transfer that a payment's bill is keyed by: what the payer paid, or what the coupon did when it paid all."""
    return ids.leg(payment.id, PAID_LEG if payment.paid_minor else COUPON_LEG)


def check_refundable(payment: Payment, before: RefundSums, amount_minor: int, at: datetime) -> None:
    """Raise unless that much of this payment may be given back now; `before` is what other refunds of it come to."""
    if payment.state is not PaymentState.PAID:
        raise PaymentNotPaid
    if at > payment.created_at + REFUNDABLE:
        raise RefundTooLate
    if before.count >= MOST_REFUNDS:
        raise TooManyRefunds
    left = payment.amount_minor - before.payer_minor - before.coupon_minor
    if amount_minor > left:
        raise RefundTooLarge(left_minor=left)


def payer_part(payment: Payment, before: RefundSums, amount_minor: int) -> int:
    """What of a refund is the payer's: amount × paid ÷ total, half a unit rounded up; the rest is the coupon's.

    Neither gets more than is left of their part, so that however a payment is cut, its refunds come to exactly what the
    payer and what the coupon paid: the last one takes the exact rest.
    """
    share = (2 * amount_minor * payment.paid_minor + payment.amount_minor) // (2 * payment.amount_minor)
    payer_left = payment.paid_minor - before.payer_minor
    coupon_left = payment.coupon_minor - before.coupon_minor
    return min(max(share, amount_minor - coupon_left), payer_left, amount_minor)


def gives_coupon_back(payment: Payment, amount_minor: int, expires_at: datetime, at: datetime) -> bool:
    """Whether the coupon becomes its owner's again: the whole payment at once, the coupon spent whole and still in its time.

    Otherwise its part goes back to the campaign's budget. Of a coupon larger than its purchase the rest is in the budget
    already, where somebody else may have been given it since.
    """
    return (
        amount_minor == payment.amount_minor and payment.coupon_minor == payment.coupon_worth_minor and at < expires_at
    )


def refund_transfers(refund: Refund, payment: Payment, ledger: int) -> list[Transfer]:
    """The refund as one linked chain out of the shop's balance: the payer's part, the coupon's part.

    What goes to a card leaves the shop for the bank first, which is then asked to give it to the card.
    """
    shop = merchant_accounts.balance_id(refund.shop_id)
    payer = bank_accounts.BANK if payment.funding is Funding.CARD else wallet_accounts.balance_id(refund.payer_id)
    legs: list[tuple[int, UUID, UUID, int, int, int]] = []
    if refund.payer_minor:
        legs.append((BACK_LEG, shop, payer, refund.payer_minor, CODE_REFUND, ledger))
    if refund.coupon_minor:
        campaign_id = payment.coupon_campaign_id
        assert campaign_id is not None, "a coupon's part is of a campaign"
        kept = coupon_accounts.outstanding_id if refund.coupon_back else coupon_accounts.budget_id
        legs.append((COUPON_BACK_LEG, shop, kept(campaign_id), refund.coupon_minor, CODE_COUPON_REFUND, ledger))
        if refund.coupon_back:
            piece = coupon_accounts.outstanding_pieces_id(campaign_id)
            redeemed = coupon_accounts.redeemed_pieces_id(campaign_id)
            legs.append((PIECE_BACK_LEG, redeemed, piece, 1, CODE_PIECE_BACK, coupon_accounts.PIECES))
    return [
        Transfer(
            id=ids.leg(refund.id, leg),
            debit_account_id=debit,
            credit_account_id=credit,
            amount=amount,
            user_data_128=payment.order_id,
            ledger=leg_ledger,
            code=code,
            flags=TransferFlags.NONE if place == len(legs) else TransferFlags.LINKED,
        )
        for place, (leg, debit, credit, amount, code, leg_ledger) in enumerate(legs, start=1)
    ]


def declined_transfer(refund: Refund, payment: Payment, ledger: int) -> Transfer:
    """What the card did not take goes from the bank to the payer's balance."""
    return Transfer(
        id=ids.leg(refund.id, DECLINED_LEG),
        debit_account_id=bank_accounts.BANK,
        credit_account_id=wallet_accounts.balance_id(refund.payer_id),
        amount=refund.payer_minor,
        user_data_128=payment.order_id,
        ledger=ledger,
        code=CODE_CREDIT_DECLINED,
    )


def refund_bill_id(refund: Refund, paid_to: Funding, payment: Payment) -> UUID:
    """The ledger transfer that a refund's bill is keyed by: the one that reached the payer, or else the coupon's."""
    if not refund.payer_minor:
        return ids.leg(refund.id, COUPON_BACK_LEG)
    return ids.leg(refund.id, DECLINED_LEG if paid_to is not payment.funding else BACK_LEG)
