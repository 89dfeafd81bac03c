"""Connections: how much memory of the server one idle WebSocket takes, with its heartbeats.

`junzi serve` as it is shipped. What is counted is the server's own memory (proportional set size) before and after; the kernel's
socket buffers are the kernel's. Each connection is somebody's session and was welcomed; all stay for longer than a heartbeat
takes, and all must still be there at the end.
"""

import asyncio
import subprocess
from pathlib import Path

import httpx

from benchmarks._crowd import clients_file, compiled, durable_postgres, found
from benchmarks._served import SHIPPED, free_port, served
from junzi.cli.bench import Row, at_most

GOAL_KIB = 15.0
PEOPLE = 1_000
HEARTBEATS_S = 60.0
"""Longer than it takes until a silent connection is asked whether it is there, and until it would be given up."""


async def measure(quick: bool) -> list[Row]:
    count, held_s = (4_000, 30.0) if quick else (18_000, HEARTBEATS_S)
    async with durable_postgres() as (postgres, parent):
        url = postgres.url("junzi")
        people = await found(url, PEOPLE)
        program = compiled(parent)
        # A session may have several connections, which costs the server no less than a session each.
        clients = clients_file(parent, "idle", [(people[number % PEOPLE].token, "-") for number in range(count)])
        port = free_port()
        asking = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        async with served(port, SHIPPED, url, parent / "data") as pid, asking as client:
            await client.get("/readyz")
            before = _memory_bytes(pid)
            process = await asyncio.create_subprocess_exec(
                *(str(program), "ws", "idle", str(port), str(held_s), "0", "0", str(clients)),
                stdout=subprocess.PIPE,
            )
            assert process.stdout is not None
            assert await process.stdout.readline() == b"connected\n"
            at_once = _memory_bytes(pid)
            await asyncio.sleep(held_s * 0.8)
            after = _memory_bytes(pid)
            open_connections = await _gauge(client)
            await process.communicate()
            assert process.returncode == 0, "the server gave up a connection that answered"
        assert open_connections == count, f"{open_connections} of {count} connections were left"
        return [
            at_most(f"{count:,} idle connections", (after - before) / count / 1024, "KiB each", GOAL_KIB),
            Row(case="right after they came", ours=(at_once - before) / count / 1024, unit="KiB each"),
            Row(case="the server without any", ours=before / 2**20, unit="MiB"),
        ]


def _memory_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


async def _gauge(client: httpx.AsyncClient) -> int:
    said = (await client.get("/metrics")).text
    return int(
        float(next(line.split()[1] for line in said.splitlines() if line.startswith("junzi_gateway_connections ")))
    )
