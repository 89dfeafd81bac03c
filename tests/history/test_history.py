"""People talk on two devices each while servers, NATS nodes and PostgreSQL are killed and servers freeze: nothing acknowledged is
lost, nothing stands twice, all agree, and every device that stays connected finds out by itself what it missed.

Two minutes of it: two thirds of them are waiting, which other tests can use. `JUNZI_HISTORY_S` says for how long they are
killed, once: a night's run takes 3600. `JUNZI_HISTORY_SEED` repeats a run's choices.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from junzi.audit import audit
from junzi.client import Client
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.kit.migrate import migrate
from tests.history.checker import History, faults
from tests.history.devices import GONE, Device, shown_to
from tests.support.killing import kill_hard
from tests.support.served import Served
from tests.support.several import PASSWORD, Several, same_device, several_of
from tests.support.until import until

LONG_S = float(os.environ.get("JUNZI_HISTORY_S", "0"))
KILLING_S = LONG_S or 60.0
SEED = int(os.environ.get("JUNZI_HISTORY_SEED", "0"))
RUNS = 1 if LONG_S or SEED else 2

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.lasts(LONG_S)]

PEOPLE = ("anna", "ben", "cora", "dan")
HEALED_WITHIN_S = 90.0
ACTIVITY = """
select a.pid, a.application_name, a.state, a.wait_event_type, a.wait_event, a.state_change, left(a.query, 80) as query,
    l.granted as lease, pg_blocking_pids(a.pid) as waits_for
from pg_stat_activity a left join pg_locks l on l.pid = a.pid and l.locktype = 'advisory'
where a.datname = current_database() order by a.application_name
"""


@pytest.mark.parametrize("run", range(RUNS))
async def test_whatever_is_killed_every_history_is_whole(
    own_postgres: Callable[..., EmbeddedPostgres], data_folder: Path, run: int
) -> None:
    seed = SEED or random.SystemRandom().randrange(1, 10**6)
    postgres = own_postgres(ends_with_parent=False)
    await asyncio.to_thread(postgres.start)
    postgres.ensure_database("junzi")
    url = postgres.url("junzi")
    await make_room(url)
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)
    await migrate(url)
    async with several_of(url, data_folder) as several:
        people, devices = await move_in(several, seed)
        lives = [asyncio.create_task(device.live()) for device in devices]
        killed = await kill_now_and_then(random.Random(seed), several, postgres)
        for device in devices:
            device.writes = False
        found = ["nobody has looked yet"]

        async def is_whole() -> bool:
            try:
                found[:] = await judged(people, devices, several)
            except GONE as reason:
                found[:] = [f"nobody can look: {reason!r}"]
            return not found

        with suppress(AssertionError):
            await until(is_whole, timeout_s=HEALED_WITHIN_S)
        acknowledged = sum(len(device.record.acknowledged) for device in devices)
        print(f"seed {seed}: {acknowledged} messages acknowledged, killed {dict(killed)}")
        if found:
            raise AssertionError(await explained([f"seed {seed}", *found[:20]], devices, lives, several))
        for life in lives:
            life.cancel()
        met = await asyncio.gather(*lives, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in met), met
        # Otherwise it would prove nothing.
        assert set(killed) == {"server", "nats", "postgres", "frozen"}
        assert acknowledged > KILLING_S
        for client in people:
            await client.close()
        assert await audit(url) == []


async def make_room(url: str) -> None:
    """What the embedded PostgreSQL allows is for one process."""
    connection = await asyncpg.connect(url)
    await connection.execute("alter system set max_connections = 150")
    await connection.close()


async def move_in(several: Several, seed: int) -> tuple[list[Client], list[Device]]:
    """People who are all friends, with a group of all, and two devices of each."""
    people = [await several.person(several.servers[n % 3], name) for n, name in enumerate(PEOPLE)]
    for number, one in enumerate(people):
        for other in people[number + 1 :]:
            asked = await one.post("/api/contacts/requests", {"person_id": other.me["id"], "greeting": "hello"})
            await other.post(f"/api/contacts/requests/{asked['id']}/acceptance")
    group = await until(lambda: _grouped(people), timeout_s=60)

    async def talks(client: Client) -> list[str] | None:
        found = (await client.get("/api/conversations"))["conversations"]
        direct = [one["id"] for one in found if one["kind"] == "direct" and one["last"]]
        return [group, group, *direct] if len(direct) == len(people) - 1 else None

    devices = []
    for number, client in enumerate(people):
        places = await until(lambda client=client: talks(client), timeout_s=60)
        second = Client(several.servers[number % 3].url, timeout_s=10, verify=False)
        await second.sign_in(PEOPLE[number], PASSWORD)
        for which, signed_in in enumerate((client, second)):
            name = f"{PEOPLE[number]} {which + 1}"
            devices.append(Device(name, signed_in, places, several.servers, seed * 100 + len(devices)))
    return people, devices


async def _grouped(people: list[Client]) -> str | None:
    """The group, once the friendships have been told to everybody."""
    id = "01a00000-0000-7000-8000-000000000001"
    with suppress(*GONE):
        members = [one.me["id"] for one in people[1:]]
        await people[0].post("/api/groups", {"id": id, "name": "Climbers", "member_ids": members})
        return id
    return None


async def kill_now_and_then(chance: random.Random, several: Several, postgres: EmbeddedPostgres) -> Counter[str]:
    """One thing after the other, each at least once, at moments that nobody chose; in the end everything runs."""
    killed: Counter[str] = Counter()
    over_at = asyncio.get_running_loop().time() + KILLING_S
    bag: list[str] = []
    coming_back: dict[Served, asyncio.Task[None]] = {}
    while asyncio.get_running_loop().time() < over_at or len(killed) < 4:
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        if not bag:
            bag = ["server", "server", "nats", "postgres", "frozen"]
            chance.shuffle(bag)
        victim = bag.pop()
        pause_s = chance.uniform(0.1, 1.0)
        living = [one for one in several.servers if one not in coming_back or coming_back[one].done()]
        if victim in ("server", "frozen") and not living:
            continue
        killed[victim] += 1
        if victim == "server":
            server = chance.choice(living)
            await server.kill_and_wait()
            # Meanwhile other things go wrong.
            coming_back[server] = asyncio.create_task(come_back(server, pause_s))
        elif victim == "frozen":
            server = chance.choice(living)
            server.freeze()
            await asyncio.sleep(pause_s + 1.5)
            server.thaw()
        elif victim == "nats":
            node = chance.choice(several.nodes)
            await asyncio.to_thread(node.kill)
            await asyncio.sleep(pause_s)
            await asyncio.to_thread(node.start)
        else:
            await asyncio.to_thread(kill_hard, postgres)
            await asyncio.sleep(pause_s)
            await asyncio.to_thread(postgres.start)
    await asyncio.gather(*coming_back.values())
    return killed


async def come_back(server: Served, pause_s: float) -> None:
    """One that found no database at its start has to try once more."""
    for _ in range(10):
        await asyncio.sleep(pause_s)
        await server.start()
        if server.lives:
            return
    raise AssertionError(server.said[-3000:])


async def judged(people: list[Client], devices: list[Device], several: Several) -> list[str]:
    """What is wrong at this moment; that something is unsent counts."""
    unsent = [
        f"unsent: {device.record.device} has {len(device.unsent)} messages" for device in devices if device.unsent
    ]
    if unsent:
        return unsent
    shown = {}
    for number, client in enumerate(people):
        looking = same_device(client, several.servers[number % 3])
        try:
            shown[client.me["id"]] = await shown_to(looking)
        finally:
            await looking.close()
    return faults(History([device.write_down() for device in devices], shown))


async def explained(found: list[str], devices: list[Device], lives: list[asyncio.Task[None]], several: Several) -> str:
    """What is wrong, and all that may say why."""
    words = [*found]
    for device, life in zip(devices, lives, strict=True):
        if any(device.record.device in fault for fault in found):
            words += [f"--- {device.record.device}", *device.met, f"at {' > '.join(waits_at(life))}"]
    words.append("--- PostgreSQL")
    with suppress(OSError, asyncpg.PostgresError):
        connection = await asyncpg.connect(several.database_url, timeout=5)
        async with asyncio.timeout(5):
            words += [str(dict(row)) for row in await connection.fetch(ACTIVITY)]
        await connection.close()
    for server in several.servers:
        said = [line for line in server.said.splitlines() if '"event": "request"' not in line]
        words += [f"--- {server.port}, process {server.pid}, {'alive' if server.lives else 'dead'}", *said[-60:]]
    return "\n".join(words)


def waits_at(life: asyncio.Task[None]) -> list[str]:
    """Where a task has come to, from the outside in."""
    if life.done():
        return [repr(life.exception())]
    places, waiting = [], life.get_coro()
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None)
        if frame is None:
            return [*places, repr(waiting)]
        places.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        waiting = waiting.cr_await
    return places
