"""The moving seal: the same for keeper and payer, another every three seconds, over three minutes after a payment."""

from datetime import UTC, datetime
from uuid import uuid4

from junzi.standing import rules
from tests.standing.office import Office
from tests.support.market import Market, Time, refused_as


async def test_payer_and_keeper_are_given_the_same_frames(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop, other = await market.shop(office.keeper), await market.shop(office.keeper, "另一家")
    paid = await market.pay(buyer, await market.order(buyer, shop, 500))
    theirs = await buyer.get(f"/api/payments/{paid['id']}/seal")
    ours = await office.keeper.get(f"/api/shops/{shop['id']}/seal")
    elsewhere = await office.keeper.get(f"/api/shops/{other['id']}/seal")
    ahead = (ours["first_ms"] - theirs["first_ms"]) // theirs["slot_ms"]
    assert 0 <= ahead < 5
    assert theirs["frames"][ahead : ahead + 15] == ours["frames"][:15]
    assert elsewhere["frames"][:15] != ours["frames"][:15]
    assert 20 <= len(ours["frames"]) <= 22, "a minute, no more"
    assert (
        ours["first_ms"] <= datetime.fromisoformat(ours["now"]).timestamp() * 1000 < ours["first_ms"] + ours["slot_ms"]
    )


async def test_the_seal_of_a_payment_is_over_after_three_minutes(market: Market, time: Time) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    paid = await market.pay(buyer, await market.order(buyer, shop, 500))
    time.pass_by(seconds=170)
    last = await buyer.get(f"/api/payments/{paid['id']}/seal")
    assert not last["over"]
    assert 1 <= len(last["frames"]) <= 5, "none that reaches beyond"
    time.pass_by(seconds=11)
    gone = await buyer.get(f"/api/payments/{paid['id']}/seal")
    assert (gone["over"], gone["frames"]) == (True, [])
    assert (await office.keeper.get(f"/api/shops/{shop['id']}/seal"))["over"] is False


async def test_a_seal_is_given_to_nobody_else(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    paid = await market.pay(buyer, await market.order(buyer, shop, 500))
    assert await refused_as(buyer.get(f"/api/shops/{shop['id']}/seal")) == "not-found"
    for client in (office.other, office.keeper, office.operator):
        assert await refused_as(client.get(f"/api/payments/{paid['id']}/seal")) == "not-found"


def test_frames_follow_from_secret_shop_and_time_and_use_every_sign_and_colour() -> None:
    shop_id, secret = uuid4(), b"x" * 32
    frames = [rules.frame(secret, shop_id, slot) for slot in range(2_000)]
    assert frames == [rules.frame(secret, shop_id, slot) for slot in range(2_000)]
    assert {sign for frame in frames for sign in frame.signs} == set(range(rules.SIGNS))
    assert {frame.hue for frame in frames} == set(range(rules.HUES))
    assert all(len(set(frame.signs)) == rules.SIGNS_SHOWN for frame in frames)
    assert len({(*frame.signs, frame.hue) for frame in frames}) > 1_700, "few repeat among 15,840"
    assert frames != [rules.frame(b"y" * 32, shop_id, slot) for slot in range(2_000)]
    assert frames != [rules.frame(secret, uuid4(), slot) for slot in range(2_000)]
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert rules.slot_of(at) * rules.SLOT_MS == at.timestamp() * 1000
