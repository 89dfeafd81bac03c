"""PostgreSQL is killed under load: what was acknowledged stands, what was not can be sent again, and the books agree."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
from msgspec.structs import replace

from junzi.audit import audit, report
from junzi.kit import ids
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.errors import Busy
from junzi.kit.migrate import migrate
from junzi.ledger import (
    AMOUNT_MAX,
    Account,
    CreateTransferResult,
    CreateTransferStatus,
    Ledger,
    Transfer,
    TransferFlags,
    chain_outcome,
    open_ledger,
)
from tests.support.killing import kill_hard
from tests.support.until import until

CALLERS = 60
KILLS = 2

pytestmark = pytest.mark.crash


async def test_nothing_acknowledged_is_lost(own_postgres: Callable[..., EmbeddedPostgres]) -> None:
    server = own_postgres(ends_with_parent=False)
    await asyncio.to_thread(server.start)
    server.ensure_database("ledger")
    url = server.url("ledger")
    await migrate(url)
    ledger = await open_ledger(url)
    accounts = [Account(id=ids.new_id(), ledger=156, code=1) for _ in range(20)]
    await ledger.create_accounts(accounts)
    acknowledged: set[UUID] = set()
    stopping = asyncio.Event()
    callers = [
        asyncio.create_task(_move_money(ledger, [account.id for account in accounts], number, acknowledged, stopping))
        for number in range(CALLERS)
    ]
    for _ in range(KILLS):
        enough = len(acknowledged) + 1000
        await until(lambda enough=enough: len(acknowledged) > enough, timeout_s=60)
        await asyncio.to_thread(kill_hard, server)
        await asyncio.to_thread(server.start)
    enough = len(acknowledged) + 1000
    await until(lambda: len(acknowledged) > enough, timeout_s=60)
    stopping.set()
    # A caller ends only when its last request was answered, so that every intent is finished, crash or not.
    busy = sum(await asyncio.gather(*callers))
    assert busy > 0
    found = set()
    waiting = sorted(acknowledged)
    for start in range(0, len(waiting), 5000):
        found |= {transfer.id for transfer in await ledger.lookup_transfers(waiting[start : start + 5000])}
    assert acknowledged - found == set()
    balances = await ledger.lookup_accounts([account.id for account in accounts])
    assert sum(account.debits_pending for account in balances) == 0
    await ledger.close()
    assert report(await audit(url)).endswith("agree with their history.")


async def _move_money(
    ledger: Ledger, accounts: list[UUID], number: int, acknowledged: set[UUID], stopping: asyncio.Event
) -> int:
    """Linked pairs of a transfer and a hold, then the hold's post; each sent until answered. Returns how often it was busy."""
    busy = 0
    debit, credit = accounts[number % len(accounts)], accounts[(number * 7 + 3) % len(accounts)]
    while not stopping.is_set():
        plain = Transfer(
            id=ids.new_id(),
            debit_account_id=debit,
            credit_account_id=credit,
            amount=3,
            ledger=156,
            code=1,
            flags=TransferFlags.LINKED,
        )
        hold = replace(plain, id=ids.leg(plain.id, 1), flags=TransferFlags.PENDING)
        post = Transfer(
            id=ids.leg(plain.id, 2), pending_id=hold.id, amount=AMOUNT_MAX, flags=TransferFlags.POST_PENDING_TRANSFER
        )
        for request in ([plain, hold], [post]):

            async def answered(request: list[Transfer] = request) -> list[CreateTransferResult] | None:
                nonlocal busy
                try:
                    return await ledger.create_transfers(request)
                except Busy:
                    busy += 1
                    return None

            results = await until(answered, timeout_s=60)
            assert chain_outcome(results) in (CreateTransferStatus.CREATED, CreateTransferStatus.EXISTS)  # type: ignore[arg-type]
            acknowledged.update(transfer.id for transfer in request)
    return busy
