"""Shops of one owner become stores under one name and stand alone again; name and sums change, and nothing else."""

from typing import Any

from junzi.client import Client
from tests.merchants.test_profile import change, proposal, reviewed
from tests.merchants.test_stores import amounts, opened
from tests.settlement.till import Till
from tests.support.market import Market, at_once, refused_as

Shop = dict[str, Any]


async def join(keeper: Client, shop: Shop, other: Shop, branch: str = "东门店") -> dict[str, Any]:
    path = f"/api/shops/{shop['id']}/stores/{other['id']}"
    return await keeper.request("PUT", path, {"branch": branch})  # type: ignore[no-any-return]


async def part(keeper: Client, shop: Shop, other: Shop) -> None:
    await keeper.request("DELETE", f"/api/shops/{shop['id']}/stores/{other['id']}")


async def name_of(keeper: Client, shop: Shop) -> str:
    return str((await keeper.get(f"/api/shops/{shop['id']}"))["name"])


async def test_joined_shops_keep_books_takings_staff_statements_and_payouts(market: Market) -> None:
    keeper, buyer = await market.shopper("guifang"), await market.shopper("xiaoman", balance_minor=50_000)
    cashier = await market.person("daniel")
    shop, other = await market.shop(keeper), await market.shop(keeper, "溪边面馆")
    await keeper.post(f"/api/shops/{other['id']}/staff", {"handle": "daniel"})
    await cashier.post(f"/api/shops/{other['id']}/staff/acceptance")
    tills = [Till(market, keeper, buyer, one) for one in (shop, other)]
    for till, amount in zip(tills, (3_000, 5_000), strict=True):
        await till.sell(amount, by_card=False)
        await till.choose()
    payment = await tills[1].sell(700, by_card=False)
    await market.settle()
    before = [await state_of(till) for till in tills]

    joined = await join(keeper, shop, other)
    assert [one["shop"]["name"] for one in joined["stores"]] == ["山脚面馆", "山脚面馆 · 东门店"]
    assert (joined["first_id"], joined["apart"]) == (shop["id"], [])
    assert await amounts(keeper, other) == ({"山脚面馆": 3_000, "山脚面馆 · 东门店": 5_700}, 8_700)
    assert [await state_of(till) for till in tills] == before
    assert len((await cashier.get(f"/api/shops/{other['id']}/takings"))["takings"]) == 2
    assert await refused_as(cashier.get(f"/api/shops/{shop['id']}")) == "not-found"
    scanned = await buyer.post("/api/scans", {"text": other["code"]["code"]})
    assert scanned["shop"]["name"] == "山脚面馆 · 东门店"

    await tills[1].sell(1_000, by_card=False)
    await tills[1].refund(payment, 700)
    assert [await till.has() for till in tills] == [3_000, 6_000]
    assert (await tills[1].pay_out(2_000))["state"] == "done"
    await part(keeper, shop, other)
    assert [await name_of(keeper, one) for one in (shop, other)] == ["山脚面馆", "溪边面馆"]
    assert await amounts(keeper, shop) == ({"山脚面馆": 3_000}, 3_000)
    assert [await till.has() for till in tills] == [3_000, 4_000]
    month = await keeper.get(f"/api/shops/{other['id']}/statement")
    assert (month["sums"]["sold_minor"], month["sums"]["paid_out_minor"], month["closing_minor"]) == (
        6_700,
        -2_000,
        4_000,
    )
    await market.settle()
    await market.books_are_right()


async def state_of(till: Till) -> list[Any]:
    """What joining may not touch: balance, bank, statement, takings, code, staff, room."""
    paths = ("money", "statement", "takings", "staff", "codes", "standing")
    return [await till.has(), *[await till.keeper.get(f"{till.path}/{path}") for path in paths]]


async def test_a_repeat_changes_nothing_and_whatever_races_there_is_one_merchant(market: Market) -> None:
    keeper = await market.person("guifang")
    shop, other, third = [await market.shop(keeper, name) for name in ("一", "二", "三")]
    await at_once(*[join(keeper, shop, other) for _ in range(4)])
    assert await name_of(keeper, other) == "一 · 东门店"
    await at_once(*[part(keeper, shop, other) for _ in range(4)])
    assert await name_of(keeper, other) == "二"
    await join(keeper, shop, other)
    await at_once(join(keeper, other, third, "西门店"), join(keeper, third, shop, "南门店"), part(keeper, shop, other))
    firsts = await market.rows(
        "select distinct merchant_id, (select merchant_id from merchants.stores o where o.shop_id = s.merchant_id) as own"
        " from merchants.stores s"
    )
    assert all(row["merchant_id"] == row["own"] for row in firsts), "whose stores there are is a store of none"


async def test_another_name_goes_to_all_stores_and_comes_from_the_first_alone(market: Market) -> None:
    keeper = await market.person("guifang")
    shop, other = await market.shop(keeper), await market.shop(keeper, "溪边面馆")
    await join(keeper, shop, other)
    await change(keeper, shop, name="山顶面馆")
    east = await opened(keeper, shop, "西门店")
    assert [await name_of(keeper, one) for one in (other, east)] == ["山顶面馆 · 东门店", "山顶面馆 · 西门店"]
    assert await refused_as(change(keeper, other, name="x")) == "invalid-request"
    assert await refused_as(change(keeper, shop, name="长" * 38)) == "invalid-request"
    assert (await keeper.get(f"/api/shops/{other['id']}/profile"))["named_by"] == shop["id"]
    assert await refused_as(part(keeper, other, shop)) == "first-store"
    await part(keeper, other, east)
    assert await name_of(keeper, east) == "山顶面馆 · 西门店", "it never had another name"
    await part(keeper, other, other)
    assert await market.value("select count(*) from merchants.stores") == 0
    assert await name_of(keeper, other) == "溪边面馆"


async def test_a_look_that_was_had_is_not_gone_round(market: Market) -> None:
    keeper = await market.person("guifang")
    shop, other = await market.shop(keeper, "市政厅收费处"), await market.shop(keeper, "溪边面馆")
    await reviewed(market, other)
    assert await refused_as(join(keeper, shop, other)) == "name-unreviewed"
    await change(keeper, other, name="新名字")
    await reviewed(market, shop)
    await join(keeper, shop, other)
    assert await proposal(keeper, other) is None, "what waited for its own name is over"
    await part(keeper, shop, other)
    assert await name_of(keeper, other) == "溪边面馆"


async def test_a_store_of_a_discreet_shop_is_discreet(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop, other = await market.shop(keeper), await market.shop(keeper, "溪边面馆")
    await keeper.request("PUT", f"/api/shops/{shop['id']}/face", {"face": "neutral"})
    await join(keeper, shop, other)
    scanned = await buyer.post("/api/scans", {"text": other["code"]["code"]})
    assert scanned["shop"]["name"].startswith("商户 Shop ")


async def test_only_ones_own_shops_that_stand_alone_are_joined(market: Market) -> None:
    keeper, stranger = await market.person("guifang"), await market.person("stranger")
    shop, other, third = [await market.shop(keeper, name) for name in ("一", "二", "三")]
    theirs = await market.shop(stranger, "四")
    apart = (await keeper.get(f"/api/shops/{shop['id']}/stores"))["apart"]
    assert sorted(one["name"] for one in apart) == ["三", "二"]
    assert await refused_as(join(keeper, shop, theirs)) == "not-found"
    assert await refused_as(join(stranger, theirs, shop)) == "not-found"
    assert await refused_as(part(stranger, shop, other)) == "not-found"
    assert await refused_as(join(keeper, shop, shop)) == "store-elsewhere"
    await join(keeper, shop, other)
    assert await refused_as(join(keeper, third, other)) == "store-elsewhere"
    assert await refused_as(join(keeper, third, shop)) == "store-elsewhere"
    for branch in ("", " ", "x" * 21, "a\nb"):
        assert await refused_as(join(keeper, shop, third, branch)) == "invalid-request"
    await keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": "stranger"})
    await stranger.post(f"/api/shops/{shop['id']}/staff/acceptance")
    assert await refused_as(join(stranger, shop, third)) in ("not-allowed", "not-found")
