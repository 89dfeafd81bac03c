"""Any campaign, any claims, purchases, refunds, withdrawals, raises and ends, cut off at any point: the ledger's identity holds.

Through HTTP, PostgreSQL and the ledger. A request that is cut leaves what a process leaves that died there; the
sweeps go on.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from junzi import worker
from junzi.client import Client, Refused
from junzi.coupons import accounts, rules
from junzi.coupons.model import Funded
from junzi.kit.errors import Busy
from junzi.kit.points import POINTS, Point
from tests.coupons.desk import OPS, Desk, opened_desk
from tests.support.market import Market, Time, key

EPISODES = 7
BALANCE_MINOR = 300_000
CUTS = {
    "claim": "coupons.give.",
    "pay": "checkout.pay.",
    "refund": "checkout.refund.",
    "hours": "coupons.expire.",
    "withdraw": "coupons.withdraw.",
    "raise": "coupons.start_campaign.",
}
"""At which points each of these may be cut."""

small = st.integers(1, 900)
offers = st.one_of(
    st.builds(lambda most, least: {"amount_minor": most, "threshold_minor": least}, small, st.integers(0, 1_200)),
    st.builds(
        lambda cap, percent: {"kind": "percent", "amount_minor": cap, "percent": percent}, small, st.integers(1, 100)
    ),
    st.builds(lambda most: {"kind": "random", "amount_minor": most, "least_minor": 1 + most // 3}, small),
    st.builds(lambda most: {"kind": "packet", "amount_minor": most, "least_minor": 1}, small),
)
campaigns = st.fixed_dictionaries(
    {
        "offers": st.lists(offers, min_size=1, max_size=3),
        "budget_minor": st.integers(2_700, 9_000),
        "budget_pieces": st.integers(3, 12),
        "valid_days": st.integers(1, 3),
        "terms": st.fixed_dictionaries({"per_person": st.integers(1, 3), "per_day": st.sampled_from([0, 0, 4])}),
        "permille": st.sampled_from([None, 1, 333, 500, 667, 1000]),
        "ends_at_point": st.sampled_from([None, "coupons.end_campaign.rest_intended", "coupons.end_campaign.rested"]),
    }
)
WEIGHTS = {"claim": 7, "pay": 7, "refund": 3, "hours": 2, "withdraw": 1, "raise": 1, "pause": 1, "resume": 2}
moves = st.sampled_from([move for move, weight in WEIGHTS.items() for _ in range(weight)]).flatmap(
    lambda move: st.tuples(
        st.just(move),
        st.integers(0, 2),
        st.integers(1, 1_500),
        st.sampled_from(
            [None] * 4 + [point for point in sorted(POINTS) if point.startswith(CUTS.get(move, "nowhere"))]
        ),
    )
)

# That it was a life: how often each of these happened.
LIVED = """
select (select count(*) from coupons.coupons where state = 'redeemed') as redeemed,
    (select count(*) from coupons.coupons where state = 'expired') as expired,
    (select count(*) from coupons.coupons where state = 'withdrawn') as withdrawn,
    (select count(*) from checkout.refunds where state = 'done' and coupon_minor > 0) as refunds,
    (select count(*) from coupons.fundings where shop_minor > 0 and state = 'done') as shared,
    (select count(*) from coupons.rests where shop_minor > 0) as returned
"""


@dataclass
class Town:
    """What all episodes share: a desk, a shop that has taken something, people with money."""

    market: Market
    time: Time
    desk: Desk
    keeper: Client
    shop: dict[str, Any]
    people: list[Client]
    cut_at: str | None = None
    paid: list[dict[str, Any]] = field(default_factory=list)
    cuts: int = 0

    def passed(self, point: Point) -> None:
        if point.name == self.cut_at:
            self.cuts += 1
            raise Busy(f"cut at {point.name}")

    async def try_to(self, request: Any, *, cut_at: str | None = None) -> Any:
        """The answer; None when it is refused, which is fine, or cut."""
        self.cut_at = cut_at
        try:
            return await request
        except Refused as refused:
            assert refused.status < 500 or cut_at is not None, refused
            return None
        finally:
            self.cut_at = None

    async def move(self, campaign: dict[str, Any], what: str, who: int, amount: int, cut_at: str | None) -> None:
        path, person = f"{OPS}/{campaign['id']}", self.people[who]
        if what == "claim":
            await self.try_to(self.desk.claim(person, campaign), cut_at=cut_at)
        elif what == "pay":
            order = await self.try_to(self.market.order(person, self.shop, amount))
            if order is not None:
                paying = self.market.pay(person, order, coupon_ids=order["best_coupon_ids"])
                payment = await self.try_to(paying, cut_at=cut_at)
                self.paid += [payment] if payment is not None else []
        elif what == "refund" and self.paid:
            payment = self.paid.pop(amount % len(self.paid))
            part = payment["amount_minor"] if amount % 2 else min(amount, payment["amount_minor"])
            back = f"/api/shops/{self.shop['id']}/payments/{payment['id']}/refunds"
            await self.try_to(
                self.keeper.post(back, {"amount_minor": part, "reason": ""}, idempotency_key=key()), cut_at=cut_at
            )
        elif what == "hours":
            self.time.pass_by(hours=amount % 20)
            self.cut_at = cut_at
            await self.market.sweep("coupons.expire")
            self.cut_at = None
        elif what == "withdraw":
            body = {"reason": "fraud", "handle": person.me["handle"] if amount % 2 else None}
            taking = self.desk.drafter.post(f"{path}/withdrawals", body, idempotency_key=key())
            await self.try_to(taking, cut_at=cut_at)
        elif what == "raise":
            stands = await self.desk.drafter.get(path)
            more = {"budget_minor": stands["budget_minor"] + amount, "budget_pieces": stands["budget_pieces"] + who}
            for by in (self.desk.drafter, self.desk.approver):
                await self.try_to(by.request("PATCH", path, more), cut_at=cut_at)
            await self.agree(cut_at)
        else:
            await self.try_to(self.desk.do(campaign, "pauses" if what == "pause" else "resumptions"))

    async def agree(self, cut_at: str | None = None) -> None:
        path = f"/api/shops/{self.shop['id']}/shares"
        for share in (await self.keeper.get(path))["shares"]:
            if share["state"] == "asked":
                await self.try_to(self.keeper.post(f"{path}/{share['id']}/agreements"), cut_at=cut_at)

    async def recover(self) -> None:
        """As after a start: whatever was cut is finished, whatever has happened is told."""
        house = self.market.house
        for _ in range(2):
            self.time.pass_by(minutes=1)
            for sweep in worker.sweeps(house.database, house.ledger, house.issuer).values():
                await sweep()
        await self.market.settle()


@pytest.mark.slow
async def test_the_identity_holds_whatever_happens(market: Market, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await opened_desk(market)
    keeper = await market.person("guifang")
    people = [await market.shopper(f"person{number}", balance_minor=BALANCE_MINOR) for number in range(3)]
    town = Town(market, time, desk, keeper, await market.shop(keeper), people)
    for person in people:
        town.paid.append(await market.pay(person, await market.order(person, town.shop, 40_000)))
    monkeypatch.setattr(Point, "passed", lambda point: town.passed(point))

    for wanted, story in drawn_episodes():
        await an_episode(town, wanted, story)
    lived = dict(await market.row(LIVED))
    assert min(lived.values()) > 0 and town.cuts > 3, (lived, town.cuts)


def drawn_episodes() -> list[tuple[dict[str, Any], list[tuple[str, int, int, str | None]]]]:
    """Drawn before they are lived through: hypothesis calls functions that do not wait."""
    drawn = []

    @settings(
        max_examples=EPISODES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(campaigns, st.lists(moves, min_size=16, max_size=22))
    def draw(wanted: dict[str, Any], story: list[tuple[str, int, int, str | None]]) -> None:
        drawn.append((wanted, story))

    draw()
    return drawn


async def an_episode(town: Town, wanted: dict[str, Any], story: list[tuple[str, int, int, str | None]]) -> None:
    permille, body = (
        wanted["permille"],
        {name: wanted[name] for name in wanted if name not in ("permille", "ends_at_point")},
    )
    if permille is not None:
        body["funder"] = {"shop_id": town.shop["id"], "permille": permille}
    if 0 < body["terms"]["per_day"] < len(body["offers"]):
        body["terms"] = {**body["terms"], "per_day": len(body["offers"])}
    campaign = await town.desk.draft(*body.pop("offers"), **body)
    said = (wanted, story)
    if permille is not None:
        await town.agree()
    is_cut = wanted["budget_pieces"] % 2 == 0
    approval = town.desk.do(campaign, "approvals", by=town.desk.approver)
    await town.try_to(approval, cut_at="coupons.start_campaign.funded" if is_cut else None)
    if is_cut:
        await town.recover()
    for what, who, amount, cut_at in story:
        await town.move(campaign, what, who, amount, cut_at)
    await town.recover()
    await holds(town, campaign, said)
    # To its very end: nothing is left of it anywhere, and each has paid its part of what was redeemed.
    await town.try_to(town.desk.do(campaign, "ends"), cut_at=wanted["ends_at_point"])
    town.time.pass_by(days=4)
    for _ in range(2):
        town.time.pass_by(hours=1)
        await town.recover()
    await holds(town, campaign, said)
    books = await town.desk.books(campaign)
    assert (books["budget"], books["outstanding"]) == ((0, 0), (0, 0)), said
    report = await town.desk.drafter.get(f"{OPS}/{campaign['id']}/report")
    for funder in report["by_funder"]:
        assert funder["funded_minor"] == funder["returned_minor"] + funder["redeemed_minor"], said


async def holds(town: Town, campaign: dict[str, Any], said: Any) -> None:
    """The identity of the budget, in money and in pieces, by the ledger alone; and what the auditor says of everything."""
    await town.market.books_are_right()
    id = UUID(campaign["id"])
    budget, outstanding = accounts.budget_id(id), accounts.outstanding_id(id)
    row = await town.market.row(
        "select coalesce(sum(amount) filter (where code in (20, 32)), 0)::bigint as funded,"
        " coalesce(sum(amount) filter (where code in (23, 33)), 0)::bigint as returned,"
        " coalesce(sum(amount) filter (where code = 33), 0)::bigint as shop_returned,"
        " coalesce(sum(amount) filter (where code = 32), 0)::bigint as shop_funded,"
        " coalesce(sum(case code when 11 then amount when 14 then -amount end), 0)::bigint as redeemed,"
        " coalesce(sum(amount) filter (where code = 21), 0)::bigint as issued,"
        " coalesce(sum(amount) filter (where code = 12), 0)::bigint as unused,"
        " coalesce(sum(amount) filter (where code = 22), 0)::bigint as expired,"
        " coalesce(sum(amount) filter (where code = 34), 0)::bigint as withdrawn,"
        " coalesce(sum(amount) filter (where code = 14 and credit_account_id = $1), 0)::bigint as refunded"
        " from ledger.transfers where $1 in (debit_account_id, credit_account_id) or $2 in (debit_account_id, credit_account_id)",
        budget,
        outstanding,
    )
    books = await town.desk.books(campaign)
    report = await town.desk.drafter.get(f"{OPS}/{campaign['id']}/report")
    assert row["funded"] == books["budget"][0] + books["outstanding"][0] + row["redeemed"] + row["returned"], said
    spent = row["redeemed"] + row["refunded"] + row["unused"] + row["expired"] + row["withdrawn"]
    assert row["issued"] == spent + books["outstanding"][0], said
    assert report["given"] == sum(report[one] for one in ("redeemed", "expired", "withdrawn", "outstanding")), said
    assert books["used"] == (report["redeemed"], report["expired"]), said
    funded = Funded(row["funded"], row["shop_funded"], row["returned"], row["shop_returned"])
    assert rules.shop_part_of_rest(funded, 0) == 0, said
