"""A request with an Idempotency-Key has one effect and one answer, however often and by however many it is sent at once."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.kit import idempotency
from tests.settlement.till import till_of
from tests.support.market import PIN, Market, Time, at_once, key, refused_as

AT_ONCE = 20

DIFFERENT: dict[str, dict[str, Any]] = {
    "top-up": {"amount_minor": 101},
    "transfer": {"note": "another"},
    "order": {"amount_minor": 901},
    "payment": {"coupon_ids": [str(UUID(int=1))]},
    "shop": {"name": "another"},
    "refund": {"reason": "another"},
    "charge": {"amount_minor": 901},
    "payout": {"amount_minor": 901},
    "store": {"branch": "another"},
}
"""By the name of a request, what another request under the same key would say."""


class Request:
    """A request that a person may send under any key; `intents` counts what it is meant to make once."""

    def __init__(self, market: Market, client: Client, path: str, body: dict[str, Any], intents: str) -> None:
        self.market = market
        self.client = client
        self.path = path
        self.body = body
        self._intents = intents

    async def intents(self) -> int:
        return int(await self.market.value(self._intents))

    async def send(self, idempotency_key: str | None, **other: Any) -> Any:
        return await self.client.post(self.path, {**self.body, **other}, idempotency_key=idempotency_key)


@pytest.mark.parametrize("name", DIFFERENT)
async def test_twenty_identical_requests_at_once_have_one_effect_and_one_answer(market: Market, name: str) -> None:
    """The balance covers the request once only, so that a second effect, or a check that came too late, would show."""
    request = (await requests(market))[name]
    once, made = key(), await request.intents()
    answers = await at_once(*[request.send(once) for _ in range(AT_ONCE)])
    assert [answer for answer in answers if isinstance(answer, str)] == []
    assert {answer["id"] for answer in answers} == {answers[0]["id"]}
    assert {answer["state"] for answer in answers} <= {"succeeded", "paid", "open", "done"}
    assert await request.intents() == made + 1
    await market.settle()
    await market.books_are_right()


async def test_a_repeat_is_the_same_and_asks_for_no_pin(market: Market) -> None:
    for name, request in (await requests(market, balance_minor=5_000)).items():
        once = key()
        first, made = await request.send(once), await request.intents()
        wrong_pin = {"pin": "000000"} if "pin" in request.body else {}
        again = await request.send(once, **wrong_pin)
        assert (again["id"], again["state"]) == (first["id"], first["state"]), name
        assert await request.intents() == made, name
    assert await market.value("select max(pin_failures) from people.persons") == 0


async def test_another_body_or_no_key_is_refused_and_another_persons_key_is_theirs(market: Market) -> None:
    other = await market.served.person("other")
    for name, request in (await requests(market, balance_minor=5_000)).items():
        once = key()
        await request.send(once)
        made = await request.intents()
        assert await refused_as(request.send(once, **DIFFERENT[name])) == "idempotency-key-reused", name
        another_action = request.client.post("/api/cards/bindings", idempotency_key=once)
        assert await refused_as(another_action) == "idempotency-key-reused", name
        for bad in (None, "short", "x" * 65, "a\tkey with a tab"):
            assert await refused_as(request.send(bad)) == "idempotency-key-missing", name
        assert await request.intents() == made, name
        await market.look_at_shops()
        shop = await other.post("/api/shops", {"name": name, "trade": "other"}, idempotency_key=once)
        assert shop["name"] == name


@pytest.mark.parametrize("name", ["top-up", "transfer", "payment", "refund", "payout"])
async def test_a_repeat_that_is_checked_after_the_first_took_effect_gets_its_answer(
    market: Market, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Neither finds the key when it looks; the second checks balance, order and PIN when the first is done."""
    request = (await requests(market))[name]
    once, look = key(), idempotency.check_once
    looked, first_is_done = [asyncio.Event(), asyncio.Event()], asyncio.Event()

    async def check_later(*arguments: Any, check: Callable[[], Awaitable[None]], **more: Any) -> None:
        number = next(numbers)

        async def checked() -> None:
            looked[number].set()
            await (first_is_done if number else looked[1]).wait()
            await check()

        await look(*arguments, check=checked, **more)

    numbers = count()
    monkeypatch.setattr(idempotency, "check_once", check_later)
    first = asyncio.create_task(request.send(once))
    await looked[0].wait()
    repeat = asyncio.create_task(request.send(once))
    answer = await first
    first_is_done.set()
    assert (await repeat)["id"] == answer["id"]
    await market.books_are_right()


async def test_a_key_stands_for_its_request_for_400_days_and_is_forgotten_then(market: Market, time: Time) -> None:
    await requests(market)
    keys = "select count(*) from kit.idempotency"
    kept = await market.value(keys)
    assert kept > 0
    time.pass_by(days=399)
    await idempotency.forget_old(market.house.database)
    assert await market.value(keys) == kept
    time.pass_by(days=2)
    await idempotency.forget_old(market.house.database)
    assert await market.value(keys) == 0


async def requests(market: Market, *, balance_minor: int = 900) -> dict[str, Request]:
    """One request of each kind, all by the same person, whose balance is enough for any one of them and no more."""
    buyer, friend = await market.shopper("buyer", balance_minor=balance_minor), await market.served.person("friend")
    shop = await market.shop(await market.served.person("keeper"))
    own_shop = await market.shop(buyer, "Own")
    order = await market.order(buyer, shop, 900)
    code = (await friend.get("/api/wallet"))["code"]["code"]
    payment = {"coupon_ids": [], "funding": "balance", "card_id": None, "pin": PIN}
    top_up = {"card_id": buyer.me["card_id"], "amount_minor": 100, "pin": PIN}
    transfer = {"code": code, "amount_minor": 900, "note": "", "pin": PIN}
    return {
        "top-up": Request(market, buyer, "/api/topups", top_up, "select count(*) from wallet.topups"),
        "transfer": Request(market, buyer, "/api/transfers", transfer, "select count(*) from wallet.transfers"),
        "order": Request(
            market,
            buyer,
            "/api/orders",
            {"code": shop["code"]["code"], "amount_minor": 900},
            "select count(*) from checkout.orders",
        ),
        "payment": Request(
            market, buyer, f"/api/orders/{order['id']}/payments", payment, "select count(*) from checkout.payments"
        ),
        "shop": Request(
            market,
            buyer,
            "/api/shops",
            {"name": "山脚面馆", "trade": "noodles"},
            "select count(*) from merchants.shops",
        ),
        "refund": await _refund(market),
        "payout": await _payout(market),
        "charge": Request(
            market,
            buyer,
            f"/api/shops/{own_shop['id']}/charges",
            {"amount_minor": 900},
            "select count(*) from merchants.charges",
        ),
        "store": Request(
            market,
            buyer,
            f"/api/shops/{own_shop['id']}/stores",
            {"branch": "东门店"},
            "select count(*) from merchants.shops",
        ),
    }


async def _refund(market: Market) -> Request:
    """A refund of all that a shop has."""
    host, guest = await market.served.person("host"), await market.shopper("guest")
    shop = await market.shop(host)
    payment = await market.by_card(guest, await market.order(guest, shop, 900))
    path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
    body = {"amount_minor": 900, "reason": ""}
    return Request(market, host, path, body, "select count(*) from checkout.refunds")


async def _payout(market: Market) -> Request:
    """A payout of all that a shop has."""
    till = await till_of(market, keeper="merchant", buyer="customer", sold_minor=900)
    await till.choose()
    body = {"amount_minor": 900, "pin": PIN}
    return Request(market, till.keeper, f"{till.path}/payouts", body, "select count(*) from settlement.payouts")
