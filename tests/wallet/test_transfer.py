"""Transfers between people: to a person's own code, from the balance, never with a coupon."""

from typing import Any

import pytest

from junzi.client import Client
from tests.support.market import PIN, Market, Time, at_once, key, refusal, refused_as


async def test_a_transfer_moves_money_and_tells_both(market: Market) -> None:
    payer, payee = await market.shopper("xiaoman", balance_minor=10_000), await market.person("azhe", "阿哲")
    done = await transfer(market, payer, payee, 700, note="  谢谢  ")
    assert done == {
        "id": done["id"],
        "state": "succeeded",
        "amount_minor": 700,
        "to": {name: payee.me[name] for name in ("id", "handle", "name", "avatar")},
        "reason": None,
    }
    assert (await market.balance(payer), await market.balance(payee)) == (9_300, 700)
    [out, _] = (await payer.get("/api/bills"))["bills"]
    [came] = (await payee.get("/api/bills"))["bills"]
    assert (out["kind"], out["amount_minor"], out["counterparty"]["name"]) == ("transfer_out", -700, "阿哲")
    assert (came["kind"], came["amount_minor"], came["counterparty"]["name"]) == ("transfer_in", 700, "Xiaoman")
    assert (out["id"], out["note"]) == (came["id"], came["note"]) == (out["id"], "谢谢")
    assert await market.told(payer, "transfer.sent") == [{"amount_minor": 700, "to_name": "阿哲", "note": "谢谢"}]
    assert await market.told(payee, "transfer.received") == [
        {"amount_minor": 700, "from_name": "Xiaoman", "note": "谢谢"}
    ]
    await market.books_are_right()


async def test_a_transfer_takes_no_coupon(market: Market) -> None:
    await market.campaign((500, 0))
    payer, payee = await market.shopper("xiaoman", balance_minor=10_000), await market.person("azhe")
    await market.settle()
    [coupon] = await market.coupons(payer)
    await transfer(market, payer, payee, 700)
    assert await market.coupons(payer) == [coupon]
    assert (await market.balance(payer), await market.balance(payee)) == (9_300, 700)


async def test_a_code_may_be_pasted_as_it_is_printed(market: Market) -> None:
    payer, payee = await market.shopper("xiaoman", balance_minor=1_000), await market.person("azhe")
    code = (await payee.get("/api/wallet"))["code"]
    for text in (code["code"], code["code"].lower(), code["url"], f" {code['url']}\n"):
        assert (await send(payer, text, 1))["to"]["id"] == payee.me["id"], text


async def test_what_cannot_be_transferred_is_refused_and_moves_nothing(market: Market) -> None:
    payer, payee = await market.shopper("xiaoman", balance_minor=1_000), await market.person("azhe")
    keeper = await market.person("guifang")
    shop = await market.shop(keeper)
    own = (await payer.get("/api/wallet"))["code"]["code"]
    assert await refused_as(send(payer, own, 1)) == "transfer-to-self"
    assert await refused_as(send(payer, shop["code"]["code"], 1)) == "not-a-personal-code"
    assert await refused_as(send(payer, "P0000000000" + "0", 1)) in ("code-damaged", "code-unknown")
    assert await refused_as(send(payer, "https://example.org/c/" + own, 1)) == "code-foreign"
    poor = await refusal(transfer(market, payer, payee, 1_001))
    assert (poor.slug, poor.problem["balance_minor"]) == ("insufficient-balance", 1_000)
    assert await market.value("select count(*) from wallet.transfers") == 0
    assert await market.balance(payer) == 1_000


async def test_transfers_at_once_never_take_more_than_there_is(market: Market) -> None:
    payer, payee = await market.shopper("xiaoman", balance_minor=1_000), await market.person("azhe")
    answers = await at_once(*[transfer(market, payer, payee, 300) for _ in range(6)])
    states = [answer if isinstance(answer, str) else answer["state"] for answer in answers]
    assert states.count("succeeded") == 3
    assert set(states) <= {"succeeded", "refused", "insufficient-balance"}
    assert {a["reason"] for a in answers if not isinstance(a, str) and a["state"] == "refused"} <= {
        "insufficient-balance"
    }
    assert (await market.balance(payer), await market.balance(payee)) == (100, 900)
    assert len((await payee.get("/api/bills"))["bills"]) == 3
    await market.books_are_right()


async def test_a_transfer_that_was_interrupted_is_finished_by_the_sweep(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer, payee = await market.shopper("xiaoman", balance_minor=1_000), await market.person("azhe")
    ledger = market.house.ledger

    async def gone(transfers: object) -> None:
        raise RuntimeError("the program is gone")

    monkeypatch.setattr(ledger, "create_transfers", gone)
    await refusal(transfer(market, payer, payee, 300))
    monkeypatch.undo()
    assert await market.value("select state from wallet.transfers") == "processing"
    time.pass_by(seconds=16)
    assert await market.sweep("wallet.transfer") == 1
    assert await market.value("select state from wallet.transfers") == "succeeded"
    assert (await market.balance(payer), await market.balance(payee)) == (700, 300)


async def test_a_note_is_one_line_of_sixty_characters(market: Market) -> None:
    payer, payee = await market.shopper("xiaoman", balance_minor=1_000), await market.person("azhe")
    for note in ("a\x00b", "two\nlines", "x" * 61):
        assert await refused_as(transfer(market, payer, payee, 1, note=note)) == "invalid-request", note
    assert await market.balance(payer) == 1_000


async def transfer(market: Market, payer: Client, payee: Client, amount_minor: int, note: str = "") -> dict[str, Any]:
    code = (await payee.get("/api/wallet"))["code"]["code"]
    return await send(payer, code, amount_minor, note)


async def send(payer: Client, code: str, amount_minor: int, note: str = "") -> dict[str, Any]:
    wanted = {"code": code, "amount_minor": amount_minor, "note": note, "pin": PIN}
    done: dict[str, Any] = await payer.post("/api/transfers", wanted, idempotency_key=key())
    return done
