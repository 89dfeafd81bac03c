"""A code in a link says where people come from: counted once, told to nobody but as a count."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from junzi.client import Client
from junzi.growth import audience, http_sources
from junzi.kit import clock
from junzi.kit.clock import SimulatedClock
from tests.field.street import Street, opened_street
from tests.support.house import PASSWORD
from tests.support.market import Market, key, refused_as


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What other tests told from this address does not count here."""
    monkeypatch.setattr(http_sources, "_pace", type(http_sources._pace)())
    yield
    clock.use(None)


async def made(street: Street, **wanted: str) -> dict[str, Any]:
    return await street.operator.post("/api/ops/sources", wanted, idempotency_key=key())  # type: ignore[no-any-return]


async def funnel(street: Street) -> dict[tuple[Any, str], list[int]]:
    await street.market.settle()
    await audience.roll_up(street.market.house.database)
    steps = ("opened", "installed", "signed_up", "bound", "scanned")
    found = (await street.operator.get("/api/ops/sources"))["sources"]
    return {(one["kind"], one["name"]): [one[step] for step in steps] for one in found}


async def came(market: Market, handle: str, source: str) -> Client:
    """Somebody whose device opened the app by that link, and who signed up."""
    client = Client(market.served.url)
    await client.post("/api/openings", {"id": str(uuid4()), "what": "opened", "source": source})
    wanted = {"handle": handle, "name": handle.title(), "password": PASSWORD, "source": source}
    client.me = await client.post("/api/people", wanted)
    return client


async def test_from_the_poster_to_the_first_scan(market: Market) -> None:
    street = await opened_street(market)
    poster, promoter = await made(street, name="南门海报"), await made(street, handle="walker")
    assert poster["url"] == f"{market.served.url}/?from={poster['code']}"
    assert poster["qr"].startswith("<svg")
    one, other = await came(market, "by_poster", poster["code"]), await came(market, "by_walker", promoter["code"])
    await came(market, "by_nobody", "")
    await came(market, "by_unknown", "zzzzzzzz")
    await market.bind(one)
    keeper = await market.person("keeper")
    shop = await market.shop(keeper)
    await one.post("/api/scans", {"text": shop["code"]["url"]})
    found = await funnel(street)
    assert found["poster", "南门海报"] == [1, 0, 1, 1, 1]
    assert found["promoter", "Walker"] == [1, 0, 1, 0, 0]
    # The operator, the promoter and the keeper came by no link, and nobody else by a device that told of itself.
    assert found[None, ""][:3] == [2, 0, 5]
    mine = await other.post("/api/me/invitation")
    assert (await other.post("/api/me/invitation"))["url"] == mine["url"], "a person has one"
    await came(market, "by_friend", mine["url"].rpartition("=")[2])
    assert (await funnel(street))["invitation", ""] == [1, 0, 1, 0, 0]
    for client in (one, other, street.promoter):
        assert "source" not in await client.get("/api/me")
        assert await refused_as(client.get("/api/ops/sources")) == "not-an-operator"
    await one.close()
    await other.close()


async def test_what_a_device_tells_counts_once_and_not_too_often(market: Market) -> None:
    clock.use(SimulatedClock(clock.now()))  # no minute ends meanwhile
    street = await opened_street(market)
    poster = await made(street, name="海报")
    stranger = Client(market.served.url)
    told = {"id": str(uuid4()), "what": "opened", "source": poster["code"]}
    for what in ("opened", "opened", "installed", "installed"):
        await stranger.post("/api/openings", {**told, "what": what})
    assert (await funnel(street))["poster", "海报"] == [1, 1, 0, 0, 0]
    for wrong in ({"id": "x"}, {"what": "sold"}, {"source": "ABC"}, {"source": "a" * 9}, {"source": "\x00"}):
        assert await refused_as(stranger.post("/api/openings", {**told, **wrong})) == "invalid-request", wrong
    for _ in range(http_sources.MOST_OPENINGS_A_MINUTE - 4):
        await stranger.post("/api/openings", {**told, "id": str(uuid4())})
    once_more = stranger.post("/api/openings", {**told, "id": str(uuid4())})
    assert await refused_as(once_more) == "too-many-requests"
    await stranger.close()


async def test_codes_are_made_for_posters_and_the_team(market: Market) -> None:
    street = await opened_street(market)
    again, wanted = key(), {"name": "海报"}
    first = await street.operator.post("/api/ops/sources", wanted, idempotency_key=again)
    assert await street.operator.post("/api/ops/sources", wanted, idempotency_key=again) == first
    assert (await made(street, handle="walker"))["code"] == (await made(street, handle="walker"))["code"]
    assert (await street.operator.get(f"/api/ops/sources/{first['id']}"))["code"] == first["code"]
    for wrong in ({}, {"name": " "}, {"name": "x", "handle": "walker"}, {"handle": "operator"}, {"handle": "nobody"}):
        assert await refused_as(made(street, **wrong)) == "invalid-request", wrong
    mine = await street.promoter.post("/api/me/invitation")
    of_mine = await market.value("select id from growth.sources where code = $1", mine["url"].rpartition("=")[2])
    assert isinstance(of_mine, UUID)
    assert await refused_as(street.operator.get(f"/api/ops/sources/{of_mine}")) == "not-found", "it is the person's own"
    csv = (await street.operator.raw("GET", "/api/ops/sources.csv")).text
    assert (
        csv.splitlines()[0].removeprefix("\ufeff") == "source,name,code,opened,installed,signed_up,card_bound,scanned"
    )
