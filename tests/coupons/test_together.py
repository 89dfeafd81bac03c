"""Claims that are carried together: what one of them meets, no other does."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from junzi.coupons.give import Asked, Given
from junzi.coupons.model import CampaignNotClaimable
from junzi.kit import ids
from junzi.kit.database import Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.idempotency import IdempotencyKeyReused
from tests.coupons.desk import opened_desk
from tests.support.market import Market, key


async def test_each_of_a_batch_gets_its_own_answer(market: Market) -> None:
    desk = await opened_desk(market)
    free = await desk.run({"amount_minor": 100})
    scarce = await desk.run({"amount_minor": 100}, budget_minor=100, budget_pieces=1)
    for_new = await desk.run({"amount_minor": 100}, terms={"audience": "card_bound"})
    anna, bert, carl = [UUID((await market.person(name)).me["id"]) for name in ("anna", "bert", "carl")]
    one_key = key()
    answers = await asyncio.gather(
        ask(market, free, anna, one_key),
        ask(market, free, anna, one_key),
        ask(market, scarce, anna, one_key),
        ask(market, free, anna),
        ask(market, scarce, bert),
        ask(market, scarce, carl),
        ask(market, for_new, bert),
        ask(market, {"id": str(ids.new_id())}, bert),
        ask(market, free, carl),
        return_exceptions=True,
    )
    assert answers[0] == answers[1] and answers[0].grant.state == answers[8].grant.state == "given"
    assert [type(answers[place]) for place in (2, 3, 6, 7)] == [
        IdempotencyKeyReused,
        CampaignNotClaimable,
        CampaignNotClaimable,
        NotFound,
    ]
    assert sorted(answers[place].grant.state for place in (4, 5)) == ["given", "refused"]
    assert await market.value("select count(*) from coupons.coupons") == 3
    await market.books_are_right()


async def test_a_claim_that_was_refused_leaves_its_key_free(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run({"amount_minor": 100})
    anna, one_key = UUID((await market.person("anna")).me["id"]), key()
    await desk.do(campaign, "pauses")
    [refused] = await asyncio.gather(ask(market, campaign, anna, one_key), return_exceptions=True)
    assert isinstance(refused, CampaignNotClaimable)
    await desk.do(campaign, "resumptions")
    assert (await ask(market, campaign, anna, one_key)).grant.state == "given"


async def test_a_time_that_was_refused_does_not_stand_in_the_way_of_the_next(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run({"amount_minor": 100}, budget_minor=300, budget_pieces=1, terms={"per_person": 3})
    anna = UUID((await market.person("anna")).me["id"])
    states = [(await ask(market, campaign, anna)).grant.state for _ in range(2)]
    await desk.raise_to(campaign, budget_pieces=2)
    states += [(await ask(market, campaign, anna)).grant.state for _ in range(2)]
    assert states == ["given", "refused", "given", "refused"]


async def test_a_batch_takes_as_many_statements_as_one(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines' own writers are not counted: they have statements of their own."""
    desk = await opened_desk(market)
    campaign = await desk.run({"amount_minor": 100}, budget_minor=10_000)
    people = [UUID((await market.person(f"person{number}")).me["id"]) for number in range(9)]
    statements: list[str] = []

    def counted(method: Any) -> Any:
        async def run(self: Reader, query: str, *arguments: object) -> Any:
            # What the ledger looks up beside its writer depends on what it remembers.
            if "ledger." not in query:
                statements.append(query)
            return await method(self, query, *arguments)

        return run

    for kind, name in ((Reader, "fetch"), (Reader, "fetchrow"), (Reader, "fetchval"), (Transaction, "execute")):
        monkeypatch.setattr(kind, name, counted(getattr(kind, name)))
    counts = []
    for group in (people[:1], people[1:]):
        statements.clear()
        done = await market.house.giving._carry([asked(campaign, person) for person in group])
        assert len(done) == len(group)
        counts.append(len(statements))
    assert counts == [9, 9]


def asked(campaign: dict[str, str], person_id: UUID, one_key: str = "") -> Asked:
    grant_id = ids.new_id()
    return Asked(grant_id, UUID(campaign["id"]), person_id, occasion=grant_id, key=one_key or key())


async def ask(market: Market, campaign: dict[str, str], person_id: UUID, one_key: str = "") -> Given:
    return await market.house.giving.give(asked(campaign, person_id, one_key))
