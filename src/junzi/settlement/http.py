"""The owner's routes to the shop's money. Nobody who works at the till gets behind them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, patch, post, put
from litestar.params import Parameter
from litestar.response import Stream

from junzi.bank.issuer import Issuer
from junzi.kit import aside, clock
from junzi.kit.database import Database
from junzi.ledger.engine import Ledger
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import actions as merchants
from junzi.merchants import agreement
from junzi.people import actions as people
from junzi.people.model import PinKey, SignedIn
from junzi.settlement import bank_account, payout, statement, statement_csv, statement_pdf
from junzi.settlement.model import (
    LEAST_MINOR,
    MORNING,
    Automatic,
    NewBankAccount,
    NewPayout,
    ShopMoney,
    ShownBankAccount,
    ShownPayout,
    ShownStatement,
    Statement,
)

SHOP = "/api/shops/{shop_id:uuid}"
FIRST_PAGE = 20
PIECE_BYTES = 64 * 1024


class Payouts(msgspec.Struct):
    payouts: list[ShownPayout]
    more: bool


@get(SHOP + "/money", summary="What a shop has, where it goes and went", tags=["shops"])
async def show_money(shop_id: UUID, person: SignedIn, database: Database, ledger: Ledger) -> ShopMoney:
    async with database.read() as reader:
        await merchants.access_shop(reader, shop_id, person.person_id)
        account = await bank_account.account_of(reader, shop_id)
        payouts, more = await payout.payouts_of(reader, shop_id=shop_id, before=None, limit=FIRST_PAGE)
        permyriad = await agreement.permyriad_at(reader, shop_id, clock.now())
    balance = await merchant_accounts.balance_minor(ledger, shop_id)
    return ShopMoney(balance, account, permyriad, LEAST_MINOR, f"{MORNING:%H:%M}", payouts, more)


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


@get(SHOP + "/statement", summary="What a month or a day came to; this month unless asked otherwise", tags=["shops"])
async def show_statement(
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    ledger: Ledger,
    month: str | None = None,
    day: str | None = None,
) -> ShownStatement:
    """A month is written as in 2026-01, a day as in 2026-01-31."""
    async with aside.turn():
        found = await statement.statement(
            database, ledger, shop_id=shop_id, person_id=person.person_id, month=month, day=day, is_named=False
        )
    return ShownStatement(found.first, found.last, found.opening_minor, found.sums, found.closing_minor)


@get(SHOP + "/statement.csv", summary="The same with a line for each movement, for a spreadsheet", tags=["shops"])
async def show_statement_csv(
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    ledger: Ledger,
    month: str | None = None,
    day: str | None = None,
    till: UUID | None = None,
) -> Stream:
    """Of one till, without a balance, or of all."""
    async with aside.turn():
        found = await statement.statement(
            database, ledger, shop_id=shop_id, person_id=person.person_id, month=month, day=day, till_id=till
        )
        file = await asyncio.to_thread(statement_csv.written, found)
    return _streamed(file, "text/csv", _attached(found, "csv"))


@get(SHOP + "/statement.pdf", summary="The same to print", tags=["shops"])
async def show_statement_pdf(
    shop_id: UUID,
    person: SignedIn,
    database: Database,
    ledger: Ledger,
    month: str | None = None,
    day: str | None = None,
) -> Stream:
    async with database.read() as reader:
        locale = (await people.me(reader, person.person_id)).locale
    async with aside.turn():
        found = await statement.statement(
            database, ledger, shop_id=shop_id, person_id=person.person_id, month=month, day=day
        )
        file = await asyncio.to_thread(statement_pdf.drawn, found, locale)
    return _streamed(file, "application/pdf", _attached(found, "pdf"))


def _streamed(file: bytes, media_type: str, headers: dict[str, str]) -> Stream:
    """In pieces, so that one at a time is compressed on the way out, and others are served between two."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(file), PIECE_BYTES):
            yield file[start : start + PIECE_BYTES]

    return Stream(pieces(), media_type=media_type, headers=headers)


def _attached(found: Statement, ending: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="statement-{found.first}-{found.last}.{ending}"'}


ROUTES: list[Any] = [
    show_money,
    choose_bank_account,
    change_bank_account,
    create_payout,
    list_payouts,
    show_payout,
    show_statement,
    show_statement_csv,
    show_statement_pdf,
]
