"""The ledger account that stands for money at the bank."""

from uuid import UUID

from junzi.kit import town
from junzi.ledger.model import Account

CODE_BANK = 1
BANK = UUID("00000000-0000-7000-8000-000000000100")
"""What the bank holds for us: debited when money comes in from a card."""


def account() -> Account:
    return Account(id=BANK, ledger=town.current().money.number, code=CODE_BANK)
