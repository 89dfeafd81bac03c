"""Tills of one shop: each has a printed code, and what is paid at it says so, down to the statement."""

import csv
import io
from typing import Any

import httpx
import pytest

from junzi.client import Client
from junzi.codes import emv
from tests.support.market import Market, at_once, key, refused_as


async def add(keeper: Client, shop: dict[str, Any], name: str, **how: str) -> dict[str, Any]:
    path = f"/api/shops/{shop['id']}/tills"
    answer = await keeper.post(path, {"name": name}, idempotency_key=how.get("key", key()))
    return next(till for till in answer["tills"] if till["name"] == name.strip())


async def bought(market: Market, buyer: Client, code: dict[str, Any], amount_minor: int) -> dict[str, Any]:
    return await market.pay(buyer, await market.order(buyer, {"code": code}, amount_minor))


async def names(keeper: Client, shop: dict[str, Any]) -> list[str | None]:
    return [taking["till"] for taking in (await keeper.get(f"/api/shops/{shop['id']}/takings"))["takings"]]


async def test_what_is_paid_at_a_till_says_so_everywhere(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(keeper)
    front, back = await add(keeper, shop, " 前台 "), await add(keeper, shop, "Back door")
    assert (front["code"]["code"][0], front["sum"]) == ("T", {"count": 0, "amount_minor": 0, "coupon_minor": 0})
    scanned = await buyer.post("/api/scans", {"text": front["code"]["url"]})
    assert (scanned["kind"], scanned["shop"]["id"], scanned["till"]) == ("shop", shop["id"], "前台")

    paid = await bought(market, buyer, front["code"], 700)
    await bought(market, buyer, back["code"], 500)
    await bought(market, buyer, shop["code"], 300)
    await keeper.post(
        f"/api/shops/{shop['id']}/payments/{paid['id']}/refunds", {"amount_minor": 200}, idempotency_key=key()
    )
    await market.settle()
    assert await names(keeper, shop) == ["前台", None, "Back door", "前台"]
    for asked in ("today", "week", "month"):
        seen = await keeper.get(f"/api/shops/{shop['id']}/tills?range={asked}")
        assert {till["name"]: till["sum"]["amount_minor"] for till in seen["tills"]} == {"前台": 500, "Back door": 500}
        assert seen["elsewhere"] == {"count": 1, "amount_minor": 300, "coupon_minor": 0}
    figures = await keeper.get(f"/api/shops/{shop['id']}/figures?range=today")
    assert figures["amount_minor"] == 1_300

    every = await statement(market, keeper, shop)
    assert [row["till"] for row in every[1:-2]] == ["前台", "Back door", "", "前台"]
    of_one = await statement(market, keeper, shop, front["id"])
    assert [(row["kind"], row["amount"]) for row in of_one] == [
        ("payment", "7.00"),
        ("refund", "-2.00"),
        ("sum", "5.00"),
    ]
    await market.books_are_right()


async def test_a_till_charges_as_itself(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(keeper)
    till = await add(keeper, shop, "2 号台")
    wanted = {"amount_minor": 800, "note": "", "till_id": till["id"]}
    charge = await keeper.post(f"/api/shops/{shop['id']}/charges", wanted, idempotency_key=key())
    assert (await bought(market, buyer, charge["code"], 800))["state"] == "paid"
    assert await names(keeper, shop) == ["2 号台"]
    rows = emv.parsed((await keeper.get(f"/api/codes/{charge['code']['code']}/emv"))["text"])
    assert emv.template(rows, "62") == {"07": "2"}
    other = await market.shop(keeper, "另一家")
    elsewhere = keeper.post(f"/api/shops/{other['id']}/charges", wanted, idempotency_key=key())
    assert await refused_as(elsewhere) == "not-found"


@pytest.mark.parametrize(("name", "label"), [("Till 2", "TILL 2"), ("前台", None)])
async def test_a_tills_code_for_other_wallets_names_it(market: Market, name: str, label: str | None) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    code = (await add(keeper, shop, name))["code"]["code"]
    text = (await keeper.get(f"/api/codes/{code}/emv"))["text"]
    rows = emv.parsed(text)
    assert emv.template(rows, "62") == {"07": label or code}
    assert emv.template(rows, "26")["01"] == code
    assert (await (await market.person("xiaoman")).post("/api/scans", {"text": text}))["till"] == name


async def test_a_removed_tills_printed_code_leads_to_the_shop_and_its_takings_keep_its_name(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=9_000)
    shop = await market.shop(keeper)
    till = await add(keeper, shop, "前台")
    path = f"/api/shops/{shop['id']}/tills/{till['id']}"
    await bought(market, buyer, till["code"], 700)
    await keeper.request("PATCH", path, {"name": "门口"})
    for _ in range(2):
        await keeper.request("DELETE", path)
    scanned = await buyer.post("/api/scans", {"text": till["code"]["code"]})
    assert (scanned["shop"]["id"], scanned["till"]) == (shop["id"], None)
    await bought(market, buyer, till["code"], 100)
    assert await names(keeper, shop) == [None, "门口"]
    seen = await keeper.get(f"/api/shops/{shop['id']}/tills")
    assert (seen["tills"], seen["elsewhere"]["amount_minor"]) == ([], 800)
    assert await refused_as(keeper.request("PATCH", path, {"name": "x"})) == "not-found"
    again = await add(keeper, shop, "门口")
    assert again["id"] != till["id"]


async def test_names_are_ones_own_and_a_repeat_adds_nothing(market: Market) -> None:
    keeper = await market.person("guifang")
    shop, same = await market.shop(keeper), key()
    answers = await at_once(
        *[add(keeper, shop, "前台", key=same) for _ in range(4)], *[add(keeper, shop, "后门") for _ in range(4)]
    )
    assert len({answer["id"] for answer in answers[:4]}) == 1
    assert sorted(answer if isinstance(answer, str) else "added" for answer in answers[4:]) == [
        "added",
        *["invalid-request"] * 3,
    ]
    assert await market.value("select count(*) from merchants.tills") == 2
    till = answers[0]
    path = f"/api/shops/{shop['id']}/tills/{till['id']}"
    assert await refused_as(keeper.request("PATCH", path, {"name": "后门"})) == "invalid-request"
    await keeper.request("PATCH", path, {"name": "前台"})
    for number in range(18):
        await add(keeper, shop, f"till {number}")
    assert await refused_as(add(keeper, shop, "one too many")) == "too-many-tills"


async def test_a_cashier_sees_and_uses_tills_and_only_the_owner_makes_them(market: Market) -> None:
    keeper, cashier, stranger = [await market.person(name) for name in ("guifang", "xiaoman", "laowang")]
    shop = await market.shop(keeper)
    till = await add(keeper, shop, "前台")
    path = f"/api/shops/{shop['id']}/tills"
    await keeper.post(f"/api/shops/{shop['id']}/staff", {"handle": "xiaoman"})
    await cashier.post(f"/api/shops/{shop['id']}/staff/acceptance")
    assert [one["name"] for one in (await cashier.get(path))["tills"]] == ["前台"]
    wanted = {"amount_minor": 800, "till_id": till["id"]}
    assert (await cashier.post(f"/api/shops/{shop['id']}/charges", wanted, idempotency_key=key()))["state"] == "open"
    assert await refused_as(add(cashier, shop, "mine")) == "not-allowed"
    assert await refused_as(cashier.request("DELETE", f"{path}/{till['id']}")) == "not-allowed"
    assert await refused_as(stranger.get(path)) == "not-found"
    assert await refused_as(add(stranger, shop, "mine")) == "not-found"


async def statement(
    market: Market, keeper: Client, shop: dict[str, Any], till_id: str | None = None
) -> list[dict[str, str]]:
    path = f"/api/shops/{shop['id']}/statement.csv" + (f"?till={till_id}" if till_id else "")
    async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
        answer = await browser.get(market.served.url + path, headers={"cookie": f"junzi_session={keeper.token}"})
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
