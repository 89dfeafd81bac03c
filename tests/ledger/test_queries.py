"""Questions to the ledger: by account, by what the caller wrote on accounts and transfers, and by time."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from junzi.kit import ids
from junzi.kit.database import open_database
from junzi.ledger import (
    AMOUNT_MAX,
    NIL,
    Account,
    AccountFilter,
    AccountFilterFlags,
    AccountFlags,
    InvalidEvent,
    Ledger,
    QueryFilter,
    QueryFilterFlags,
    Transfer,
    TransferFlags,
    open_ledger,
)
from tests.support.until import until

SHOP, ORDER = UUID(int=700), UUID(int=701)
BOTH = AccountFilterFlags.DEBITS | AccountFilterFlags.CREDITS


@pytest.fixture
async def ledger(engine_url: str) -> AsyncIterator[Ledger]:
    ledger = await open_ledger(engine_url)
    yield ledger
    await ledger.close()


def account(**fields: object) -> Account:
    return replace(Account(id=ids.new_id(), ledger=156, code=1), **fields)


def move(debit: Account, credit: Account, amount: int, **fields: object) -> Transfer:
    return replace(
        Transfer(
            id=ids.new_id(),
            debit_account_id=debit.id,
            credit_account_id=credit.id,
            amount=amount,
            ledger=debit.ledger,
            code=1,
        ),
        **fields,
    )


async def test_accounts_by_what_is_written_on_them(ledger: Ledger) -> None:
    accounts = [
        account(code=1, user_data_128=SHOP),
        account(code=2, user_data_128=SHOP, user_data_64=5),
        account(code=2, user_data_32=9),
        account(code=2, ledger=1000, user_data_64=5),
    ]
    stamps = [result.timestamp for result in await ledger.create_accounts(accounts)]

    async def found(**fields: object) -> list[int]:
        answer = await ledger.query_accounts(replace(QueryFilter(), **fields))
        return [accounts.index(replace(one, timestamp=0)) for one in answer]

    assert await found() == [0, 1, 2, 3]
    assert await found(user_data_128=SHOP) == [0, 1]
    assert await found(user_data_128=NIL) == [0, 1, 2, 3]
    assert await found(user_data_64=5) == [1, 3]
    assert await found(user_data_64=5, ledger=156) == [1]
    assert await found(user_data_32=9) == [2]
    assert await found(code=2) == [1, 2, 3]
    assert await found(code=2, ledger=1000) == [3]
    assert await found(code=3) == []
    assert await found(code=2, flags=QueryFilterFlags.REVERSED) == [3, 2, 1]
    assert await found(code=2, flags=QueryFilterFlags.REVERSED, limit=2) == [3, 2]
    assert await found(timestamp_min=stamps[1], timestamp_max=stamps[2]) == [1, 2]
    for nothing in (
        {"limit": 0},
        {"timestamp_min": 2**63},
        {"timestamp_min": 5, "timestamp_max": 4},
        {"flags": QueryFilterFlags(2)},
        {"user_data_64": 2**64 - 1},
    ):
        assert await found(**nothing) == []
    for defect in ({"code": 2**16}, {"ledger": -1}, {"timestamp_max": 2**64}, {"flags": QueryFilterFlags(2**32)}):
        with pytest.raises(InvalidEvent):
            await found(**defect)


async def test_transfers_by_what_is_written_on_them_in_pages(ledger: Ledger) -> None:
    debit, credit = account(), account()
    await ledger.create_accounts([debit, credit])
    transfers = [
        move(debit, credit, 1, user_data_128=ORDER),
        move(debit, credit, 2, user_data_64=7),
        move(debit, credit, 3, user_data_128=ORDER, code=4),
        move(credit, debit, 4, user_data_32=8),
    ]
    stamps = [result.timestamp for result in await ledger.create_transfers(transfers)]

    async def amounts(**fields: object) -> list[int]:
        return [one.amount for one in await ledger.query_transfers(replace(QueryFilter(), **fields))]

    assert await amounts() == [1, 2, 3, 4]
    assert await amounts(user_data_128=ORDER) == [1, 3]
    assert await amounts(user_data_128=ORDER, code=4) == [3]
    assert await amounts(user_data_64=7) == [2]
    assert await amounts(user_data_32=8) == [4]
    assert await amounts(ledger=156, flags=QueryFilterFlags.REVERSED) == [4, 3, 2, 1]
    assert await amounts(ledger=999) == []
    assert await amounts(limit=2) == [1, 2]
    assert await amounts(limit=2, timestamp_min=stamps[1] + 1) == [3, 4]
    assert await amounts(limit=2**32 - 1, timestamp_max=stamps[0]) == [1]

    async def of_account(**fields: object) -> list[int]:
        asked = replace(AccountFilter(account_id=debit.id), **fields)
        return [one.amount for one in await ledger.get_account_transfers(asked)]

    assert await of_account(user_data_128=ORDER) == [1, 3]
    assert await of_account(code=4) == [3]
    assert await of_account(user_data_64=7) == [2]
    assert await of_account(user_data_32=8, flags=AccountFilterFlags.CREDITS) == [4]
    assert await of_account(user_data_32=8, flags=AccountFilterFlags.DEBITS) == []


async def test_the_balances_that_an_account_remembers(ledger: Ledger) -> None:
    purse, till = account(flags=AccountFlags.HISTORY), account()
    await ledger.create_accounts([purse, till])
    hold = move(purse, till, 30, flags=TransferFlags.PENDING)
    post = Transfer(id=ids.new_id(), pending_id=hold.id, amount=AMOUNT_MAX, flags=TransferFlags.POST_PENDING_TRANSFER)
    events = [move(till, purse, 100), hold, post, move(purse, till, 999, code=0), move(purse, till, 0, code=2)]
    results = await ledger.create_transfers(events)
    stamps = [result.timestamp for result, event in zip(results, events, strict=True) if event.code or event is post]

    async def remembered(id: UUID = purse.id, **fields: object) -> list[tuple[int, int, int, int, int]]:
        asked = replace(AccountFilter(account_id=id), **fields)
        return [
            (one.debits_pending, one.debits_posted, one.credits_pending, one.credits_posted, one.timestamp)
            for one in await ledger.get_account_balances(asked)
        ]

    history = [
        (0, 0, 0, 100, stamps[0]),
        (30, 0, 0, 100, stamps[1]),
        (0, 30, 0, 100, stamps[2]),
        (0, 30, 0, 100, stamps[3]),
    ]
    assert await remembered() == history
    assert await remembered(flags=BOTH | AccountFilterFlags.REVERSED) == history[::-1]
    assert await remembered(flags=AccountFilterFlags.CREDITS) == history[:1]
    assert await remembered(flags=AccountFilterFlags.DEBITS, limit=1) == history[1:2]
    assert await remembered(timestamp_min=stamps[1], timestamp_max=stamps[2]) == history[1:3]
    assert await remembered(code=2) == history[3:]
    assert await remembered(limit=0) == []
    assert await remembered(till.id) == []
    assert await remembered(ids.new_id()) == []


async def test_it_refuses_to_be_asked_inside_a_transaction(engine_url: str, ledger: Ledger) -> None:
    database = await open_database(engine_url)
    async with database.transaction():
        with pytest.raises(AssertionError, match="open transaction"):
            await ledger.query_transfers(QueryFilter())
        with pytest.raises(AssertionError, match="open transaction"):
            await ledger.get_account_transfers(AccountFilter(account_id=SHOP))
    await database.close()


@pytest.mark.new_database
async def test_a_question_reads_along_an_index(engine_url: str) -> None:
    """A rare value among many is not looked for from the beginning of time."""
    ledger = await open_ledger(engine_url)
    # What it does by itself now and then reads transfers too.
    await ledger._background.stop()
    debit, credit = account(), account()
    await ledger.create_accounts([debit, credit])
    rare = move(debit, credit, 1, code=77, user_data_64=77, user_data_32=77, user_data_128=ORDER)
    crowd = [move(debit, credit, 1, code=2) for _ in range(6000)]
    await ledger.create_transfers([*crowd[:3000], rare, *crowd[3000:]])
    watcher = await asyncpg.connect(engine_url)
    await watcher.execute("vacuum analyze ledger.transfers")
    for asked in (
        QueryFilter(code=77),
        QueryFilter(user_data_64=77),
        QueryFilter(user_data_32=77),
        QueryFilter(user_data_128=ORDER),
        QueryFilter(user_data_128=ORDER, ledger=156, flags=QueryFilterFlags.REVERSED),
    ):
        assert [one.id for one in await ledger.query_transfers(asked)] == [rare.id]
    # A session tells what it has read when it ends.
    await ledger.close()

    async def told() -> bool:
        return (await _read(watcher))[0] >= 1

    await until(told)
    _, rows = await _read(watcher)
    await watcher.close()
    assert 5 <= rows < 50


async def _read(connection: asyncpg.Connection) -> tuple[int, int]:
    """How often the index by code was read, and how many rows of transfers were read in all."""
    row = await connection.fetchrow(
        "select i.idx_scan as scans, t.seq_tup_read + t.idx_tup_fetch as rows"
        " from pg_stat_user_indexes i join pg_stat_user_tables t on t.relid = i.relid"
        " where t.schemaname = 'ledger' and i.indexrelname = 'transfers_code'"
    )
    return row["scans"], row["rows"]
