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
    PaymentCoupon,
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
CODE_FEE = 17
"""The ledger's codes of the transfers a payment is made of."""

CODE_REFUND = 13
CODE_COUPON_REFUND = 14
CODE_CREDIT_DECLINED = 15
CODE_PIECE_BACK = 31
CODE_FEE_BACK = 18
"""The same of the transfers a refund is made of."""

DEBIT_LEG, PAID_LEG, EVENT_LEG = 1, 2, 5
"""Legs of a payment's id."""
CREDIT_LEG, BACK_LEG, DECLINED_LEG, REFUNDED_LEG = 1, 2, 4, 5
"""Legs of a refund's id."""
FEE_LEG = 7
"""Leg of either: the shop's fee, and what it gets back of it."""
COUPON_LEG, UNUSED_LEG, PIECE_LEG = 16, 17, 18
"""Legs of either of its first coupon; those of the next are 8 further, for ten coupons at most."""

Line = tuple[int, UUID, UUID, int, int, int]
"""A transfer of a chain: leg, debit, credit, amount, code, ledger."""

MOST_REFUNDS = 50
REFUNDABLE = timedelta(days=365)


def state_at(order: Order, at: datetime) -> OrderState:
    """The order's state then: an open one that nobody paid in time is expired."""
    return OrderState.EXPIRED if order.state is OrderState.OPEN and order.expires_at <= at else order.state


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
    """The payment as one linked chain: what the payer pays, then what each coupon pays, its rest, its piece; the fee."""
    shop = merchant_accounts.balance_id(payment.shop_id)
    source = bank_accounts.BANK if payment.funding is Funding.CARD else wallet_accounts.balance_id(payment.payer_id)
    lines: list[Line] = []
    if payment.paid_minor:
        lines.append((PAID_LEG, source, shop, payment.paid_minor, CODE_PAYMENT, ledger))
    for place, coupon in enumerate(payment.coupons):
        outstanding = coupon_accounts.outstanding_id(coupon.campaign_id)
        lines.append((leg(COUPON_LEG, place), outstanding, shop, coupon.saved_minor, CODE_REDEMPTION, ledger))
        unused = coupon.worth_minor - coupon.saved_minor
        if unused:
            budget = coupon_accounts.budget_id(coupon.campaign_id)
            lines.append((leg(UNUSED_LEG, place), outstanding, budget, unused, CODE_UNUSED_COUPON, ledger))
        piece = coupon_accounts.outstanding_pieces_id(coupon.campaign_id)
        redeemed = coupon_accounts.redeemed_pieces_id(coupon.campaign_id)
        lines.append((leg(PIECE_LEG, place), piece, redeemed, 1, CODE_REDEEMED_PIECE, coupon_accounts.PIECES))
    if payment.fee_minor:
        lines.append((FEE_LEG, shop, merchant_accounts.FEES, payment.fee_minor, CODE_FEE, ledger))
    return _chain(payment.id, payment.order_id, lines)


def fee(amount_minor: int, permyriad: int) -> int:
    """What a shop pays of a payment: so many hundredths of a percent, half a unit rounded up."""
    return (2 * amount_minor * permyriad + 10_000) // 20_000


def fee_back(payment: Payment, before: RefundSums, amount_minor: int) -> int:
    """What of its fee a shop gets back with a refund of so much: fee × refunded ÷ total over all refunds, half a unit rounded up.

    Counted over the whole, so that however a payment is cut, the whole fee is back to the unit when all of it is.
    """
    refunded = before.payer_minor + before.coupon_minor + amount_minor
    due = (2 * payment.fee_minor * refunded + payment.amount_minor) // (2 * payment.amount_minor)
    return min(max(due - before.fee_minor, 0), payment.fee_minor - before.fee_minor)


def leg(first: int, place: int) -> int:
    """The number of a coupon's leg: `first` of the coupon at place 0, and so on."""
    return first + 8 * place


def coupon_ids(payment: Payment) -> list[UUID]:
    """A payment's coupons, in the order of use."""
    return [coupon.coupon_id for coupon in payment.coupons]


def bill_id(payment: Payment) -> UUID:
    """The ledger transfer that a payment's bill is keyed by: what the payer paid, or else what the first coupon did."""
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
    """What of a refund is the payer's: amount × paid ÷ total, half a unit rounded up; the rest is the coupons'.

    Neither gets more than is left of their part, so that however a payment is cut, its refunds come to exactly what the
    payer and what the coupons paid: the last one takes the exact rest.
    """
    share = (2 * amount_minor * payment.paid_minor + payment.amount_minor) // (2 * payment.amount_minor)
    payer_left = payment.paid_minor - before.payer_minor
    coupon_left = payment.coupon_minor - before.coupon_minor
    return min(max(share, amount_minor - coupon_left), payer_left, amount_minor)


def coupon_parts(payment: Payment, before: RefundSums, coupon_minor: int) -> list[int]:
    """What of the coupons' part of a refund is each coupon's: by what is left of each, half a unit rounded up.

    One after the other, each of what the ones before it left over, so that the parts come to the sum and none is beyond what is
    left of its coupon.
    """
    lefts = [coupon.saved_minor - gone for coupon, gone in zip(payment.coupons, before.coupons, strict=True)]
    parts, left_minor = [], sum(lefts)
    for left in lefts:
        part = (2 * coupon_minor * left + left_minor) // (2 * left_minor) if left else 0
        parts.append(part)
        coupon_minor, left_minor = coupon_minor - part, left_minor - left
    return parts


def gives_back(payment: Payment, coupon: PaymentCoupon, amount_minor: int, expires_at: datetime, at: datetime) -> bool:
    """Whether a coupon becomes its owner's again: the whole payment at once, the coupon spent whole and still in its time.

    Otherwise its part goes back to the campaign's budget. Of a coupon larger than its purchase the rest is in the budget
    already, where somebody else may have been given it since.
    """
    return amount_minor == payment.amount_minor and coupon.saved_minor == coupon.worth_minor and at < expires_at


def refund_transfers(refund: Refund, payment: Payment, ledger: int) -> list[Transfer]:
    """The refund as one linked chain: the fee back to the shop, then out of its balance the payer's part, each coupon's part.

    What goes to a card leaves the shop for the bank first, which is then asked to give it to the card.
    """
    shop = merchant_accounts.balance_id(refund.shop_id)
    payer = bank_accounts.BANK if payment.funding is Funding.CARD else wallet_accounts.balance_id(refund.payer_id)
    lines: list[Line] = []
    if refund.fee_minor:
        # First, because a shop that has nothing but this payment needs it to give all of it back.
        lines.append((FEE_LEG, merchant_accounts.FEES, shop, refund.fee_minor, CODE_FEE_BACK, ledger))
    if refund.payer_minor:
        lines.append((BACK_LEG, shop, payer, refund.payer_minor, CODE_REFUND, ledger))
    for part in refund.coupons:
        campaign_id = payment.coupons[part.place].campaign_id
        kept = coupon_accounts.outstanding_id if part.back else coupon_accounts.budget_id
        lines.append(
            (leg(COUPON_LEG, part.place), shop, kept(campaign_id), part.amount_minor, CODE_COUPON_REFUND, ledger)
        )
        if part.back:
            piece = coupon_accounts.outstanding_pieces_id(campaign_id)
            redeemed = coupon_accounts.redeemed_pieces_id(campaign_id)
            lines.append((leg(PIECE_LEG, part.place), redeemed, piece, 1, CODE_PIECE_BACK, coupon_accounts.PIECES))
    return _chain(refund.id, payment.order_id, lines)


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
    """The ledger transfer that a refund's bill is keyed by: the one that reached the payer, or else the first coupon's."""
    if not refund.payer_minor:
        return ids.leg(refund.id, leg(COUPON_LEG, refund.coupons[0].place))
    return ids.leg(refund.id, DECLINED_LEG if paid_to is not payment.funding else BACK_LEG)


def _chain(intent_id: UUID, order_id: UUID, lines: list[Line]) -> list[Transfer]:
    return [
        Transfer(
            id=ids.leg(intent_id, number),
            debit_account_id=debit,
            credit_account_id=credit,
            amount=amount,
            user_data_128=order_id,
            ledger=ledger,
            code=code,
            flags=TransferFlags.NONE if place == len(lines) else TransferFlags.LINKED,
        )
        for place, (number, debit, credit, amount, code, ledger) in enumerate(lines, start=1)
    ]
