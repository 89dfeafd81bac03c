"""Thousands who want what there are a few of: exactly as many get it, everybody else is told so, and not a cent is lost."""

import asyncio
import hashlib
import os
import re
import secrets
from collections import Counter

import asyncpg
import msgspec
import pytest

from junzi.kit import clock, town
from tests.coupons.desk import opened_desk
from tests.support.market import Market, key

CLAIMS = int(os.environ.get("JUNZI_RACE_CLAIMS", "6000"))
"""How many ask. A hundred thousand take some minutes: JUNZI_RACE_CLAIMS=100000."""
PIECES, CONNECTIONS = 1_000, 64


@pytest.mark.slow
@pytest.mark.lasts(CLAIMS / 100)
@pytest.mark.parametrize("short_of", ["money", "pieces", "the day"])
async def test_a_budget_for_a_thousand_gives_exactly_a_thousand(market: Market, short_of: str) -> None:
    claims = CLAIMS if short_of == "money" else 2 * PIECES
    desk = await opened_desk(market)
    money, pieces, per_day = {
        "money": (100 * PIECES, 10**6, 0),
        "pieces": (10**9, PIECES, 0),
        "the day": (10**9, 10**6, PIECES),
    }[short_of]
    campaign = await desk.run(
        {"amount_minor": 100}, budget_minor=money, budget_pieces=pieces, terms={"per_day": per_day}
    )
    tokens = await crowd(market, claims)
    outcomes: Counter[str] = Counter()
    await asyncio.gather(*[claim_in_turn(market, campaign["id"], tokens, outcomes) for _ in range(CONNECTIONS)])
    assert outcomes == {"201 given": PIECES, "201 refused": claims - PIECES}
    assert await market.value("select count(*) from coupons.coupons") == PIECES
    assert await market.value("select count(distinct person_id) from coupons.coupons") == PIECES
    assert await desk.books(campaign) == {
        "budget": (money - 100 * PIECES, pieces - PIECES),
        "outstanding": (100 * PIECES, PIECES),
        "used": (0, 0),
    }
    await market.books_are_right()


async def claim_in_turn(market: Market, campaign_id: str, tokens: list[str], outcomes: Counter[str]) -> None:
    """One connection on which one person after the other asks; nothing between the bytes and the server."""
    host, port = market.host.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    while tokens:
        request = (
            f"POST /api/campaigns/{campaign_id}/claims HTTP/1.1\r\nhost: {market.host}\r\ncontent-length: 0\r\n"
            f"cookie: junzi_session={tokens.pop()}\r\nidempotency-key: {key()}\r\n\r\n"
        )
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length is not None, head
        body = msgspec.json.decode(await reader.readexactly(int(length[1])))
        outcomes[f"{head.split()[1].decode()} {body.get('state', body)}"] += 1
    writer.close()
    await writer.wait_closed()


async def crowd(market: Market, count: int) -> list[str]:
    """Session tokens of so many people who were here a moment ago; they did not have to type anything."""
    tokens = [secrets.token_urlsafe(16) for _ in range(count)]
    connection = await asyncpg.connect(market.database_url)
    try:
        await connection.execute(
            "with made as (insert into people.persons (id, handle, name, avatar, locale, password_hash, natural_person_id,"
            " created_at, last_active_date)"
            " select id, 'crowd' || n, 'crowd' || n, 0, 'zh', '', id, $2, $3"
            " from (select n, ('01a00000-0000-7000-8000-' || lpad(to_hex(n * 256), 12, '0'))::uuid as id"
            " from generate_series(1, $1::integer) n) drawn returning id, handle)"
            " insert into people.sessions (id, person_id, token_hash, device, created_at, seen_at)"
            " select m.id, m.id, h.hash, 'test', $2, $2"
            " from unnest($4::bytea[]) with ordinality h (hash, n) join made m on m.handle = 'crowd' || h.n",
            count,
            clock.now(),
            town.business_date(clock.now()),
            [hashlib.sha256(token.encode()).digest() for token in tokens],
        )
        await connection.execute("analyze people.persons, people.sessions")
    finally:
        await connection.close()
    return tokens
