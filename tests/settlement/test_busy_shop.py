"""The statement of a very busy shop: made beside what everybody else asks for, in memory that has a bound, a few at a time."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from junzi.bank import accounts as bank_accounts
from junzi.kit import aside, clock, garbage, ids, town
from junzi.kit.errors import Busy
from junzi.ledger.model import Transfer
from junzi.merchants import accounts as merchant_accounts
from junzi.merchants import store
from junzi.merchants.model import Taking
from junzi.settlement import statement, statement_csv, statement_pdf
from junzi.settlement.model import Statement
from tests.support.market import Market
from tests.support.until import until

SOLD, AT_ONCE = 50_000, 2_000


@pytest.fixture
def garbage_as_a_server_looks_for_it() -> Iterator[None]:
    before = gc.get_threshold()
    garbage.settle()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.usefixtures("garbage_as_a_server_looks_for_it")
async def test_a_month_of_fifty_thousand_payments_is_made_beside_everything_else(market: Market) -> None:
    keeper = await market.person("guifang")
    shop_id = UUID((await market.shop(keeper))["id"])
    await sell(market, shop_id)

    async def made() -> tuple[Statement, bytes, bytes]:
        found = await statement.statement(
            market.house.database,
            market.house.ledger,
            shop_id=shop_id,
            person_id=UUID(keeper.me["id"]),
            month=None,
            day=None,
        )
        csv = await asyncio.to_thread(statement_csv.written, found)
        return found, csv, await asyncio.to_thread(statement_pdf.drawn, found, "zh")

    gc.collect()
    before_kb = measured_from_here_kb()
    (found, csv, pdf), longest_s = await watched(made())
    assert (found.sums.count, found.closing_minor, len(found.lines)) == (SOLD, SOLD * 100, SOLD)
    assert csv.count(b"\r\n") == SOLD + 4
    assert pdf.startswith(b"%PDF")
    assert longest_s < 0.1, "the loop worked for longer than is noticed"
    used_kb = status_kb("VmHWM") - before_kb
    assert used_kb < SOLD * 6, "six kilobytes a payment: the most there can be follows from the most lines there can be"


async def test_few_are_made_at_once_the_others_wait_and_there_is_an_end_to_that() -> None:
    inside = most_inside = 0
    go_on = asyncio.Event()

    async def take_a_turn() -> None:
        nonlocal inside, most_inside
        async with aside.turn():
            inside += 1
            most_inside = max(most_inside, inside)
            await go_on.wait()
            inside -= 1

    tasks = [asyncio.create_task(take_a_turn()) for _ in range(aside.AT_ONCE + aside.MOST_WAITING)]
    await until(lambda: inside == aside.AT_ONCE)
    with pytest.raises(Busy):
        await take_a_turn()
    go_on.set()
    await asyncio.gather(*tasks)
    assert (inside, most_inside) == (0, aside.AT_ONCE)


def measured_from_here_kb() -> int:
    """What this process uses now. The most it used so far is forgotten (proc_pid_clear_refs(5))."""
    Path("/proc/self/clear_refs").write_text("5")
    return status_kb("VmRSS")


def status_kb(name: str) -> int:
    """What this process uses by its status (proc_pid_status(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


async def watched(work: Awaitable[Any]) -> tuple[Any, float]:
    """What the work answers, and the longest that the loop's own thread computed between two looks at the clock.

    It is this thread's processor time, so that neither other threads nor other programs of the machine are counted.
    """
    longest_s, over = 0.0, False

    async def watch() -> None:
        nonlocal longest_s
        before_s = time.thread_time()
        while not over:
            await asyncio.sleep(0)
            now_s = time.thread_time()
            longest_s, before_s = max(longest_s, now_s - before_s), now_s

    watcher = asyncio.create_task(watch())
    try:
        answer = await work
    finally:
        over = True
        await watcher
    return answer, longest_s


async def sell(market: Market, shop_id: UUID) -> None:
    """Payments as the ledger and the shop's takings have them, without the orders that would lead there."""
    account_id, number = merchant_accounts.balance_id(shop_id), town.current().money.number
    for _ in range(0, SOLD, AT_ONCE):
        payments = [ids.new_id() for _ in range(AT_ONCE)]
        transfers = [
            Transfer(
                id=ids.leg(id, 1),
                debit_account_id=bank_accounts.BANK,
                credit_account_id=account_id,
                amount=100,
                user_data_128=id,
                ledger=number,
                code=10,
            )
            for id in payments
        ]
        assert all(result.stands for result in await market.house.ledger.create_transfers(transfers))
        now = clock.now()
        takings = [(shop_id, Taking(id, id, 100, 100, 0, "小*", now)) for id in payments]
        async with market.house.database.transaction() as tx:
            await store.insert_takings(tx, takings, business_date=town.business_date(now))
