"""PostgreSQL refuses to work: whoever asks is told `Busy`, the ledger resumes by itself, and nothing is there twice."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from junzi.audit import audit
from junzi.kit import ids
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.errors import Busy
from junzi.kit.migrate import migrate
from junzi.ledger import Account, Ledger, Transfer, open_ledger
from tests.support.killing import kill_hard
from tests.support.until import until


async def pair(ledger: Ledger) -> tuple[UUID, UUID]:
    debit, credit = ids.new_id(), ids.new_id()
    await ledger.create_accounts([Account(id=id, ledger=156, code=1) for id in (debit, credit)])
    return debit, credit


def move(pair: tuple[UUID, UUID], count: int = 1) -> list[Transfer]:
    return [
        Transfer(id=ids.new_id(), debit_account_id=pair[0], credit_account_id=pair[1], amount=1, ledger=156, code=1)
        for _ in range(count)
    ]


async def stands(ledger: Ledger, transfers: list[Transfer]) -> bool:
    try:
        return all(result.stands for result in await ledger.create_transfers(transfers))
    except Busy:
        return False


@pytest.mark.new_database
async def test_a_statement_that_takes_too_long(engine_url: str) -> None:
    other = await asyncpg.connect(engine_url)
    name = await other.fetchval("select current_database()")
    await other.execute(f'alter database "{name}" set statement_timeout = 300')
    ledger = await open_ledger(engine_url)
    accounts = await pair(ledger)
    hanging = move(accounts)
    async with other.transaction():
        await other.execute("lock table ledger.transfers")
        with pytest.raises(Busy):
            await ledger.create_transfers(hanging)
    await until(lambda: stands(ledger, hanging))
    assert (await ledger.lookup_accounts([accounts[0]]))[0].debits_posted == 1
    await ledger.close()
    await other.close()
    assert await audit(engine_url) == []


async def test_a_connection_that_breaks_while_many_wait(engine_url: str) -> None:
    ledger = await open_ledger(engine_url)
    accounts = await pair(ledger)
    other = await asyncpg.connect(engine_url)
    for _ in range(3):
        requests = [move(accounts, 20) for _ in range(100)]
        waiting = [asyncio.create_task(stands(ledger, request)) for request in requests]
        await asyncio.sleep(0)
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'junzi ledger'"
            " and datname = current_database()"
        )
        # Every one of them is answered, whatever it is told.
        answers = await asyncio.gather(*waiting)
        for request, answer in zip(requests, answers, strict=True):
            if not answer:
                await until(lambda request=request: stands(ledger, request))
    assert (await ledger.lookup_accounts([accounts[0]]))[0].debits_posted == 6000
    await ledger.close()
    await other.close()
    assert await audit(engine_url) == []


@pytest.fixture
def small_disk(data_folder: Path) -> Iterator[Path]:
    """A file system with room for a new cluster and little more."""
    data_folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "none", data_folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("only who may mount can make a small disk")
    data_folder.chmod(0o755)
    yield data_folder
    subprocess.run(["umount", "--lazy", data_folder], check=True)


@pytest.mark.crash
async def test_a_full_disk(small_disk: Path, own_postgres: Callable[..., EmbeddedPostgres]) -> None:
    server = own_postgres(ends_with_parent=False)
    await asyncio.to_thread(server.start)
    server.ensure_database("ledger")
    url = server.url("ledger")
    await migrate(url)
    ledger = await open_ledger(url)
    accounts = await pair(ledger)
    ballast = small_disk / "ballast"
    room = os.statvfs(small_disk)
    ballast.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - 2_000_000)))
    sent: list[list[Transfer]] = []
    refused = False
    while not refused:
        sent.append(move(accounts, 2000))
        refused = not await stands(ledger, sent[-1])
        assert len(sent) < 200, "the disk is not small enough"
    ballast.unlink()
    # PostgreSQL itself gives up when it cannot write what it promised; then somebody has to start it again. Asked to stop while
    # it recovers, it may wait for itself for long.
    await asyncio.to_thread(kill_hard, server)
    await asyncio.to_thread(server.start)
    for request in sent[-2:]:
        await until(lambda request=request: stands(ledger, request), timeout_s=30)
    assert (await ledger.lookup_accounts([accounts[0]]))[0].debits_posted == 2000 * len(sent)
    await ledger.close()
    assert await audit(url) == []
