"""What the operator sees of a morning, and that every figure equals a recount of the rooms' own tables."""

import httpx
import pytest

from junzi.app import House
from junzi.kit.database import Reader
from tests.admin.conftest import client_of
from tests.admin.story import answered, live_through, sign_up
from tests.issuer.bank import Bank

RECOUNT = """
with day as (select date '2026-03-10' as is)
select
    (select count(*) from people.persons, day where (created_at at time zone 'Asia/Shanghai')::date = day.is) as sign_ups,
    (select count(*) from people.persons, day where last_active_date = day.is) as actives,
    (select count(*) from bank.cards, day where (bound_at at time zone 'Asia/Shanghai')::date = day.is) as cards_bound,
    (select count(*) from kit.outbox, day
     where type = 'checkout.code_scanned' and (at at time zone 'Asia/Shanghai')::date = day.is) as scans,
    (select count(*) from merchants.takings, day where business_date = day.is) as payments,
    (select coalesce(sum(amount_minor), 0)::bigint from checkout.payments, day
     where state = 'paid' and business_date = day.is) as payments_minor,
    (select count(*) from checkout.refunds where state = 'done') as refunds,
    (select coalesce(sum(amount_minor), 0)::bigint from checkout.refunds where state = 'done') as refunds_minor,
    (select count(*) from coupons.coupons, day
     where (given_at at time zone 'Asia/Shanghai')::date = day.is) as coupons_given,
    (select coalesce(sum(amount_minor), 0)::bigint from coupons.coupons, day
     where (given_at at time zone 'Asia/Shanghai')::date = day.is) as coupons_given_minor,
    (select count(*) from coupons.coupons where state = 'redeemed') as coupons_redeemed,
    (select coalesce(sum(coupon_minor), 0)::bigint from merchants.takings, day
     where business_date = day.is) as coupons_redeemed_minor
"""


async def test_every_figure_equals_a_recount_of_the_rooms_own_tables(house_with_bank: House, bank: Bank) -> None:
    morning = await live_through(house_with_bank, bank)
    today = (await morning.administrator.get("/api/ops/today")).json()
    async with house_with_bank.database.read() as reader:
        recount = dict(await reader.fetchrow(RECOUNT))
    assert today["figures"] == recount
    assert recount == {
        "sign_ups": 4,
        "actives": 4,
        "cards_bound": 2,
        "scans": 3,
        "payments": 2,
        "payments_minor": 2_700,
        "refunds": 0,
        "refunds_minor": 0,
        "coupons_given": 4,
        "coupons_given_minor": 1_800,
        "coupons_redeemed": 2,
        "coupons_redeemed_minor": 800,
    }
    assert [
        (hour["hour"], hour["payments"], hour["amount_minor"], hour["scans"])
        for hour in today["hours"]
        if hour["scans"]
    ] == [(12, 2, 2_700, 3)]


async def test_the_operator_sees_payments_and_where_the_campaigns_money_is(house_with_bank: House, bank: Bank) -> None:
    morning = await live_through(house_with_bank, bank)
    payments = (await morning.administrator.get("/api/ops/payments")).json()["payments"]
    shown = [(line["payer"]["handle"], line["amount_minor"], line["coupon_minor"]) for line in payments]
    assert shown == list(reversed(morning.paid))
    newest = payments[0]
    assert set(newest) == {
        "id", "number", "payer", "shop_name", "picture", "amount_minor", "coupon_minor", "funding", "state", "at",
    }  # fmt: skip
    assert (newest["shop_name"], newest["picture"], newest["funding"], newest["state"]) == (
        "Noodles",
        "🍜",
        "balance",
        "paid",
    )
    assert len((await morning.administrator.get("/api/ops/payments?limit=1")).json()["payments"]) == 1

    # The coupon of 3.00 paid 2.00: the rest went back to the budget and is neither outstanding nor redeemed.
    assert (await morning.administrator.get("/api/ops/campaigns")).json() == {
        "campaigns": [
            {
                "id": str(morning.campaign_id),
                "title": {"zh": "绑卡礼", "en": "A gift for your card"},
                "state": "running",
                "budget_minor": 5_000,
                "outstanding_minor": 900,
                "redeemed_minor": 800,
                "given": 4,
                "redeemed": 2,
            }
        ]
    }


@pytest.mark.parametrize("what", ["payments", "campaigns", "today", "days"])
async def test_nobody_but_an_administrator_sees_the_console(house: House, what: str) -> None:
    person, nobody = await sign_up(house, "person"), client_of(house)
    assert (await answered(person.get(f"/api/ops/{what}"), 403))["type"] == "/problems/not-an-operator"
    assert (await answered(nobody.get(f"/api/ops/{what}"), 401))["type"] == "/problems/not-signed-in"


async def test_the_lists_cost_the_same_number_of_queries_however_long_they_are(
    house_with_bank: House, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = (await live_through(house_with_bank, bank)).administrator
    # It writes down by itself, now and then, what it remembers.
    await house_with_bank.ledger._background.stop()
    asked: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval"):
        monkeypatch.setattr(Reader, name, _noting(asked, getattr(Reader, name)))
    # Who is asking, their role, payments, payers, shops.
    assert await _queries(asked, administrator, "/api/ops/payments?limit=1") == 5
    assert await _queries(asked, administrator, "/api/ops/payments?limit=2") == 5
    # Who is asking, their role, campaigns; the ledger knows their accounts by heart.
    assert await _queries(asked, administrator, "/api/ops/campaigns") == 3
    # Who is asking, their role, the figures.
    assert await _queries(asked, administrator, "/api/ops/today") == 3
    assert await _queries(asked, administrator, "/api/ops/days") == 3


async def _queries(asked: list[str], client: httpx.AsyncClient, path: str) -> int:
    asked.clear()
    await answered(client.get(path), 200)
    return len(asked)


def _noting(asked: list[str], method: object) -> object:
    async def noted(self: Reader, query: str, *arguments: object) -> object:
        asked.append(query)
        return await method(self, query, *arguments)  # type: ignore[operator]

    return noted
