"""The ledger account of a shop: what we owe it; and the one that takes all shops' fees."""

from uuid import UUID

from junzi.kit import ids, town
from junzi.ledger.engine import Ledger
from junzi.ledger.model import Account, AccountFlags

CODE_FEES = 4
CODE_SHOP = 20
FEES = UUID("00000000-0000-7000-8000-000000000400")
"""What the operator earned of payments by agreement."""


def balance_id(shop_id: UUID) -> UUID:
    return ids.leg(shop_id, 1)


def account(shop_id: UUID) -> Account:
    return Account(
        id=balance_id(shop_id),
        ledger=town.current().money.number,
        code=CODE_SHOP,
        flags=AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
    )


def fees() -> Account:
    return Account(id=FEES, ledger=town.current().money.number, code=CODE_FEES)


async def balance_minor(ledger: Ledger, shop_id: UUID) -> int:
    """What we owe the shop now, in minor units; 0 before the account exists."""
    return sum(
        account.credits_posted - account.debits_posted - account.debits_pending
        for account in await ledger.lookup_accounts([balance_id(shop_id)])
    )
