"""What a wallet shows, and the steps checkout takes in it."""

from collections.abc import Sequence
from uuid import UUID

from junzi.bank import store as bank_store
from junzi.bank.model import shown as shown_card
from junzi.codes import actions as codes
from junzi.codes.model import CodeKind, ShownCode
from junzi.kit import clock, town
from junzi.kit.database import Database, Transaction
from junzi.ledger.engine import Ledger
from junzi.people.pin import pin_state
from junzi.wallet import accounts, store
from junzi.wallet.model import Bill, Bills, Wallet

PAGE = 100


async def wallet_of(database: Database, ledger: Ledger, person_id: UUID, public_url: str) -> Wallet:
    """Everything the wallet's first page shows."""
    balance = await accounts.balance_minor(ledger, person_id)
    code = await personal_code(database, person_id, public_url)
    month = town.business_date(clock.now()).replace(day=1)
    async with database.read() as reader:
        pin = await pin_state(reader, person_id)
        cards = await bank_store.cards_of(reader, person_id)
        saved = await store.saved_since(reader, person_id=person_id, business_date=month)
    return Wallet(
        balance_minor=balance,
        currency=town.current().currency,
        has_pin=pin.pin_hash is not None,
        pin_locked_until=pin.locked_until if pin.locked_until and pin.locked_until > clock.now() else None,
        cards=[shown_card(card) for card in cards],
        saved_this_month_minor=saved,
        code=code,
    )


async def personal_code(database: Database, person_id: UUID, public_url: str) -> ShownCode:
    """The code under which the person is found and receives transfers, issued at the first look alone."""
    async with database.read() as reader:
        known = (await codes.owns(reader, [person_id])).get(person_id)
    if known is not None:
        return codes.shown(known, public_url)
    async with database.transaction() as tx:
        return codes.shown(await codes.issue(tx, CodeKind.PERSON, person_id), public_url)


async def bills_of(database: Database, *, person_id: UUID, before: UUID | None, limit: int) -> Bills:
    """A person's movements, the newest first."""
    most = min(limit, PAGE)
    async with database.read() as reader:
        page = await store.bills(reader, person_id=person_id, before=before, most=most + 1)
    return Bills(page[:most], len(page) > most)


async def record_bill(tx: Transaction, person_id: UUID, bill: Bill) -> None:
    """A step of checkout: money of this person moved."""
    await store.insert_bill(tx, person_id=person_id, bill=bill)


async def record_bills(tx: Transaction, bills: Sequence[tuple[UUID, Bill]]) -> None:
    """The same for several at once, each with the person in front."""
    await store.insert_bills(tx, bills)
