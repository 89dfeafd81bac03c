"""What became of a campaign: every figure equals a recount of the tables of other rooms, and the CSV says the same."""

import csv
import io
from typing import Any

from tests.coupons.desk import OPS, Desk, opened_desk
from tests.support.market import Market, Time, key

# By payments, refunds and the ledger, which the report does not read.
RECOUNT = """
with used as (
    select k.coupon_id, k.saved_minor, k.worth_minor, p.id, p.payer_id, p.shop_id, p.amount_minor, p.created_at
    from checkout.payment_coupons k join checkout.payments p on p.id = k.payment_id
    where k.campaign_id = $1 and p.state = 'paid' and not exists (
        select from checkout.refunds r join checkout.refund_coupons b on b.refund_id = r.id
        where r.payment_id = p.id and r.state = 'done' and b.back and b.place = k.place)
), campaign as (select substr($1::text, 1, 34) as id), stand as (
    select id, sum(amount)::bigint as balance from (
        select credit_account_id as id, amount from ledger.transfers
        union all select debit_account_id, -amount from ledger.transfers) legs group by id)
select (select count(*) from used) as redeemed,
    (select coalesce(sum(saved_minor), 0)::bigint from used) as redeemed_minor,
    (select coalesce(sum(worth_minor - saved_minor), 0)::bigint from used) as unused_minor,
    (select coalesce(sum(amount_minor), 0)::bigint from used) as sales_minor,
    (select count(distinct payer_id) from used u where not exists (
        select from checkout.payments o where o.payer_id = u.payer_id and o.state = 'paid' and o.created_at < u.created_at)
    ) as new_payers,
    (select coalesce(max(balance), 0) from stand, campaign where stand.id = (campaign.id || '08')::uuid)
        as expired,
    (select coalesce(max(balance), 0) from stand, campaign where stand.id = (campaign.id || '09')::uuid)
        as withdrawn,
    (select coalesce(max(balance), 0) from stand, campaign where stand.id = (campaign.id || '06')::uuid)
        as outstanding,
    (select coalesce(max(balance), 0) from stand, campaign where stand.id = (campaign.id || '02')::uuid)
        as outstanding_minor,
    (select coalesce(sum(amount), 0)::bigint from ledger.transfers t, campaign
     where t.code = 22 and t.debit_account_id = (campaign.id || '02')::uuid) as expired_minor,
    (select coalesce(sum(amount), 0)::bigint from ledger.transfers t, campaign
     where t.code = 34 and t.debit_account_id = (campaign.id || '02')::uuid) as withdrawn_minor
"""


async def test_every_figure_equals_a_recount(market: Market, time: Time) -> None:
    desk = await opened_desk(market)
    percent = {"amount_minor": 800, "kind": "percent", "percent": 20}
    campaign = await desk.run({"amount_minor": 500}, percent, terms={"per_person": 2})
    shop = await market.shop(await market.person("guifang"), "=1+1")
    other = await market.shop(await market.person("laowu"), "蔬果日记")
    known = await market.shopper("known", balance_minor=9_000)
    await market.pay(known, await market.order(known, shop, 700))
    people = [known, *[await market.shopper(f"new{number}", balance_minor=9_000) for number in range(3)]]
    await market.settle()
    for person in people:
        await desk.claim(person, campaign)
        for at, amount in ((shop, 2_000), (other, 300)):
            order = await market.order(person, at, amount)
            payment = await market.pay(person, order, coupon_ids=order["best_coupon_ids"])
            if person is people[1] and at is shop:
                path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
                keeper = next(one for one in market.served._clients if one.me.get("handle") == "guifang")
                await keeper.post(path, {"amount_minor": amount, "reason": ""}, idempotency_key=key())
    await desk.claim(people[2], campaign)
    body = {"reason": "fraud", "handle": "new1"}
    await desk.drafter.post(f"{OPS}/{campaign['id']}/withdrawals", body, idempotency_key=key())
    time.pass_by(days=8)
    await market.sweep("coupons.expire")
    await market.settle()
    report = await desk.drafter.get(f"{OPS}/{campaign['id']}/report")
    recount = dict(await market.row(RECOUNT, campaign["id"]))
    assert {name: report[name] for name in recount} == recount
    assert recount["new_payers"] == 2, (
        "one had paid before, and of one the first purchase was given back with its coupon"
    )
    assert report["given"] == sum(report[one] for one in ("redeemed", "expired", "withdrawn", "outstanding"))
    parts = ("redeemed", "unused", "expired", "withdrawn", "outstanding")
    assert report["given_minor"] == sum(report[f"{one}_minor"] for one in parts)
    for lines in ("by_shop", "by_hour"):
        assert sum(one["redeemed"] for one in report[lines]) == report["redeemed"]
        assert sum(one["sales_minor"] for one in report[lines]) == report["sales_minor"]
    assert min(report["withdrawn"], report["expired"], report["unused_minor"]) > 0
    await the_table_says_the_same(desk, campaign, report)
    await market.books_are_right()


async def the_table_says_the_same(desk: Desk, campaign: dict[str, Any], report: dict[str, Any]) -> None:
    path = f"{desk.market.served.url}{OPS}/{campaign['id']}/report.csv"
    answer = await desk.drafter._http.get(path)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    given = next(row for row in rows if row["part"] == "given")
    assert (given["pieces"], given["amount"]) == (str(report["given"]), f"{report['given_minor'] / 100:.2f}")
    assert next(row["of"] for row in rows if row["part"] == "at") == "'=1+1", "no spreadsheet works out a shop's name"
    sales = sum(round(float(row["sales"]) * 100) for row in rows if row["part"] == "in the hour")
    assert sales == report["sales_minor"]
