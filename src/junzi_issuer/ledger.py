"""The bank's books: every movement is two entries that sum to nothing, written with the balances they change.

Whoever posts holds the card account's row first and the bank's own account last, so that no two postings wait for each
other in a circle.
"""

from datetime import datetime
from uuid import UUID

from junzi_issuer import keys, store
from junzi_issuer.cards import OPENING_MINOR, bank_of_number, behaviour_of_number
from junzi_issuer.database import Connection
from junzi_issuer.keys import Keys
from junzi_issuer.model import CURRENCY, Card, PaymentKind


async def find_or_open_card(connection: Connection, secrets: Keys, number: str, at: datetime) -> Card:
    """The card of a number, opened with its first money where the number was never typed before."""
    number_hash = keys.hash_number(secrets, number)
    bank, behaviour = bank_of_number(number), behaviour_of_number(number)
    card_id = await store.add_card(connection, number_hash, number[-4:], bank.key, behaviour, at)
    if card_id is not None:
        account_id = await store.add_card_account(connection, card_id, CURRENCY)
        capital_id = await store.find_bank_account(connection, "capital", CURRENCY)
        transfer_id = await store.add_transfer(connection, "opening", None, at)
        await store.add_entries(connection, transfer_id, capital_id, account_id, OPENING_MINOR)
        await store.move_balance(connection, account_id, OPENING_MINOR)
        await store.move_balance(connection, capital_id, -OPENING_MINOR)
    card = await store.find_card_by_number_hash(connection, number_hash)
    assert card is not None, "a card was added or is there"
    return card


async def move_money(
    connection: Connection,
    kind: PaymentKind,
    reference: UUID,
    card_account_id: int,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> None:
    """Moves a payment's amount between its card, whose balance the caller has locked, and the operator."""
    settlement_id = await store.find_bank_account(connection, "settlement", currency)
    debit = kind is PaymentKind.DEBIT
    from_id, to_id = (card_account_id, settlement_id) if debit else (settlement_id, card_account_id)
    transfer_id = await store.add_transfer(connection, kind, reference, at)
    await store.add_entries(connection, transfer_id, from_id, to_id, amount_minor)
    await store.move_balance(connection, card_account_id, -amount_minor if debit else amount_minor)
    await store.move_balance(connection, settlement_id, amount_minor if debit else -amount_minor)
