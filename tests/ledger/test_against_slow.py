"""The engine and the slow ledger give the same answers and end with the same balances, whatever is asked of them."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from junzi.kit import clock
from junzi.ledger import (
    Account,
    AccountBalance,
    AccountFilter,
    AccountFlags,
    CreateTransferStatus,
    Transfer,
    TransferFlags,
    open_ledger,
)
from junzi.ledger.rules import SECOND, plain
from tests.ledger.cases import KEEPER, WORLD, account_of
from tests.ledger.generated import MIXED, OPENING, SAME_TIME, STEPS, at_time, moved
from tests.ledger.pure import PureLedger
from tests.ledger.slow import SlowLedger
from tests.support.examples import examples

Steps = list[tuple[list[Transfer], float]]


@given(STEPS)
@settings(max_examples=examples(500), deadline=None)
def test_the_rules(steps: Steps) -> None:
    fast = PureLedger()
    slow = SlowLedger(WORLD, fast.now)
    fast.create_accounts(WORLD)
    for request, advance_s in [(OPENING, 0.0), *steps]:
        fast.now += int(advance_s * SECOND)
        slow.now += advance_s
        events = at_time(request, fast.now)
        assert [result.status for result in fast.create_transfers(events)] == slow.create_transfers(events)
    fast.check()
    accounts = fast.accounts
    for account in WORLD:
        stands = accounts[account.id]
        assert _balances(stands) == slow.balances(account.id)
        assert (AccountFlags.CLOSED in stands.flags) == slow.closed(account.id)
    assert [_balances(balance) for id, balance in fast.remembered if id == KEEPER] == slow.remembered(KEEPER)
    assert {id for id, _ in fast.remembered} <= {KEEPER}
    stored = list(fast.transfers.values())
    assert [transfer.timestamp for transfer in stored] == sorted({transfer.timestamp for transfer in stored})
    assert [_without_timestamp(transfer) for transfer in stored] == [transfer for _, transfer in slow.history]


@pytest.fixture
def many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few they are."""
    monkeypatch.setattr("junzi.ledger.rules.plain.FEWEST", 1)


def test_plain_transfers_many_at_a_time(many_at_a_time: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mixture of what is certain, what has to be walked through in order, and what is not plain."""
    taken: list[tuple[int, int]] = []
    said_again: list[bool] = []
    fit_by_id = plain._fit_by_id

    def noted(*arguments: Any) -> Any:
        found = fit_by_id(*arguments)
        said_again.append(bool((found[0] & found[1]).any()))
        return found

    monkeypatch.setattr(plain, "_fit_by_id", noted)

    @given(MIXED, st.booleans())
    @settings(max_examples=examples(600), deadline=None)
    def same_answers(requests: list[list[Transfer]], together: bool) -> None:
        fast = _opened()
        slow = SlowLedger(WORLD, fast.now)
        slow.create_transfers(OPENING)
        before = fast.count_in_blocks
        answers = fast.run_together(requests) if together else [fast.create_transfers(events) for events in requests]
        expected = [slow.create_transfers(events) for events in requests]
        assert [[result.status for result in answer] for answer in answers] == expected
        fast.check()
        accounts = fast.accounts
        for account in WORLD:
            assert _balances(accounts[account.id]) == slow.balances(account.id)
        stored = {id: _without_timestamp(transfer) for id, transfer in fast.transfers.items()}
        assert stored == {transfer.id: transfer for _, transfer in slow.history}
        in_blocks = fast.count_in_blocks - before
        taken.append((in_blocks, len(stored) - len(OPENING) - in_blocks))

    same_answers()
    # Some went both ways, and some said what another of their batch said.
    assert any(in_blocks and walked for in_blocks, walked in taken)
    assert any(said_again)


@given(STEPS)
@settings(max_examples=examples(250), deadline=None)
def test_a_batch_of_requests_is_the_requests_one_by_one(steps: Steps) -> None:
    together, alone = _opened(), _opened()
    requests = [at_time(request, together.now) for request, _ in steps]
    one_by_one = [result.status for events in requests for result in alone.create_transfers(events)]
    outcomes = together.run_together(requests)
    assert [result.status for outcome in outcomes for result in outcome] == one_by_one
    assert _state(together) == _state(alone)


@given(SAME_TIME, st.lists(st.integers(1, 7), min_size=60, max_size=60))
@settings(max_examples=examples(250), deadline=None)
def test_the_same_transfers_in_requests_of_other_sizes_end_the_same(
    requests: list[list[Transfer]], sizes: list[int]
) -> None:
    whole, split = _opened(), _opened()
    events = [replace(event, flags=event.flags & ~TransferFlags.LINKED) for request in requests for event in request]
    expected = [result.status for result in whole.create_transfers(events)]
    statuses, rest = [], events
    for size in sizes:
        if rest:
            statuses += [result.status for result in split.create_transfers(rest[:size])]
            rest = rest[size:]
    assert statuses == expected
    assert _state(split) == _state(whole)


@given(SAME_TIME, SAME_TIME, st.randoms(use_true_random=False))
@settings(max_examples=examples(150), deadline=None)
def test_what_happens_between_other_accounts_changes_nothing(
    here: list[list[Transfer]], there: list[list[Transfer]], chance: Random
) -> None:
    """Two worlds in one ledger: one after the other, and in any mixture that keeps the order within each."""
    orders = [
        [0] * len(here) + [1] * len(there),
        chance.sample([0] * len(here) + [1] * len(there), len(here) + len(there)),
    ]
    ends = []
    for order in orders:
        ledger = PureLedger()
        for number in (0, 1):
            ledger.create_accounts([account_of(number, account) for account in WORLD])
        waiting = [iter(here), iter(there)]
        statuses: list[list[CreateTransferStatus]] = [[], []]
        for number in order:
            events = [moved(number + 1, event) for event in next(waiting[number])]
            statuses[number] += [result.status for result in ledger.create_transfers(events)]
        ends.append((statuses, _state(ledger)))
    assert ends[0] == ends[1]


@given(STEPS)
@settings(max_examples=examples(250), deadline=None)
def test_what_is_sent_again_has_no_second_effect(steps: Steps) -> None:
    ledger = _opened()
    created: list[Transfer] = []
    refused: list[Transfer] = []
    for request, advance_s in steps:
        ledger.now += int(advance_s * SECOND)
        events = at_time(request, ledger.now)
        for event, result in zip(events, ledger.create_transfers(events), strict=True):
            if TransferFlags.LINKED in event.flags:
                continue
            if result.status is CreateTransferStatus.CREATED:
                created.append(event)
            elif result.status.transient:
                refused.append(event)
    state = _state(ledger)
    for event in created:
        assert ledger.create_transfers([event])[0].status is CreateTransferStatus.EXISTS
    for event in refused:
        assert ledger.create_transfers([event])[0].status is CreateTransferStatus.ID_ALREADY_FAILED
    assert _state(ledger) == state


def _opened() -> PureLedger:
    ledger = PureLedger()
    ledger.create_accounts(WORLD)
    ledger.create_transfers(OPENING)
    return ledger


def _state(ledger: PureLedger) -> object:
    """All that the ledger holds, but for timestamps."""
    ledger.check()
    return (
        {id: (_balances(account), account.flags) for id, account in ledger.accounts.items()},
        {id: _without_timestamp(transfer) for id, transfer in ledger.transfers.items()},
        ledger.pendings,
        ledger.failed,
        sorted((id, _balances(balance)) for id, balance in ledger.remembered),
    )


def test_the_engine(engine_url: str, many_at_a_time: None) -> None:
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
    start = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    simulated = clock.SimulatedClock(start)
    clock.use(simulated)
    accounts = [account_of(number, account) for account in WORLD]
    slow = SlowLedger(accounts, _nanoseconds(start))
    ledger = await open_ledger(url)
    try:
        assert all(result.stands for result in await ledger.create_accounts(accounts))
        waiting: list[tuple[list[Transfer], asyncio.Task[list[object]]]] = []
        for request, advance_s in [(OPENING, 0.0), *steps, ([], 0.1)]:
            if advance_s:
                for sent, answer in waiting:
                    assert [result.status for result in await answer] == slow.create_transfers(sent)  # type: ignore[attr-defined]
                waiting.clear()
                simulated.advance(timedelta(seconds=advance_s))
                slow.now += advance_s
                await ledger.expire_pending()
                slow.expire()
            if not request:
                continue
            own = at_time([moved(number + 1, event) for event in request], _nanoseconds(simulated.at))
            waiting.append((own, asyncio.ensure_future(ledger.create_transfers(own))))  # type: ignore[arg-type]
            await asyncio.sleep(0)
        await asyncio.gather(*(answer for _, answer in waiting))
        found = await ledger.lookup_accounts([account.id for account in accounts])
        assert [_balances(account) for account in found] == [slow.balances(account.id) for account in accounts]
        assert [AccountFlags.CLOSED in account.flags for account in found] == [slow.closed(one.id) for one in accounts]
        keeper = accounts[-1].id
        remembered = await ledger.get_account_balances(AccountFilter(account_id=keeper))
        assert [_balances(balance) for balance in remembered] == slow.remembered(keeper)
        stored = await ledger.lookup_transfers([transfer.id for _, transfer in slow.history])
        assert [_without_timestamp(transfer) for transfer in stored] == [transfer for _, transfer in slow.history]
    finally:
        await ledger.close()


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000) * 1_000_000


def _balances(account: Account | AccountBalance) -> tuple[int, int, int, int]:
    return account.debits_pending, account.debits_posted, account.credits_pending, account.credits_posted


def _without_timestamp(transfer: Transfer) -> Transfer:
    fields = {name: getattr(transfer, name) for name in transfer.__struct_fields__}
    return Transfer(**{**fields, "timestamp": 0})


def test_the_ranges_of_runs_are_apart() -> None:
    assert moved(2, OPENING[0]).id == account_of(1, Account(id=UUID(int=90), ledger=1, code=1)).id
