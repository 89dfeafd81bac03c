"""The checks across rooms: a morning of real payments and refunds is sound, and each value that is corrupted in it is named."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest_asyncio

from junzi.app import House, open_house
from junzi.audit import CHECKS, audit
from junzi.kit.config import Settings
from junzi.operators.actions import make_administrator
from tests.admin.story import PIN, answered, bind_card, idem, live_through, sign_up
from tests.audit import test_audit
from tests.issuer.bank import BLOCKED, KEY, WORKS, Bank
from tests.support.town import found_town

_ONE = "= (select {column} from {table} order by {column} limit 1)"
_BILL = f"id {_ONE.format(column='id', table='wallet.bills')}"
_TAKING = f"id {_ONE.format(column='id', table='merchants.takings')}"
_PAYMENT = f"id {_ONE.format(column='id', table='checkout.payments')}"

# One row a corruption: the finding it must lead to, and the one value (or row) that is wrong.
CORRUPTIONS: Sequence[tuple[str, str]] = [
    ("commission_transfers", "update field.commissions set amount_minor = amount_minor + 1"),
    (
        "waiver_sum",
        "insert into merchants.waivers (id, agreement_id, permyriad, budget_minor, waived_minor)"
        " select id, id, 1, 2, 1 from merchants.agreements limit 1",
    ),
    ("commission_transfers", "update field.commissions set state = 'lapsed', paid_at = null"),
    ("bill_sum", f"update wallet.bills set amount_minor = amount_minor + 1 where {_BILL}"),
    ("bill_sum", f"delete from wallet.bills where {_BILL}"),
    ("bill_sum", "update wallet.bills set moves_balance = false"),
    ("taking_sum", f"delete from merchants.takings where {_TAKING}"),
    (
        "taking_sum",
        f"update merchants.takings set amount_minor = amount_minor + 1, paid_minor = paid_minor + 1 where {_TAKING}",
    ),
    (
        "taking_total",
        "insert into merchants.totals (shop_id, through, count, amount_minor)"
        " select shop_id, max(business_date), 0, sum(amount_minor) from merchants.takings group by shop_id limit 1",
    ),
    ("coupon_outstanding", "update coupons.coupons set amount_minor = amount_minor + 1 where state = 'available'"),
    ("coupon_outstanding", "update coupons.coupons set state = 'expired' where state = 'available'"),
    (
        "coupon_payment",
        "update coupons.coupons set state = 'available', payment_id = null, used_shop_id = null, used_at = null,"
        " used_minor = null, saved_minor = null where state = 'redeemed'",
    ),
    ("coupon_money", "update coupons.coupons set saved_minor = saved_minor - 1 where state = 'redeemed'"),
    ("coupon_money", "update coupons.coupons set amount_minor = amount_minor + 1"),
    ("coupon_pieces", "update coupons.coupons set state = 'expired' where state = 'available'"),
    ("campaign_budget", "update coupons.campaigns set budget_minor = budget_minor - 1"),
    ("campaign_budget", "update coupons.campaigns set budget_pieces = budget_pieces + 1"),
    ("coupon_money", "update coupons.coupons set amount_minor = amount_minor + 1 where state = 'withdrawn'"),
    (
        "coupon_pieces",
        "update coupons.coupons set state = 'expired', withdrawal_id = null where state = 'withdrawn'",
    ),
    ("campaign_funders", "update coupons.fundings set shop_minor = shop_minor - 1 where shop_id is not null"),
    ("campaign_funders", "update coupons.fundings set state = 'refused' where shop_id is not null"),
    ("campaign_funders", "update coupons.fundings set shop_id = share_id where shop_id is not null"),
    ("campaign_funders", "delete from coupons.rests"),
    ("campaign_funders", "update coupons.rests set pieces = pieces + 1"),
    (
        "campaign_shares",
        "update coupons.rests set shop_minor = shop_minor + 1, amount_minor = amount_minor + 1 where shop_id is not null",
    ),
    ("campaign_shares", "update coupons.shares set state = 'agreed' where state = 'paid'"),
    ("campaign_shares", "update coupons.shares set decided_by = null where state = 'paid'"),
    ("coupon_payment", "update coupons.coupons set state = 'reserved' where state = 'redeemed'"),
    ("coupon_payment", "update coupons.coupons set payment_id = id where state = 'redeemed'"),
    ("payment_transfers", f"update checkout.payments set state = 'refused' where {_PAYMENT}"),
    (
        "payment_transfers",
        f"update checkout.payments set amount_minor = amount_minor + 1, paid_minor = paid_minor + 1 where {_PAYMENT}",
    ),
    ("payment_room", f"update checkout.payments set room_date = null where {_PAYMENT}"),
    ("payment_room", f"update checkout.payments set state = 'refused' where {_PAYMENT}"),
    ("order_payment", "update checkout.orders set state = 'open'"),
    ("order_payment", f"update checkout.payments set state = 'processing' where {_PAYMENT}"),
    ("payment_told", "delete from wallet.bills where kind = 'payment'"),
    ("payment_told", f"delete from merchants.takings where {_TAKING}"),
    ("debit_answered", "update bank.debits set amount_minor = amount_minor + 1"),
    ("debit_answered", "update bank.debits set state = 'declined'"),
    ("refund_sum", "update checkout.refunds set amount_minor = amount_minor + 9000, payer_minor = payer_minor + 9000"),
    (
        "refund_sum",
        "update checkout.payments set state = 'refused' where id in (select payment_id from checkout.refunds)",
    ),
    ("refund_transfers", "update checkout.refunds set payer_minor = payer_minor - 1, coupon_minor = coupon_minor + 1"),
    ("refund_transfers", "update checkout.refunds set state = 'refused', refusal = 'x', paid_to = null"),
    ("refund_transfers", "with parts as (delete from checkout.refund_coupons) delete from checkout.refunds"),
    ("refund_told", "delete from wallet.bills where kind = 'refund'"),
    (
        "refund_told",
        "update merchants.takings set amount_minor = amount_minor - 1, paid_minor = paid_minor - 1 where kind = 'refund'",
    ),
    ("bill_sum", "update wallet.bills set moves_balance = not moves_balance where kind = 'refund'"),
    ("taking_sum", "delete from merchants.takings where kind = 'refund'"),
    ("coupon_payment", "update checkout.refund_coupons set back = false where back"),
    ("coupon_payment", "update coupons.coupons set saved_minor = saved_minor - 1 where state = 'redeemed'"),
    ("payment_coupons", "delete from checkout.payment_coupons"),
    ("payment_coupons", "update checkout.payment_coupons set saved_minor = saved_minor - 1"),
    ("payment_coupons", "update checkout.payment_coupons set place = place + 1"),
    ("coupon_transfers", "update checkout.payment_coupons set saved_minor = saved_minor - 1"),
    ("coupon_transfers", "update checkout.payment_coupons set worth_minor = worth_minor + 1"),
    ("coupon_transfers", "update checkout.payment_coupons set campaign_id = payment_id"),
    ("coupon_transfers", "delete from checkout.payment_coupons"),
    ("refund_coupons", "update checkout.refund_coupons set amount_minor = amount_minor + 1"),
    ("refund_coupons", "update checkout.refund_coupons set amount_minor = amount_minor + 9000"),
    ("coupon_refund_transfers", "update checkout.refund_coupons set amount_minor = amount_minor + 1"),
    ("coupon_refund_transfers", "update checkout.refund_coupons set back = false where back"),
    ("coupon_refund_transfers", "delete from checkout.refund_coupons"),
    ("order_payment", "update checkout.orders set state = 'closed' where state = 'paid'"),
    ("fee_transfers", "update checkout.payments set fee_minor = fee_minor - 1 where fee_minor > 0"),
    ("fee_transfers", "update checkout.refunds set fee_minor = fee_minor + 1 where fee_minor > 0"),
    ("fee_transfers", "delete from checkout.refunds where fee_minor > 0"),
    ("fee_back", "update checkout.refunds set fee_minor = fee_minor + 100 where fee_minor > 0"),
    ("fee_back", "update checkout.refunds set fee_minor = fee_minor - 1 where fee_minor > 0"),
    ("fee_told", "update merchants.takings set fee_minor = 0 where fee_minor > 0"),
    ("fee_told", "update merchants.takings set fee_minor = fee_minor - 1 where fee_minor < 0"),
    ("payout_transfers", "update settlement.payouts set amount_minor = amount_minor + 1 where state = 'done'"),
    ("payout_transfers", "update settlement.payouts set state = 'done', reason = null where state = 'returned'"),
    ("payout_transfers", "update settlement.payouts set state = 'refused', reason = 'x' where state = 'done'"),
    ("payout_transfers", "delete from settlement.payouts where state = 'returned'"),
    (
        "payout_answered",
        "delete from bank.credits where id in (select (substr(id::text, 1, 34) || '01')::uuid from settlement.payouts)",
    ),
    ("payout_answered", "update bank.credits set state = 'succeeded' where state = 'declined'"),
    ("payout_answered", "update settlement.payouts set state = 'returned', reason = 'x' where state = 'done'"),
    ("credit_answered", "delete from bank.credits where state = 'succeeded'"),
    ("credit_answered", "update bank.credits set amount_minor = amount_minor + 1 where state = 'declined'"),
    ("credit_answered", "update checkout.refunds set paid_to = 'card' where paid_to = 'balance'"),
]


@pytest_asyncio.fixture
async def lived_url(database_url: str, bank: Bank, tmp_path: Path) -> AsyncIterator[str]:
    await found_town(database_url)
    settings = Settings(database_url=database_url, data=tmp_path, issuer_url=bank.url, issuer_key=KEY)
    async with open_house(settings) as house:
        await live_through(house, bank)
        await give_back(house, bank)
        await bring_to_the_bank(house, bank)
        await earn_a_commission(house, bank)
        await share_and_withdraw(house, bank)
    yield database_url


async def share_and_withdraw(house: House, bank: Bank) -> None:
    """A campaign that a shop pays a part of out of what it took, given to somebody and taken back, and ended."""
    drafter, approver, baker, fan = [await sign_up(house, handle) for handle in ("yuan", "second", "baker", "fan")]
    async with house.database.transaction() as tx:
        for one in (drafter, approver):
            await make_administrator(tx, UUID((await one.get("/api/me")).json()["id"]))
    new = {"name": "Oven", "trade": "bakery", "picture": "🥐"}
    shop = await answered(baker.post("/api/shops", json=new, headers=idem()), 201)
    await answered(fan.put("/api/me/payment-pin", json={"pin": PIN}), 204)
    card_id = await bind_card(fan, bank)
    wanted = {"code": shop["code"]["code"], "amount_minor": 500}
    order = await answered(fan.post("/api/orders", json=wanted, headers=idem()), 201)
    how = {"funding": "card", "card_id": card_id, "pin": PIN}
    await answered(fan.post(f"/api/orders/{order['id']}/payments", json=how, headers=idem()), 201)
    draft = {
        "title": {"zh": "一起出", "en": "Together"},
        "trigger": "claim",
        "offers": [{"amount_minor": 300}],
        "budget_minor": 1_000,
        "budget_pieces": 9,
        "valid_days": 7,
        "funder": {"shop_id": shop["id"], "permille": 333},
    }
    campaign = await answered(drafter.post("/api/ops/campaigns", json=draft, headers=idem()), 201)
    path, shares = f"/api/ops/campaigns/{campaign['id']}", f"/api/shops/{shop['id']}/shares"
    [share] = (await answered(baker.get(shares), 200))["shares"]
    await answered(baker.post(f"{shares}/{share['id']}/agreements"), 201)
    await answered(approver.post(f"{path}/approvals"), 201)
    await answered(fan.post(f"/api/campaigns/{campaign['id']}/claims", headers=idem()), 201)
    await answered(drafter.post(f"{path}/withdrawals", json={"reason": "mistake"}, headers=idem()), 201)
    await answered(drafter.post(f"{path}/ends"), 201)
    await house.relay.drain()


async def give_back(house: House, bank: Bank) -> None:
    """A part to the balance, a whole with its coupon to the balance, a part to a card, and one that a removed card declines."""
    host, guest = [await sign_up(house, handle) for handle in ("host", "guest")]
    new = {"name": "Bakery", "trade": "bakery", "picture": "🥐"}
    shop = await answered(host.post("/api/shops", json=new, headers=idem()), 201)
    await answered(guest.put("/api/me/payment-pin", json={"pin": PIN}), 204)
    card_id = await bind_card(guest, bank)
    await house.relay.drain()
    top_up = {"card_id": card_id, "amount_minor": 9_000, "pin": PIN}
    await answered(guest.post("/api/topups", json=top_up, headers=idem()), 201)

    async def paid(amount_minor: int, *, with_coupon: bool, **how: str) -> str:
        wanted = {"code": shop["code"]["code"], "amount_minor": amount_minor}
        order = await answered(guest.post("/api/orders", json=wanted, headers=idem()), 201)
        how = {"coupon_ids": order["best_coupon_ids"] if with_coupon else [], "funding": "balance", "pin": PIN, **how}
        payment = await answered(guest.post(f"/api/orders/{order['id']}/payments", json=how, headers=idem()), 201)
        assert payment["state"] == "paid"
        payment_id: str = payment["id"]
        return payment_id

    async def refunded(payment_id: str, amount_minor: int) -> str:
        path = f"/api/shops/{shop['id']}/payments/{payment_id}/refunds"
        refund = await answered(host.post(path, json={"amount_minor": amount_minor}, headers=idem()), 201)
        assert refund["state"] == "done"
        paid_to: str = refund["paid_to"]
        return paid_to

    assert await refunded(await paid(2_500, with_coupon=True), 2_500) == "balance"
    assert await refunded(await paid(2_600, with_coupon=True), 1_001) == "balance"
    by_card = await paid(1_200, with_coupon=False, funding="card", card_id=card_id)
    assert await refunded(by_card, 500) == "card"
    await answered(guest.delete(f"/api/cards/{card_id}"), 204)
    assert await refunded(by_card, 300) == "balance"
    await house.relay.drain()


async def bring_to_the_bank(house: House, bank: Bank) -> None:
    """Two sales with a fee, one of them given back; one payout that the card takes, and one that a card declines."""
    owner = await sign_up(house, "owner")
    await answered(owner.put("/api/me/payment-pin", json={"pin": PIN}), 204)
    new = {"name": "Tea", "trade": "coffee", "picture": "🍵"}
    shop = await answered(owner.post("/api/shops", json=new, headers=idem()), 201)
    path = f"/api/shops/{shop['id']}"
    desk = await sign_up(house, "desk")
    async with house.database.transaction() as tx:
        await make_administrator(tx, UUID((await desk.get("/api/me")).json()["id"]))
    fee = {"permyriad": 100}
    await answered(desk.post(f"/api/ops/fees/{shop['id']}/agreements", json=fee, headers=idem()), 201)
    guest = await sign_up(house, "tea_guest")
    await answered(guest.put("/api/me/payment-pin", json={"pin": PIN}), 204)
    card_id = await bind_card(guest, bank)

    async def sold(amount_minor: int) -> str:
        wanted = {"code": shop["code"]["code"], "amount_minor": amount_minor}
        order = await answered(guest.post("/api/orders", json=wanted, headers=idem()), 201)
        how = {"coupon_ids": [], "funding": "card", "card_id": card_id, "pin": PIN}
        paid = await answered(guest.post(f"/api/orders/{order['id']}/payments", json=how, headers=idem()), 201)
        assert paid["state"] == "paid"
        payment_id: str = paid["id"]
        return payment_id

    await sold(1_000)
    refunds = f"{path}/payments/{await sold(700)}/refunds"
    assert (await answered(owner.post(refunds, json={"amount_minor": 700}, headers=idem()), 201))["state"] == "done"
    for card_number, state in ((WORKS, "done"), (BLOCKED, "returned")):
        chosen = {"card_id": await bind_card(owner, bank, card_number), "pin": PIN}
        await answered(owner.put(f"{path}/bank-account", json=chosen), 200)
        out = {"amount_minor": 400, "pin": PIN}
        payout = await answered(owner.post(f"{path}/payouts", json=out, headers=idem()), 201)
        assert payout["state"] == state
    await house.relay.drain()


async def earn_a_commission(house: House, bank: Bank) -> None:
    """A promoter signs a shop up, somebody pays there, and the promoter is paid for it."""
    desk, walker, owner = [await sign_up(house, handle) for handle in ("street_desk", "walker", "signed_up")]
    async with house.database.transaction() as tx:
        await make_administrator(tx, UUID((await desk.get("/api/me")).json()["id"]))
    rule = {"amount_minor": 500, "budget_minor": 500, "payers": 1}
    await answered(desk.post("/api/ops/commissions", json=rule, headers=idem()), 201)
    await answered(desk.post("/api/ops/promoters", json={"handle": "walker"}), 201)
    await answered(desk.post("/api/ops/street/lists", json={"csv": "number,name,trade\n1,Corner,other"}), 200)
    [place] = (await answered(walker.get("/api/field/places"), 200))["places"]
    wanted = {"place_id": place["id"], "shop": {"name": "Corner", "trade": "other"}}
    asked = await answered(walker.post("/api/field/sign-ups", json=wanted, headers=idem()), 201)
    await answered(owner.post(f"/api/sign-ups/{asked['url'].rpartition('/')[2]}/agreements"), 200)
    await house.relay.drain()
    guest = await sign_up(house, "corner_guest")
    await answered(guest.put("/api/me/payment-pin", json={"pin": PIN}), 204)
    [shop] = (await answered(owner.get("/api/shops"), 200))["shops"]
    wanted = {"code": shop["code"]["code"], "amount_minor": 300}
    order = await answered(guest.post("/api/orders", json=wanted, headers=idem()), 201)
    how = {"coupon_ids": [], "funding": "card", "card_id": await bind_card(guest, bank), "pin": PIN}
    await answered(guest.post(f"/api/orders/{order['id']}/payments", json=how, headers=idem()), 201)
    await house.relay.drain()
    [earned] = (await answered(walker.get("/api/field/commissions"), 200))["commissions"]
    assert earned["state"] == "paid"


async def test_each_corrupted_value_is_named(lived_url: str) -> None:
    assert await audit(lived_url) == []
    connection = await asyncpg.connect(lived_url)
    for name, corruption in CORRUPTIONS:
        # The auditor reads what is committed: corrupt, look, and put everything back.
        kept = await _copies(connection)
        assert int((await connection.execute(corruption)).rpartition(" ")[2]) > 0, corruption
        names = {finding.name for finding in await audit(lived_url)}
        assert name in names, (corruption, names)
        await _put_back(connection, kept)
    assert await audit(lived_url) == []
    await connection.close()


def test_every_check_has_a_corruption() -> None:
    corrupted = {name for name, _ in (*CORRUPTIONS, *test_audit.CORRUPTIONS)}
    assert corrupted == set(CHECKS)
    assert len(set(CHECKS)) == len(CHECKS)


TABLES = (
    "wallet.bills",
    "merchants.takings",
    "merchants.totals",
    "merchants.waivers",
    "coupons.coupons",
    "coupons.campaigns",
    "coupons.shares",
    "coupons.fundings",
    "coupons.rests",
    "checkout.orders",
    "checkout.payments",
    "checkout.payment_coupons",
    "checkout.refunds",
    "checkout.refund_coupons",
    "bank.debits",
    "bank.credits",
    "settlement.payouts",
    "field.commissions",
)


async def _copies(connection: asyncpg.Connection) -> dict[str, list[asyncpg.Record]]:
    return {table: await connection.fetch(f"select * from {table}") for table in TABLES}


async def _put_back(connection: asyncpg.Connection, kept: dict[str, list[asyncpg.Record]]) -> None:
    for table in reversed(TABLES):
        await connection.execute(f"delete from {table}")
    for table, rows in kept.items():
        schema, name = table.split(".")
        await connection.copy_records_to_table(name, schema_name=schema, records=[tuple(row) for row in rows])
