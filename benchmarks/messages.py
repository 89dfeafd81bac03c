"""Messages: a thousand people in pairs over the socket, 150 bytes a text; it arrives after it is committed.

Ours is `junzi serve` as it is shipped: sessions, membership, unread counts, receipts to every device. The baseline is ejabberd
as Debian ships it, with its archive in the same PostgreSQL under the same settings and clients that do what a phone's do:
copies to other devices, each message acknowledged. Beside it stands ejabberd with nothing but its archive, to clients that ask
for no receipts, which promises less than we do. All take turns in the same run; without ejabberd
(`apt-get install ejabberd erlang-p1-pgsql`) its rows are left out. One load generator in C speaks for both: in "to and fro"
whoever gets a message answers it, in "due" so many a second are due whatever became of those before, and latency counts from
the moment a message was due to its arrival on the other one's device. The engine alone is measured through its door.
"""

import asyncio
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from benchmarks import _ejabberd
from benchmarks._crowd import Load, Person, befriend, clients_file, compiled, durable_postgres, engine, found, load
from benchmarks._served import SHIPPED, free_port, served
from junzi.audit import audit
from junzi.cli.bench import Row, at_least
from junzi.kit import garbage
from junzi.messages import Messages, NewMessage

PEOPLE, CALLERS = 1_000, 2_000
GOAL_PER_S, GOAL_RATIO, GOAL_ENGINE_PER_S, GOAL_P99_MS = 8_000, 6, 40_000, 10
DUE, DUE_OF_BASELINE = (5_000, 8_000), 500
BALLS = 1
RECEIPTS, BARE = "xmpp-receipts", "xmpp"
ENGINE_BEHIND = (10_000, 100_000, 1_000_000)


async def measure(quick: bool) -> list[Row]:
    rounds, seconds, warm_s = (1, 4.0, 1.0) if quick else (5, 8.0, 2.0)
    async with durable_postgres() as (postgres, parent):
        baseline = _ejabberd.is_installed()
        if baseline:
            await _ejabberd.let_in(postgres)
        url = postgres.url("junzi")
        people = await found(url, PEOPLE)
        async with engine(url) as messages:
            pairs = list(zip(people[::2], people[1::2], strict=True))
            talks = await befriend(url, messages, pairs)
        program = compiled(parent)
        ours = clients_file(parent, "ours", [(one.token, str(talks[n // 2])) for n, one in enumerate(people)])
        rows: list[Row] = []
        if baseline:
            users = [f"u{number:05d}" for number in range(PEOPLE)]
            await _ejabberd.put_in(postgres, users)
            theirs = clients_file(parent, "theirs", [(user, _ejabberd.PASSWORD) for user in users])
        else:
            print("ejabberd is not installed: there is no baseline in this run")
        sent, theirs_sent = 0, 0
        rates: list[float] = []
        theirs_rates: dict[str, list[float]] = {RECEIPTS: [], BARE: []}
        for _ in range(rounds):
            async with _ours(url, parent) as port:
                done = await load(program, "ws", "pong", port, ours, seconds=seconds, warm_s=warm_s, rate=BALLS)
            sent += _written(done)
            rates.append(done.per_s)
            for protocol in theirs_rates if baseline else ():
                async with _ejabberd_again(parent, protocol) as port:
                    other = await load(
                        program, protocol, "pong", port, theirs, seconds=seconds, warm_s=warm_s, rate=BALLS
                    )
                theirs_rates[protocol].append(other.per_s)
                theirs_sent += _written(other)
        rows.append(
            _ratio_row(statistics.median(rates), statistics.median(theirs_rates[RECEIPTS]) if baseline else None)
        )
        if baseline:
            rate, bare = statistics.median(rates), statistics.median(theirs_rates[BARE])
            case = "the same, beside ejabberd with nothing but its archive"
            rows.append(Row(case=case, ours=rate, baseline=bare, ratio=rate / bare, unit="messages/s"))
        for rate in DUE:
            async with _ours(url, parent) as port:
                done = await load(program, "ws", "rate", port, ours, seconds=seconds, warm_s=warm_s, rate=rate)
            sent += _written(done)
            rows.append(_due_row(f"{rate:,} due a second", done, rate))
        if baseline:
            async with _ejabberd_again(parent, RECEIPTS) as port:
                other = await load(
                    program, RECEIPTS, "rate", port, theirs, seconds=seconds, warm_s=warm_s, rate=DUE_OF_BASELINE
                )
            rows.append(_due_row(f"ejabberd, {DUE_OF_BASELINE} due a second", other, DUE_OF_BASELINE))
            await _check_archive(postgres.url("ejabberd"), theirs_sent + other.sent)
        await _check_books(url, sent)
        rows += await _engine_rows(url, people, talks, quick=quick)
        return rows


@asynccontextmanager
async def _ours(url: str, parent: Path) -> AsyncIterator[int]:
    port = free_port()
    async with served(port, SHIPPED, url, parent / "data"):
        yield port


@asynccontextmanager
async def _ejabberd_again(parent: Path, protocol: str) -> AsyncIterator[int]:
    async with _ejabberd.ejabberd(parent, shipped=protocol == RECEIPTS) as port:
        yield port
    shutil.rmtree(parent / "ejabberd", ignore_errors=True)


def _written(done: Load) -> int:
    """Messages that must stand in the log; with all on their way acknowledged, those that were sent."""
    assert done.refused == 0, f"{done.refused} messages were refused"
    return done.sent


def _ratio_row(rate: float, baseline: float | None) -> Row:
    row = at_least("in pairs, to and fro", rate, "messages/s", GOAL_PER_S, baseline=baseline)
    if row.ratio is None:
        return row
    return msgspec.structs.replace(
        row, goal=f"{row.goal}, ≥ {GOAL_RATIO} times", met=bool(row.met) and row.ratio >= GOAL_RATIO
    )


def _due_row(case: str, done: Load, rate: float) -> Row:
    is_goal = rate == DUE[0]
    return Row(
        case=case,
        ours=done.per_s,
        unit="messages/s",
        p50_ms=done.p50_ms,
        p99_ms=done.p99_ms,
        goal=f"p99 ≤ {GOAL_P99_MS} ms" if is_goal else None,
        met=done.p99_ms <= GOAL_P99_MS and done.per_s > 0.99 * rate if is_goal else None,
    )


async def _engine_rows(url: str, people: list[Person], talks: list[UUID], *, quick: bool) -> list[Row]:
    """The engine through its door, with more and more messages behind it."""
    rows = []
    for behind in ENGINE_BEHIND[: 1 if quick else None]:
        await _fill(url, talks, behind)
        async with engine(url) as messages:
            garbage.settle()
            rates = [
                await _engine_rate(messages, people, talks, 1.5 if quick else 4.0) for _ in range(1 if quick else 3)
            ]
        case = f"the engine alone, {CALLERS:,} callers, {behind:,} messages behind"
        rows.append(at_least(case, statistics.median(rates), "messages/s", GOAL_ENGINE_PER_S))
    return rows


async def _engine_rate(messages: Messages, people: list[Person], talks: list[UUID], seconds: float) -> float:
    began, written, name = time.perf_counter(), 0, count()
    ends_at, run = began + seconds, time.time_ns()

    async def caller(number: int) -> None:
        nonlocal written
        place = number % len(talks)
        sender = people[2 * place + number % 2]
        while time.perf_counter() < ends_at:
            await messages.append(
                NewMessage(
                    conversation_id=talks[place],
                    sender_id=sender.id,
                    client_id=f"{run}-{next(name)}",
                    kind="text",
                    payload={"text": "x" * 150},
                    fallback="x" * 150,
                )
            )
            written += 1

    await asyncio.gather(*map(caller, range(CALLERS)))
    return written / (time.perf_counter() - began)


async def _fill(url: str, talks: list[UUID], wanted: int) -> None:
    """So many messages in the log at least, put there as the engine would have left them."""
    connection = await asyncpg.connect(url)
    for _ in range(max(0, wanted - await connection.fetchval("select count(*) from messages.log")) // len(talks)):
        await connection.execute(
            "with moved as (update messages.conversations set head_seq = head_seq + 1 where id = any($1) returning id, head_seq)"
            " insert into messages.log select m.id, m.head_seq, gen_random_uuid()::text, null, 'text', '{\"text\": \"filled\"}',"
            " 'filled', false, false, current_timestamp from moved m",
            talks,
        )
    await connection.execute("vacuum analyze")
    await connection.close()


async def _check_archive(url: str, sent: int) -> None:
    """The baseline kept every message for both who talked, too."""
    connection = await asyncpg.connect(url)
    kept = await connection.fetchval("select count(*) from archive")
    await connection.close()
    assert kept == 2 * sent, f"ejabberd was sent {sent:,} messages and keeps {kept:,} rows"


async def _check_books(url: str, sent: int) -> None:
    """Every message that was sent stands once, and every conversation's numbers are without gaps."""
    connection = await asyncpg.connect(url)
    standing = await connection.fetchval("select count(*) from messages.log where kind = 'text'")
    await connection.close()
    assert standing == sent, f"{sent:,} messages were sent and {standing:,} stand in the log"
    assert await audit(url) == []
