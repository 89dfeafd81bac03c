"""Coupons that the operator takes back, for cause: those that nothing holds, at once, counted, told."""

from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.coupons import withdraw
from junzi.coupons.model import NewWithdrawal, WithdrawalReason
from junzi.kit.points import Point
from tests.coupons.desk import OPS, Desk, opened_desk
from tests.support.market import Market, Time, at_once, key, refusal, refused_as


async def taken(desk: Desk, campaign: dict[str, Any], idempotency_key: str = "", **wanted: Any) -> dict[str, Any]:
    path = f"{OPS}/{campaign['id']}/withdrawals"
    body = {"reason": "fraud", **wanted}
    return await desk.drafter.post(path, body, idempotency_key=idempotency_key or key())  # type: ignore[no-any-return]


async def test_what_nothing_holds_is_taken_back_counted_and_told(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run({"amount_minor": 500}, {"amount_minor": 200})
    buyer, saver = [await market.shopper(handle, balance_minor=5_000) for handle in ("xiaoman", "azhe")]
    for person in (buyer, saver):
        await desk.claim(person, campaign)
    order = await market.order(buyer, await market.shop(await market.person("guifang")), 2_000)
    await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    done = await taken(desk, campaign, "the-first", reason="mistake")
    assert (done["state"], done["pieces"], done["amount_minor"]) == ("done", 3, 900)
    assert await taken(desk, campaign, "the-first", reason="mistake") == done
    books = await desk.books(campaign)
    assert (books["outstanding"], books["budget"][0]) == ((0, 0), 100_000 - 500)
    report = await desk.drafter.get(f"{OPS}/{campaign['id']}/report")
    assert [report[one] for one in ("given", "redeemed", "expired", "withdrawn", "outstanding")] == [4, 1, 0, 3, 0]
    assert report["withdrawn_minor"] == 900
    assert [one["state"] for one in await market.coupons(saver, "expired")] == ["withdrawn", "withdrawn"]
    assert await market.coupons(saver) == []
    for person, pieces, amount_minor in ((buyer, 1, 200), (saver, 2, 700)):
        [told] = await market.told(person, "coupons.withdrawn")
        assert (told["pieces"], told["amount_minor"], told["reason"]) == (pieces, amount_minor, "mistake")
    [listed] = (await desk.drafter.get(f"{OPS}/{campaign['id']}/withdrawals"))["withdrawals"]
    assert listed == done
    facts = await market.value("select facts from operators.audit_trail where action = 'coupons.withdrawn'")
    assert '"mistake"' in facts
    refused = await refusal(pay_with_what_is_gone(market, saver))
    assert (refused.slug, refused.problem["reason"]) == ("coupon-not-usable", "withdrawn")
    await market.books_are_right()


async def pay_with_what_is_gone(market: Market, person: Client) -> Any:
    shop = await market.shop(await market.person("laowu"), "蔬果日记")
    coupon = (await market.coupons(person, "expired"))[0]
    return await market.pay(person, await market.order(person, shop, 1_000), coupon_ids=[coupon["id"]])


async def test_nobody_is_told_what_was_in_a_red_packet_they_did_not_open(market: Market) -> None:
    desk = await opened_desk(market)
    packet = {"amount_minor": 300, "kind": "packet", "least_minor": 100}
    campaign = await desk.run(packet, {"amount_minor": 200}, valid_days=3)
    for handle, opens in (("xiaoman", False), ("azhe", True)):
        person = await market.person(handle)
        given, _ = (await desk.claim(person, campaign))["coupons"]
        seen = 0
        if opens:
            seen = (await person.post(f"/api/packets/{given['id']}/opening"))["amount_minor"]
        await taken(desk, campaign, handle=handle)
        [told] = await market.told(person, "coupons.withdrawn")
        assert (told["pieces"], told["amount_minor"]) == (2, 200 + seen)


async def test_one_persons_coupons_are_taken_and_nobody_elses(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run()
    for handle in ("xiaoman", "azhe"):
        await desk.claim(await market.person(handle), campaign)
    assert await refused_as(taken(desk, campaign, handle="nobody")) == "not-found"
    done = await taken(desk, campaign, handle="azhe")
    assert (done["pieces"], done["amount_minor"]) == (1, 500)
    assert (await desk.books(campaign))["outstanding"] == (500, 1)
    assert (await taken(desk, campaign, handle="azhe"))["pieces"] == 0
    await market.books_are_right()


async def test_only_the_staff_withdraws_for_a_listed_reason_what_was_given(market: Market) -> None:
    desk = await opened_desk(market)
    campaign, draft = await desk.run(), await desk.draft()
    assert await refused_as(taken(desk, campaign, reason="another wallet")) == "invalid-request"
    assert await refused_as(taken(desk, draft)) == "not-found"
    person = await market.person("xiaoman")
    path = f"{OPS}/{campaign['id']}/withdrawals"
    assert await refused_as(person.post(path, {"reason": "fraud"}, idempotency_key=key())) == "not-an-operator"


async def test_a_payment_and_a_withdrawal_at_once_never_both_have_the_coupon(market: Market) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run({"amount_minor": 300})
    shop = await market.shop(await market.person("guifang"))
    people = [await market.shopper(f"person{number}", balance_minor=1_000) for number in range(4)]
    orders = []
    for person in people:
        await desk.claim(person, campaign)
        orders.append(await market.order(person, shop, 800))
    payments = [
        market.pay(person, order, coupon_ids=order["best_coupon_ids"])
        for person, order in zip(people, orders, strict=True)
    ]
    answers = await at_once(*payments, taken(desk, campaign), taken(desk, campaign))
    paid = [one for one in answers[:4] if not isinstance(one, str)]
    assert {one for one in answers[:4] if isinstance(one, str)} <= {"coupon-not-usable"}
    assert sum(one["pieces"] for one in answers[4:]) == 4 - len(paid)
    assert (await desk.books(campaign))["outstanding"] == (0, 0)
    await market.books_are_right()


async def test_what_many_hold_is_taken_back_after_the_answer(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdraw, "MOST_WAITED_FOR", 1)
    desk = await opened_desk(market)
    campaign = await desk.run()
    people = [await market.person(handle) for handle in ("xiaoman", "azhe")]
    for person in people:
        await desk.claim(person, campaign)
    for _ in range(2):
        answer = await taken(desk, campaign, "the-only-one")
        assert (answer["state"], answer["pieces"], answer["amount_minor"]) == ("processing", 2, 1_000)
    assert await market.coupons(people[0]) == [], "they count no more from the first moment on"
    time.pass_by(minutes=1)
    assert await market.sweep("coupons.withdraw") == 1
    [listed] = (await desk.drafter.get(f"{OPS}/{campaign['id']}/withdrawals"))["withdrawals"]
    assert listed["state"] == "done"
    assert await taken(desk, campaign, "the-only-one") == listed
    assert (await desk.books(campaign))["outstanding"] == (0, 0)
    for person in people:
        assert len(await market.told(person, "coupons.withdrawn")) == 1
    await market.books_are_right()


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("point", ["coupons.withdraw.intended", "coupons.withdraw.returned"])
async def test_a_crash_in_the_middle_is_finished_by_the_sweep(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    desk = await opened_desk(market)
    campaign = await desk.run()
    people = [await market.person(handle) for handle in ("xiaoman", "azhe")]
    for person in people:
        await desk.claim(person, campaign)

    def die(self: Point) -> None:
        if self.name == point:
            raise Died

    house = market.house
    monkeypatch.setattr(Point, "passed", die)
    with pytest.raises(Died):
        await withdraw.withdraw(
            house.database,
            house.ledger,
            campaign_id=UUID(campaign["id"]),
            operator_id=UUID(desk.drafter.me["id"]),
            key=key(),
            new=NewWithdrawal(WithdrawalReason.FRAUD),
        )
    monkeypatch.undo()
    assert await market.coupons(people[0]) == [], "they count no more from the first moment on"
    await market.books_are_right()
    time.pass_by(minutes=1)
    assert await market.sweep("coupons.withdraw") == 1
    assert await market.sweep("coupons.withdraw") == 0
    assert (await desk.books(campaign))["outstanding"] == (0, 0)
    for person in people:
        assert len(await market.told(person, "coupons.withdrawn")) == 1
    await market.books_are_right()
