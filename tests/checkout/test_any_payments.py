"""Any purchases with any coupons, any refunds, any time between them, through the real flow: the books are right to the cent."""

from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client, Refused
from junzi.coupons import accounts
from junzi.coupons.model import Campaign, CampaignState, Limits, Offer, OfferKind, Stacking, Terms, Trigger
from junzi.coupons.start_campaign import start_campaign
from junzi.kit import ids
from junzi.merchants import accounts as merchant_accounts
from tests.issuer.bank import CUT_AFTER, WORKS
from tests.support.market import TITLE, Market, Time, key

BALANCE_MINOR = 200_000
MOVES = 110
REFUSALS = {
    "coupon-not-usable",
    "insufficient-balance",
    "shop-balance-too-small",
    "refund-too-large",
}


@dataclass
class Life:
    """What three buyers and a shop did, and what each of them should have left."""

    market: Market
    time: Time
    chance: Random
    keeper: Client
    buyers: list[Client]
    shop: dict[str, Any]
    paid: list[tuple[Client, dict[str, Any]]] = field(default_factory=list)
    balances: dict[str, int] = field(default_factory=dict)
    takings: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    async def pay(self) -> None:
        buyer = self.chance.choice(self.buyers)
        amount = self.chance.randint(1, self.chance.choice([60, 900, 5_000, 20_000]))
        order = await self.market.order(buyer, self.shop, amount)
        assert sum(one["chosen"] for one in order["coupons"]) == len(order["best_coupon_ids"])
        usable = [one["coupon"] for one in order["coupons"] if one["usable"]]
        some = self.chance.sample(usable, min(len(usable), self.chance.randint(1, 4)))
        apart = {one["limits"]["stacking"]: one["id"] for one in some if one["limits"]["stacking"]}
        coupon_ids = self.chance.choice(
            [order["best_coupon_ids"], list(apart.values()), list(apart.values()), [one["id"] for one in some], []]
        )
        by_card = self.chance.random() < 0.25
        way = self.market.by_card if by_card else self.market.pay
        payment = await way(buyer, order, coupon_ids=coupon_ids)
        while payment["state"] == "processing":
            self.time.pass_by(seconds=16)
            payment = await buyer.get(f"/api/payments/{payment['id']}")
        assert payment["state"] == "paid"
        assert payment["paid_minor"] + payment["coupon_minor"] == amount
        assert payment["coupon_minor"] == sum(one["saved_minor"] for one in payment["coupons"])
        if coupon_ids == order["best_coupon_ids"]:
            assert payment["coupon_minor"] == order["best_saves_minor"]
        assert payment["coupon_minor"] <= order["best_saves_minor"]
        assert {one["coupon_id"] for one in payment["coupons"]} == set(coupon_ids)
        self.balances[buyer.me["id"]] -= 0 if by_card else payment["paid_minor"]
        self.takings += amount
        self.paid.append((buyer, payment))
        self.counts[f"{len(coupon_ids)} coupons"] = self.counts.get(f"{len(coupon_ids)} coupons", 0) + 1

    async def refund(self) -> None:
        if not self.paid:
            return
        buyer, payment = self.chance.choice(self.paid)
        path = f"/api/shops/{self.shop['id']}/payments/{payment['id']}"
        left = (await self.keeper.get(path))["left_minor"]
        amount = max(1, self.chance.choice([left, left, self.chance.randint(1, payment["amount_minor"]), left // 3]))
        refund = await self.keeper.post(f"{path}/refunds", {"amount_minor": amount}, idempotency_key=key())
        while refund["state"] == "processing":
            self.time.pass_by(seconds=16)
            [refund] = [one for one in (await self.keeper.get(path))["refunds"] if one["id"] == refund["id"]]
        assert (refund["state"], refund["payer_minor"] + refund["coupon_minor"]) == ("done", amount)
        if amount == left:
            refunds = (await self.keeper.get(path))["refunds"]
            assert sum(one["payer_minor"] for one in refunds) == payment["paid_minor"]
            assert sum(one["coupon_minor"] for one in refunds) == payment["coupon_minor"]
        self.balances[buyer.me["id"]] += 0 if refund["paid_to"] == "card" else refund["payer_minor"]
        self.takings -= amount
        self.counts["refunds"] = self.counts.get("refunds", 0) + 1
        self.counts["coupons back"] = self.counts.get("coupons back", 0) + refund["coupons_back"]

    async def let_time_pass(self) -> None:
        self.time.pass_by(hours=self.chance.randint(1, 9))
        await self.market.sweep("coupons.expire")


async def a_life(market: Market, time: Time, seed: int) -> Life:
    chance = Random(seed)
    campaigns = [a_campaign(chance, stacking) for stacking in [*Stacking, *list(Stacking)[1:]]]
    for campaign in campaigns:
        await start_campaign(market.house.database, market.house.ledger, campaign)
    keeper = await market.person("guifang")
    buyers = [
        await market.shopper(handle, balance_minor=balance_minor, card_number=number)
        for handle, balance_minor, number in (
            ("xiaoman", BALANCE_MINOR, WORKS),
            ("azhe", BALANCE_MINOR, WORKS),
            ("luming", 0, CUT_AFTER),
        )
    ]
    await market.settle()
    balances = {buyer.me["id"]: await market.balance(buyer) for buyer in buyers}
    return Life(market, time, chance, keeper, buyers, await market.shop(keeper), balances=balances)


def a_campaign(chance: Random, stacking: Stacking) -> Campaign:
    def offer() -> Offer:
        most = chance.choice([9, 80, 600, 3_000])
        if stacking is Stacking.PACKET:
            return Offer(most, kind=OfferKind.PACKET, least_minor=1)
        threshold = chance.choice([0, 0, 50, 800])
        if chance.random() < 0.3:
            return Offer(most, threshold, OfferKind.PERCENT, percent=chance.randint(1, 100))
        if chance.random() < 0.3:
            return Offer(most, threshold, OfferKind.RANDOM, least_minor=1)
        return Offer(most, threshold)

    return Campaign(
        id=ids.new_id(),
        title=TITLE,
        trigger=Trigger.CARD_BOUND,
        state=CampaignState.DRAFT,
        offers=[offer() for _ in range(3)],
        budget_minor=100_000,
        valid_days=chance.choice([1, 3]) if stacking is Stacking.PACKET else chance.choice([1, 5]),
        terms=Terms(limits=Limits(stacking=stacking)),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_books_are_right_whatever_is_bought_and_given_back(market: Market, time: Time, seed: int) -> None:
    life = await a_life(market, time, seed)
    for _ in range(MOVES):
        move = life.chance.choices([life.pay, life.refund, life.let_time_pass], [6, 4, 1])[0]
        try:
            await move()
        except Refused as refused:
            assert refused.slug in REFUSALS, refused
            life.counts[refused.slug] = life.counts.get(refused.slug, 0) + 1
    await market.settle()
    for buyer in life.buyers:
        assert await market.balance(buyer) == life.balances[buyer.me["id"]]
    shop_id = UUID(life.shop["id"])
    assert await merchant_accounts.balance_minor(market.house.ledger, shop_id) == life.takings
    # It was a life: several coupons at once, refunds, and coupons that came back.
    assert life.counts["refunds"] > 10, life.counts
    assert sum(life.counts.get(f"{count} coupons", 0) for count in (2, 3, 4, 5)) > 5, life.counts
    assert life.counts["coupons back"] > 0, life.counts
    assert await campaigns_hold_all(market)
    await market.books_are_right()


async def campaigns_hold_all(market: Market) -> bool:
    """All money put into campaigns is in their budgets, in coupons outstanding, or with the shop."""
    row = await market.row(
        "select sum(amount) filter (where code = 20) as funded, sum(amount) filter (where code = 11) as redeemed,"
        " sum(amount) filter (where code = 14) as back from ledger.transfers"
    )
    held = 0
    for campaign in await market.rows("select id from coupons.campaigns"):
        wanted = [accounts.budget_id(campaign["id"]), accounts.outstanding_id(campaign["id"])]
        found = await market.house.ledger.lookup_accounts(wanted)
        held += sum(one.credits_posted - one.debits_posted for one in found)
    return bool(row["funded"] == held + row["redeemed"] - row["back"])
