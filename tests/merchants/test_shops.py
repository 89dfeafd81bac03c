"""Opening a shop, closing it, and what it sees of its payments."""

from uuid import UUID

import pytest

from junzi.client import Client
from tests.support.market import Market, Time, at_once, key, refused_as


async def test_a_new_shop_is_open_with_a_code_and_a_conversation(market: Market) -> None:
    keeper = await market.served.person("guifang")
    shop = await market.shop(keeper)
    code = shop["code"]["code"]
    assert shop == {
        "id": shop["id"],
        "name": "山脚面馆",
        "trade": "noodles",
        "place": "南门街 12 号",
        "picture": "🍜",
        "state": "open",
        "code": {"code": code, "url": f"{market.served.url}/c/{code}", "svg": f"/api/codes/{code}/image.svg"},
        "conversation_id": shop["conversation_id"],
        "role": "owner",
        "area_id": None,
        "discreet": False,
    }
    assert await keeper.get(f"/api/shops/{shop['id']}") == shop
    assert (await keeper.get("/api/shops"))["shops"] == [shop]
    takings = await keeper.get(f"/api/shops/{shop['id']}/takings")
    assert takings == {"today": {"count": 0, "amount_minor": 0}, "takings": [], "more": False}
    await market.settle()
    [conversation] = (await keeper.get("/api/conversations"))["conversations"]
    assert (conversation["id"], conversation["kind"]) == (shop["conversation_id"], "shop")


async def test_what_a_shop_says_of_itself_is_tidied_and_bounded(market: Market) -> None:
    keeper = await market.served.person("guifang")
    wanted = {"name": "  Ele\u0301ne ", "trade": "other", "place": "", "picture": "👩‍🍳"}
    shop = await keeper.post("/api/shops", wanted, idempotency_key=key())
    assert (shop["name"], shop["place"], shop["picture"]) == ("Eléne", "", "👩‍🍳")
    wrong = [
        {"name": "   "},
        {"name": "a\x00b"},
        {"name": "two\nlines"},
        {"name": "x" * 41},
        {"place": "\x1b[2J"},
        {"place": "x" * 81},
        {"picture": ""},
        {"picture": " "},
        {"picture": "x" * 9},
        {"trade": "weapons"},
    ]
    for change in wrong:
        assert (
            await refused_as(keeper.post("/api/shops", {**wanted, **change}, idempotency_key=key()))
            == "invalid-request"
        )
    assert len((await keeper.get("/api/shops"))["shops"]) == 1


async def test_a_closed_shop_takes_nothing_and_keeps_its_code(market: Market) -> None:
    buyer, keeper = await market.shopper("xiaoman", balance_minor=1_000), await market.served.person("guifang")
    shop = await market.shop(keeper)
    waiting = await market.order(buyer, shop, 500)
    closed = await keeper.request("PATCH", f"/api/shops/{shop['id']}", {"state": "closed"})
    assert closed == {**shop, "state": "closed"}
    assert await refused_as(market.order(buyer, shop, 500)) == "shop-closed"
    assert await refused_as(market.pay(buyer, waiting)) == "shop-closed"
    assert await market.balance(buyer) == 1_000
    assert await keeper.request("PATCH", f"/api/shops/{shop['id']}", {"state": "open"}) == shop
    assert (await market.pay(buyer, waiting))["state"] == "paid"


async def test_a_person_opens_twenty_shops(market: Market) -> None:
    keeper = await market.served.person("guifang")
    await open_shops(market, keeper, 20)
    assert len((await keeper.get("/api/shops"))["shops"]) == 20
    assert await refused_as(market.shop(keeper)) == "too-many-shops"


async def test_a_race_for_the_twentieth_shop_has_one_winner(market: Market) -> None:
    keeper = await market.served.person("guifang")
    await open_shops(market, keeper, 19)
    answers = await at_once(*[market.shop(keeper, f"Late {number}") for number in range(6)])
    assert (
        sorted(answer if isinstance(answer, str) else "opened" for answer in answers)
        == ["opened"] + ["too-many-shops"] * 5
    )
    assert len((await keeper.get("/api/shops"))["shops"]) == 20


async def test_three_shops_of_one_person_wait_for_a_review_at_most(market: Market) -> None:
    keeper = await market.served.person("guifang")
    answers = await at_once(*[market.shop(keeper, f"Shop {number}") for number in range(5)])
    assert sorted(one for one in answers if isinstance(one, str)) == ["shops-unreviewed"] * 2
    await market.look_at_shops()
    assert (await market.shop(keeper))["state"] == "open"


async def open_shops(market: Market, keeper: Client, many: int) -> None:
    """So many shops of one person, at each of which somebody looked."""
    for number in range(many):
        await market.shop(keeper, f"Shop {number}")
        await market.look_at_shops()


async def test_takings_are_turned_page_by_page_and_today_is_the_operators_day(market: Market, time: Time) -> None:
    buyer, keeper = await market.shopper("xiaoman", balance_minor=10_000), await market.served.person("guifang")
    shop = await market.shop(keeper)
    for amount in (100, 200, 300, 400, 500):
        await market.pay(buyer, await market.order(buyer, shop, amount))
    path = f"/api/shops/{shop['id']}/takings"
    whole = await keeper.get(path)
    assert [taking["amount_minor"] for taking in whole["takings"]] == [500, 400, 300, 200, 100]
    assert {taking["payer_name"] for taking in whole["takings"]} == {"X**"}, "a shop sees little of a payer's name"
    assert (whole["today"], whole["more"]) == ({"count": 5, "amount_minor": 1_500}, False)
    first = await keeper.get(f"{path}?limit=3")
    second = await keeper.get(f"{path}?limit=3&before={first['takings'][-1]['id']}")
    assert first["takings"] + second["takings"] == whole["takings"]
    assert (first["more"], second["more"]) == (True, False)
    time.pass_by(days=1)
    tomorrow = await keeper.get(path)
    assert (tomorrow["today"], tomorrow["takings"]) == ({"count": 0, "amount_minor": 0}, whole["takings"])


async def test_a_shop_is_its_keepers_alone(market: Market) -> None:
    keeper, other = await market.served.person("guifang"), await market.served.person("laowu")
    shop = await market.shop(keeper)
    for shop_id in (shop["id"], UUID(int=1)):
        assert await refused_as(other.get(f"/api/shops/{shop_id}")) == "not-found"
        assert await refused_as(other.get(f"/api/shops/{shop_id}/takings")) == "not-found"
        assert await refused_as(other.request("PATCH", f"/api/shops/{shop_id}", {"state": "closed"})) == "not-found"
    assert (await other.get("/api/shops"))["shops"] == []
    assert (await keeper.get(f"/api/shops/{shop['id']}"))["state"] == "open"


async def test_an_opening_that_was_interrupted_is_finished_by_the_sweep(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = await market.served.person("guifang")

    async def gone(accounts: object) -> None:
        raise RuntimeError("the program is gone")

    monkeypatch.setattr(market.house.ledger, "create_accounts", gone)
    assert await refused_as(market.shop(keeper)) == "internal-error"
    monkeypatch.undo()
    assert (await keeper.get("/api/shops"))["shops"] == [], "what is not whole is not shown"
    time.pass_by(seconds=6)
    assert await market.sweep("merchants.open") == 1
    [shop] = (await keeper.get("/api/shops"))["shops"]
    assert (shop["state"], shop["name"]) == ("open", "山脚面馆")
