"""The shop's code handed over: what a promoter noted is seen at the desk, and nobody learns by it that a place is ours."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.field.street import opened_street
from tests.field.test_sign_ups import agreed, asked
from tests.field.test_visits import path_of, seen, status
from tests.support.issuer import SharedBank
from tests.support.market import Market, key, opened_market, refused_as


def poster_of(place: dict[str, Any], format: str = "a5") -> str:
    return f"/api/field/places/{place['id']}/poster?format={format}"


async def test_what_was_handed_over_is_seen_at_the_desk_and_noted_once(market: Market) -> None:
    street, keeper, once = await opened_street(market), await market.person("keeper"), key()
    place = await street.place()
    await street.link(place, await market.shop(keeper))
    wanted = {"outcome": "called", "pieces": ["sticker", "tent", "a5", "sticker"]}
    first, again = [await street.promoter.post(path_of(place), wanted, idempotency_key=once) for _ in range(2)]
    assert first == again and first["pieces"] == ["a5", "sticker", "tent"]
    assert await seen(street.operator, place, "ops/street") == [first]
    assert await market.value("select count(*) from field.visits") == 1


@pytest.mark.parametrize("wrong", [{"outcome": "no", "pieces": ["a5"]}, {"outcome": "called", "pieces": ["flag"]}])
async def test_what_cannot_have_been_handed_over_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    street = await opened_street(market)
    place = await street.place()
    assert await refused_as(street.promoter.post(path_of(place), wrong, idempotency_key=key())) == "invalid-request"
    assert await market.value("select count(*) from field.visits") == 0


@pytest_asyncio.fixture
async def known_market(database_url: str, tmp_path: Path, shared_bank: SharedBank) -> AsyncIterator[Market]:
    """A market whose address phones reach, as it stands on posters."""
    async with opened_market(database_url, tmp_path, shared_bank, public_url="https://junzi.example") as market:
        yield market


async def test_a_promoter_opens_the_poster_of_a_shop_that_everybody_is_told_of(known_market: Market) -> None:
    market = known_market
    street, keeper = await opened_street(market), await market.person("keeper")
    place, shop = await street.place(), await market.shop(keeper)
    assert await refused_as(street.promoter.raw("GET", poster_of(place))) == "not-found"
    await street.link(place, shop)
    for format in ("a5", "a4", "tent", "sticker"):
        answer = await street.promoter.raw("GET", poster_of(place, format))
        assert answer.content.startswith(b"%PDF")
        own = await keeper.raw("GET", f"/api/shops/{shop['id']}/poster?format={format}")
        assert answer.headers["content-disposition"] == own.headers["content-disposition"]
    assert await status(keeper, poster_of(place)) == 403
    assert await status(street.promoter, poster_of(place, "flag")) == 400


async def test_a_shop_that_became_discreet_is_given_away_by_no_poster_and_no_visit(market: Market) -> None:
    street, owner, other = await opened_street(market), await market.person("owner"), await market.person("other")
    await street.operator.post("/api/ops/promoters", {"handle": "other"})
    place = await street.place()
    shop_id = (await agreed(owner, await asked(street, place)))["shop_id"]
    await street.promoter.post(path_of(place), {"outcome": "called", "pieces": ["a5"]}, idempotency_key=key())
    assert [one["outcome"] for one in await seen(other, place)] == ["called", "signed_up"]
    await owner.request("PUT", f"/api/shops/{shop_id}/face", {"face": "neutral"})
    assert await seen(other, place) == await seen(street.operator, place, "ops/street") == []
    assert len(await seen(street.promoter, place)) == 2, "whoever made them knows"
    assert await status(other, poster_of(place)) == 404
    assert await refused_as(street.promoter.raw("GET", poster_of(place))) == "shop-discreet"
    await market.rows("update field.visits set again_on = '2020-01-01'")
    [stop] = (await other.get("/api/field/route"))["stops"]
    assert stop["last"] is None, "its place is one that nobody called on"
