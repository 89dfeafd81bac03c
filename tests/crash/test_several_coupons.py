"""A server killed while several coupons pay together, or while what they paid is given back, loses and doubles no cent."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from junzi.audit import audit
from junzi.kit.points import POINTS
from tests.crash.evening import FIRST_MINOR, PIN, TOPUP_MINOR, Evening, all_told, enter
from tests.support.street import Street, found, street_of

pytestmark = pytest.mark.crash

CHECKOUT = sorted(point for point in POINTS if point.startswith("checkout."))
ALL_COUPONS_MINOR = 1_700
PART_MINOR = 1_001
APART = """
    update coupons.coupons set limits = limits || jsonb_build_object('stacking',
        case amount_minor when 1000 then 'house' when 500 then 'shop' else 'card' end)
"""
"""The welcome gift as if each of its coupons were of another group."""


@pytest_asyncio.fixture
async def street(database_url: str, postgres_url: str, data_folder: Path) -> AsyncIterator[Street]:
    async with street_of(database_url, postgres_url, data_folder) as street:
        yield street


@pytest.mark.parametrize("points", [CHECKOUT[::2], CHECKOUT[1::2]], ids=" ".join)
async def test_a_payment_with_several_coupons_is_made_and_given_back_once(
    street: Street, data_folder: Path, points: list[str]
) -> None:
    await found(street.database_url, data_folder)
    await street.served.start(die_at=points)
    evening = Evening(street.served, street.bank, street.database_url)
    buyer, keeper = evening.buyer, evening.keeper
    await evening.patiently(lambda: enter(buyer, "buyer", "林小满"))
    await evening.patiently(lambda: enter(keeper, "keeper", "吴桂芳"))
    await evening.patiently(lambda: evening.set_pin(buyer))
    shop = await evening.post(
        keeper, "/api/shops", {"name": "山脚面馆", "trade": "noodles", "place": "南门街", "picture": "🍜"}
    )
    card = await evening.bind(buyer)
    await evening.patiently(evening.has_three_coupons)
    connection = await asyncpg.connect(street.database_url)
    await connection.execute(APART)
    await connection.close()
    topup = await evening.post(buyer, "/api/topups", {"card_id": card["id"], "amount_minor": TOPUP_MINOR, "pin": PIN})
    await evening.patiently(lambda: evening.is_settled(f"/api/topups/{topup['id']}", "succeeded"))

    payment_id = await evening.pay(shop["code"]["code"], FIRST_MINOR, {"funding": "balance"})
    paid = await buyer.get(f"/api/payments/{payment_id}")
    assert sorted(one["saved_minor"] for one in paid["coupons"]) == [200, 500, 1_000]
    await evening.refund(shop["id"], payment_id, PART_MINOR)
    path = f"/api/shops/{shop['id']}/payments/{payment_id}"
    rest = {"amount_minor": FIRST_MINOR - PART_MINOR, "reason": ""}
    await evening.post(keeper, f"{path}/refunds", rest)

    async def all_is_back() -> bool:
        refunds = (await keeper.get(path))["refunds"]
        return len(refunds) == 2 and all(one["state"] == "done" for one in refunds)

    await evening.patiently(all_is_back)
    await all_told(street.database_url, street.served)
    assert (sorted(street.served.died_at), street.served.deaths) == (points, len(points))
    assert await audit(street.database_url) == []
    refunds = (await keeper.get(path))["refunds"]
    assert sum(one["coupon_minor"] for one in refunds) == ALL_COUPONS_MINOR
    assert (await buyer.get("/api/wallet"))["balance_minor"] == TOPUP_MINOR
    assert len((await buyer.get("/api/coupons?state=redeemed"))["coupons"]) == 3
    await evening.close()
