"""Payments that are carried together: what one of them meets, no other does."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from junzi.checkout import pay
from junzi.checkout.intend import Asked
from junzi.checkout.model import Funding, NewPayment, OrderProcessing, Payment, PaymentState
from junzi.client import Client
from junzi.coupons.model import CouponNotUsable
from junzi.kit import ids
from junzi.kit.database import Reader, Transaction
from junzi.kit.errors import NotFound
from junzi.kit.idempotency import IdempotencyKeyReused
from tests.support.market import PIN, Market, key


async def test_each_of_a_batch_gets_its_own_answer(market: Market) -> None:
    await market.campaign((100, 0))
    keeper, buyer, other = await market.person("keeper"), await shopper(market, "buyer"), await shopper(market, "other")
    shop = await market.shop(keeper)
    [coupon] = await market.coupons(buyer)
    first, second, third = [await market.order(buyer, shop, 1_000) for _ in range(3)]
    others = await market.order(other, shop, 500)
    one_key = key()
    answers = await asyncio.gather(
        begin(market, buyer, first, one_key, coupon),
        begin(market, buyer, first, one_key, coupon),
        begin(market, buyer, second, one_key),
        begin(market, buyer, second, key(), coupon),
        begin(market, buyer, third),
        begin(market, buyer, third),
        begin(market, buyer, others),
        begin(market, other, others, key(), coupon),
        begin(market, other, others),
        return_exceptions=True,
    )
    assert isinstance(answers[0], Payment) and answers[0] == answers[1]
    assert (answers[0].paid_minor, answers[0].coupon_minor) == (900, 100)
    assert isinstance(answers[4], Payment)
    assert [type(answers[place]) for place in (2, 3, 5, 6, 7)] == [
        IdempotencyKeyReused,
        CouponNotUsable,
        OrderProcessing,
        NotFound,
        CouponNotUsable,
    ]
    begun = {answer.id: answer for answer in answers if isinstance(answer, Payment)}
    assert sorted(payment.paid_minor for payment in begun.values()) == [500, 900, 1_000]
    house = market.house
    for payment in begun.values():
        await pay.run(house.database, house.ledger, house.issuer, payment.id)
    assert await market.value("select count(*) from checkout.payments where state = 'paid'") == 3
    await market.books_are_right()


async def test_outcomes_that_gather_are_written_once(market: Market) -> None:
    keeper, buyer = await market.person("keeper"), await shopper(market, "buyer")
    shop = await market.shop(keeper)
    orders = [await market.order(buyer, shop, 100 + number) for number in range(6)]
    paid = await asyncio.gather(*[market.pay(buyer, order) for order in orders])
    assert [one["state"] for one in paid] == ["paid"] * 6
    assert await market.value("select count(*) from merchants.takings") == 6
    assert len(await market.told(keeper, "payment.received")) == 6
    await market.books_are_right()


async def test_a_batch_takes_as_many_statements_as_one(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, buyer = await market.person("keeper"), await shopper(market, "buyer")
    shop = await market.shop(keeper)
    orders = [await market.order(buyer, shop, 100 + number) for number in range(6)]
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
    paying, counts = market.house.paying, []
    for group in (orders[:1], orders[1:]):
        statements.clear()
        begun = await paying._intend([asked(buyer, order) for order in group])
        payments = [one for one in begun if isinstance(one, Payment)]
        counts.append(len(statements))
        statements.clear()
        done = await paying._finish(payments)
        assert [one.state for one in done] == [PaymentState.PAID] * len(group)
        counts.append(len(statements))
    assert counts[:2] == counts[2:]
    assert sum(counts[:2]) < 20


async def shopper(market: Market, handle: str) -> Client:
    person = await market.shopper(handle, balance_minor=10_000)
    await market.settle()
    return person


def asked(person: Client, order: dict[str, Any], one_key: str = "", *coupons: dict[str, Any]) -> Asked:
    new = NewPayment(Funding.BALANCE, PIN, [UUID(coupon["id"]) for coupon in coupons])
    return Asked(ids.new_id(), UUID(order["id"]), UUID(person.me["id"]), one_key or key(), new)


async def begin(
    market: Market, person: Client, order: dict[str, Any], one_key: str = "", *coupons: dict[str, Any]
) -> Payment:
    return await market.house.paying.begin(asked(person, order, one_key, *coupons))
