"""The budget identity over random campaigns: whatever is claimed, bought, left and forgotten, nothing is lost or doubled."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junzi.coupons import choose, rules
from junzi.coupons.model import Coupon, Limits, Offer, OfferKind
from tests.coupons.desk import OPS, opened_desk
from tests.coupons.test_rules import AT, coupon
from tests.support.examples import examples
from tests.support.market import Market, Time, at_once

OFFERS = st.one_of(
    st.builds(lambda most, least: Offer(most, least), st.integers(1, 2_000), st.integers(0, 3_000)),
    st.builds(
        lambda cap, percent: Offer(cap, 0, OfferKind.PERCENT, percent), st.integers(1, 2_000), st.integers(1, 100)
    ),
)


@given(st.lists(OFFERS, min_size=1, max_size=60), st.lists(st.integers(1, 5_000), max_size=40), st.integers(0, 50_000))
@settings(max_examples=examples(300), deadline=None)
def test_every_cent_of_a_budget_is_somewhere(offers: list[Offer], purchases: list[int], budget_minor: int) -> None:
    """Give while the budget lasts, buy with the best, let the rest expire: the sums are those of the books."""
    left, held = budget_minor, list[Coupon]()
    for number, offer in enumerate(offers):
        if offer.amount_minor <= left:
            left -= offer.amount_minor
            held.append(with_percent(offer, number))
    issued, redeemed, unused, redeemed_pieces = budget_minor - left, 0, 0, 0
    for amount in purchases:
        _, uses = choose.choices(held, amount, AT)
        if not uses:
            assert all(rules.why_not(one, amount, AT) for one in held)
            continue
        assert sum(use.saved_minor for use in uses) <= amount
        for use in uses:
            assert 0 < use.saved_minor <= use.coupon.amount_minor
            redeemed += use.saved_minor
            unused += use.coupon.amount_minor - use.saved_minor
            redeemed_pieces += 1
            held.remove(use.coupon)
    outstanding = sum(one.amount_minor for one in held)
    assert issued == redeemed + unused + outstanding
    assert left + unused + outstanding + redeemed == budget_minor
    assert redeemed <= budget_minor


def with_percent(offer: Offer, number: int) -> Coupon:
    plain = coupon(offer.amount_minor, offer.threshold_minor, number=number + 1)
    return Coupon(
        id=plain.id,
        campaign_id=plain.campaign_id,
        person_id=plain.person_id,
        title=plain.title,
        amount_minor=plain.amount_minor,
        threshold_minor=plain.threshold_minor,
        state=plain.state,
        given_at=plain.given_at,
        expires_at=plain.expires_at,
        payment_id=None,
        percent=offer.percent,
        limits=Limits(),
    )


ROUNDS: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([{"amount_minor": 400, "threshold_minor": 900}], {"budget_minor": 1_600, "budget_pieces": 3}),
    ([{"amount_minor": 700, "kind": "percent", "percent": 33}], {"budget_minor": 1_500, "budget_pieces": 9}),
    (
        [{"amount_minor": 600, "kind": "random", "least_minor": 200}, {"amount_minor": 100}],
        {"budget_minor": 2_000, "terms": {"per_person": 2}},
    ),
    ([{"amount_minor": 300, "kind": "packet", "least_minor": 1}], {"valid_days": 1, "terms": {"per_day": 2}}),
]


@pytest.mark.parametrize("number", range(len(ROUNDS)))
async def test_the_ledger_says_the_same(market: Market, time: Time, number: int) -> None:
    desk = await opened_desk(market)
    offers, wanted = ROUNDS[number]
    campaign = await desk.run(*offers, **wanted)
    people = [await market.shopper(f"person{one}", balance_minor=5_000) for one in range(4)]
    shop = await market.shop(await market.person("guifang"))
    await at_once(*[desk.claim(person, campaign) for person in people for _ in range(2)])
    for place, person in enumerate(people[:3]):
        order = await market.order(person, shop, 150 + 500 * place)
        await market.pay(person, order, coupon_ids=order["best_coupon_ids"])
        await market.books_are_right()
    time.pass_by(days=8)
    await market.sweep("coupons.expire")
    await desk.do(campaign, "ends")
    await market.books_are_right()
    report = await desk.drafter.get(f"{OPS}/{campaign['id']}/report")
    assert report["given"] > 0
    assert report["given"] == report["redeemed"] + report["expired"]
    assert report["given_minor"] == report["redeemed_minor"] + report["unused_minor"] + report["expired_minor"]
    books = await desk.books(campaign)
    assert books == {"budget": (0, 0), "outstanding": (0, 0), "used": (report["redeemed"], report["expired"])}
