"""Top up: every way in which a bank may answer, or not."""

import asyncio

import httpx
import pytest

from junzi.bank.model import DebitAnswered
from junzi.client import Client
from tests.issuer.bank import BLOCKED, CUT_AFTER, CUT_BEFORE, INSUFFICIENT, LIMITED, SILENT, SLOW, TWICE, WORKS
from tests.support.market import PIN, Market, Time, key, refusal, refused_as
from tests.support.until import until

AMOUNT_MINOR = 50_001
WORD_STORED = """
select count(*) from kit.outbox
where type = 'bank.debit_answered' and payload->>'debit_id' in (select id::text from bank.debits)
"""
"""Word of debits of this house; the bank may still be sending word to the houses of other tests."""


@pytest.mark.parametrize("card_number", [WORKS, SLOW, TWICE])
async def test_money_from_a_card_is_in_the_balance_once(market: Market, card_number: str) -> None:
    person = await market.shopper("xiaoman", card_number=card_number)
    done = await market.top_up(person, AMOUNT_MINOR)
    assert done == {"id": done["id"], "state": "succeeded", "amount_minor": AMOUNT_MINOR, "reason": None}
    assert await person.get(f"/api/topups/{done['id']}") == done
    await happened_once(market, person)


@pytest.mark.parametrize(
    ("card_number", "reason"),
    [(INSUFFICIENT, "insufficient-funds"), (BLOCKED, "card-blocked"), (LIMITED, "limit-exceeded")],
)
async def test_what_the_bank_declines_is_refused_with_its_reason(market: Market, card_number: str, reason: str) -> None:
    person = await market.shopper("xiaoman", card_number=card_number)
    refused = await market.top_up(person, AMOUNT_MINOR)
    assert (refused["state"], refused["reason"]) == ("refused", reason)
    assert await person.get(f"/api/topups/{refused['id']}") == refused
    assert await market.balance(person) == 0
    assert (await person.get("/api/bills"))["bills"] == []
    assert await market.told(person, "topup.refused") == [{"amount_minor": AMOUNT_MINOR, "reason": reason}]
    assert await market.told(person, "topup.done") == []
    await market.books_are_right()


@pytest.mark.parametrize("card_number", [SILENT, CUT_AFTER, CUT_BEFORE])
@pytest.mark.parametrize("by", ["looking", "the sweep"])
async def test_without_an_answer_it_is_processing_until_it_is_asked_about(
    market: Market, time: Time, card_number: str, by: str
) -> None:
    person = await market.shopper("xiaoman", card_number=card_number)
    begun = await market.top_up(person, AMOUNT_MINOR)
    assert (begun["state"], begun["reason"]) == ("processing", None)
    assert await market.balance(person) == 0
    if by == "the sweep":
        assert await market.sweep("wallet.topup") == 0, "not at once"
        time.pass_by(seconds=16)
        assert await market.sweep("wallet.topup") == 1
        assert await market.value("select state from wallet.topups") == "succeeded"
    assert (await person.get(f"/api/topups/{begun['id']}"))["state"] == "succeeded"
    await happened_once(market, person)


@pytest.mark.parametrize("card_number", [SILENT, CUT_AFTER])
async def test_without_an_answer_it_is_processing_until_the_bank_sends_word(market: Market, card_number: str) -> None:
    person = await market.shopper("xiaoman", card_number=card_number)
    begun = await market.top_up(person, AMOUNT_MINOR)
    assert begun["state"] == "processing"
    await until(lambda: market.value(WORD_STORED))
    assert await market.value("select state from wallet.topups") == "processing"
    await market.settle()
    assert await market.value("select state from wallet.topups") == "succeeded"
    await happened_once(market, person)


async def test_word_that_comes_twice_changes_nothing_more(market: Market) -> None:
    person = await market.shopper("xiaoman", card_number=TWICE)
    assert (await market.top_up(person, AMOUNT_MINOR))["state"] == "succeeded"
    await until(lambda: words_stored(market, 2))
    await happened_once(market, person)


async def test_a_bank_that_sends_word_and_then_falls_silent_keeps_no_other_news_waiting(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every word of it leads to a question that takes five seconds to fail; the sweep asks anyway."""
    person = await market.shopper("xiaoman", card_number=CUT_AFTER)
    begun = await market.top_up(person, AMOUNT_MINOR)
    await until(lambda: market.value(WORD_STORED))
    debit_id = await market.value("select id from bank.debits")
    async with market.house.database.transaction() as tx:
        for _ in range(4):
            await tx.emit(DebitAnswered(debit_id=debit_id))
    asked = 0

    async def say_nothing(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        raise AssertionError

    silent = httpx.AsyncClient(base_url="http://bank", transport=httpx.MockTransport(say_nothing))
    monkeypatch.setattr(market.house.issuer, "_client", silent)
    await market.person("azhe")
    await asyncio.wait_for(market.settle(), 8)
    assert asked == 1
    monkeypatch.undo()
    await silent.aclose()
    assert (await person.get(f"/api/topups/{begun['id']}"))["state"] == "succeeded"
    await happened_once(market, person)


async def test_a_repeat_while_the_bank_is_silent_is_the_same_top_up(market: Market) -> None:
    person = await market.shopper("xiaoman", card_number=SILENT)
    once, wanted = key(), {"card_id": person.me["card_id"], "amount_minor": AMOUNT_MINOR, "pin": PIN}
    begun = await person.post("/api/topups", wanted, idempotency_key=once)
    again = await person.post("/api/topups", wanted, idempotency_key=once)
    assert (begun["state"], again["state"], again["id"]) == ("processing", "succeeded", begun["id"])
    await happened_once(market, person)


async def test_a_card_that_was_bound_again_meanwhile_pays_once(market: Market) -> None:
    person = await market.shopper("xiaoman", card_number=CUT_BEFORE)
    begun = await market.top_up(person, AMOUNT_MINOR)
    await market.bind(person, CUT_BEFORE)
    assert (await person.get(f"/api/topups/{begun['id']}"))["state"] == "succeeded"
    await happened_once(market, person)


async def test_a_wrong_pin_moves_nothing_and_says_how_many_tries_are_left(market: Market) -> None:
    person = await market.shopper("xiaoman")
    wanted = {"card_id": person.me["card_id"], "amount_minor": 100, "pin": "000000"}
    refused = await refusal(person.post("/api/topups", wanted, idempotency_key=key()))
    assert (refused.slug, refused.problem["attempts_left"]) == ("wrong-pin", 4)
    assert await market.value("select count(*) from wallet.topups") == 0


async def test_without_a_pin_nothing_is_paid(market: Market) -> None:
    person = await market.served.person("xiaoman")
    card = await market.bind(person)
    assert await refused_as(market.top_up(person, 100, card["id"])) == "pin-missing"


async def happened_once(market: Market, person: Client) -> None:
    """The money moved once, in every place that tells of it, whatever is repeated."""
    await market.settle()
    await market.sweep("wallet.topup")
    assert await market.balance(person) == AMOUNT_MINOR
    [bill] = (await person.get("/api/bills"))["bills"]
    assert (bill["kind"], bill["amount_minor"], bill["discount_minor"]) == ("topup", AMOUNT_MINOR, 0)
    card = (await person.get("/api/cards"))["cards"][0]
    told = {"amount_minor": AMOUNT_MINOR, "bank_name": card["bank_name"], "last4": card["last4"]}
    assert await market.told(person, "topup.done") == [told]
    debit = await market.row("select id, state from bank.debits")
    assert debit["state"] == "succeeded"
    assert (await market.ask_bank("GET", f"/v1/debits/{debit['id']}"))["state"] == "succeeded"
    await market.books_are_right()


async def words_stored(market: Market, count: int) -> bool:
    return bool(await market.value(WORD_STORED) >= count)
