"""Campaigns: given once a natural person, never beyond the budget, expired on time; every coupon is covered."""

import asyncio
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.coupons import accounts, expire, give
from junzi.coupons.model import Trigger
from junzi.kit.points import Point
from tests.issuer.bank import CUT_AFTER, INSUFFICIENT
from tests.support.market import TITLE, Market, Time, at_once, refusal, refused_as

NOODLES = (500, 1500), (1000, 3000), (200, 0)


async def test_whoever_binds_a_card_is_given_all_coupons_and_told(market: Market) -> None:
    campaign_id = await market.campaign(*NOODLES)
    person = await market.shopper("xiaoman")
    await market.settle()
    coupons = await market.coupons(person)
    assert sorted((one["amount_minor"], one["threshold_minor"], one["state"]) for one in coupons) == [
        (200, 0, "available"),
        (500, 1500, "available"),
        (1000, 3000, "available"),
    ]
    assert {(one["title"]["zh"], one["title"]["en"]) for one in coupons} == {(TITLE.zh, TITLE.en)}
    [told] = await market.told(person, "coupons.given")
    assert told["campaign_title"] == {"zh": TITLE.zh, "en": TITLE.en}
    assert [(one["amount_minor"], one["threshold_minor"]) for one in told["coupons"]] == list(NOODLES)
    assert await money(market, campaign_id) == (98_300, 1_700)
    assert await market.value("select count(*) from messages.log where kind = 'coupons.given'") == 1
    await market.books_are_right()


async def test_without_a_running_campaign_nothing_is_given(market: Market) -> None:
    person = await market.shopper("xiaoman")
    await market.settle()
    await market.campaign(*NOODLES)
    await market.bind(person, INSUFFICIENT)
    assert await market.value("select count(*) from coupons.grants") == 0, (
        "the second card's event is not delivered yet"
    )
    await market.settle()
    assert len(await market.coupons(person)) == 3, "a second card is an occasion like the first"


async def test_a_campaign_gives_once_however_many_cards_are_bound_at_once(market: Market) -> None:
    campaign_id = await market.campaign(*NOODLES)
    person = await market.person("xiaoman")
    await at_once(market.bind(person), market.bind(person, INSUFFICIENT), market.bind(person, CUT_AFTER))
    person_id = UUID(person.me["id"])
    house = market.house
    await asyncio.gather(
        *[give.give_for(house.database, house.giving, Trigger.CARD_BOUND, person_id) for _ in range(8)], market.settle()
    )
    await market.settle()
    assert len(await market.coupons(person)) == 3
    assert len(await market.told(person, "coupons.given")) == 1
    assert await money(market, campaign_id) == (98_300, 1_700)
    await market.books_are_right()


async def test_two_accounts_of_one_natural_person_are_given_one_campaign_once(market: Market) -> None:
    await market.campaign((500, 0))
    one, other = await market.person("xiaoman"), await market.person("xiaoman2")
    await market.row(
        "update people.persons set natural_person_id = $1 where id = $2 returning 1",
        UUID(one.me["id"]),
        UUID(other.me["id"]),
    )
    await at_once(market.bind(one), market.bind(other))
    await market.settle()
    assert sorted([len(await market.coupons(one)), len(await market.coupons(other))]) == [0, 1]


async def test_several_campaigns_give_each_their_own(market: Market) -> None:
    for offers in ([(500, 0)], [(300, 0), (200, 0)]):
        await market.campaign(*offers)
    person = await market.shopper("xiaoman")
    await market.settle()
    assert sorted(one["amount_minor"] for one in await market.coupons(person)) == [200, 300, 500]


async def test_a_budget_that_does_not_cover_all_gives_nothing_half(market: Market) -> None:
    campaign_id = await market.campaign((500, 0), (300, 0), budget_minor=1_500)
    people = [await market.shopper(handle) for handle in ("xiaoman", "azhe", "daniel")]
    await market.settle()
    given = [len(await market.coupons(person)) for person in people]
    assert sorted(given) == [0, 0, 2], "what is left covers the first coupon of the next person and not the second"
    assert await money(market, campaign_id) == (700, 800)
    late = [person for person, count in zip(people, given, strict=True) if not count]
    for person in late:
        assert await market.told(person, "coupons.given") == []
    assert await market.value("select count(*) from coupons.grants where state = 'refused'") == 2
    assert await market.sweep("coupons.give") == 0
    await market.books_are_right()


async def test_a_race_for_the_last_of_a_budget_overspends_nothing(market: Market) -> None:
    campaign_id = await market.campaign((500, 0), (300, 0), budget_minor=2_400)
    people = [await market.person(f"person{number}") for number in range(6)]
    house = market.house
    await asyncio.gather(
        *[give.give_for(house.database, house.giving, Trigger.CARD_BOUND, UUID(one.me["id"])) for one in people]
    )
    assert sorted([len(await market.coupons(person)) for person in people]) == [0, 0, 0, 2, 2, 2]
    assert await money(market, campaign_id) == (0, 2_400)
    await market.books_are_right()


async def test_coupons_whose_expiry_fails_keep_no_other_waiting(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expire, "MOST", 1)
    campaign_id = await market.campaign((500, 0), (300, 0), valid_days=7)
    buyer = await market.shopper("xiaoman")
    await market.settle()
    time.pass_by(days=8)

    def fail(self: Point) -> None:
        if self.name == "coupons.expire.marked" and not failures:
            failures.append(self.name)
            raise RuntimeError("this one cannot be expired")

    failures: list[str] = []
    monkeypatch.setattr(Point, "passed", fail)
    assert await market.sweep("coupons.expire") == 1
    assert await market.sweep("coupons.expire") == 1, "the other one"
    assert await market.value("select count(*) from coupons.coupons where state = 'expired'") == 1
    assert await market.sweep("coupons.expire") == 0
    time.pass_by(minutes=1)
    assert await market.sweep("coupons.expire") == 1
    assert await money(market, campaign_id) == (100_000, 0)
    assert len(await market.coupons(buyer, "expired")) == 2
    await market.books_are_right()


async def test_an_expired_coupon_counts_no_more_and_its_money_goes_back(market: Market, time: Time) -> None:
    campaign_id = await market.campaign((500, 0), valid_days=7)
    buyer, keeper = await market.shopper("xiaoman", balance_minor=1_000), await market.served.person("guifang")
    await market.settle()
    [coupon] = await market.coupons(buyer)
    shop = await market.shop(keeper)
    time.pass_by(days=6, hours=23, minutes=55)
    order = await market.order(buyer, shop, 800)
    assert order["best_coupon_ids"] == [coupon["id"]]
    time.pass_by(minutes=6)
    assert await market.coupons(buyer) == []
    assert [one["state"] for one in await market.coupons(buyer, "expired")] == ["expired"]
    assert await money(market, campaign_id) == (99_500, 500), "its money is still set aside"
    refused = await refusal(market.pay(buyer, order, coupon_ids=[coupon["id"]]))
    assert (refused.slug, refused.problem["reason"]) == ("coupon-not-usable", "expired")
    for swept in (1, 0):
        assert await market.sweep("coupons.expire") == swept
        assert await money(market, campaign_id) == (100_000, 0)
        assert [one["state"] for one in await market.coupons(buyer, "expired")] == ["expired"]
    await market.books_are_right()


async def test_coupons_are_listed_by_what_became_of_them(market: Market) -> None:
    await market.campaign((500, 0), (300, 0))
    buyer, keeper = await market.shopper("xiaoman", balance_minor=1_000), await market.served.person("guifang")
    await market.settle()
    order = await market.order(buyer, await market.shop(keeper), 800)
    await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    assert await amounts(market, buyer) == {"available": [300], "redeemed": [500], "expired": []}
    assert await refused_as(buyer.get("/api/coupons?state=lost")) == "invalid-request"
    assert await amounts(market, keeper) == {"available": [], "redeemed": [], "expired": []}


async def amounts(market: Market, person: Client) -> dict[str, list[int]]:
    states = ("available", "redeemed", "expired")
    return {state: [one["amount_minor"] for one in await market.coupons(person, state)] for state in states}


async def money(market: Market, campaign_id: UUID) -> tuple[int, int]:
    """What is left of the budget, and what is set aside for coupons in people's hands, by the ledger."""
    wanted = [accounts.budget_id(campaign_id), accounts.outstanding_id(campaign_id)]
    found = {account.id: account for account in await market.house.ledger.lookup_accounts(wanted)}
    left = [found[id].credits_posted - found[id].debits_posted for id in wanted]
    return left[0], left[1]
