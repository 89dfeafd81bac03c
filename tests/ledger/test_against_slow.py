"""The engine and the slow ledger give the same answers and end with the same balances, whatever is asked of them."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings

from junzi.kit import clock
from junzi.ledger import Account, CreateTransferStatus, Transfer, open_ledger
from junzi.ledger.rules import SECOND
from tests.ledger.cases import WORLD, account_of
from tests.ledger.generated import OPENING, STEPS, moved
from tests.ledger.pure import PureLedger
from tests.ledger.slow import SlowLedger
from tests.support.examples import examples

Steps = list[tuple[list[Transfer], float]]


@given(STEPS)
@settings(max_examples=examples(500), deadline=None)
def test_the_rules(steps: Steps) -> None:
    fast, slow = PureLedger(), SlowLedger(WORLD)
    fast.create_accounts(WORLD)
    for events, advance_s in [(OPENING, 0.0), *steps]:
        fast.now += int(advance_s * SECOND)
        slow.now += advance_s
        assert [result.status for result in fast.create_transfers(events)] == slow.create_transfers(events)
    for account in WORLD:
        assert _balances(fast.books.accounts[account.id]) == slow.balances(account.id)
    stored = sorted(fast.books.transfers.values(), key=lambda transfer: transfer.timestamp)
    assert [_without_timestamp(transfer) for transfer in stored] == [transfer for _, transfer in slow.history]


@given(STEPS)
@settings(max_examples=examples(250), deadline=None)
def test_a_batch_of_requests_is_the_requests_one_by_one(steps: Steps) -> None:
    together, alone = PureLedger(), PureLedger()
    requests = [events for events, _ in steps]
    for ledger in (together, alone):
        ledger.create_accounts(WORLD)
        ledger.create_transfers(OPENING)
    one_by_one = [result.status for events in requests for result in alone.create_transfers(events)]
    outcomes = together.run_together(requests)
    stamps = [
        result.timestamp for outcome in outcomes for result in outcome if result.status is CreateTransferStatus.CREATED
    ]
    assert stamps == sorted(set(stamps))
    assert [result.status for outcome in outcomes for result in outcome] == one_by_one
    assert {id: _balances(account) for id, account in together.books.accounts.items()} == {
        id: _balances(account) for id, account in alone.books.accounts.items()
    }


def test_the_engine(engine_url: str) -> None:
    """Through PostgreSQL: requests of the same moment are sent at once, so that they travel in batches of any size."""
    numbers = itertools.count(1)

    @given(STEPS)
    @settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def same_answers(steps: Steps) -> None:
        asyncio.run(_same_answers(engine_url, next(numbers), steps))

    try:
        same_answers()
    finally:
        clock.use(None)


async def _same_answers(url: str, number: int, steps: Steps) -> None:
    # A run's own stretch of time: the ledger's timestamps never go back.
    simulated = clock.SimulatedClock(datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=number))
    clock.use(simulated)
    accounts = [account_of(number, account) for account in WORLD]
    slow = SlowLedger(accounts)
    ledger = await open_ledger(url)
    try:
        assert all(result.stands for result in await ledger.create_accounts(accounts))
        waiting: list[tuple[list[Transfer], asyncio.Task[list[object]]]] = []
        for events, advance_s in [(OPENING, 0.0), *steps, ([], 0.1)]:
            if advance_s:
                for sent, answer in waiting:
                    assert [result.status for result in await answer] == slow.create_transfers(sent)  # type: ignore[attr-defined]
                waiting.clear()
                simulated.advance(timedelta(seconds=advance_s))
                slow.now += advance_s
                await ledger.expire_pending()
                slow.expire()
            own = [moved(number + 1, event) for event in events]
            waiting.append((own, asyncio.ensure_future(ledger.create_transfers(own))))  # type: ignore[arg-type]
            await asyncio.sleep(0)
        await asyncio.gather(*(answer for _, answer in waiting))
        found = await ledger.lookup_accounts([account.id for account in accounts])
        assert [_balances(account) for account in found] == [slow.balances(account.id) for account in accounts]
        stored = await ledger.lookup_transfers([transfer.id for _, transfer in slow.history])
        assert [_without_timestamp(transfer) for transfer in stored] == [transfer for _, transfer in slow.history]
    finally:
        await ledger.close()


def _balances(account: Account) -> tuple[int, int, int, int]:
    return account.debits_pending, account.debits_posted, account.credits_pending, account.credits_posted


def _without_timestamp(transfer: Transfer) -> Transfer:
    fields = {name: getattr(transfer, name) for name in transfer.__struct_fields__}
    return Transfer(**{**fields, "timestamp": 0})


def test_the_ranges_of_runs_are_apart() -> None:
    assert moved(2, OPENING[0]).id == account_of(1, Account(id=UUID(int=90), ledger=1, code=1)).id
