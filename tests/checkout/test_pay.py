"""Paying from the balance: what moves, what a coupon pays, and what is refused with nothing moved."""

from typing import Any

import pytest

from junzi.client import Client
from junzi.coupons import accounts as coupon_accounts
from junzi.merchants import accounts as merchant_accounts
from tests.support.market import Market, at_once, key, refusal, refused_as

BALANCE_MINOR = 5_000


class Evening:
    """A buyer with coupons of 5.00 from 15.00, 10.00 from 30.00 and 2.00, and a shop."""

    def __init__(self, market: Market, buyer: Client, keeper: Client, shop: dict[str, Any]) -> None:
        self.market = market
        self.buyer = buyer
        self.keeper = keeper
        self.shop = shop

    async def order(self, amount_minor: int) -> dict[str, Any]:
        return await self.market.order(self.buyer, self.shop, amount_minor)

    async def coupon_id(self, amount_minor: int) -> str:
        found = await self.market.coupons(self.buyer)
        return next(one["id"] for one in found if one["amount_minor"] == amount_minor)

    async def shop_has(self) -> int:
        """What the shop received, by the ledger and by its own list."""
        shop_id = await self.market.value("select id from merchants.shops")
        [account] = await self.market.house.ledger.lookup_accounts([merchant_accounts.balance_id(shop_id)])
        takings = await self.keeper.get(f"/api/shops/{self.shop['id']}/takings")
        received: int = takings["today"]["amount_minor"]
        assert received == account.credits_posted == sum(one["amount_minor"] for one in takings["takings"])
        return received

    async def campaign_money(self) -> tuple[int, int]:
        campaign_id = await self.market.value("select id from coupons.campaigns")
        wanted = [coupon_accounts.budget_id(campaign_id), coupon_accounts.outstanding_id(campaign_id)]
        found = {one.id: one for one in await self.market.house.ledger.lookup_accounts(wanted)}
        budget, outstanding = (found[id].credits_posted - found[id].debits_posted for id in wanted)
        return budget, outstanding


@pytest.fixture
async def evening(market: Market) -> Evening:
    await market.campaign((500, 1500), (1000, 3000), (200, 0), budget_minor=10_000)
    keeper = await market.served.person("guifang", "吴桂芳")
    buyer = await market.shopper("xiaoman", balance_minor=BALANCE_MINOR)
    await market.settle()
    return Evening(market, buyer, keeper, await market.shop(keeper))


async def test_a_payment_with_the_best_coupon_reaches_everybody_it_concerns(evening: Evening) -> None:
    market, buyer = evening.market, evening.buyer
    order = await evening.order(3_200)
    payment = await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    assert payment == {
        "id": payment["id"],
        "order_id": order["id"],
        "number": payment["number"],
        "state": "paid",
        "amount_minor": 3_200,
        "coupon_minor": 1_000,
        "paid_minor": 2_200,
        "funding": "balance",
        "card": None,
        "shop": order["shop"],
        "coupons": [
            {
                "coupon_id": order["best_coupon_ids"][0],
                "title": order["coupons"][0]["coupon"]["title"],
                "saved_minor": 1_000,
            }
        ],
        "reason": None,
        "at": payment["at"],
    }
    assert await buyer.get(f"/api/payments/{payment['id']}") == payment
    shown = await buyer.get(f"/api/orders/{order['id']}")
    assert (shown["state"], shown["payment"]) == ("paid", payment)
    assert await market.balance(buyer) == BALANCE_MINOR - 2_200
    assert await evening.shop_has() == 3_200
    assert await evening.campaign_money() == (8_300, 700)
    assert [one["amount_minor"] for one in await market.coupons(buyer, "redeemed")] == [1_000]

    bill = (await buyer.get("/api/bills"))["bills"][0]
    assert (bill["kind"], bill["amount_minor"], bill["discount_minor"]) == ("payment", -2_200, 1_000)
    assert (bill["counterparty"]["name"], bill["order_id"]) == ("山脚面馆", order["id"])
    sums = {"amount_minor": 3_200, "coupon_minor": 1_000, "paid_minor": 2_200}
    [made] = await market.told(buyer, "payment.made")
    assert made.items() >= {**sums, "payment_id": payment["id"], "shop_name": "山脚面馆", "funding": "balance"}.items()
    [received] = await market.told(evening.keeper, "payment.received")
    assert received.items() >= {**sums, "payment_id": payment["id"], "payer_name": "X**"}.items()
    await market.books_are_right()


async def test_a_coupon_larger_than_the_purchase_pays_it_and_the_rest_goes_back(evening: Evening) -> None:
    market, order = evening.market, await evening.order(120)
    assert order["best_coupon_ids"] == [await evening.coupon_id(200)]
    payment = await market.pay(evening.buyer, order, coupon_ids=order["best_coupon_ids"])
    assert (payment["state"], payment["coupon_minor"], payment["paid_minor"]) == ("paid", 120, 0)
    assert await market.balance(evening.buyer) == BALANCE_MINOR
    assert await evening.shop_has() == 120
    assert await evening.campaign_money() == (8_300 + 80, 1_500)
    bill = (await evening.buyer.get("/api/bills"))["bills"][0]
    assert (bill["amount_minor"], bill["discount_minor"]) == (0, 120)
    await market.books_are_right()


async def test_a_coupon_that_pays_all_needs_no_balance_and_no_card(market: Market) -> None:
    await market.campaign((500, 0))
    buyer, keeper = await market.shopper("xiaoman"), await market.served.person("guifang")
    await market.settle()
    shop = await market.shop(keeper)
    order = await market.order(buyer, shop, 500)
    paid = await market.by_card(buyer, order, coupon_ids=order["best_coupon_ids"])
    assert (paid["state"], paid["paid_minor"]) == ("paid", 0)
    assert await market.value("select count(*) from bank.debits") == 0
    await market.books_are_right()


async def test_a_coupon_that_does_not_count_is_refused_with_its_reason(evening: Evening) -> None:
    market, order = evening.market, await evening.order(1_400)
    other = await market.shopper("azhe")
    await market.settle()
    foreign = (await market.coupons(other))[0]["id"]
    for coupon_id, reason in (
        (await evening.coupon_id(500), "below-threshold"),
        (foreign, "not-yours"),
        ("00000000-0000-7000-8000-000000000000", "not-yours"),
    ):
        refused = await refusal(market.pay(evening.buyer, order, coupon_ids=[coupon_id]))
        assert (refused.slug, refused.problem["reason"]) == ("coupon-not-usable", reason)
    paid = await market.pay(evening.buyer, order, coupon_ids=[await evening.coupon_id(200)])
    again = await evening.order(1_400)
    used = (await market.coupons(evening.buyer, "redeemed"))[0]["id"]
    refused = await refusal(market.pay(evening.buyer, again, coupon_ids=[used]))
    assert (refused.slug, refused.problem["reason"]) == ("coupon-not-usable", "used")
    assert await market.balance(evening.buyer) == BALANCE_MINOR - paid["paid_minor"]


async def test_a_coupon_that_does_not_count_is_named_before_a_balance_that_does_not_suffice(evening: Evening) -> None:
    """Who hears only of the balance would top up for a price that was never meant."""
    order = await evening.order(BALANCE_MINOR + 500)
    coupon_id = await evening.coupon_id(1_000)
    first = await evening.order(3_000)
    await evening.market.pay(evening.buyer, first, coupon_ids=[coupon_id])
    refused = await refusal(evening.market.pay(evening.buyer, order, coupon_ids=[coupon_id]))
    assert (refused.slug, refused.problem["reason"]) == ("coupon-not-usable", "used")


async def test_two_orders_that_want_one_coupon_at_once_have_one_winner(evening: Evening) -> None:
    market, coupon_id = evening.market, await evening.coupon_id(1_000)
    orders = [await evening.order(3_000) for _ in range(2)]
    answers = await at_once(*[market.pay(evening.buyer, order, coupon_ids=[coupon_id]) for order in orders])
    states = sorted(answer if isinstance(answer, str) else answer["state"] for answer in answers)
    assert states == ["coupon-not-usable", "paid"]
    assert await market.balance(evening.buyer) == BALANCE_MINOR - 2_000
    assert await evening.shop_has() == 3_000
    loser = next(order for order, answer in zip(orders, answers, strict=True) if isinstance(answer, str))
    assert (await evening.buyer.get(f"/api/orders/{loser['id']}"))["state"] == "open"
    assert (await market.pay(evening.buyer, loser))["state"] == "paid"
    await market.books_are_right()


async def test_two_payments_of_one_order_at_once_have_one_winner(evening: Evening) -> None:
    market, order = evening.market, await evening.order(900)
    answers = await at_once(*[market.pay(evening.buyer, order) for _ in range(6)])
    states = [answer if isinstance(answer, str) else answer["state"] for answer in answers]
    assert states.count("paid") == 1
    assert set(states) <= {"paid", "order-processing", "order-already-paid"}
    assert await market.balance(evening.buyer) == BALANCE_MINOR - 900
    assert await evening.shop_has() == 900
    assert await refused_as(market.pay(evening.buyer, order)) == "order-already-paid"
    await market.books_are_right()


async def test_one_request_that_is_sent_many_times_at_once_is_one_payment(evening: Evening) -> None:
    market = evening.market
    for _ in range(5):
        order = await market.order(evening.buyer, evening.shop, 100)
        same = key()
        answers = await at_once(*[market.pay(evening.buyer, order, idempotency_key=same) for _ in range(9)])
        assert {answer if isinstance(answer, str) else answer["id"] for answer in answers} == {answers[0]["id"]}
    await market.books_are_right()


async def test_orders_paid_at_once_never_take_more_than_there_is(evening: Evening) -> None:
    market = evening.market
    orders = [await evening.order(2_000) for _ in range(4)]
    answers = await at_once(*[market.pay(evening.buyer, order) for order in orders])
    states = [answer if isinstance(answer, str) else answer["state"] for answer in answers]
    assert states.count("paid") == 2
    assert set(states) <= {"paid", "refused", "insufficient-balance"}
    assert {one["reason"] for one in answers if not isinstance(one, str)} <= {None, "insufficient-balance"}
    assert await market.balance(evening.buyer) == 1_000
    assert await evening.shop_has() == 4_000
    await market.books_are_right()


async def test_what_cannot_be_paid_is_refused_before_the_pin_is_asked(evening: Evening) -> None:
    market, order = evening.market, await evening.order(BALANCE_MINOR + 1)
    poor = await refusal(market.pay(evening.buyer, order, pin="000000"))
    assert (poor.slug, poor.problem["balance_minor"]) == ("insufficient-balance", BALANCE_MINOR)
    no_card = market.pay(evening.buyer, order, funding="card", pin="000000")
    assert await refused_as(no_card) == "card-missing"
    foreign = market.pay(evening.buyer, order, funding="card", card_id=order["id"], pin="000000")
    assert await refused_as(foreign) == "card-not-found"
    assert await market.value("select max(pin_failures) from people.persons") == 0
    enough = await evening.order(100)
    assert await refused_as(market.pay(evening.buyer, enough, pin="000000")) == "wrong-pin"
    assert await market.value("select count(*) from checkout.payments") == 0
    assert (await evening.buyer.get(f"/api/orders/{enough['id']}"))["state"] == "open"
