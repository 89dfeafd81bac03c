"""Thousands who want what there are a hundred of: exactly a hundred get it."""

import asyncio
from uuid import UUID

import httpx
import pytest

from junzi.people.actions import open_session
from tests.coupons.desk import opened_desk
from tests.support.market import Market, key

CLAIMS, CONNECTIONS, PIECES = 2_000, 32, 100


@pytest.mark.slow
@pytest.mark.parametrize("short_of", ["money", "pieces"])
async def test_a_budget_for_a_hundred_gives_exactly_a_hundred(market: Market, short_of: str) -> None:
    desk = await opened_desk(market)
    budget = {"money": (100 * PIECES, 10**6), "pieces": (10**9, PIECES)}[short_of]
    campaign = await desk.run({"amount_minor": 100}, budget_minor=budget[0], budget_pieces=budget[1])
    tokens = await crowd(market, CLAIMS)
    outcomes: list[str] = []

    async def claim_in_turn() -> None:
        async with httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=60) as browser:
            while tokens:
                headers = {"cookie": f"junzi_session={tokens.pop()}", "idempotency-key": key()}
                answer = await browser.post(f"/api/campaigns/{campaign['id']}/claims", headers=headers)
                outcomes.append(answer.json()["state"] if answer.status_code == 201 else answer.text)

    await asyncio.gather(*[claim_in_turn() for _ in range(CONNECTIONS)])
    assert {state: outcomes.count(state) for state in set(outcomes)} == {"given": PIECES, "refused": CLAIMS - PIECES}
    assert await market.value("select count(*) from coupons.coupons") == PIECES
    books = await desk.books(campaign)
    assert books["outstanding"] == (100 * PIECES, PIECES)
    assert books["budget"] == (budget[0] - 100 * PIECES, budget[1] - PIECES)
    await market.books_are_right()


async def crowd(market: Market, count: int) -> list[str]:
    """Session tokens of so many people, who did not have to type anything."""
    rows = await market.row(
        "with made as (insert into people.persons"
        " (id, handle, name, avatar, locale, password_hash, natural_person_id, created_at)"
        " select id, 'crowd' || n, 'crowd' || n, 0, 'zh', '', id, now()"
        " from (select n, ('01a00000-0000-7000-8000-' || lpad(to_hex(n * 256), 12, '0'))::uuid as id"
        " from generate_series(1, $1::integer) n) drawn returning id) select array_agg(id) from made",
        count,
    )
    async with market.house.database.transaction() as tx:
        return [(await open_session(tx, UUID(str(id)), "test")).token for id in rows[0]]
