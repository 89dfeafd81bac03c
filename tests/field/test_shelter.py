"""Shelter: no fee for a shop in danger, within a budget and until a day; a promoter calls first; it ends by itself."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from junzi.checkout import pay
from junzi.checkout.intend import Asked, intend
from junzi.checkout.model import Funding, NewPayment, Payment
from junzi.client import Client
from junzi.field import shelter
from junzi.kit import clock, ids
from tests.coupons.desk import opened_desk
from tests.field.street import Street, opened_street
from tests.support.market import PIN, Market, Time, key, refused_as

NEW = {"days": 7, "budget_minor": 50}


async def in_danger(market: Market) -> tuple[Street, dict[str, Any], dict[str, Any], Client]:
    """A place of a shop of ours that pays one percent, whose rival code is threatened; and its keeper."""
    street = await opened_street(market)
    keeper = await market.person("keeper")
    place, blue, shop = await street.place(), await street.rival(), await market.shop(keeper)
    await street.link(place, shop)
    path = f"/api/ops/fees/{shop['id']}/agreements"
    await street.operator.post(path, {"permyriad": 100}, idempotency_key=key())
    await street.see(place, blue, "threatened")
    return street, place, shop, keeper


async def begun(street: Street, place: dict[str, Any], **more: Any) -> None:
    await street.operator.post(f"/api/ops/street/{place['id']}/shelters", {**NEW, **more}, idempotency_key=key())


async def shelters(street: Street) -> list[dict[str, Any]]:
    return (await street.operator.get("/api/ops/shelters"))["shelters"]  # type: ignore[no-any-return]


async def fee(market: Market, buyer: Client, shop: dict[str, Any], amount_minor: int) -> int:
    """What the shop pays of a payment."""
    payment = await market.pay(buyer, await market.order(buyer, shop, amount_minor))
    await market.settle()
    return int(await market.value("select fee_minor from checkout.payments where id = $1", payment["id"]))


async def test_a_sheltered_shop_pays_no_fee_until_the_budget_is_used_up(market: Market) -> None:
    street, place, shop, _ = await in_danger(market)
    buyer = await market.shopper("buyer", balance_minor=20_000)
    assert await fee(market, buyer, shop, 1_000) == 10
    await begun(street, place)
    assert await fee(market, buyer, shop, 3_000) == 0
    [runs] = await shelters(street)
    assert (runs["cost_minor"], runs["budget_minor"], runs["ended_at"], runs["permyriad"]) == (30, 50, None, 100)
    assert await fee(market, buyer, shop, 2_000) == 0
    [over] = await shelters(street)
    assert over["cost_minor"] == 50 and over["ended_at"] is not None
    assert await fee(market, buyer, shop, 1_000) == 10
    await market.books_are_right()


async def test_payments_at_once_are_waived_to_the_budget_and_not_beyond(market: Market) -> None:
    street, place, shop, _ = await in_danger(market)
    house, buyer = market.house, await market.shopper("buyer", balance_minor=20_000)
    await begun(street, place, budget_minor=55)
    orders = [await market.order(buyer, shop, 1_000) for _ in range(16)]
    new = NewPayment(Funding.BALANCE, PIN)
    payer_id = UUID(buyer.me["id"])
    asked = [Asked(ids.new_id(), UUID(order["id"]), payer_id, key(), new) for order in orders]
    # As many transactions at once as there are payments, as in as many processes.
    begin = [house.database.unless_overtaken(lambda tx, one=one: intend(tx, [one])) for one in asked]
    payments = [one for answers in await asyncio.gather(*begin) for one in answers if isinstance(one, Payment)]
    assert sorted(payment.fee_minor for payment in payments) == [0] * 5 + [5] + [10] * 10
    await asyncio.gather(*[pay.run(house.database, house.ledger, house.issuer, one.id) for one in payments])
    assert (await shelters(street))[0]["ended_at"] is None, "nobody has been told yet"
    assert await fee(market, buyer, shop, 1_000) == 10
    [over] = await shelters(street)
    assert over["cost_minor"] == 55 and over["ended_at"] is not None
    await market.books_are_right()


async def test_a_payment_that_comes_to_nothing_leaves_the_budget_as_it_was(market: Market) -> None:
    street, place, shop, _ = await in_danger(market)
    house, buyer = market.house, await market.shopper("buyer", balance_minor=2_000)
    await begun(street, place)
    order = await market.order(buyer, shop, 3_000)
    asked = Asked(ids.new_id(), UUID(order["id"]), UUID(buyer.me["id"]), key(), NewPayment(Funding.BALANCE, PIN))
    payment = await house.paying.begin(asked)
    assert (payment.fee_minor, (await shelters(street))[0]["cost_minor"]) == (0, 30)
    for _ in range(2):
        assert (await pay.run(house.database, house.ledger, house.issuer, payment.id)).reason == "insufficient-balance"
        assert (await shelters(street))[0]["cost_minor"] == 0
    await market.books_are_right()


async def test_it_ends_by_itself_on_its_day_and_the_fee_of_before_holds(market: Market, time: Time) -> None:
    street, place, shop, _ = await in_danger(market)
    buyer = await market.shopper("buyer", balance_minor=20_000)
    await begun(street, place, budget_minor=100_000)
    time.pass_by(days=6)
    assert await market.sweep("field.shelter") == 0
    assert await fee(market, buyer, shop, 1_000) == 0
    time.pass_by(days=2)
    assert await market.sweep("field.shelter") == 1
    assert await market.sweep("field.shelter") == 0
    assert await fee(market, buyer, shop, 1_000) == 10


async def test_what_was_agreed_on_meanwhile_holds_after_it(market: Market) -> None:
    street, place, shop, _ = await in_danger(market)
    buyer = await market.shopper("buyer", balance_minor=20_000)
    await begun(street, place)
    path = f"/api/ops/fees/{shop['id']}/agreements"
    await street.operator.post(path, {"permyriad": 20}, idempotency_key=key())
    [runs] = await shelters(street)
    for _ in range(2):
        await street.operator.post(f"/api/ops/shelters/{runs['id']}/endings")
    assert await fee(market, buyer, shop, 1_000) == 2


async def test_its_place_is_on_top_of_the_route_until_somebody_called(market: Market) -> None:
    street, place, _, keeper = await in_danger(market)
    near = await street.place("near", "2")
    await begun(street, place)
    stops = (await street.promoter.get("/api/field/route"))["stops"]
    assert [(one["place"]["id"], one["reason"]) for one in stops] == [
        (place["id"], "sheltered"),
        (near["id"], "open"),
    ]
    path = f"/api/field/places/{place['id']}/visits"
    await street.promoter.post(path, {"outcome": "called"}, idempotency_key=key())
    assert [one["place"]["id"] for one in (await street.promoter.get("/api/field/route"))["stops"]] == [near["id"]]
    [runs] = await shelters(street)
    assert runs["called_at"] is not None and keeper


async def test_a_shop_that_becomes_discreet_is_told_of_nowhere(market: Market) -> None:
    street, place, shop, keeper = await in_danger(market)
    await begun(street, place)
    await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    [runs] = await shelters(street)
    assert runs["place_id"] is None and shop["name"] not in runs["shop"]
    stops = (await street.promoter.get("/api/field/route"))["stops"]
    assert [one["reason"] for one in stops] == ["threatened"]


async def test_shelter_is_for_shops_of_ours_in_danger_and_once_at_a_time(market: Market) -> None:
    street, place, _, keeper = await in_danger(market)
    safe = await street.place("safe", "2")
    assert await refused_as(begun(street, safe)) == "nothing-to-shelter"
    await street.link(safe, await market.shop(keeper, "second"))
    assert await refused_as(begun(street, safe)) == "nothing-to-shelter"
    await begun(street, place)
    assert await refused_as(begun(street, place)) == "shelter-runs"
    assert await refused_as(begun(street, place, days=91)) == "invalid-request"
    assert await refused_as(begun(street, {"id": key()})) == "not-found"
    path = f"/api/ops/street/{place['id']}/shelters"
    assert await refused_as(street.promoter.post(path, NEW, idempotency_key=key())) == "not-an-operator"


async def test_a_shop_that_no_promoter_called_on_within_a_day_is_counted_until_one_does(
    market: Market, time: Time
) -> None:
    street, place, shop, keeper = await in_danger(market)

    async def waiting() -> int:
        async with market.house.database.read() as reader:
            return await shelter.waiting_too_long(reader)

    await begun(street, place)
    time.pass_by(hours=23)
    assert await waiting() == 0
    time.pass_by(hours=2)
    assert await waiting() == 1
    path = f"/api/field/places/{place['id']}/visits"
    await street.promoter.post(path, {"outcome": "called"}, idempotency_key=key())
    assert await waiting() == 0
    await street.operator.post(f"/api/ops/shelters/{(await shelters(street))[0]['id']}/endings")
    await begun(street, place)
    time.pass_by(days=2)
    assert await waiting() == 1, "who called before does not count"
    await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    assert await waiting() == 0, "nobody can be sent to a discreet shop"


AIMED = {
    "title": {"zh": "老张专用券", "en": "Coupons at the shop"},
    "trigger": "claim",
    "offers": [{"amount_minor": 100}],
    "budget_minor": 1_000,
    "budget_pieces": 10,
    "valid_days": 7,
}


async def aimed(operator: Client, shelter_id: str, idempotency_key: str | None = None, **more: Any) -> str:
    path = f"/api/ops/shelters/{shelter_id}/campaigns"
    answer = await operator.post(path, {**AIMED, **more}, idempotency_key=idempotency_key or key())
    return str(answer["id"])


async def test_coupons_for_a_sheltered_shop_count_there_alone_and_show_what_they_cost(market: Market) -> None:
    street, place, shop, _ = await in_danger(market)
    desk = await opened_desk(market)
    await begun(street, place, budget_minor=100_000)
    [runs] = await shelters(street)
    elsewhere = await market.shop(await market.person("elsewhere"), "别处")
    once = key()
    limits = {"shop_ids": [elsewhere["id"]], "trades": ["books"]}
    first, again = [
        await aimed(street.operator, runs["id"], once, terms={"limits": limits, "per_person": 2}) for _ in range(2)
    ]
    assert first == again
    campaign = await street.operator.get(f"/api/ops/campaigns/{first}")
    assert campaign["terms"]["limits"]["shop_ids"] == [shop["id"]] and campaign["terms"]["limits"]["trades"] == []
    assert (campaign["ends_at"], campaign["state"]) == (runs["ends_at"], "draft")
    await desk.do(campaign, "approvals", by=desk.approver)
    buyer = await market.shopper("buyer", balance_minor=20_000)
    await desk.claim(buyer, campaign)
    assert (await market.order(buyer, elsewhere, 1_000))["best_coupon_ids"] == []
    order = await market.order(buyer, shop, 1_000)
    await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    await market.settle()
    [runs] = await shelters(street)
    [line] = runs["campaigns"]
    assert (line["id"], line["state"], line["budget_minor"], line["cost_minor"]) == (first, "running", 1_000, 100)
    assert runs["cost_minor"] == 10, "the fees that were waived stand beside it"
    await market.books_are_right()


async def test_nothing_is_aimed_at_a_shop_whose_shelter_is_over(market: Market) -> None:
    street, place, _, _ = await in_danger(market)
    await begun(street, place)
    [runs] = await shelters(street)
    other = {"shop_id": str(uuid4()), "permille": 500}
    assert await refused_as(aimed(street.operator, runs["id"], funder=other)) == "invalid-request"
    once = key()
    drafted = await aimed(street.operator, runs["id"], once)
    await street.operator.post(f"/api/ops/shelters/{runs['id']}/endings")
    assert await refused_as(aimed(street.operator, runs["id"])) == "shelter-over"
    assert await aimed(street.operator, runs["id"], once) == drafted, "whoever did not hear the answer asks again"
    assert await refused_as(aimed(street.operator, runs["id"], once, valid_days=8)) == "idempotency-key-reused"
    assert await refused_as(aimed(street.operator, str(uuid4()))) == "not-found"
    assert await refused_as(aimed(street.promoter, runs["id"])) == "not-an-operator"
    assert await market.value("select count(*) from coupons.campaigns") == 1


async def test_a_campaign_is_one_shelters_alone(market: Market) -> None:
    street, place, _, _ = await in_danger(market)
    once, end = key(), (clock.now() + timedelta(days=30)).isoformat()
    await begun(street, place)
    [first] = await shelters(street)
    await aimed(street.operator, first["id"], once, ends_at=end)
    await street.operator.post(f"/api/ops/shelters/{first['id']}/endings")
    await begun(street, place)
    [second, _] = await shelters(street)
    assert await refused_as(aimed(street.operator, second["id"], once, ends_at=end)) == "idempotency-key-reused"
    assert [len(one["campaigns"]) for one in await shelters(street)] == [0, 1]
