"""Which morning it is, and which transfers a payout is made of. Pure."""

from datetime import date, datetime, timedelta
from uuid import UUID

from junzi.bank import accounts as bank_accounts
from junzi.kit import ids
from junzi.ledger.model import Transfer
from junzi.merchants import accounts as merchant_accounts
from junzi.settlement.model import MORNING, Payout

CODE_PAYOUT, CODE_PAYOUT_RETURNED = 40, 41
"""The ledger's codes of the transfers a payout is made of."""

CREDIT_LEG, OUT_LEG, RETURNED_LEG, TOLD_LEG = 1, 2, 4, 5
"""Legs of a payout's id."""


def latest_morning(local: datetime) -> date:
    """The last business day whose morning has come, by the operator's clocks."""
    return local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)


def morning_of(day: date, local: datetime) -> datetime:
    """The moment of that day's morning, in the time zone of `local`."""
    return datetime.combine(day, MORNING, tzinfo=local.tzinfo)


def out_transfer(payout: Payout, ledger: int) -> Transfer:
    """The shop's money is set aside at the bank, which is then asked to give it to the card."""
    return _transfer(
        payout,
        OUT_LEG,
        debit=merchant_accounts.balance_id(payout.shop_id),
        credit=bank_accounts.BANK,
        code=CODE_PAYOUT,
        ledger=ledger,
    )


def returned_transfer(payout: Payout, ledger: int) -> Transfer:
    """What the card did not take is the shop's again."""
    return _transfer(
        payout,
        RETURNED_LEG,
        debit=bank_accounts.BANK,
        credit=merchant_accounts.balance_id(payout.shop_id),
        code=CODE_PAYOUT_RETURNED,
        ledger=ledger,
    )


def _transfer(payout: Payout, leg: int, *, debit: UUID, credit: UUID, code: int, ledger: int) -> Transfer:
    return Transfer(
        id=ids.leg(payout.id, leg),
        debit_account_id=debit,
        credit_account_id=credit,
        amount=payout.amount_minor,
        ledger=ledger,
        code=code,
    )
