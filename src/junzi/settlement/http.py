"""The owner's routes to the shop's money. Nobody who works at the till gets behind them."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, patch, post, put
from litestar.params import Parameter

from junzi.bank.issuer import Issuer
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import actions as merchants
from junzi.people.model import PinKey, SignedIn
from junzi.settlement import bank_account, payout
from junzi.settlement.model import (
    LEAST_MINOR,
    MORNING,
    Automatic,
    NewBankAccount,
    NewPayout,
    ShopMoney,
    ShownBankAccount,
    ShownPayout,
)

SHOP = "/api/shops/{shop_id:uuid}"
FIRST_PAGE = 20


class Payouts(msgspec.Struct):
    payouts: list[ShownPayout]
    more: bool


@get(SHOP + "/money", summary="What a shop has, where it goes and went", tags=["shops"])
async def show_money(shop_id: UUID, person: SignedIn, database: Database, ledger: Ledger) -> ShopMoney:
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person.person_id)
        account = await bank_account.account_of(reader, shop_id)
        payouts, more = await payout.payouts_of(reader, shop_id=shop_id, before=None, limit=FIRST_PAGE)
    balance = await merchant_accounts.balance_minor(ledger, shop_id)
    return ShopMoney(balance, account, LEAST_MINOR, f"{MORNING:%H:%M}", payouts, more)


@put(SHOP + "/bank-account", summary="Choose where a shop's money goes", tags=["shops"])
async def choose_bank_account(
    shop_id: UUID, data: NewBankAccount, person: SignedIn, database: Database, pin_key: PinKey
) -> ShownBankAccount:
    return await bank_account.choose(database, pin_key, shop_id=shop_id, person_id=person.person_id, new=data)


@patch(SHOP + "/bank-account", summary="Pay out every morning, or only by hand", tags=["shops"])
async def change_bank_account(shop_id: UUID, data: Automatic, person: SignedIn, database: Database) -> ShownBankAccount:
    return await bank_account.set_automatic(
        database, shop_id=shop_id, person_id=person.person_id, automatic=data.automatic
    )


@post(SHOP + "/payouts", summary="Bring a shop's money to its bank account", tags=["shops"])
async def create_payout(
    shop_id: UUID,
    data: NewPayout,
    person: SignedIn,
    idempotency_key: str,
    database: Database,
    ledger: Ledger,
    issuer: Issuer,
    pin_key: PinKey,
) -> ShownPayout:
    done = await payout.pay_out(
        database, ledger, issuer, pin_key, shop_id=shop_id, person_id=person.person_id, key=idempotency_key, new=data
    )
    async with database.read() as reader:
        return await payout.shown_payout(reader, done)


@get(SHOP + "/payouts", summary="A shop's payouts, the newest first", tags=["shops"])
async def list_payouts(
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=payout.PAGE)] = FIRST_PAGE,
) -> Payouts:
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person.person_id)
        return Payouts(*await payout.payouts_of(reader, shop_id=shop_id, before=before, limit=limit))


@get(SHOP + "/payouts/{payout_id:uuid}", summary="How a payout stands", tags=["shops"])
async def show_payout(
    shop_id: UUID, payout_id: UUID, person: SignedIn, database: Database, ledger: Ledger, issuer: Issuer
) -> ShownPayout:
    found = await payout.payout_of(
        database, ledger, issuer, shop_id=shop_id, payout_id=payout_id, person_id=person.person_id
    )
    async with database.read() as reader:
        return await payout.shown_payout(reader, found)


ROUTES: list[Any] = [
    show_money,
    choose_bank_account,
    change_bank_account,
    create_payout,
    list_payouts,
    show_payout,
]
