"""The ledger for the operator to read: accounts, what they moved and how they stood. Nothing here writes.

Nanoseconds and user_data_64 are strings in JSON, because a browser's numbers end before theirs.
"""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from junzi.kit.errors import NotFound
from junzi.ledger import (
    Account,
    AccountBalance,
    AccountFilter,
    AccountFilterFlags,
    Ledger,
    QueryFilter,
    QueryFilterFlags,
    Transfer,
)
from junzi.operators.model import Operator

Nanoseconds = Annotated[int, Parameter(ge=0, le=2**63 - 1, description="In nanoseconds since 1970; 0 for no bound.")]
Limit = Annotated[int, Parameter(ge=1, le=100)]
Number16 = Annotated[int, Parameter(ge=0, le=2**16 - 1, description="0 for any.")]
Number32 = Annotated[int, Parameter(ge=0, le=2**32 - 1, description="0 for any.")]
Number64 = Annotated[int, Parameter(ge=0, le=2**63 - 1, description="0 for any.")]


class LedgerAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account with its balances in minor units, or in pieces. flags: their names in TigerBeetle's spelling."""

    id: UUID
    ledger: int
    code: int
    flags: list[str]
    user_data_128: UUID | None
    user_data_64: str
    user_data_32: int
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    timestamp: str
    at: datetime


class LedgerTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer. timeout_s: of a pending one, 0 for none."""

    id: UUID
    debit_account_id: UUID
    credit_account_id: UUID
    amount: int
    pending_id: UUID | None
    user_data_128: UUID | None
    user_data_64: str
    user_data_32: int
    timeout_s: int
    ledger: int
    code: int
    flags: list[str]
    timestamp: str
    at: datetime


class LedgerBalance(msgspec.Struct, frozen=True, kw_only=True):
    """How an account stood after the transfer of that timestamp."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    timestamp: str
    at: datetime


class LedgerAccounts(msgspec.Struct, frozen=True):
    """next: where the next page begins, to be given as the bound; null on the last."""

    accounts: list[LedgerAccount]
    next: str | None


class LedgerTransfers(msgspec.Struct, frozen=True):
    """next: as in the list of accounts."""

    transfers: list[LedgerTransfer]
    next: str | None


class LedgerBalances(msgspec.Struct, frozen=True):
    """next: as in the list of accounts."""

    balances: list[LedgerBalance]
    next: str | None


@get("/api/ops/ledger/accounts/{account_id:uuid}", summary="An account of the ledger", tags=["operator"])
async def show_account(ledger: Ledger, operator: Operator, account_id: UUID) -> LedgerAccount:
    return _account(await _access_account(ledger, account_id))


@get("/api/ops/ledger/transfers/{transfer_id:uuid}", summary="A transfer of the ledger", tags=["operator"])
async def show_transfer(ledger: Ledger, operator: Operator, transfer_id: UUID) -> LedgerTransfer:
    found = await ledger.lookup_transfers([transfer_id])
    if not found:
        raise NotFound
    return _transfer(found[0])


@get("/api/ops/ledger/accounts/{account_id:uuid}/transfers", summary="What an account moved", tags=["operator"])
async def list_transfers_of_account(
    ledger: Ledger,
    operator: Operator,
    account_id: UUID,
    debits: bool = True,
    credits: bool = True,
    code: Number16 = 0,
    timestamp_min: Nanoseconds = 0,
    timestamp_max: Nanoseconds = 0,
    newest_first: bool = True,
    limit: Limit = 20,
) -> LedgerTransfers:
    asked = _of_account(account_id, debits, credits, code, timestamp_min, timestamp_max, newest_first, limit)
    await _access_account(ledger, account_id)
    found = await ledger.get_account_transfers(asked)
    return LedgerTransfers([_transfer(one) for one in found], _next(found, limit, newest_first))


@get("/api/ops/ledger/accounts/{account_id:uuid}/balances", summary="How an account stood", tags=["operator"])
async def list_balances_of_account(
    ledger: Ledger,
    operator: Operator,
    account_id: UUID,
    debits: bool = True,
    credits: bool = True,
    code: Number16 = 0,
    timestamp_min: Nanoseconds = 0,
    timestamp_max: Nanoseconds = 0,
    newest_first: bool = True,
    limit: Limit = 20,
) -> LedgerBalances:
    """Of accounts that remember it (flag `history`); empty for all others."""
    asked = _of_account(account_id, debits, credits, code, timestamp_min, timestamp_max, newest_first, limit)
    await _access_account(ledger, account_id)
    found = await ledger.get_account_balances(asked)
    return LedgerBalances([_balance(one) for one in found], _next(found, limit, newest_first))


@get("/api/ops/ledger/accounts", summary="Accounts by what is written on them", tags=["operator"])
async def query_accounts(
    ledger: Ledger,
    operator: Operator,
    user_data_128: UUID | None = None,
    user_data_64: Number64 = 0,
    user_data_32: Number32 = 0,
    ledger_number: Number32 = 0,
    code: Number16 = 0,
    timestamp_min: Nanoseconds = 0,
    timestamp_max: Nanoseconds = 0,
    newest_first: bool = True,
    limit: Limit = 20,
) -> LedgerAccounts:
    asked = QueryFilter(
        user_data_128=user_data_128,
        user_data_64=user_data_64,
        user_data_32=user_data_32,
        ledger=ledger_number,
        code=code,
        timestamp_min=timestamp_min,
        timestamp_max=timestamp_max,
        limit=limit,
        flags=QueryFilterFlags.REVERSED if newest_first else QueryFilterFlags.NONE,
    )
    found = await ledger.query_accounts(asked)
    return LedgerAccounts([_account(one) for one in found], _next(found, limit, newest_first))


@get("/api/ops/ledger/transfers", summary="Transfers by what is written on them", tags=["operator"])
async def query_transfers(
    ledger: Ledger,
    operator: Operator,
    user_data_128: UUID | None = None,
    user_data_64: Number64 = 0,
    user_data_32: Number32 = 0,
    ledger_number: Number32 = 0,
    code: Number16 = 0,
    timestamp_min: Nanoseconds = 0,
    timestamp_max: Nanoseconds = 0,
    newest_first: bool = True,
    limit: Limit = 20,
) -> LedgerTransfers:
    asked = QueryFilter(
        user_data_128=user_data_128,
        user_data_64=user_data_64,
        user_data_32=user_data_32,
        ledger=ledger_number,
        code=code,
        timestamp_min=timestamp_min,
        timestamp_max=timestamp_max,
        limit=limit,
        flags=QueryFilterFlags.REVERSED if newest_first else QueryFilterFlags.NONE,
    )
    found = await ledger.query_transfers(asked)
    return LedgerTransfers([_transfer(one) for one in found], _next(found, limit, newest_first))


ROUTES: list[Any] = [
    show_account,
    show_transfer,
    list_transfers_of_account,
    list_balances_of_account,
    query_accounts,
    query_transfers,
]


def _of_account(
    account_id: UUID,
    debits: bool,
    credits: bool,
    code: int,
    timestamp_min: int,
    timestamp_max: int,
    newest_first: bool,
    limit: int,
) -> AccountFilter:
    flags = AccountFilterFlags.DEBITS if debits else AccountFilterFlags.NONE
    flags |= AccountFilterFlags.CREDITS if credits else AccountFilterFlags.NONE
    flags |= AccountFilterFlags.REVERSED if newest_first else AccountFilterFlags.NONE
    return AccountFilter(
        account_id=account_id,
        code=code,
        timestamp_min=timestamp_min,
        timestamp_max=timestamp_max,
        limit=limit,
        flags=flags,
    )


def _next(found: list[Account] | list[Transfer] | list[AccountBalance], limit: int, newest_first: bool) -> str | None:
    """The bound of the next page, beyond the last one of this page; None where this one was not full."""
    beyond = found[-1].timestamp + (-1 if newest_first else 1) if len(found) == limit else 0
    return str(beyond) if beyond else None


async def _access_account(ledger: Ledger, account_id: UUID) -> Account:
    found = await ledger.lookup_accounts([account_id])
    if not found:
        raise NotFound
    return found[0]


def _account(account: Account) -> LedgerAccount:
    return LedgerAccount(
        id=account.id,
        ledger=account.ledger,
        code=account.code,
        flags=_names(account.flags),
        user_data_128=account.user_data_128,
        user_data_64=str(account.user_data_64),
        user_data_32=account.user_data_32,
        debits_pending=account.debits_pending,
        debits_posted=account.debits_posted,
        credits_pending=account.credits_pending,
        credits_posted=account.credits_posted,
        timestamp=str(account.timestamp),
        at=_moment(account.timestamp),
    )


def _transfer(transfer: Transfer) -> LedgerTransfer:
    return LedgerTransfer(
        id=transfer.id,
        debit_account_id=transfer.debit_account_id,
        credit_account_id=transfer.credit_account_id,
        amount=transfer.amount,
        pending_id=transfer.pending_id,
        user_data_128=transfer.user_data_128,
        user_data_64=str(transfer.user_data_64),
        user_data_32=transfer.user_data_32,
        timeout_s=transfer.timeout,
        ledger=transfer.ledger,
        code=transfer.code,
        flags=_names(transfer.flags),
        timestamp=str(transfer.timestamp),
        at=_moment(transfer.timestamp),
    )


def _balance(balance: AccountBalance) -> LedgerBalance:
    return LedgerBalance(
        debits_pending=balance.debits_pending,
        debits_posted=balance.debits_posted,
        credits_pending=balance.credits_pending,
        credits_posted=balance.credits_posted,
        timestamp=str(balance.timestamp),
        at=_moment(balance.timestamp),
    )


def _names(flags: Any) -> list[str]:
    return [flag.name.lower() for flag in flags]


def _moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp // 1_000_000_000, UTC)
