"""The ledger: transfers by 2,000 callers who each wait for theirs, and in requests of 8,189, beside the usual way.

Three shapes over all accounts: uniform; half of everything to one hot shop; nine tenths from one coupon budget. One in a hundred
overdraws and is refused. Everything is durable on a PostgreSQL of its own; the callers live in the process of the engine, and
their transfers are made before the clock starts. `_usual_ledger.py` is the baseline.
"""

import asyncio
import itertools
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import quantiles

import asyncpg
import numpy as np

from benchmarks import _usual_ledger as usual
from benchmarks._posting import (
    BANK,
    BUDGET,
    CALLERS,
    FUND,
    HOT_SHOP,
    LIMITED,
    PURSE,
    World,
    by_callers,
    in_batches,
    open_accounts,
)
from junzi.audit import audit
from junzi.cli.bench import Row, at_least, at_most
from junzi.cli.progress import console
from junzi.kit import garbage, ids
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate
from junzi.ledger import (
    MOST_EVENTS,
    EngineTaken,
    Ledger,
    Transfer,
    open_ledger,
)
from junzi.ledger.books import Accounts

SIZES = 10_000, 1_000_000, 10_000_000
"""Accounts, besides the 100,000 of everything else. Each has its purse filled by a transfer first."""
MEMORY_OF = 1_000_000
RATE_PER_S = 20_000
GOAL_CALLERS, GOAL_BATCHES, GOAL_TIMES, GOAL_P99_MS = 60_000, 120_000, 30, 20
GOAL_STARTED_S, GOAL_ACCOUNT_BYTES = 5, 300
GOAL_TAKEN_OVER_S = 2


async def measure(quick: bool) -> list[Row]:
    rows = [_memory_of_accounts(MEMORY_OF)]
    parent = _folder()
    postgres = EmbeddedPostgres(parent / "postgres")
    try:
        await asyncio.to_thread(postgres.start)
        postgres.ensure_database("bench")
        await _write_wal(postgres.url("bench"))
        rows += await _measure(postgres.url("bench"), quick=quick)
        for count in () if quick else SIZES:
            postgres.ensure_database(f"bench_{count}")
            rows += await _at_size(postgres.url(f"bench_{count}"), count)
        return rows
    finally:
        await asyncio.to_thread(postgres.stop)
        shutil.rmtree(parent, ignore_errors=True)


async def _write_wal(url: str) -> None:
    """A server that ran for an hour has segments of WAL to use again, and does not wait for new ones to be filled with zeros."""
    connection = await asyncpg.connect(url)
    for _ in range(40):
        await connection.execute("select pg_logical_emit_message(false, 'bench', repeat('x', 16000000))")
    await connection.execute("checkpoint")
    await connection.close()


def _folder() -> Path:
    parent = Path(tempfile.mkdtemp(prefix="junzi-bench-"))
    # PostgreSQL runs as another account when root measures.
    parent.chmod(0o711)
    return parent


async def _measure(url: str, *, quick: bool) -> list[Row]:
    await migrate(url)
    rounds, seconds = (1, 1.2) if quick else (5, 1.5)
    world = World([ids.new_id() for _ in range(10_000 if quick else 100_000)], random.Random(7))
    ledger = await open_ledger(url)
    started = await open_accounts(ledger, world)
    # As every server does once it is open.
    garbage.settle()
    total = PURSE * len(world.people) + FUND
    await usual.found(url, [(id, PURSE, False) for id in world.people] + [(BUDGET, FUND, False), (HOT_SHOP, 0, True)])
    rows: list[Row] = []
    rates_by_callers: dict[str, float] = {}
    most = int(seconds * 100_000)
    every: dict[str, dict[str, list[float]]] = {
        shape: {"callers": [], "resent": [], "batches": [], "usual": [], "function": []} for shape in world.shapes()
    }
    # Shape by shape within a round: tables grow, and what came later would have larger ones.
    for number, (shape, pick) in itertools.product(range(rounds), world.shapes().items()):
        console.print(f"{shape}, round {number + 1} of {rounds} …")
        rates = every[shape]
        rates["callers"].append(await by_callers(ledger, world, world.transfers(pick, most), seconds))
        # What is written behind is ours too: it is done before the baseline begins, and not at its cost.
        await ledger.enter()
        rates["usual"].append(await usual.rate(url, world.moves(pick), seconds, as_function=False))
        rates["batches"].append(await in_batches(ledger, world, world.transfers(pick, most * 2), seconds))
        await ledger.enter()
        rates["function"].append(await usual.rate(url, world.moves(pick), seconds, as_function=True))
        resent = world.transfers(pick, most, resent=True)
        rates["resent"].append(await by_callers(ledger, world, resent, seconds))
        await ledger.enter()
    for shape, rates in every.items():
        found = {way: statistics.median(each) for way, each in rates.items()}
        rates_by_callers[shape] = found["callers"]
        rows += [
            _row(f"{shape}, {CALLERS:,} callers", found["callers"], found["usual"], GOAL_CALLERS),
            _row(f"{shape}, a tenth resent", found["resent"], found["usual"], GOAL_CALLERS),
            _row(f"{shape}, requests of {MOST_EVENTS:,}", found["batches"], found["usual"], GOAL_BATCHES),
            Row(case=f"{shape}, the usual way as one function", ours=found["function"], unit="/s"),
        ]
    rows += [
        at_least(f"{shape} beside uniform", rates_by_callers[shape] / rates_by_callers["uniform"], "×", 0.9)
        for shape in rates_by_callers
        if shape != "uniform"
    ]
    rows.append(await _open_loop(ledger, world, seconds if quick else 3.0))
    await ledger.close()
    await _check_count(url, world, started)
    await usual.check(url, total)
    rows += [await _taken_over(url, world, sign, seconds) for sign in (signal.SIGKILL, signal.SIGSTOP)]
    await _check_books(url)
    return rows


async def _open_loop(ledger: Ledger, world: World, seconds: float) -> Row:
    """20,000 due a second, whether or not those before are answered: from the moment each was due to its answer."""
    count = min(int(RATE_PER_S * seconds), 60_000)
    transfers = world.transfers(world.shapes()["uniform"], count)
    late_ms: list[float] = []
    # Gathering so many tasks at the end would itself hold up the last of them.
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    tasks: set[asyncio.Task[None]] = set()

    async def one(transfer: Transfer, due: float) -> None:
        world.note(await ledger.create_transfers([transfer]))
        late_ms.append((time.perf_counter() - due) * 1000)
        if len(late_ms) == count:
            over.set_result(None)

    def ended(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        if (failure := task.exception()) is not None and not over.done():
            over.set_exception(failure)

    began, started = time.perf_counter(), 0
    while started < count:
        now_due = min(count, int((time.perf_counter() - began) * RATE_PER_S) + 1)
        for number in range(started, now_due):
            task = asyncio.create_task(one(transfers[number], began + number / RATE_PER_S))
            task.add_done_callback(ended)
            tasks.add(task)
        started = now_due
        await asyncio.sleep(0.001)
    await over
    rate, cuts = count / (time.perf_counter() - began), quantiles(late_ms, n=100)
    return Row(
        case=f"uniform, {RATE_PER_S:,} due a second",
        ours=rate,
        unit="/s",
        p50_ms=cuts[49],
        p99_ms=cuts[98],
        goal=f"p99 ≤ {GOAL_P99_MS} ms",
        met=cuts[98] <= GOAL_P99_MS,
    )


async def _at_size(url: str, count: int) -> list[Row]:
    """How it goes with fewer accounts, and with more, and how fast it starts."""
    await migrate(url)
    world = World([ids.new_id() for _ in range(count)], random.Random(7))
    ledger = await open_ledger(url)
    console.print(f"{count:,} accounts are opened …")
    started = await open_accounts(ledger, world)
    garbage.settle()
    uniform, seconds = world.shapes()["uniform"], 3.0
    most = int(seconds * 100_000)
    callers, batches = [], []
    for number in range(3):
        console.print(f"{count:,} accounts, round {number + 1} of 3 …")
        callers.append(await by_callers(ledger, world, world.transfers(uniform, most), seconds))
        await ledger.enter()
        batches.append(await in_batches(ledger, world, world.transfers(uniform, most * 2), seconds))
        await ledger.enter()
    await ledger.close()
    began = time.perf_counter()
    ledger = await open_ledger(url)
    some = [Transfer(id=ids.new_id(), debit_account_id=BANK, credit_account_id=HOT_SHOP, amount=1, ledger=156, code=1)]
    world.note(await ledger.create_transfers(some))
    took = time.perf_counter() - began
    await ledger.close()
    await _check_count(url, world, started)
    await _check_books(url)
    return [
        at_least(f"{count:,} accounts, {CALLERS:,} callers", statistics.median(callers), "/s", GOAL_CALLERS),
        at_least(f"{count:,} accounts, requests of {MOST_EVENTS:,}", statistics.median(batches), "/s", GOAL_BATCHES),
        at_most(f"{count:,} accounts, started and answering", took, "s", GOAL_STARTED_S),
    ]


def _memory_of_accounts(count: int) -> Row:
    """Before anything else is done, so that nothing that was used before is used again."""

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    before, accounts = resident(), Accounts()
    for number in range(count):
        accounts.add((number.to_bytes(16), 156, 2, int(LIMITED), None, 0, 0, 0, 0, 0, 0, number))
    assert accounts.find(np.array([[0, 0]], np.uint64))[0] == 0
    each = (resident() - before) / count
    return at_most(f"{count:,} accounts, memory an account", each, "B", GOAL_ACCOUNT_BYTES)


async def _taken_over(url: str, world: World, sign: signal.Signals, seconds: float) -> Row:
    """Seconds from the moment that a holder under load is killed, or stopped, to the first transfer of the next one."""
    # Long enough that account rows lag as far as they ever do.
    loaded_s = str(max(10.0, seconds))
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks._holder", url, loaded_s, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        while (line := await holder.stdout.readline()) != b"loaded\n":
            if not line:
                raise AssertionError("the holder ended before it was taken over")
        holder.send_signal(sign)
        began = time.perf_counter()
        while True:
            try:
                ledger = await open_ledger(url)
                break
            except EngineTaken:
                continue
        debit, credit = world.people[:2]
        first = Transfer(
            id=ids.new_id(), debit_account_id=debit, credit_account_id=credit, amount=1, ledger=156, code=1
        )
        assert (await ledger.create_transfers([first]))[0].stands
        took = time.perf_counter() - began
    finally:
        with suppress(ProcessLookupError):
            holder.kill()
        await holder.wait()
    await ledger.close()
    word = {signal.SIGKILL: "killed", signal.SIGSTOP: "stopped"}[sign]
    return Row(
        case=f"taken over from a holder that was {word}",
        ours=took,
        unit="s",
        goal=f"≤ {GOAL_TAKEN_OVER_S} s",
        met=took <= GOAL_TAKEN_OVER_S,
    )


def _row(case: str, ours: float, baseline: float, goal: float) -> Row:
    times = ours / baseline
    return Row(
        case=case,
        ours=ours,
        baseline=baseline,
        ratio=times,
        unit="/s",
        goal=f"≥ {goal:g} /s, ≥ {GOAL_TIMES} ×",
        met=ours >= goal and times >= GOAL_TIMES,
    )


async def _check_count(url: str, world: World, started: int) -> None:
    connection = await asyncpg.connect(url)
    stand = await connection.fetchval("select count(*) from ledger.transfers")
    await connection.close()
    if stand != world.created + started:
        raise AssertionError(f"{stand} transfers stand, {world.created + started} were answered as created")


async def _check_books(url: str) -> None:
    if findings := await audit(url):
        raise AssertionError(f"the books are wrong: {findings[:3]}")
