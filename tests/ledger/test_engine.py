"""The ledger through its door, on PostgreSQL."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from junzi.audit import audit
from junzi.kit import clock, ids
from junzi.kit.database import open_database
from junzi.kit.errors import Busy
from junzi.ledger import (
    AMOUNT_MAX,
    MOST_EVENTS,
    NIL,
    Account,
    AccountFilter,
    AccountFilterFlags,
    CreateTransferStatus,
    EngineTaken,
    InvalidEvent,
    Ledger,
    Transfer,
    TransferFlags,
    open_ledger,
)
from tests.ledger import cases, more_cases, timed_cases
from tests.support.until import until

_S = CreateTransferStatus


@pytest.fixture
async def ledger(engine_url: str) -> AsyncIterator[Ledger]:
    ledger = await open_ledger(engine_url)
    yield ledger
    await ledger.close()


@pytest.fixture
async def pair(ledger: Ledger) -> tuple[UUID, UUID]:
    """Two accounts without limits."""
    debit, credit = ids.new_id(), ids.new_id()
    await ledger.create_accounts([Account(id=id, ledger=156, code=1) for id in (debit, credit)])
    return debit, credit


@pytest.fixture
def simulated() -> Iterator[clock.SimulatedClock]:
    source = clock.SimulatedClock(datetime(2030, 1, 1, tzinfo=UTC))
    clock.use(source)
    yield source
    clock.use(None)


def move(pair: tuple[UUID, UUID], amount: int = 10, **fields: object) -> Transfer:
    plain = Transfer(
        id=ids.new_id(), debit_account_id=pair[0], credit_account_id=pair[1], amount=amount, ledger=156, code=1
    )
    return replace(plain, **fields)


async def posted(ledger: Ledger, id: UUID) -> tuple[int, int]:
    account = (await ledger.lookup_accounts([id]))[0]
    return account.debits_posted, account.credits_posted


async def test_every_row_of_the_tables(ledger: Ledger) -> None:
    different = []
    for number, account_case in enumerate(cases.ACCOUNT_CASES):
        await ledger.create_accounts([cases.account_of(number, account) for account in cases.STANDING_ACCOUNTS])
        results = await ledger.create_accounts([cases.account_of(number, account_case.event)])
        if [result.status for result in results] != [account_case.status]:
            different.append((account_case.name, results))
    for number, case in enumerate(more_cases.EVERY_TRANSFER_CASE, start=1000):
        await ledger.create_accounts([cases.account_of(number, account) for account in cases.WORLD])
        for request in case.before:
            await ledger.create_transfers([cases.transfer_of(number, transfer) for transfer in request])
        results = await ledger.create_transfers([cases.transfer_of(number, transfer) for transfer in case.events])
        if [result.status for result in results] != list(case.statuses):
            different.append((case.name, results))
        for id, balances in case.balances.items():
            found = (await ledger.lookup_accounts([cases.numbered(number, id)]))[0]
            stand = (found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted)
            if stand != balances:
                different.append((case.name, stand))
    assert different == []


async def test_every_row_in_which_time_passes(ledger: Ledger, simulated: clock.SimulatedClock) -> None:
    different = []
    in_order = sorted(timed_cases.TIMED_CASES, key=lambda case: case.start or 0)
    for number, case in enumerate(in_order, start=2000):
        simulated.advance(timedelta(hours=1))
        if case.start:
            simulated.at = datetime.fromtimestamp(case.start // timed_cases.SECOND, UTC)
        start = int(simulated.at.timestamp()) * timed_cases.SECOND
        await ledger.create_accounts([cases.account_of(number, account) for account in cases.WORLD])
        for turn in case.rounds:
            simulated.advance(timedelta(seconds=turn.after_s))
            events = [timed_cases.from_start(start, event) for event in turn.events]
            results = (
                await ledger.create_accounts([cases.account_of(number, account) for account in events])  # type: ignore[arg-type]
                if isinstance(events[0], Account)
                else await ledger.create_transfers([cases.transfer_of(number, transfer) for transfer in events])  # type: ignore[arg-type]
            )
            if [result.status for result in results] != list(turn.statuses):
                different.append((case.name, results))
        for id, balances in case.balances.items():
            found = (await ledger.lookup_accounts([cases.numbered(number, id)]))[0]
            stand = (found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted)
            if stand != balances:
                different.append((case.name, stand))
    assert different == []


async def test_the_same_transfers_in_batches_of_any_size_end_the_same(ledger: Ledger) -> None:
    ends = []
    for size in (1, 7, 100):
        numbers = random.Random(1)
        accounts = [Account(id=ids.new_id(), ledger=156, code=1, flags=cases.WORLD[2].flags) for _ in range(5)]
        bank = Account(id=ids.new_id(), ledger=156, code=2)
        await ledger.create_accounts([bank, *accounts])
        await ledger.create_transfers([move((bank.id, account.id), 50) for account in accounts])
        transfers = [
            move(tuple(account.id for account in numbers.sample(accounts, 2)), numbers.randrange(40))  # type: ignore[arg-type]
            for _ in range(200)
        ]
        requests = [transfers[start : start + size] for start in range(0, len(transfers), size)]
        answers = await asyncio.gather(*(ledger.create_transfers(request) for request in requests))
        statuses = [result.status for answer in answers for result in answer]
        assert {_S.CREATED, _S.EXCEEDS_CREDITS} == set(statuses)
        ends.append((statuses, [await posted(ledger, account.id) for account in accounts]))
    assert ends[0] == ends[1] == ends[2]


async def test_a_transfer_that_everybody_sends_again_and_again_counts_once(
    ledger: Ledger, pair: tuple[UUID, UUID]
) -> None:
    transfers = [move(pair, 1) for _ in range(50)]
    resent = transfers * 10
    random.Random(2).shuffle(resent)
    answers = await asyncio.gather(*(ledger.create_transfers([transfer]) for transfer in resent))
    statuses = [answer[0].status for answer in answers]
    assert (statuses.count(_S.CREATED), statuses.count(_S.EXISTS)) == (50, 450)
    assert await posted(ledger, pair[0]) == (50, 0)


async def test_a_limited_account_is_never_overspent_by_a_race(ledger: Ledger, pair: tuple[UUID, UUID]) -> None:
    budget = Account(id=ids.new_id(), ledger=156, code=1, flags=cases.WORLD[2].flags)
    await ledger.create_accounts([budget])
    await ledger.create_transfers([move((pair[0], budget.id), 100)])
    answers = await asyncio.gather(*(ledger.create_transfers([move((budget.id, pair[1]), 3)]) for _ in range(200)))
    assert sum(answer[0].status is _S.CREATED for answer in answers) == 33
    assert await posted(ledger, budget.id) == (99, 100)


async def test_one_caller_s_defect_does_not_fail_its_neighbours(ledger: Ledger, pair: tuple[UUID, UUID]) -> None:
    # A type that PostgreSQL's driver refuses, past everything that could have stopped it earlier.
    broken = move(pair, user_data_128="not an id")
    good = [move(pair) for _ in range(20)]
    requests = [*good[:10], broken, *good[10:]]
    answers = await asyncio.gather(
        *(ledger.create_transfers([transfer]) for transfer in requests), return_exceptions=True
    )
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(failed) == 1
    assert not isinstance(failed[0], Busy)
    assert await posted(ledger, pair[0]) == (200, 0)


async def test_lookups_answer_in_order_what_there_is(ledger: Ledger, pair: tuple[UUID, UUID]) -> None:
    first, second = move(pair, 1, user_data_128=pair[0], user_data_64=2**63 - 1, user_data_32=2**32 - 1), move(pair, 2)
    created = await ledger.create_transfers([first, second])
    found = await ledger.lookup_transfers([second.id, ids.new_id(), first.id])
    assert found == [replace(second, timestamp=created[1].timestamp), replace(first, timestamp=created[0].timestamp)]
    assert [account.id for account in await ledger.lookup_accounts([pair[1], ids.new_id(), pair[0]])] == [
        pair[1],
        pair[0],
    ]
    with pytest.raises(InvalidEvent):
        await ledger.lookup_accounts([pair[0]] * (MOST_EVENTS + 1))


async def test_nothing_asked_is_nothing_answered(ledger: Ledger) -> None:
    assert await ledger.create_transfers([]) == []
    assert await ledger.create_accounts([]) == []
    assert await ledger.lookup_accounts([]) == []


async def test_an_account_s_transfers(ledger: Ledger, pair: tuple[UUID, UUID]) -> None:
    out, back = move(pair, 1), move((pair[1], pair[0]), 2)
    stamps = [result.timestamp for result in await ledger.create_transfers([out, back, move(pair, 3)])]

    async def amounts(**fields: object) -> list[int]:
        found = await ledger.get_account_transfers(replace(AccountFilter(account_id=pair[0]), **fields))
        return [transfer.amount for transfer in found]

    flags = AccountFilterFlags
    assert await amounts() == [1, 2, 3]
    assert await amounts(flags=flags.DEBITS) == [1, 3]
    assert await amounts(flags=flags.CREDITS) == [2]
    assert await amounts(flags=flags.DEBITS | flags.CREDITS | flags.REVERSED) == [3, 2, 1]
    assert await amounts(flags=flags.DEBITS | flags.CREDITS | flags.REVERSED, limit=2) == [3, 2]
    assert await amounts(limit=1) == [1]
    assert await amounts(timestamp_min=stamps[1]) == [2, 3]
    assert await amounts(timestamp_min=stamps[0] + 1, timestamp_max=stamps[1]) == [2]
    assert await amounts(flags=flags.NONE) == []
    assert await amounts(limit=0) == []
    assert await amounts(timestamp_min=stamps[1], timestamp_max=stamps[0]) == []
    assert await amounts(account_id=NIL) == []
    assert await amounts(timestamp_max=2**63) == []
    assert await amounts(flags=AccountFilterFlags(8 | 1)) == []
    with pytest.raises(InvalidEvent):
        await amounts(limit=-1)


async def test_timestamps_go_on_when_the_clock_goes_back(engine_url: str, simulated: clock.SimulatedClock) -> None:
    stamps = []
    for day in (2, 1, 3, 2):
        simulated.at = datetime(2030, 1, day, tzinfo=UTC)
        ledger = await open_ledger(engine_url)
        accounts = [Account(id=ids.new_id(), ledger=156, code=1) for _ in range(3)]
        stamps += [result.timestamp for result in await ledger.create_accounts(accounts)]
        moves = [move((accounts[0].id, accounts[1].id)) for _ in range(3)]
        stamps += [result.timestamp for result in await ledger.create_transfers(moves)]
        await ledger.close()
    assert stamps == sorted(set(stamps))
    assert stamps[0] == int(datetime(2030, 1, 2, tzinfo=UTC).timestamp()) * 1_000_000_000


async def test_pending_transfers_run_out_by_themselves(
    ledger: Ledger, pair: tuple[UUID, UUID], simulated: clock.SimulatedClock
) -> None:
    hold = move(pair, 10, flags=TransferFlags.PENDING, timeout=60)
    lasting = move(pair, 5, flags=TransferFlags.PENDING)
    await ledger.create_transfers([hold, lasting])
    simulated.advance(timedelta(seconds=61))

    async def gone() -> bool:
        return (await ledger.lookup_accounts([pair[0]]))[0].debits_pending == 5

    await until(gone)
    post = Transfer(id=ids.new_id(), pending_id=hold.id, amount=AMOUNT_MAX, flags=TransferFlags.POST_PENDING_TRANSFER)
    assert (await ledger.create_transfers([post]))[0].status is _S.PENDING_TRANSFER_EXPIRED


async def test_what_ran_out_is_free_for_the_very_next_transfer(
    ledger: Ledger, pair: tuple[UUID, UUID], simulated: clock.SimulatedClock
) -> None:
    purse = Account(id=ids.new_id(), ledger=156, code=1, flags=cases.WORLD[2].flags)
    await ledger.create_accounts([purse])
    await ledger.create_transfers([move((pair[0], purse.id), 10)])
    hold = move((purse.id, pair[1]), 10, flags=TransferFlags.PENDING, timeout=60)
    await ledger.create_transfers([hold])
    assert (await ledger.create_transfers([move((purse.id, pair[1]), 10)]))[0].status is _S.EXCEEDS_CREDITS
    simulated.advance(timedelta(seconds=61))
    assert (await ledger.create_transfers([move((purse.id, pair[1]), 10)]))[0].status is _S.CREATED


async def test_expiry_survives_a_restart(engine_url: str, simulated: clock.SimulatedClock) -> None:
    first = await open_ledger(engine_url)
    pair = ids.new_id(), ids.new_id()
    await first.create_accounts([Account(id=id, ledger=156, code=1) for id in pair])
    await first.create_transfers([move(pair, flags=TransferFlags.PENDING, timeout=60)])
    await first.close()
    simulated.advance(timedelta(seconds=61))
    second = await open_ledger(engine_url)
    assert await second.expire_pending() == 1
    assert await second.expire_pending() == 0
    await second.close()


async def test_a_second_opener_is_refused_in_clear_words(engine_url: str, ledger: Ledger) -> None:
    with pytest.raises(EngineTaken, match="already run by another process"):
        await open_ledger(engine_url)
    await ledger.close()
    successor = await open_ledger(engine_url)
    await successor.close()


async def test_it_refuses_to_be_called_inside_a_transaction(engine_url: str, ledger: Ledger) -> None:
    database = await open_database(engine_url)
    async with database.transaction():
        with pytest.raises(AssertionError, match="open transaction"):
            await ledger.create_accounts([Account(id=ids.new_id(), ledger=156, code=1)])
        with pytest.raises(AssertionError, match="open transaction"):
            await ledger.lookup_accounts([ids.new_id()])
    await database.close()


async def test_it_is_busy_while_postgresql_is_away_and_goes_on_by_itself(
    engine_url: str, ledger: Ledger, pair: tuple[UUID, UUID]
) -> None:
    other = await asyncpg.connect(engine_url)
    await other.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    transfer = move(pair)
    refused = 0

    async def stands() -> bool:
        nonlocal refused
        try:
            return (await ledger.create_transfers([transfer]))[0].stands
        except Busy:
            refused += 1
            return False

    await until(stands)
    assert refused > 0
    # The lease was taken again with the connection.
    with pytest.raises(EngineTaken):
        await open_ledger(engine_url)
    await other.close()


@pytest.mark.new_database
async def test_a_batch_never_reads_a_whole_table(engine_url: str, ledger: Ledger, pair: tuple[UUID, UUID]) -> None:
    """Plans are those of the engine's own session, with no statistics yet and a large batch."""
    transfers = [move(pair, 1) for _ in range(2000)]
    await ledger.create_transfers(transfers)
    watcher = await asyncpg.connect(engine_url)
    before = await _scans(watcher)
    for _ in range(8):
        await ledger.create_transfers([move(pair, 1) for _ in range(2000)])
    await ledger.close()

    async def told() -> bool:
        return (await _scans(watcher))["accounts"][1] > before["accounts"][1]

    await until(told)
    after = await _scans(watcher)
    await watcher.close()
    assert {table: scans[0] for table, scans in after.items()} == {table: scans[0] for table, scans in before.items()}


async def _scans(connection: asyncpg.Connection) -> dict[str, tuple[int, int]]:
    rows = await connection.fetch(
        "select relname, seq_scan, idx_scan from pg_stat_user_tables "
        "where schemaname = 'ledger' and relname not in ('clock', 'progress')"
    )
    return {row["relname"]: (row["seq_scan"], row["idx_scan"]) for row in rows}


async def test_whatever_id_comes_again_is_known(
    ledger: Ledger, pair: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids in and out of order, of the far future and small ones, long after memory has let go of them."""
    monkeypatch.setattr("junzi.ledger.books.MOST_RECENT", 60)
    chance = random.Random(4)
    sent: list[Transfer] = []
    for number in range(12):
        request = [move(pair, 1) for _ in range(40)]
        request[7] = move(pair, 1, id=UUID(int=2**127 + number))
        request[9] = move(pair, 1, id=UUID(int=1000 - number))
        if number % 3 == 1:
            chance.shuffle(request)
        if number % 3 == 2:
            request[20] = move(pair, 1, flags=TransferFlags.PENDING)
        again = chance.sample(sent, min(len(sent), 10))
        results = await ledger.create_transfers([*request, *again])
        statuses = [_S.CREATED] * len(request) + [_S.EXISTS] * len(again)
        assert [result.status for result in results] == statuses
        sent += request
    for start in range(0, len(sent), 100):
        assert {result.status for result in await ledger.create_transfers(sent[start : start + 100])} == {_S.EXISTS}
    assert sum(await posted(ledger, pair[0])) == len(sent) - 4


async def test_a_new_writer_tells_balances_that_no_row_contains_yet(
    engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("junzi.ledger.engine.ROWS_EVERY_S", 3600.0)
    people = [ids.new_id() for _ in range(6)]
    ledger = await open_ledger(engine_url)
    await ledger.create_accounts([Account(id=id, ledger=156, code=1) for id in people])
    chance = random.Random(5)
    hold, void, keep = (move((people[0], people[1]), 7, flags=TransferFlags.PENDING) for _ in range(3))
    resolutions = [
        Transfer(id=ids.new_id(), pending_id=hold.id, amount=3, flags=TransferFlags.POST_PENDING_TRANSFER),
        Transfer(id=ids.new_id(), pending_id=void.id, flags=TransferFlags.VOID_PENDING_TRANSFER),
    ]
    for _ in range(2):
        moves = [move(tuple(chance.sample(people[:5], 2)), chance.randrange(9)) for _ in range(100)]  # type: ignore[arg-type]
        answers = await ledger.create_transfers([*moves, hold, void, keep, *resolutions])
        assert all(result.stands for result in answers)
        stand = await ledger.lookup_accounts(people)
        watcher = await asyncpg.connect(engine_url)
        assert await watcher.fetchval("select max(applied) from ledger.accounts") == 0
        writer = "from pg_stat_activity where application_name = 'junzi ledger' and datname = current_database()"
        former = await watcher.fetchval(f"select pid {writer}")
        await watcher.execute("select pg_terminate_backend($1)", former)
        await until(partial(watcher.fetchval, f"select pid {writer} and pid <> $1", former))
        await watcher.close()

        async def told() -> bool:
            try:
                await ledger.lookup_accounts(people)
            except Busy:
                return False
            return True

        await until(told)
        # From rows alone, with what came after them.
        assert await ledger.lookup_accounts(people) == stand
        assert [(await ledger.lookup_accounts([id]))[0] for id in people] == stand
        # Half of them are in memory now.
        await ledger.create_transfers([move((people[0], people[1]), 0)])
        assert await ledger.lookup_accounts(people) == stand
    await ledger.close()
    ledger = await open_ledger(engine_url)
    assert await ledger.lookup_accounts(people) == stand
    await ledger.enter()
    await ledger.close()
    assert await audit(engine_url) == []


async def test_it_closes_while_balances_are_being_written(engine_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.ledger.sweep._ROWS_AT_ONCE", 1)
    monkeypatch.setattr("junzi.ledger.sweep._FEW", 30)
    monkeypatch.setattr("junzi.ledger.sweep.SWEEP_S", 60.0)
    monkeypatch.setattr("junzi.ledger.engine.ROWS_EVERY_S", 0.01)
    ledger = await open_ledger(engine_url)
    people = [ids.new_id() for _ in range(30)]
    await ledger.create_accounts([Account(id=id, ledger=156, code=1) for id in people])
    await ledger.create_transfers([move((people[place - 1], people[place])) for place in range(30)])
    watcher = await asyncpg.connect(engine_url)
    await until(lambda: watcher.fetchval("select exists (select from ledger.accounts where applied > 0)"))
    await watcher.close()
    await ledger.close()
    ledger = await open_ledger(engine_url)
    assert [await posted(ledger, id) for id in people] == [(10, 10)] * 30
    await ledger.close()
    assert await audit(engine_url) == []


async def test_accounts_leave_memory_and_come_back(
    engine_url: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("junzi.ledger.post.MOST_ACCOUNTS", 20)
    people = [ids.new_id() for _ in range(100)]
    await ledger.create_accounts([Account(id=id, ledger=156, code=1) for id in people])
    chance = random.Random(3)
    stand = dict.fromkeys(people, (0, 0))
    for _ in range(60):
        moves = [move(tuple(chance.sample(people, 2)), chance.randrange(9)) for _ in range(5)]  # type: ignore[arg-type]
        answers = await asyncio.gather(*(ledger.create_transfers([one]) for one in moves))
        assert all(answer[0].status is _S.CREATED for answer in answers)
        for one in moves:
            debits, credits = stand[one.debit_account_id]
            stand[one.debit_account_id] = debits + one.amount, credits
            debits, credits = stand[one.credit_account_id]
            stand[one.credit_account_id] = debits, credits + one.amount
        some = chance.sample(people, 10)
        assert [await posted(ledger, id) for id in some] == [stand[id] for id in some]
    await ledger.close()
    assert await audit(engine_url) == []
