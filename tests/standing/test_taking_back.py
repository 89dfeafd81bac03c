"""A code is taken back for a reason of a closed list and reinstated; what was received stays, what is under way finishes."""

import re

import asyncpg
import pytest

from junzi.standing.model import Reason
from tests.house.plan import ROOT
from tests.issuer.bank import SILENT
from tests.standing.office import Office
from tests.support.market import Market, key, refusal, refused_as

PROMISE = ROOT / "docs" / "taking-back.md"


def test_that_a_shop_takes_another_wallet_is_no_reason() -> None:
    """The list is closed: whoever adds to it has to change this test, the promise and the table."""
    assert set(Reason) == {
        "fraud", "forbidden-goods", "identity-not-proven", "court-order", "owners-wish", "shop-gone",
    }  # fmt: skip
    for reason in Reason:
        assert not re.search("wallet|rival|competit|exclusiv|other|another|choose", reason)


def test_the_promise_lists_the_same_reasons_and_binds_us() -> None:
    text = PROMISE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == list(Reason)
    assert "accepts another wallet" in text
    assert "接受别的钱包" in text


async def test_a_reason_cannot_be_typed(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    for body in (
        {"reason": "accepts-another-wallet"},
        {"reason": "other"},
        {"reason": ""},
        {},
        {"reason": "court-order", "case_number": "TAKES-ANOTHER-WALLET"},
        {"reason": "court-order", "case_number": "takes 2 wallets"},
        {"reason": "court-order", "case_number": "1" * 28},
        {"reason": "court-order", "case_number": "另一个钱包"},
        {"reason": "court-order", "case_number": "1\nWALLET"},
        {"reason": "court-order", "case_number": "1\n"},
    ):
        asked = office.operator.post(f"/api/ops/shops/{shop['id']}/withdrawals", body, idempotency_key=key())
        assert await refused_as(asked) == "invalid-request", body
    said = {"reason": "court-order", "case_number": "CV2026-1187", "note": "takes another wallet"}
    taken = await office.do(shop, "withdrawals", said)
    assert "another" not in str(taken)
    assert taken["withdrawal"]["case_number"] == "CV2026-1187"
    assert "another" not in str(await market.row("select * from standing.withdrawals"))


async def test_a_code_that_was_taken_back_takes_nothing_and_tells_a_payer_nothing(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    charge = await office.keeper.post(f"/api/shops/{shop['id']}/charges", {"amount_minor": 300}, idempotency_key=key())
    waiting = await market.order(buyer, shop, 500)
    taken = await office.do(shop, "withdrawals", {"reason": "fraud"})
    assert taken["withdrawal"]["reason"] == "fraud"
    for refused in (
        await refusal(buyer.post("/api/scans", {"text": shop["code"]["url"]})),
        await refusal(buyer.post("/api/scans", {"text": charge["code"]["url"]})),
        await refusal(market.order(buyer, shop, 500)),
        await refusal(market.pay(buyer, waiting)),
        await refusal(
            office.keeper.post(f"/api/shops/{shop['id']}/charges", {"amount_minor": 1}, idempotency_key=key())
        ),
    ):
        assert refused.slug == "code-withdrawn"
        assert "fraud" not in str(refused.problem)
    # The keeper cannot open what the operator closed.
    await office.keeper.request("PATCH", f"/api/shops/{shop['id']}", {"state": "open"})
    assert await refused_as(market.order(buyer, shop, 500)) == "code-withdrawn"
    assert await market.balance(buyer) == 5_000
    [told] = await market.told(office.keeper, "shop.code_withdrawn")
    assert told["reason"] == "fraud"
    assert (await office.standing(shop))["withdrawal"]["reason"] == "fraud"
    assert await office.actions() == ["standing.code_withdrawn"]


async def test_what_was_received_stays_the_shops_and_can_be_refunded(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    payment = await market.pay(buyer, await market.order(buyer, shop, 900))
    await office.do(shop, "withdrawals", {"reason": "identity-not-proven"})
    assert (await office.keeper.get(f"/api/shops/{shop['id']}/takings"))["today"]["amount_minor"] == 900
    path = f"/api/shops/{shop['id']}/payments/{payment['id']}/refunds"
    refund = await office.keeper.post(path, {"amount_minor": 400, "reason": ""}, idempotency_key=key())
    assert refund["state"] == "done"
    assert await market.balance(buyer) == 4_500
    await market.books_are_right()


async def test_a_payment_under_way_finishes(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", card_number=SILENT)
    shop = await market.shop(office.keeper)
    payment = await market.by_card(buyer, await market.order(buyer, shop, 900))
    assert payment["state"] == "processing"
    await office.do(shop, "withdrawals", {"reason": "court-order"})
    assert (await buyer.get(f"/api/payments/{payment['id']}"))["state"] == "paid"
    assert (await office.keeper.get(f"/api/shops/{shop['id']}/takings"))["today"]["amount_minor"] == 900
    await market.books_are_right()


async def test_a_code_is_reinstated_and_both_are_on_record(market: Market) -> None:
    office, buyer = await Office.opened(market), await market.shopper("xiaoman", balance_minor=5_000)
    shop = await market.shop(office.keeper)
    objection = office.keeper.post(f"/api/shops/{shop['id']}/objections", {"text": "early"})
    assert await refused_as(objection) == "not-withdrawn"
    assert await refused_as(office.do(shop, "reinstatements")) == "not-withdrawn"
    once = key()
    for _ in range(2):
        await office.operator.post(
            f"/api/ops/shops/{shop['id']}/withdrawals", {"reason": "shop-gone"}, idempotency_key=once
        )
    assert await refused_as(office.do(shop, "withdrawals", {"reason": "fraud"})) == "code-withdrawn"
    said = await office.keeper.post(f"/api/shops/{shop['id']}/objections", {"text": "店还在\n请来看"})
    assert said["withdrawal"]["objection"] == "店还在\n请来看"
    [line] = (await office.operator.get("/api/ops/shops?queue=withdrawn"))["shops"]
    assert line["withdrawal"]["objection"] == "店还在\n请来看"
    back = await office.do(shop, "reinstatements")
    assert back["withdrawal"] is None
    assert (await office.standing(shop))["withdrawal"] is None
    assert (await market.pay(buyer, await market.order(buyer, shop, 700)))["state"] == "paid"
    assert len(await market.told(office.keeper, "shop.code_reinstated")) == 1
    assert await office.actions() == ["standing.code_reinstated", "standing.code_withdrawn"]
    row = await market.row("select taken_by, reinstated_by from standing.withdrawals")
    assert [str(one) for one in row] == [office.operator.me["id"]] * 2


@pytest.mark.parametrize(
    "change", ["update operators.audit_trail set facts = '{}'", "delete from operators.audit_trail"]
)
async def test_the_record_of_it_cannot_be_rewritten(market: Market, change: str) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    await office.do(shop, "withdrawals", {"reason": "fraud"})
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await market.row(change)
    assert await office.actions() == ["standing.code_withdrawn"]


async def test_who_deceived_payers_opens_no_other_shop_until_it_is_settled(market: Market) -> None:
    office = await Office.opened(market)
    shop = await market.shop(office.keeper)
    await office.do(shop, "withdrawals", {"reason": "owners-wish"})
    assert (await market.shop(office.keeper, "Another"))["state"] == "open"
    await office.do(shop, "reinstatements")
    await office.do(shop, "withdrawals", {"reason": "fraud"})
    assert await refused_as(market.shop(office.keeper, "The same again")) == "opening-barred"
    branch = {"branch": "2", "place": ""}
    asked = office.keeper.post(f"/api/shops/{shop['id']}/stores", branch, idempotency_key=key())
    assert await refused_as(asked) == "opening-barred"
    await office.do(shop, "reinstatements")
    assert (await market.shop(office.keeper, "A third"))["state"] == "open"
