"""A discreet shop is known to its keepers alone: a whole day is lived, and nobody else is told its name, place or picture."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from junzi.client import Client
from junzi.coupons.model import Trigger
from tests.chat.talk import picture
from tests.issuer.bank import INSUFFICIENT
from tests.standing.office import Office
from tests.support.market import Market, key, refused_as

NAME, PLACE, PICTURE, PHOTO = "Canarybird Noodles", "Canarybird Lane 12", "🦤", "ca4a29b1-0000-4000-8000-5bec0ded0001"
CANARY = re.compile(f"canarybird|🦤|{PHOTO}", re.IGNORECASE)


class Ears:
    """Everything that anybody but the keepers was told: answers of HTTP, frames of sockets."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def listen(self, client: Client) -> None:
        async def hear(response: httpx.Response) -> None:
            await response.aread()
            self.heard.append(
                f"{response.request.method} {response.request.url.path} {response.text} {dict(response.headers)}"
            )

        client._http.event_hooks["response"].append(hear)

    @property
    def told(self) -> list[str]:
        return [one[:300] for one in self.heard if CANARY.search(one)]


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """What the server logs."""
    with capture_logs() as entries:
        yield entries


async def test_a_whole_day_tells_nobody_who_the_shop_is(market: Market, logged: list[Any]) -> None:
    office, ears = await Office.opened(market), Ears()
    await market.campaign((200, 0), trigger=Trigger.CARD_BOUND)
    buyer, poor = (
        await market.shopper("xiaoman", balance_minor=20_000),
        await market.shopper("azhe2", card_number=INSUFFICIENT),
    )
    clerk = await market.person("clerk")
    await market.settle()
    await office.keeper.upload("picture", picture(), media_id=PHOTO)
    wanted = {"name": NAME, "trade": "noodles", "place": PLACE, "picture": PICTURE, "photo_id": PHOTO}
    shop = await office.keeper.post("/api/shops", wanted, idempotency_key=key())
    told = await office.keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    neutral = told["neutral_name"]
    assert (told["face"], told["name"]) == ("neutral", neutral)
    assert re.fullmatch(r"商户 Shop \d{4}", neutral)
    others = (buyer, poor, office.operator, office.other)
    for client in others:
        ears.listen(client)
    frames = [asyncio.create_task(listening(ears, client)) for client in (buyer, office.operator, office.other)]
    await asyncio.sleep(0)

    await live(market, office, shop, buyer, poor)
    # Who works there may know; nobody who does not is told of it.
    await office.keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": "clerk"}, idempotency_key=key())
    await clerk.post(f"/api/shops/{shop['id']}/staff/acceptance", idempotency_key=key())
    assert NAME in str(await clerk.get("/api/shops"))
    await market.settle()
    await read_everything(market, ears, others, shop)

    for task in frames:
        task.cancel()
    assert any(neutral in one for one in ears.heard), "the ears work: they heard the neutral name"
    assert any(neutral in one for one in ears.heard if one.startswith("frame")), "and frames"
    assert ears.told == []
    assert "/api/orders/{order_id}/payments" in str(logged), "the log is heard"
    assert not CANARY.search(str(logged))
    assert await in_rows(market.bank.database_url, "issuer") == [], "what the bank was asked"
    assert await in_rows(market.database_url, "wallet", "coupons", "checkout", "growth", "bank") == []
    # The books see it like any other, and so does its keeper.
    assert (await office.keeper.get(f"/api/shops/{shop['id']}"))["picture"] == f"{PICTURE}/{PHOTO}"
    assert (await office.keeper.get(f"/api/shops/{shop['id']}"))["name"] == NAME
    assert await refused_as(buyer.raw("GET", f"/api/shops/photos/{PHOTO}")) == "not-found", "not even who knows its id"
    assert (await office.keeper.get(f"/api/shops/{shop['id']}/figures"))["count"] == 4
    await market.books_are_right()


async def test_who_it_is_can_be_looked_up_which_is_on_record(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    await office.keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    number = (await office.operator.get(f"/api/ops/shops/{shop['id']}"))["name"][-4:]
    for text in ("山脚", "南门街", "guifang"):
        assert (await office.operator.get(f"/api/ops/shops?search={text}"))["shops"] == []
    [found] = (await office.operator.get(f"/api/ops/shops?search={number}"))["shops"]
    assert (found["owner"], found["place"], found["trade"]) == (None, "", "other")
    known = await office.do(shop, "lookups")
    assert (known["name"], known["owner"]["handle"]) == ("山脚面馆", "guifang")
    assert await office.actions() == ["standing.shop_looked_up"]


async def test_the_owner_alone_decides_and_may_go_back(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    path = f"/api/shops/{shop['id']}/face"
    assert await refused_as(buyer.request("PUT", path, {"face": "neutral"})) == "not-found"
    before = await market.pay(buyer, await market.order(buyer, shop, 500))
    await office.keeper.request("PUT", path, {"face": "neutral"})
    assert (await buyer.get(f"/api/payments/{before['id']}"))["shop"]["name"].startswith("商户"), (
        "rendered anew, it is neutral"
    )
    [bill, *_] = (await buyer.get("/api/bills"))["bills"]
    assert bill["counterparty"]["name"] == "山脚面馆", "what was told stays told"
    assert await refused_as(office.keeper.get(f"/api/shops/{shop['id']}/poster")) == "shop-discreet"
    await office.keeper.request("PUT", path, {"face": "own"})
    assert (await buyer.get(f"/api/payments/{before['id']}"))["shop"]["name"] == "山脚面馆"


async def live(market: Market, office: Office, shop: dict[str, Any], buyer: Client, poor: Client) -> None:
    """A day: scans, payments by balance, card and coupon, one that fails, a till's charge, refunds, a poster, a taken code."""
    await buyer.post("/api/scans", {"text": shop["code"]["url"]})
    await office.other.get(f"/api/codes/{shop['code']['code']}/emv")
    order = await market.order(buyer, shop, 1_850)
    paid = await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    assert paid["state"] == "paid" and paid["coupon_minor"]
    by_card = await market.by_card(buyer, await market.order(buyer, shop, 900))
    failed = await market.by_card(poor, await market.order(poor, shop, 900))
    assert failed["state"] == "refused"
    closed = await market.order(buyer, shop, 700)
    await buyer.request("DELETE", f"/api/orders/{closed['id']}")
    for asked in (300, 400):
        charge = await office.keeper.post(
            f"/api/shops/{shop['id']}/charges", {"amount_minor": asked}, idempotency_key=key()
        )
        await buyer.post("/api/scans", {"text": charge["code"]["url"]})
        body = {"code": charge["code"]["code"], "amount_minor": asked}
        await market.pay(buyer, await buyer.post("/api/orders", body, idempotency_key=key()))
    for payment in (paid, by_card):
        path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
        await office.keeper.post(path, {"amount_minor": 100, "reason": "sorry"}, idempotency_key=key())
    assert await refused_as(market.order(buyer, shop, 200_000)) == "shop-limit-reached"
    await office.do(shop, "reviews", {"tier": "small"})
    await office.do(shop, "questions", {"text": "what do you sell?"})
    await office.do(shop, "withdrawals", {"reason": "owners-wish"})
    assert await refused_as(market.order(buyer, shop, 100)) == "code-withdrawn"
    await office.do(shop, "reinstatements")
    await office.keeper.get(f"/api/shops/{shop['id']}/takings")
    await buyer.get(f"/api/payments/{paid['id']}/seal")
    await market.settle()


async def read_everything(market: Market, ears: Ears, others: tuple[Client, ...], shop: dict[str, Any]) -> None:
    """Every address of the description that can be read, with the shop's ids and those of what happened there."""
    description = await others[0].get("/openapi.json")
    order = await market.row("select order_id, id from checkout.payments where state = 'paid' order by id limit 1")
    campaign_id = await market.value("select id from coupons.campaigns limit 1")
    for client in others:
        conversations = [one["id"] for one in (await client.get("/api/conversations"))["conversations"]]
        known = {
            "shop_id": [shop["id"]],
            "code": [shop["code"]["code"]],
            "order_id": [order["order_id"]],
            "payment_id": [order["id"]],
            "campaign_id": [campaign_id],
            "conversation_id": conversations or [shop["conversation_id"]],
            "person_id": [client.me["id"]],
        }
        for path, item in description["paths"].items():
            names = re.findall(r"\{(\w+)\}", path)
            if "get" in item and all(name in known for name in names):
                for value in known[names[0]] if names else [""]:
                    address = path
                    for place, name in enumerate(names):
                        address = address.replace("{" + name + "}", str(value if place == 0 else known[name][0]))
                    await client._http.get(address)
        for text in ("canarybird", "noodles", "Lane", "guifang", "🦤"):
            await client._http.get("/api/ops/shops", params={"search": text})
            await client._http.get("/api/people/search", params={"handle": text})
    assert len(ears.heard) > 150


async def listening(ears: Ears, client: Client) -> None:
    await client.connect()
    while True:
        ears.heard.append(f"frame {await client._frames.get()}")


async def in_rows(url: str, *schemas: str) -> list[str]:
    """The tables in which the canary stands."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select oid::regclass::text as name from pg_class where relkind in ('r', 'p') and not relispartition"
            " and relnamespace::regnamespace::text = any($1::text[])",
            list(schemas),
        )
        assert tables
        named = "select exists (select from {} t where to_jsonb(t)::text ~* $1)"
        return [
            name
            for name in (table["name"] for table in tables)
            if await connection.fetchval(named.format(name), CANARY.pattern)
        ]
    finally:
        await connection.close()
