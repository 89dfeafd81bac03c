"""Where a shop's money goes: chosen and changed by its owner with the payment PIN, on record, and told to the owner."""

from uuid import UUID

from junzi.bank import store as bank_store
from junzi.bank.model import Card, CardNotFound, shown
from junzi.kit import clock, town
from junzi.kit.database import Database, Reader, Transaction
from junzi.merchants import actions as merchants
from junzi.merchants.model import Shop
from junzi.people.model import PinKey
from junzi.people.pin import verify_pin
from junzi.settlement import rules, store
from junzi.settlement.model import (
    BankAccount,
    BankAccountLost,
    BankAccountMissing,
    BankAccountSet,
    NewBankAccount,
    ShownBankAccount,
)

ACTIVE = "active"


async def choose(
    database: Database, pin_key: PinKey, *, shop_id: UUID, person_id: UUID, new: NewBankAccount
) -> ShownBankAccount:
    """Let the shop's money go to one of the owner's cards; choosing the same again changes nothing.

    Raises `NotFound`, `NotAllowed`, `CardNotFound`, and what `verify_pin` raises.
    """
    async with database.read() as reader:
        await _owned_card(reader, shop_id, person_id, new.card_id)
    await verify_pin(database, pin_key, person_id, new.pin)
    now = clock.now()
    async with database.transaction() as tx:
        shop, card = await _owned_card(tx, shop_id, person_id, new.card_id)
        before = await store.bank_account_locked(tx, shop_id)
        if before is None or before.card_id != card.id:
            looked_on = rules.latest_morning(clock.local(now, town.current().time_zone))
            await store.put_bank_account(tx, shop_id=shop_id, card_id=card.id, at=now, looked_on=looked_on)
            await store.insert_bank_account_change(tx, shop_id=shop_id, card_id=card.id, by_id=person_id, at=now)
            await tx.emit(BankAccountSet(shop_id=shop.id, bank_name=card.bank_name, last4=card.last4))
        return await _shown(tx, await _standing(tx, shop_id))


async def set_automatic(database: Database, *, shop_id: UUID, person_id: UUID, automatic: bool) -> ShownBankAccount:
    """Pay out every morning, or only by hand. Raises `NotFound`, `NotAllowed`, `BankAccountMissing`."""
    async with database.transaction() as tx:
        await merchants.access_shop(tx, shop_id, person_id)
        looked_on = rules.latest_morning(clock.local(clock.now(), town.current().time_zone))
        await store.set_automatic(tx, shop_id=shop_id, automatic=automatic, looked_on=looked_on)
        return await _shown(tx, await _standing(tx, shop_id))


async def account_of(reader: Reader, shop_id: UUID) -> ShownBankAccount | None:
    """Where the shop's money goes, for its owner."""
    account = await store.bank_account(reader, shop_id)
    return None if account is None else await _shown(reader, account)


async def usable_card(reader: Reader, shop_id: UUID) -> Card:
    """The card that takes the shop's money. Raises `BankAccountMissing`, `CardNotFound` when it is bound no longer."""
    card = await bank_store.card(reader, (await _standing(reader, shop_id)).card_id)
    if card.state != ACTIVE:
        raise CardNotFound
    return card


async def lose(tx: Transaction, account: BankAccount, card: Card) -> None:
    """The card is bound no longer: its owner has to choose anew, and is told so."""
    await store.remove_bank_account(tx, account.shop_id)
    await store.insert_bank_account_change(tx, shop_id=account.shop_id, card_id=None, by_id=None, at=clock.now())
    await tx.emit(BankAccountLost(shop_id=account.shop_id, bank_name=card.bank_name, last4=card.last4))


async def _owned_card(reader: Reader, shop_id: UUID, person_id: UUID, card_id: UUID) -> tuple[Shop, Card]:
    shop = await merchants.access_shop(reader, shop_id, person_id)
    card = await bank_store.card_of(reader, id=card_id, person_id=person_id)
    if card is None:
        raise CardNotFound
    return shop, card


async def _standing(reader: Reader, shop_id: UUID) -> BankAccount:
    account = await store.bank_account(reader, shop_id)
    if account is None:
        raise BankAccountMissing
    return account


async def _shown(reader: Reader, account: BankAccount) -> ShownBankAccount:
    card = await bank_store.card(reader, account.card_id)
    return ShownBankAccount(shown(card), account.automatic, account.since)
