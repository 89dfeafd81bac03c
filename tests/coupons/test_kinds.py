"""Kinds of coupons at the till, whom a campaign gives to, how often, where its coupons count, and on which occasions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from junzi.coupons import give
from junzi.kit import town
from tests.coupons.desk import FIVE_OFF, OPS, Desk, opened_desk
from tests.support.market import Market, Time, at_once, key, refusal

PERCENT = {"amount_minor": 800, "kind": "percent", "percent": 20}
PACKET = {"amount_minor": 300, "kind": "packet", "least_minor": 100}


async def test_a_percentage_saves_up_to_its_cap_and_gives_the_rest_back(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(PERCENT, PERCENT)
    buyer, keeper = await market.shopper("xiaoman", balance_minor=20_000), await market.person("guifang")
    await desk.claim(buyer, campaign)
    assert (await desk.books(campaign))["outstanding"] == (1_600, 2)
    shop = await market.shop(keeper)
    for amount, saved in ((1_999, 399), (6_000, 800)):
        order = await market.order(buyer, shop, amount)
        assert order["coupons"][0]["saves_minor"] == saved
        paid = await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
        assert (paid["state"], paid["coupon_minor"]) == ("paid", saved)
    assert await desk.books(campaign) == {
        "budget": (100_000 - 399 - 800, 998),
        "outstanding": (0, 0),
        "used": (2, 0),
    }
    report = await desk.drafter.get(f"{OPS}/{campaign['id']}/report")
    hour = datetime.now(ZoneInfo(town.current().time_zone)).hour
    assert [(one["redeemed"], one["sales_minor"]) for one in report["by_hour"] if one["hour"] == hour] == [(2, 7_999)]
    assert report["by_shop"] == [
        {
            "shop_id": shop["id"],
            "name": "山脚面馆",
            "picture": "🍜",
            "redeemed": 2,
            "redeemed_minor": 1_199,
            "sales_minor": 7_999,
        }
    ]
    assert {name: report[name] for name in ("given", "claimed", "redeemed", "unused_minor", "sales_minor")} == {
        "given": 2, "claimed": 1, "redeemed": 2, "unused_minor": 401, "sales_minor": 7_999,
    }  # fmt: skip
    await market.books_are_right()


async def test_a_percentage_of_next_to_nothing_does_not_count(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(PERCENT)
    buyer, keeper = await market.shopper("xiaoman", balance_minor=1_000), await market.person("guifang")
    await desk.claim(buyer, campaign)
    order = await market.order(buyer, await market.shop(keeper), 4)
    assert (order["best_coupon_ids"], order["coupons"][0]["reason"]) == ([], "below-threshold")


async def test_a_drawn_sum_is_within_its_bounds_and_covered(market: Market) -> None:
    desk = await opened_desk(market)
    drawn = {"amount_minor": 900, "kind": "random", "least_minor": 300, "threshold_minor": 1_000}
    campaign = await desk.run(*[drawn] * 20)
    person = await market.person("xiaoman")
    amounts = [one["amount_minor"] for one in (await desk.claim(person, campaign))["coupons"]]
    assert len(amounts) == 20
    assert all(300 <= amount <= 900 for amount in amounts)
    assert len(set(amounts)) > 1
    assert (await desk.books(campaign))["outstanding"] == (sum(amounts), 20)
    await market.books_are_right()


async def test_a_red_packet_is_opened_once_and_used_first(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(PACKET, {"amount_minor": 300}, valid_days=3)
    buyer, keeper = await market.shopper("xiaoman", balance_minor=1_000), await market.person("guifang")
    packet, plain = (await desk.claim(buyer, campaign))["coupons"]
    assert (packet["packet"], packet["opened"], plain["packet"]) == (True, False, False)
    listed = {one["id"]: one["amount_minor"] for one in await market.coupons(buyer)}
    assert listed == {packet["id"]: None, plain["id"]: 300}, "nobody sees into it, not even by asking the server"
    [told] = await market.told(buyer, "coupons.given")
    assert [one["amount_minor"] for one in told["coupons"]] == [0, 300]
    for _ in range(2):
        opened = await buyer.post(f"/api/packets/{packet['id']}/opening")
        drawn = await market.value("select amount_minor from coupons.coupons where packet")
        assert (opened["opened"], opened["amount_minor"]) == (True, drawn)
    other = await market.person("azhe")
    for client, coupon in ((other, packet), (buyer, plain)):
        assert (await refusal(client.post(f"/api/packets/{coupon['id']}/opening"))).slug == "not-found"
    order = await market.order(buyer, await market.shop(keeper), 100)
    assert order["best_coupon_ids"] == [packet["id"]], "of those that save the same, the packet goes first"


async def test_using_an_unopened_red_packet_opens_it(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(PACKET, valid_days=3)
    buyer = await market.shopper("xiaoman", balance_minor=1_000)
    await desk.claim(buyer, campaign)
    order = await market.order(buyer, await market.shop(await market.person("guifang")), 1_000)
    await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    drawn = await market.value("select amount_minor from coupons.coupons")
    [spent] = await market.coupons(buyer, "redeemed")
    assert (spent["opened"], spent["amount_minor"]) == (True, drawn)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"trades": ["books"]}, "elsewhere"),
        ({"trades": ["books", "noodles"]}, None),
        ({"shop_ids": ["01a00000-0000-7000-8000-000000000000"]}, "elsewhere"),
        ("hours that are past", "other-hours"),
        ("hours that are now", None),
    ],
)
async def test_a_coupon_counts_where_and_when_it_says(market: Market, limits: Any, reason: str | None) -> None:
    desk = await opened_desk(market)
    hour = datetime.now(ZoneInfo(town.current().time_zone)).hour
    if limits == "hours that are past":
        limits = {"from_hour": 0, "until_hour": hour} if hour else {"from_hour": 12, "until_hour": 13}
    elif limits == "hours that are now":
        # The hour may end while the test runs.
        limits = {"from_hour": hour, "until_hour": min(hour + 2, 24)}
    campaign = await desk.run({"amount_minor": 300}, terms={"limits": limits})
    buyer, keeper = await market.shopper("xiaoman", balance_minor=1_000), await market.person("guifang")
    [coupon] = (await desk.claim(buyer, campaign))["coupons"]
    order = await market.order(buyer, await market.shop(keeper), 800)
    assert order["coupons"][0]["reason"] == reason
    paying = market.pay(buyer, order, coupon_ids=[coupon["id"]])
    if reason is None:
        assert (await paying)["coupon_minor"] == 300
    else:
        assert (await refusal(paying)).problem["reason"] == reason


async def test_who_is_given_it(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    for_new = await desk.run(terms={"audience": "new", "new_within_days": 3})
    with_card = await desk.run(terms={"audience": "card_bound"})
    without, bound = await market.person("xiaoman"), await market.shopper("azhe")
    assert await reason_of(desk, without, with_card) == "not-for-you"
    assert await reason_of(desk, bound, with_card) is None
    assert [one["id"] for one in (await without.get("/api/campaigns"))["campaigns"]] == [for_new["id"]]
    assert await reason_of(desk, without, for_new) is None
    time.pass_by(days=3, minutes=1)
    assert await reason_of(desk, bound, for_new) == "not-for-you"


async def test_a_window_opens_and_closes(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    now = datetime.now(UTC)
    campaign = await desk.run(
        starts_at=(now + timedelta(hours=1)).isoformat(), ends_at=(now + timedelta(hours=2)).isoformat()
    )
    one, other = await market.person("xiaoman"), await market.person("azhe")
    assert await reason_of(desk, one, campaign) == "not-running"
    time.pass_by(hours=1, minutes=1)
    assert await reason_of(desk, one, campaign) is None
    time.pass_by(hours=1)
    assert await reason_of(desk, other, campaign) == "not-running"


async def test_a_day_and_a_person_have_their_limits(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run({"amount_minor": 100}, terms={"per_day": 3, "per_person": 2})
    people = [await market.person(f"person{number}") for number in range(3)]
    claims = await at_once(*[desk.claim(person, campaign) for person in people for _ in range(3)])
    states = [one if isinstance(one, str) else one["state"] for one in claims]
    assert states.count("given") == 3
    for person in people:
        assert len(await market.coupons(person)) <= 2
    assert (await desk.books(campaign))["outstanding"] == (300, 3)
    time.pass_by(days=1)
    more = await at_once(*[desk.claim(person, campaign) for person in people])
    given = sum(not isinstance(one, str) and one["state"] == "given" for one in more)
    assert 1 <= given <= 3
    assert (await desk.books(campaign))["outstanding"] == (300 + 100 * given, 3 + given)
    await market.books_are_right()


async def test_whoever_paid_is_given_it_once_a_payment(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(
        {"amount_minor": 100}, trigger="payment", terms={"least_payment_minor": 500, "per_person": 2}
    )
    buyer, keeper = await market.shopper("xiaoman", balance_minor=9_000), await market.person("guifang")
    shop = await market.shop(keeper)
    for amount, owned in ((499, 0), (500, 1), (600, 2), (700, 2)):
        await market.pay(buyer, await market.order(buyer, shop, amount))
        await market.settle()
        assert len(await market.coupons(buyer)) == owned, amount
    payment_id = await market.value("select id from checkout.payments where amount_minor = 500")
    await give.give_for_occasions(
        market.house.database,
        market.house.giving,
        give.Trigger.PAYMENT,
        [give.Occasion(payment_id, UUID(buyer.me["id"]), 500)],
    )
    assert (await desk.books(campaign))["outstanding"] == (200, 2)
    await market.books_are_right()


async def test_the_operator_gives_to_a_list(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run(trigger="list", budget_pieces=2)
    people = [await market.person(handle) for handle in ("xiaoman", "azhe", "daniel")]
    body = {"handles": ["xiaoman", "azhe", "daniel", "nobody", "xiaoman"]}
    path = f"{OPS}/{campaign['id']}/gifts"
    same = key()
    for _ in range(2):
        gift = await desk.drafter.post(path, body, idempotency_key=same)
        assert gift == {"given": 2, "refused": 1, "unknown": ["nobody"]}
    assert sorted([len(await market.coupons(person)) for person in people]) == [0, 1, 1]
    assert (await refusal(desk.claim(people[0], campaign))).slug == "not-found", "nobody can ask for it"
    plain = await desk.run(FIVE_OFF)
    answer = await refusal(desk.drafter.post(f"{OPS}/{plain['id']}/gifts", body, idempotency_key=key()))
    assert answer.slug == "campaign-not-ready"
    too_many = {"handles": ["x"] * 1_001}
    assert (await refusal(desk.drafter.post(path, too_many, idempotency_key=key()))).slug == "invalid-request"
    await market.books_are_right()


async def reason_of(desk: Desk, person: Any, campaign: dict[str, Any]) -> str | None:
    """Why somebody is not given it, or None when they are."""
    [answer] = await at_once(desk.claim(person, campaign))
    if not isinstance(answer, str):
        assert answer["state"] == "given"
        return None
    return str((await refusal(desk.claim(person, campaign))).problem["reason"])
