"""A campaign that a shop pays a part of: asked and agreed, paid in one chain or not at all, back to each to the cent."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junzi.client import Client
from junzi.coupons import life, rules
from junzi.coupons.model import Funded, Funder
from junzi.kit.points import Point
from junzi.merchants import accounts as merchant_accounts
from tests.coupons.desk import OPS, Desk, opened_desk
from tests.support.market import Market, Time, at_once, key, refusal, refused_as

THIRD = 333


class Corner:
    """A desk, a shop with its keeper and something in its balance, and a draft that asks it for a third."""

    def __init__(self, desk: Desk, keeper: Client, shop: dict[str, Any], campaign: dict[str, Any]) -> None:
        self.desk = desk
        self.market = desk.market
        self.keeper = keeper
        self.shop = shop
        self.campaign = campaign
        self.path = f"/api/shops/{shop['id']}/shares"

    async def shares(self) -> list[dict[str, Any]]:
        return (await self.keeper.get(self.path))["shares"]  # type: ignore[no-any-return]

    async def say(self, what: str, share: dict[str, Any] | None = None, by: Client | None = None) -> dict[str, Any]:
        share = share or (await self.shares())[0]
        answer = await (by or self.keeper).post(f"{self.path}/{share['id']}/{what}")
        return next(one for one in answer["shares"] if one["id"] == share["id"])  # type: ignore[no-any-return]

    async def approve(self) -> dict[str, Any]:
        return await self.desk.do(self.campaign, "approvals", by=self.desk.approver)

    async def state(self) -> str:
        return (await self.desk.drafter.get(f"{OPS}/{self.campaign['id']}"))["state"]  # type: ignore[no-any-return]

    async def balance(self) -> int:
        return await merchant_accounts.balance_minor(self.market.house.ledger, UUID(self.shop["id"]))

    async def sell(self, amount_minor: int) -> None:
        buyer = await self.market.shopper(f"buyer{amount_minor}", balance_minor=amount_minor)
        await self.market.pay(buyer, await self.market.order(buyer, self.shop, amount_minor))

    async def funders(self) -> list[tuple[int, int, int]]:
        report = await self.desk.drafter.get(f"{OPS}/{self.campaign['id']}/report")
        return [(one["funded_minor"], one["returned_minor"], one["redeemed_minor"]) for one in report["by_funder"]]


async def corner(market: Market, *, permille: int = THIRD, takings_minor: int = 0, **wanted: Any) -> Corner:
    desk = await opened_desk(market)
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    funder = {"shop_id": shop["id"], "permille": permille}
    campaign = await desk.draft(**{"budget_minor": 1_000, "budget_pieces": 2, "funder": funder, **wanted})
    made = Corner(desk, keeper, shop, campaign)
    if takings_minor:
        await made.sell(takings_minor)
    return made


async def test_the_owner_is_asked_agrees_and_the_shop_pays_its_part(market: Market) -> None:
    at = await corner(market, takings_minor=400)
    assert at.campaign["terms"]["limits"]["shop_ids"] == [at.shop["id"]]
    [told] = await market.told(at.keeper, "coupons.share_asked")
    assert (told["shop_minor"], told["amount_minor"], told["campaign_title"]["zh"]) == (333, 1_000, "开业券")
    [asked] = await at.shares()
    assert (asked["state"], asked["shop_minor"], asked["offers"][0]["amount_minor"]) == ("asked", 333, 500)
    refused = await refusal(at.approve())
    assert (refused.slug, refused.problem["state"]) == ("share-not-agreed", "asked")
    assert await at.state() == "draft"

    for what, state in (("agreements", "agreed"), ("declines", "declined"), ("agreements", "agreed")):
        for _ in range(2):
            assert (await at.say(what))["state"] == state
        if state == "declined":
            assert (await refusal(at.approve())).problem["state"] == "declined"
    assert await at.balance() == 400, "agreeing moves nothing yet"
    assert (await at.approve())["state"] == "running"
    assert await at.balance() == 67
    assert (await at.desk.books(at.campaign))["budget"] == (1_000, 2)
    assert (await at.shares())[0]["state"] == "paid"
    assert (await at.say("agreements"))["state"] == "paid"
    assert (await refusal(at.say("declines"))).slug == "share-over"
    assert await at.funders() == [(667, 0, 0), (333, 0, 0)]
    await market.books_are_right()


async def test_a_shop_that_is_short_pays_nothing_and_the_draft_waits(market: Market) -> None:
    at = await corner(market, takings_minor=332)
    await at.say("agreements")
    for _ in range(2):
        assert await refused_as(at.approve()) == "funder-short"
        assert await at.state() == "draft"
        assert await at.balance() == 332
        assert await at.desk.books(at.campaign) == {"budget": (0, 0), "outstanding": (0, 0), "used": (0, 0)}
        await market.books_are_right()
    await at.sell(1)
    assert (await at.approve())["state"] == "running"
    assert await at.balance() == 0
    await market.books_are_right()


async def test_what_is_left_goes_back_to_each_to_the_cent(market: Market, time: Time) -> None:
    at = await corner(market, takings_minor=400)
    await at.say("agreements")
    await at.approve()
    buyer, saver = [await market.shopper(handle, balance_minor=5_000) for handle in ("xiaoman", "azhe")]
    for person in (buyer, saver):
        assert (await at.desk.claim(person, at.campaign))["state"] == "given"
    order = await market.order(buyer, at.shop, 2_000)
    await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    assert await at.balance() == 67 + 2_000
    await at.desk.do(at.campaign, "ends")
    assert await at.funders() == [(667, 0, 333), (333, 0, 167)], (
        "what neither got back is all of the coupon that was used"
    )
    time.pass_by(days=8)
    await market.sweep("coupons.expire")
    await market.sweep("coupons.life")
    assert await at.funders() == [(667, 334, 333), (333, 166, 167)]
    assert await at.balance() == 67 + 2_000 + 166
    [told] = await market.told(at.keeper, "coupons.share_returned")
    assert told["amount_minor"] == 166
    assert (await at.shares())[0]["returned_minor"] == 166
    await market.books_are_right()


async def test_what_a_refund_brings_back_long_after_the_end_goes_to_each(market: Market, time: Time) -> None:
    at = await corner(market, takings_minor=400)
    await at.say("agreements")
    await at.approve()
    buyer = await market.shopper("xiaoman", balance_minor=5_000)
    await at.desk.claim(buyer, at.campaign)
    order = await market.order(buyer, at.shop, 2_000)
    payment = await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    await at.desk.do(at.campaign, "ends")
    time.pass_by(days=100)
    path = f"/api/shops/{at.shop['id']}/payments/{payment['id']}/refunds"
    await at.keeper.post(path, {"amount_minor": 2_000, "reason": ""}, idempotency_key=key())
    assert (await at.desk.books(at.campaign))["budget"][0] == 500
    await market.sweep("coupons.life")
    assert (await at.desk.books(at.campaign))["budget"][0] == 0
    assert sum(one[1] for one in await at.funders()) == 1_000
    assert [one[1] for one in await at.funders()] == [667, 333]
    await market.books_are_right()
    time.pass_by(days=300)
    await market.sweep("coupons.life")
    time.pass_by(days=2)
    assert await market.sweep("coupons.life") == 0, "no refund can come any more"


async def test_a_raise_waits_for_the_owner_and_is_split_alike(market: Market) -> None:
    at = await corner(market, takings_minor=400)
    await at.say("agreements")
    await at.approve()
    path, more = f"{OPS}/{at.campaign['id']}", {"budget_minor": 1_500, "budget_pieces": 3}
    await at.desk.drafter.request("PATCH", path, more)
    assert [one["state"] for one in await at.shares()] == ["paid"], (
        "the shop is asked when two administrators are for it"
    )
    for _ in range(2):
        assert (await at.desk.raise_to(at.campaign, **more))["budget_minor"] == 1_000, "not before it agreed"
    asked = [one for one in await at.shares() if one["state"] == "asked"]
    assert [(one["amount_minor"], one["shop_minor"], one["raises"]) for one in asked] == [(500, 167, True)]
    assert await refused_as(at.say("agreements")) == "funder-short"
    assert [one["state"] for one in await at.shares()] == ["asked", "paid"]
    assert await at.balance() == 67
    await at.sell(100)
    assert (await at.say("agreements"))["state"] == "paid"
    assert (await at.desk.drafter.get(path))["budget_minor"] == 1_500
    assert await at.balance() == 0
    assert (await at.desk.books(at.campaign))["budget"] == (1_500, 3)
    only_pieces = await at.desk.raise_to(at.campaign, budget_pieces=5)
    assert only_pieces["budget_pieces"] == 5, "pieces cost the shop nothing"
    await market.books_are_right()
    await at.desk.raise_to(at.campaign, budget_minor=2_000)
    await at.desk.do(at.campaign, "ends")
    assert [one["state"] for one in await at.shares()] == ["paid", "paid"], "who ends it asks no more"
    assert await at.balance() == 500
    await market.books_are_right()


async def test_pieces_added_while_the_shop_is_asked_are_added_once(market: Market) -> None:
    at = await corner(market, takings_minor=400, budget_pieces=10)
    await at.say("agreements")
    await at.approve()
    await at.desk.raise_to(at.campaign, budget_minor=1_100, budget_pieces=20)
    [asked, _] = await at.shares()
    assert (await at.desk.raise_to(at.campaign, budget_pieces=20))["budget_pieces"] == 20
    refused = await refusal(at.say("agreements", asked))
    assert (refused.slug, refused.problem["state"]) == ("share-over", "void"), "it asked for more than is wanted now"
    assert (await at.desk.books(at.campaign))["budget"] == (1_000, 20)
    await at.desk.raise_to(at.campaign, budget_minor=1_100, budget_pieces=20)
    await at.say("agreements")
    assert (await at.desk.books(at.campaign))["budget"] == (1_100, 20)
    await market.books_are_right()


async def test_a_changed_draft_asks_anew(market: Market) -> None:
    at = await corner(market)
    old = (await at.shares())[0]
    await at.say("agreements")
    await at.desk.drafter.request("PATCH", f"{OPS}/{at.campaign['id']}", {"budget_minor": 3_000})
    assert [(one["state"], one["shop_minor"]) for one in await at.shares()] == [("asked", 999)]
    assert await refused_as(at.approve()) == "share-not-agreed", "they agreed to another sum"
    refused = await refusal(at.say("agreements", old))
    assert (refused.slug, refused.problem["state"]) == ("share-over", "void")
    await at.desk.do(at.campaign, "ends")
    assert await at.shares() == []
    await market.books_are_right()


async def test_only_the_owner_decides(market: Market) -> None:
    at = await corner(market)
    other = await market.person("laowu")
    own = await market.shop(other, "蔬果日记")
    [share] = await at.shares()
    assert await refused_as(at.say("agreements", share, by=other)) == "not-found"
    assert await refused_as(other.get(at.path)) == "not-found"
    assert await refused_as(other.post(f"/api/shops/{own['id']}/shares/{share['id']}/agreements")) == "not-found"
    await at.keeper.post(f"/api/shops/{at.shop['id']}/staff", {"handle": "laowu"})
    await other.post(f"/api/shops/{at.shop['id']}/staff/acceptance")
    assert await refused_as(at.say("agreements", share, by=other)) == "not-allowed"


async def test_deciding_and_approving_at_once_pays_once(market: Market) -> None:
    at = await corner(market, takings_minor=1_000)
    [share] = await at.shares()
    await at_once(*[at.say("agreements", share) for _ in range(4)], *[at.approve() for _ in range(4)])
    await at_once(*[at.approve() for _ in range(4)])
    assert await at.state() == "running"
    assert await at.balance() == 667
    await market.books_are_right()


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("funder.shop_id", {"funder": {"shop_id": "01a00000-0000-7000-8000-00000000ca00", "permille": 500}}),
        ("funder.permille", {"budget_minor": 1, "offers": [{"amount_minor": 1}], "permille": 1}),
        ("terms.limits.shop_ids", {"terms": {"limits": {"shop_ids": ["01a00000-0000-7000-8000-00000000ca00"]}}}),
    ],
)
async def test_a_draft_whose_shop_cannot_pay_is_refused(market: Market, field: str, wanted: dict[str, Any]) -> None:
    refused = await refusal(corner(market, **wanted))
    assert (refused.slug, refused.problem["errors"][0]["field"]) == ("invalid-request", field)
    assert await market.value("select count(*) from coupons.campaigns") == 0


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(
    "point", ["coupons.start_campaign.funded", "coupons.end_campaign.rest_intended", "coupons.end_campaign.rested"]
)
async def test_a_crash_between_two_steps_is_finished_by_the_sweep(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    at = await corner(market, takings_minor=400)
    await at.say("agreements")
    passed = Point.passed

    def die(self: Point) -> None:
        if self.name == point:
            raise Died
        passed(self)

    house, campaign_id, operator_id = market.house, UUID(at.campaign["id"]), UUID(at.desk.approver.me["id"])
    flow = life.approve if point == "coupons.start_campaign.funded" else life.end
    if flow is life.end:
        await at.approve()
    monkeypatch.setattr(Point, "passed", die)
    with pytest.raises(Died):
        await flow(house.database, house.ledger, campaign_id=campaign_id, operator_id=operator_id)
    monkeypatch.undo()
    await market.books_are_right()
    time.pass_by(minutes=1)
    await market.sweep("coupons.life")
    assert await at.state() == ("running" if flow is life.approve else "ended")
    assert await at.balance() == (67 if flow is life.approve else 400)
    await market.books_are_right()


@given(st.integers(1, 10**12), st.integers(1, 1000), st.lists(st.integers(0, 10**12), max_size=8))
def test_however_it_comes_back_each_gets_what_it_did_not_spend(
    budget_minor: int, permille: int, parts: list[int]
) -> None:
    shop_minor = rules.shop_part(Funder(UUID(int=1), permille), budget_minor)
    assert 0 <= shop_minor <= budget_minor
    returned, shop_returned = 0, 0
    for part in parts:
        rest = min(part, budget_minor - returned)
        back = rules.shop_part_of_rest(Funded(budget_minor, shop_minor, returned, shop_returned), rest)
        assert 0 <= back <= rest
        returned, shop_returned = returned + rest, shop_returned + back
        funded = Funded(budget_minor, shop_minor, returned, shop_returned)
        assert rules.shop_part_of_redeemed(funded, budget_minor - returned) == shop_minor - shop_returned
    last = rules.shop_part_of_rest(Funded(budget_minor, shop_minor, returned, shop_returned), budget_minor - returned)
    assert shop_returned + last == shop_minor, "all of it comes back when nothing was redeemed"
