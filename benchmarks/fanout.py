"""Fan-out: what is written to a group arrives on the device of every member, all of whom are online.

`junzi serve` as it is shipped; every message is committed first, and told to the one who wrote it, too. Forty people write in
turn, since one alone may write no more than 20 a second. The rate is what arrives while more is due than can be told; latency,
from the moment a message was due to its arrival, is measured at a rate that leaves room.
"""

import asyncio
import statistics

import msgspec

from benchmarks._crowd import Load, clients_file, compiled, durable_postgres, engine, found, group_of, load
from benchmarks._served import SHIPPED, free_port, served
from junzi.audit import audit
from junzi.cli.bench import Row, at_least

GROUPS = (500, 5_000)
GOAL_PER_S, GOAL_P99_MS = 100_000, 100
PRESSED_DELIVERIES_PER_S = 160_000
CALM_DELIVERIES_PER_S = 25_000
"""Five messages a second to five thousand."""


async def measure(quick: bool) -> list[Row]:
    rounds, seconds = (1, 4.0) if quick else (5, 8.0)
    rows: list[Row] = []
    async with durable_postgres() as (postgres, parent):
        url = postgres.url("junzi")
        people = await found(url, max(GROUPS))
        async with engine(url) as messages:
            groups = {size: await group_of(messages, people[:size]) for size in GROUPS}
        program = compiled(parent)
        port = free_port()
        async with served(port, SHIPPED, url, parent / "data"):
            for size, group in groups.items():
                clients = clients_file(parent, f"group-{size}", [(one.token, str(group)) for one in people[:size]])

                async def run(deliveries_per_s: float, clients=clients, size=size) -> Load:  # type: ignore[no-untyped-def]
                    rate = deliveries_per_s / (size - 1)
                    return await load(program, "ws", "fan", port, clients, seconds=seconds, warm_s=2.0, rate=rate)

                calm = await run(CALM_DELIVERIES_PER_S)
                pressed = [await run(PRESSED_DELIVERIES_PER_S) for _ in range(rounds)]
                for done in (calm, *pressed):
                    assert done.refused == 0, f"{done.refused} messages were refused"
                    assert done.got == done.sent * (size - 1), f"{done.sent} messages arrived {done.got:,} times"
                row = at_least(
                    f"group of {size:,}", statistics.median(one.per_s for one in pressed), "deliveries/s", GOAL_PER_S
                )
                rows.append(msgspec.structs.replace(row, p50_ms=None, p99_ms=None))
                rows.append(
                    Row(
                        case=f"the same, {CALM_DELIVERIES_PER_S:,} deliveries due a second",
                        ours=calm.per_s,
                        unit="deliveries/s",
                        p50_ms=calm.p50_ms,
                        p99_ms=calm.p99_ms,
                        goal=f"p99 ≤ {GOAL_P99_MS} ms",
                        met=calm.p99_ms <= GOAL_P99_MS,
                    )
                )
        assert await asyncio.wait_for(audit(url), 120) == []
    return rows
