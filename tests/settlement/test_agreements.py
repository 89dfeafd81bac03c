"""The fee by agreement: what the operator's staff sets, from when it counts, who is told, and where it is written down."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from junzi.client import Client
from junzi.kit import clock, town
from junzi.merchants import agreement
from junzi.merchants.agreement_model import MOST_PERMYRIAD
from junzi.operators.actions import make_administrator
from tests.settlement.till import Till, till_of
from tests.support.market import Market, Time, key, refused_as


async def desk_of(market: Market) -> Client:
    """A member of the operator's staff."""
    client = await market.served.person("yuan", "周予安")
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(client.me["id"]))
    return client


async def agree(desk: Client, till: Till, permyriad: int, **other: Any) -> dict[str, Any]:
    once = other.pop("once", None) or key()
    made: dict[str, Any] = await desk.post(
        f"/api/ops/fees/{till.shop['id']}/agreements", {"permyriad": permyriad, **other}, idempotency_key=once
    )
    return made


async def rate(market: Market, till: Till) -> int:
    async with market.house.database.read() as reader:
        return await agreement.permyriad_at(reader, UUID(till.shop["id"]), clock.now())


async def test_an_agreement_counts_from_now_is_on_record_and_the_owner_is_told(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    assert await rate(market, till) == 0
    made = await agree(desk, till, 38)
    assert (made["permyriad"], made["agreed_by"]["handle"]) == (38, "yuan")
    assert await rate(market, till) == 38
    [told] = await market.told(till.keeper, "shop.fee_agreed")
    assert (told["permyriad"], told["shop_name"]) == (38, till.shop["name"])
    facts = await market.value(
        "select facts->>'permyriad' from operators.audit_trail where action = 'merchants.fee_agreed'"
    )
    assert facts == "38"
    [line] = (await desk.get("/api/ops/fees"))["shops"]
    assert (line["shop_id"], line["permyriad"]) == (till.shop["id"], 38)


async def test_a_later_day_is_agreed_on_ahead(market: Market, time: Time) -> None:
    till, desk = await till_of(market), await desk_of(market)
    await agree(desk, till, 38)
    today = town.business_date(clock.now())
    await agree(desk, till, 60, from_date=str(today + timedelta(days=3)))
    rates = [await rate(market, till)]
    for _ in range(3):
        time.pass_by(days=1)
        rates.append(await rate(market, till))
    assert rates == [38, 38, 38, 60]
    listed = (await desk.get(f"/api/ops/fees/{till.shop['id']}/agreements"))["agreements"]
    assert [one["permyriad"] for one in listed] == [60, 38]


async def test_a_repeat_agrees_on_nothing_more(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    once = key()
    first, again = await agree(desk, till, 38, once=once), await agree(desk, till, 38, once=once)
    assert first["id"] == again["id"]
    assert await refused_as(agree(desk, till, 39, once=once)) == "idempotency-key-reused"
    assert await market.value("select count(*) from merchants.agreements") == 1
    assert len(await market.told(till.keeper, "shop.fee_agreed")) == 1


async def test_what_cannot_be_agreed_on_is_refused(market: Market) -> None:
    till, desk = await till_of(market), await desk_of(market)
    today = town.business_date(clock.now())
    for permyriad in (-1, MOST_PERMYRIAD + 1):
        assert await refused_as(agree(desk, till, permyriad)) == "invalid-request"
    for days in (-1, 367):
        assert await refused_as(agree(desk, till, 1, from_date=str(today + timedelta(days=days)))) == "invalid-request"
    missing = f"/api/ops/fees/{UUID(int=0x700)}/agreements"
    assert await refused_as(desk.post(missing, {"permyriad": 1}, idempotency_key=key())) == "not-found"
    assert await refused_as(desk.get(missing)) == "not-found"
    assert await market.value("select count(*) from merchants.agreements") == 0


@pytest.mark.parametrize("path", ["/api/ops/fees", "/api/ops/payouts"])
async def test_the_desk_is_the_staffs_alone(market: Market, path: str) -> None:
    till = await till_of(market)
    assert await refused_as(till.keeper.get(path)) == "not-an-operator"
    assert await refused_as(agree(till.keeper, till, 0)) == "not-an-operator"


async def test_the_desk_lists_payouts_of_all_shops(market: Market) -> None:
    till, desk = await till_of(market, sold_minor=5_000), await desk_of(market)
    await till.choose()
    await till.pay_out(1_000)
    [line] = (await desk.get("/api/ops/payouts"))["payouts"]
    assert (line["shop_name"], line["amount_minor"], line["state"]) == (till.shop["name"], 1_000, "done")
