"""Sync: a device comes back and asks over HTTP what changed since its cursor; 1,000 new messages lie in its conversations.

One sync is every page of `GET /api/conversations?cursor=…` from `junzi serve` (a hundred conversations a page, newest
change first), each with newest message, unread count, read positions and names. What must not grow is the number of queries a
page: PostgreSQL counts them, for few and for many conversations.
"""

import asyncio
import time
from uuid import UUID

import asyncpg
import httpx
from msgspec.structs import replace

from benchmarks._crowd import Person, befriend, durable_postgres, engine, found
from benchmarks._served import SHIPPED, free_port, served
from junzi.chat.actions import direct_conversation_id
from junzi.cli.bench import Row, at_most
from junzi.kit import garbage
from junzi.kit.embedded_postgres import EmbeddedPostgres
from junzi.messages import Messages, NewMessage

CONVERSATIONS = (10, 50, 200)
NEW_MESSAGES, PAGE = 1_000, 100
PEOPLE = 4
GOAL_P99_MS = 30.0


async def measure(quick: bool) -> list[Row]:
    times = 50 if quick else 300
    rows: list[Row] = []
    a_page: list[float] = []
    async with durable_postgres() as (postgres, parent):
        url = postgres.url("junzi")
        await _count_statements(postgres, url)
        people = await found(url, PEOPLE + max(CONVERSATIONS))
        mine, others = people[:PEOPLE], people[PEOPLE:]
        known = 0
        for number in CONVERSATIONS:
            async with engine(url) as messages:
                await befriend(url, messages, [(one, other) for one in mine for other in others[known:number]])
                known = number
                cursors = [(await messages.changes(one.id, limit=1)).cursor for one in mine]
                for one in mine:
                    await _say(messages, one, others[:number])
            port = free_port()
            async with served(port, SHIPPED, url, parent / "data"):
                late_ms, queries = await _syncs(url, port, list(zip(mine, cursors, strict=True)), number, times)
            a_page.append(queries)
            p50_ms, p99_ms = _part(late_ms, 0.5), _part(late_ms, 0.99)
            row = at_most(f"{number} conversations, {NEW_MESSAGES:,} new messages", p99_ms, "ms (p99)", GOAL_P99_MS)
            rows.append(replace(row, p50_ms=p50_ms, p99_ms=p99_ms))
    for number, queries in zip(CONVERSATIONS, a_page, strict=True):
        rows.append(at_most(f"queries a page, {number} conversations", queries, "queries", round(a_page[0]) + 0.5))
    return rows


async def _count_statements(postgres: EmbeddedPostgres, url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
    await connection.close()
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)
    connection = await asyncpg.connect(url)
    await connection.execute("create extension pg_stat_statements")
    await connection.close()


async def _say(messages: Messages, me: Person, others: list[Person]) -> None:
    """New messages, as many in one conversation as in the other."""

    async def one(number: int) -> None:
        sender = others[number % len(others)]
        await messages.append(
            NewMessage(
                conversation_id=direct_conversation_id(me.id, sender.id),
                sender_id=sender.id,
                client_id=f"{len(others)}-{number}",
                kind="text",
                payload={"text": "x" * 150},
                fallback="x" * 150,
            )
        )

    await asyncio.gather(*map(one, range(NEW_MESSAGES)))


async def _syncs(
    url: str, port: int, asking: list[tuple[Person, int]], conversations: int, times: int
) -> tuple[list[float], float]:
    """How long each sync took in milliseconds, one device after the other, and how many queries a page needed."""
    connection = await asyncpg.connect(url)
    late_ms: list[float] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for person, cursor in asking:
            await _sync(client, person, cursor)
        await connection.execute("select pg_stat_statements_reset()")
        # What this program remembers of what went before is not searched for garbage while a sync is timed.
        garbage.settle()
        pages = 0
        for number in range(times):
            person, cursor = asking[number % len(asking)]
            asked_at = time.perf_counter()
            seen, asked = await _sync(client, person, cursor)
            late_ms.append((time.perf_counter() - asked_at) * 1000)
            pages += asked
            assert len(seen) == conversations
            assert sum(unread for unread in seen.values()) >= NEW_MESSAGES
    # What the server does in its background, it does less often than that.
    counted: int = await connection.fetchval(
        "select coalesce(sum(calls), 0)::bigint from pg_stat_statements where calls >= $1", times
    )
    await connection.close()
    return late_ms, counted / pages


async def _sync(client: httpx.AsyncClient, person: Person, cursor: int) -> tuple[dict[UUID, int], int]:
    """Unread messages by conversation, and how many pages it took."""
    seen: dict[UUID, int] = {}
    below, pages = "", 0
    while True:
        answer = await client.get(
            f"/api/conversations?cursor={cursor}&limit={PAGE}{below}",
            headers={"cookie": f"junzi_session={person.token}"},
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        pages += 1
        seen.update({UUID(one["id"]): one["unread"] for one in page["conversations"]})
        if not page["more"]:
            return seen, pages
        below = f"&below={page['below']}"


def _part(late_ms: list[float], part: float) -> float:
    return sorted(late_ms)[min(len(late_ms) - 1, int(len(late_ms) * part))]
