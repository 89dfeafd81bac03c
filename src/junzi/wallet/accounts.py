"""The ledger account of a person: what we owe them."""

from uuid import UUID

from junzi.kit import ids, town
from junzi.ledger.engine import Ledger
from junzi.ledger.model import Account, AccountFlags

CODE_PERSON = 10


def balance_id(person_id: UUID) -> UUID:
    return ids.leg(person_id, 1)


async def open_account(ledger: Ledger, person_id: UUID) -> None:
    """Make the person's account exist; harmless to repeat."""
    await ledger.create_accounts(
        [
            Account(
                id=balance_id(person_id),
                ledger=town.current().money.number,
                code=CODE_PERSON,
                flags=AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
            )
        ]
    )


async def balance_minor(ledger: Ledger, person_id: UUID) -> int:
    """What the person can spend, in minor units; 0 before the account exists."""
    accounts = await ledger.lookup_accounts([balance_id(person_id)])
    if not accounts:
        return 0
    account = accounts[0]
    return account.credits_posted - account.debits_posted - account.debits_pending
