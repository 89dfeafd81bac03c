"""Orders: what choosing how to pay takes, and until when."""

from uuid import UUID

from tests.support.market import Market, Time, at_once, key, refused_as


async def test_an_order_shows_everything_that_choosing_takes(market: Market) -> None:
    await market.campaign((500, 1500), (1000, 3000), (200, 0))
    buyer, keeper = await market.shopper("xiaoman", balance_minor=5_000), await market.served.person("guifang")
    await market.settle()
    shop = await market.shop(keeper)
    order = await market.order(buyer, shop, 2_000)
    assert (order["amount_minor"], order["state"], order["balance_minor"]) == (2_000, "open", 5_000)
    assert order["shop"] == {name: shop[name] for name in ("id", "name", "trade", "place", "picture")}
    assert order["cards"] == (await buyer.get("/api/cards"))["cards"]
    assert order["payment"] is None
    seen = [
        (one["coupon"]["amount_minor"], one["saves_minor"], one["usable"], one["reason"]) for one in order["coupons"]
    ]
    assert seen == [(500, 500, True, None), (200, 200, True, None), (1000, 0, False, "below-threshold")]
    assert order["best_coupon_ids"] == [order["coupons"][0]["coupon"]["id"]]
    assert await buyer.get(f"/api/orders/{order['id']}") == order


async def test_an_order_is_open_for_fifteen_minutes(market: Market, time: Time) -> None:
    buyer, keeper = await market.shopper("xiaoman", balance_minor=5_000), await market.served.person("guifang")
    shop = await market.shop(keeper)
    order, paid = await market.order(buyer, shop, 800), await market.order(buyer, shop, 800)
    await market.pay(buyer, paid)
    time.pass_by(minutes=14, seconds=50)
    assert (await buyer.get(f"/api/orders/{order['id']}"))["state"] == "open"
    time.pass_by(seconds=20)
    assert (await buyer.get(f"/api/orders/{order['id']}"))["state"] == "expired"
    assert await refused_as(market.pay(buyer, order)) == "order-expired"
    assert (await buyer.get(f"/api/orders/{paid['id']}"))["state"] == "paid"
    assert await market.balance(buyer) == 4_200


async def test_an_order_is_made_from_whatever_was_scanned(market: Market) -> None:
    buyer, keeper = await market.served.person("xiaoman"), await market.served.person("guifang")
    shop = await market.shop(keeper)
    for text in (shop["code"]["code"], shop["code"]["url"]):
        order = await buyer.post("/api/orders", {"code": text, "amount_minor": 1}, idempotency_key=key())
        assert order["shop"]["id"] == shop["id"]


async def test_a_keeper_does_not_buy_from_themself(market: Market) -> None:
    keeper = await market.served.person("guifang")
    shop = await market.shop(keeper)
    assert await refused_as(market.order(keeper, shop, 100)) == "own-code"
    assert await market.value("select count(*) from checkout.orders") == 0


async def test_orders_and_payments_are_their_payers_alone(market: Market) -> None:
    buyer, keeper = (
        await market.shopper("xiaoman", balance_minor=5_000),
        await market.shopper("guifang", balance_minor=900),
    )
    shop = await market.shop(keeper)
    order = await market.order(buyer, shop, 800)
    for order_id in (order["id"], UUID(int=1)):
        assert await refused_as(keeper.get(f"/api/orders/{order_id}")) == "not-found"
        assert await refused_as(market.pay(keeper, {"id": order_id})) == "not-found"
    payment = await market.pay(buyer, order)
    for payment_id in (payment["id"], UUID(int=1)):
        assert await refused_as(keeper.get(f"/api/payments/{payment_id}")) == "not-found"
    assert await market.balance(keeper) == 900


async def test_an_order_that_was_closed_is_not_paid(market: Market) -> None:
    buyer = await market.shopper("xiaoman", balance_minor=900)
    keeper = await market.served.person("guifang")
    order = await market.order(buyer, await market.shop(keeper), 800)
    path = f"/api/orders/{order['id']}"
    assert await refused_as(keeper.request("DELETE", path)) == "not-found"
    for _ in range(2):
        await buyer.request("DELETE", path)
        assert (await buyer.get(path))["state"] == "closed"
    assert await refused_as(market.pay(buyer, order)) == "order-closed"
    assert await market.balance(buyer) == 900
    await market.books_are_right()


async def test_what_is_paid_stays_paid_and_what_is_expired_can_be_closed(market: Market, time: Time) -> None:
    buyer = await market.shopper("xiaoman", balance_minor=900)
    shop = await market.shop(await market.served.person("guifang"))
    paid, left = await market.order(buyer, shop, 800), await market.order(buyer, shop, 100)
    await market.pay(buyer, paid)
    assert await refused_as(buyer.request("DELETE", f"/api/orders/{paid['id']}")) == "order-already-paid"
    time.pass_by(minutes=15)
    assert (await buyer.get(f"/api/orders/{left['id']}"))["state"] == "expired"
    await buyer.request("DELETE", f"/api/orders/{left['id']}")
    assert await refused_as(market.pay(buyer, left)) == "order-closed"
    await market.books_are_right()


async def test_closing_and_paying_at_once_have_one_winner(market: Market) -> None:
    buyer = await market.shopper("xiaoman", balance_minor=900)
    order = await market.order(buyer, await market.shop(await market.served.person("guifang")), 800)
    path = f"/api/orders/{order['id']}"
    paying, closing = await at_once(market.pay(buyer, order), buyer.request("DELETE", path))
    is_paid = not isinstance(paying, str)
    assert (await buyer.get(path))["state"] == ("paid" if is_paid else "closed")
    assert closing in ("order-already-paid", "order-processing") if is_paid else paying == "order-closed"
    await market.books_are_right()
