"""The ledger account from which promoters are paid."""

from uuid import UUID

from junzi.kit import ids, town
from junzi.ledger.model import Account, Transfer
from junzi.wallet import accounts as wallet

CODE_COMMISSIONS = 6
CODE_COMMISSION = 60
PAID_LEG = 1
COMMISSIONS = UUID("00000000-0000-7000-8000-000000000600")
"""What the operator paid promoters for shops that they signed up."""


def source() -> Account:
    return Account(id=COMMISSIONS, ledger=town.current().money.number, code=CODE_COMMISSIONS)


def paid(commission_id: UUID, promoter_id: UUID, amount_minor: int) -> Transfer:
    """What pays a commission; sent again, it changes nothing."""
    return Transfer(
        id=ids.leg(commission_id, PAID_LEG),
        debit_account_id=COMMISSIONS,
        credit_account_id=wallet.balance_id(promoter_id),
        amount=amount_minor,
        ledger=town.current().money.number,
        code=CODE_COMMISSION,
    )
