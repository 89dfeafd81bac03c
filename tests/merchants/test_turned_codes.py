"""A person's printed code becomes their shop's and back: the sticker stays, what it leads to changes, nothing is lost."""

from typing import Any

import pytest

from junzi.client import Client
from junzi.codes import rules
from junzi.codes.model import CodeKind
from tests.support.market import PIN, Market, at_once, key, refused_as


async def own_code(client: Client) -> str:
    return str((await client.get("/api/wallet"))["code"]["code"])


async def turn(keeper: Client, shop: dict[str, Any], code: str, **how: str) -> dict[str, Any]:
    wanted = {"code": code}
    path = f"/api/shops/{shop['id']}/codes"
    return await keeper.post(path, wanted, idempotency_key=how.get("key", key()))  # type: ignore[no-any-return]


async def sent(payer: Client, code: str, amount_minor: int = 100, idempotency_key: str = "") -> dict[str, Any]:
    wanted = {"code": code, "amount_minor": amount_minor, "note": "", "pin": PIN}
    return await payer.post("/api/transfers", wanted, idempotency_key=idempotency_key or key())  # type: ignore[no-any-return]


async def test_a_personal_code_on_a_sticker_becomes_the_shops_and_its_owner_has_a_new_one(market: Market) -> None:
    await market.campaign((200, 0))
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=5_000)
    await market.settle()
    shop, code = await market.shop(keeper), await own_code(keeper)
    assert (await buyer.post("/api/scans", {"text": code}))["kind"] == "person"
    assert await refused_as(market.order(buyer, {"code": {"code": code}}, 900)) == "not-a-shop-code"

    answer = await turn(keeper, shop, code)
    assert [one["code"]["code"] for one in answer["adopted"]] == [code]
    assert answer["own"] == shop["code"]
    new = await own_code(keeper)
    assert (new[0], new != code) == ("P", True)
    assert (await buyer.post("/api/scans", {"text": new}))["person"]["handle"] == "guifang"
    for printed in (code, shop["code"]["code"]):
        scanned = await buyer.post("/api/scans", {"text": f"{market.served.url}/c/{printed}"})
        assert (scanned["kind"], scanned["shop"]["id"], scanned["code"]) == ("shop", shop["id"], printed)

    order = await market.order(buyer, {"code": {"code": code}}, 900)
    payment = await market.pay(buyer, order, coupon_ids=order["best_coupon_ids"])
    assert (payment["state"], payment["coupon_minor"]) == ("paid", 200)
    assert await refused_as(sent(buyer, code)) == "not-a-personal-code"
    other = await buyer.get(f"/api/codes/{code}/emv")
    assert (await buyer.post("/api/scans", {"text": other["text"]}))["shop"]["id"] == shop["id"]
    await market.settle()
    await market.books_are_right()


async def test_it_can_be_turned_back_and_again_and_every_turn_is_on_record(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop, code = await market.shop(keeper), await own_code(keeper)
    await turn(keeper, shop, code)
    new = await own_code(keeper)
    for _ in range(2):
        await keeper.request("DELETE", f"/api/shops/{shop['id']}/codes/{code}")
    assert await own_code(keeper) == new
    for printed in (code, new):
        assert (await buyer.post("/api/scans", {"text": printed}))["person"]["handle"] == "guifang"
    assert (await keeper.get(f"/api/shops/{shop['id']}/codes"))["adopted"] == []
    await turn(keeper, shop, code)
    assert (await buyer.post("/api/scans", {"text": code}))["kind"] == "shop"
    assert await own_code(keeper) == new
    kinds = "select string_agg(from_kind || to_kind, ' ' order by at, id) from codes.turns where code = $1"
    assert await market.value(kinds, code) == "PS SP PS"


async def test_a_repeat_turns_nothing_more_even_after_it_was_turned_back(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop, code, same = await market.shop(keeper), await own_code(keeper), key()
    answers = await at_once(*[turn(keeper, shop, code, key=same) for _ in range(5)])
    assert all(len(answer["adopted"]) == 1 for answer in answers)
    await turn(keeper, shop, code)
    assert await market.value("select count(*) from codes.turns") == 1
    await keeper.request("DELETE", f"/api/shops/{shop['id']}/codes/{code}")
    await turn(keeper, shop, code, key=same)
    assert (await buyer.post("/api/scans", {"text": code}))["kind"] == "person"


async def test_a_transfer_under_way_is_repeated_to_the_person_after_the_code_was_turned(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=1_000)
    shop, code, same = await market.shop(keeper), await own_code(keeper), key()
    first = await sent(buyer, code, 300, same)
    await turn(keeper, shop, code)
    assert await sent(buyer, code, 300, same) == first
    assert first["state"] == "succeeded" and first["to"]["handle"] == "guifang"
    assert (await market.balance(buyer), await market.balance(keeper)) == (700, 300)
    assert await refused_as(sent(buyer, code, 300)) == "not-a-personal-code"


async def test_an_order_made_before_it_was_turned_back_is_still_paid(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.shopper("xiaoman", balance_minor=1_000)
    shop, code, same = await market.shop(keeper), await own_code(keeper), key()
    await turn(keeper, shop, code)
    order = await buyer.post("/api/orders", {"code": code, "amount_minor": 400}, idempotency_key=same)
    await keeper.request("DELETE", f"/api/shops/{shop['id']}/codes/{code}")
    again = await buyer.post("/api/orders", {"code": code, "amount_minor": 400}, idempotency_key=same)
    assert again["id"] == order["id"]
    assert (await market.pay(buyer, order))["state"] == "paid"
    assert await refused_as(market.order(buyer, {"code": {"code": code}}, 400)) == "not-a-shop-code"


async def test_who_scans_while_it_is_turned_meets_the_person_or_the_shop(market: Market) -> None:
    keeper = await market.person("guifang")
    shop, code = await market.shop(keeper), await own_code(keeper)
    buyers = [await market.shopper(f"buyer{number}", balance_minor=500) for number in range(4)]
    answers = await at_once(
        *[sent(buyer, code, 100) for buyer in buyers],
        turn(keeper, shop, code),
        *[market.order(buyer, {"code": {"code": code}}, 100) for buyer in buyers],
    )
    transfers, orders = answers[: len(buyers)], answers[-len(buyers) :]
    assert {answer if isinstance(answer, str) else answer["state"] for answer in transfers} <= {
        "succeeded",
        "not-a-personal-code",
    }
    assert {answer if isinstance(answer, str) else answer["state"] for answer in orders} <= {"open", "not-a-shop-code"}
    got = 100 * sum(not isinstance(answer, str) for answer in transfers)
    assert await market.balance(keeper) == got
    await market.settle()
    await market.books_are_right()


async def test_only_ones_own_code_and_shop_and_only_so_many(market: Market) -> None:
    keeper, other = await market.person("guifang"), await market.person("xiaoman")
    shop = await market.shop(keeper)
    assert await refused_as(turn(keeper, shop, await own_code(other))) == "not-found"
    assert await refused_as(turn(other, shop, await own_code(other))) == "not-found"
    assert await refused_as(turn(keeper, shop, rules.write(CodeKind.PERSON, 1))) == "code-unknown"
    theirs = await market.shop(other, "别家")
    assert await refused_as(turn(keeper, shop, theirs["code"]["code"])) == "not-found"
    assert (
        await refused_as(keeper.request("DELETE", f"/api/shops/{shop['id']}/codes/{shop['code']['code']}"))
        == "not-found"
    )
    for _ in range(5):
        await turn(keeper, shop, await own_code(keeper))
    assert await refused_as(turn(keeper, shop, await own_code(keeper))) == "too-many-codes"


async def test_a_new_code_of_the_shop_leaves_the_sticker_as_it_is(market: Market) -> None:
    keeper, buyer = await market.person("guifang"), await market.person("xiaoman")
    shop, code = await market.shop(keeper), await own_code(keeper)
    await turn(keeper, shop, code)
    renewed = await keeper.post(f"/api/shops/{shop['id']}/code", idempotency_key=key())
    assert await refused_as(buyer.post("/api/scans", {"text": shop["code"]["code"]})) == "code-unknown"
    for printed in (code, renewed["code"]["code"]):
        assert (await buyer.post("/api/scans", {"text": printed}))["shop"]["id"] == shop["id"]


@pytest.mark.parametrize(
    ("code", "refusal"), [("", "invalid-request"), ("x" * 41, "invalid-request"), ("P0000000000\x00", "code-damaged")]
)
async def test_what_is_no_code_is_refused(market: Market, code: str, refusal: str) -> None:
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    assert await refused_as(turn(keeper, shop, code)) == refusal
