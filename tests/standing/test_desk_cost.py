"""What the desk's lists cost does not grow with the years: takings are summed up once, and every list has pages."""

from typing import Any
from urllib.parse import quote as quoted
from uuid import UUID

from junzi.kit import ids
from junzi.merchants import figures
from tests.standing.office import Office
from tests.support.market import Market, Time, at_once, key, refused_as

READ = "select count, amount_minor from merchants.totals where shop_id = $1"


async def test_takings_that_were_summed_up_are_read_no_more_and_stay_in_the_sum(market: Market, time: Time) -> None:
    office = await Office.opened(market)
    buyer = await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(office.keeper)
    shop_id = UUID(shop["id"])
    for amount in (1_000, 500):
        payment = await market.pay(buyer, await market.order(buyer, shop, amount))
    path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
    await office.keeper.post(path, {"amount_minor": 200}, idempotency_key=key())
    assert await sums(office, shop) == (2, 1_300)
    await market.settle()
    await figures.sum_up(market.house.database)
    assert await market.row(READ, shop_id) is None or tuple(await market.row(READ, shop_id)) == (0, 0), (
        "today is not over"
    )

    time.pass_by(days=1, hours=3)
    await at_once(*[figures.sum_up(market.house.database) for _ in range(4)])
    assert tuple(await market.row(READ, shop_id)) == (2, 1_300), "once, however many sum up at the same time"
    await market.books_are_right()
    await market.pay(buyer, await market.order(buyer, shop, 70))
    assert await sums(office, shop) == (3, 1_370)
    time.pass_by(days=2)
    await figures.sum_up(market.house.database)
    assert tuple(await market.row(READ, shop_id)) == (3, 1_370)
    await market.row("with gone as (delete from merchants.takings returning 1) select count(*) from gone")
    assert await sums(office, shop) == (3, 1_370), "no taking of those days was read for it"


async def test_shops_whose_code_is_taken_back_are_listed_by_page(market: Market) -> None:
    """Those whose keepers object first, of them and of the others who waits longest, each once."""
    office = await Office.opened(market)
    shops = await many(market, UUID(office.keeper.me["id"]), 120)
    expected = [*(id for id in shops if loud(shops, id)), *(id for id in shops if not loud(shops, id))]
    first = await office.operator.get("/api/ops/shops?queue=withdrawn")
    listed, next = [shop["id"] for shop in first["shops"]], first["next"]
    pages = 1
    while next is not None:
        page = await office.operator.get(f"/api/ops/shops?queue=withdrawn&after={quoted(next)}")
        listed, next, pages = listed + [shop["id"] for shop in page["shops"]], page["next"], pages + 1
    assert (listed, pages) == (expected, 3)
    for bad in ("yesterday", "2,2026-01-01T00:00:00+00:00,x", "1,x,y", "0"):
        asked = office.operator.get(f"/api/ops/shops?queue=withdrawn&after={quoted(bad)}")
        assert await refused_as(asked) == "invalid-request"


def loud(shops: list[str], id: str) -> bool:
    return shops.index(id) % 3 == 0


async def many(market: Market, owner_id: UUID, count: int) -> list[str]:
    """Shops whose codes are taken back, one after the other; every third keeper objects."""
    shops = [str(ids.new_id()) for _ in range(count)]
    await market.row(
        "with shop as (insert into merchants.shops (id, owner_id, name, trade, place, picture, state, opened_at, withdrawn)"
        " select id, $2, 'x', 'other', '', '🏬', 'open', now(), true from unnest($1::uuid[]) as s (id))"
        " insert into standing.withdrawals (id, shop_id, reason, case_number, taken_by, taken_at, objection)"
        " select gen_random_uuid(), id, 'shop-gone', '', $2, '2026-01-01'::timestamptz + place * interval '1 minute',"
        " case when place % 3 = 1 then 'no' else '' end"
        " from unnest($1::uuid[]) with ordinality as s (id, place) returning 1",
        shops,
        owner_id,
    )
    return shops


async def sums(office: Office, shop: dict[str, Any]) -> tuple[int, int]:
    line = await office.operator.get(f"/api/ops/shops/{shop['id']}")
    return line["count"], line["amount_minor"]
