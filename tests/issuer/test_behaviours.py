"""Every row of the table in docs/sandbox-bank.md, seen from the operator's side."""

import time
from collections.abc import Callable
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.issuer.bank import (
    BLOCKED,
    CUT_AFTER,
    CUT_BEFORE,
    INSUFFICIENT,
    LIMITED,
    SILENT,
    SLOW,
    TWICE,
    UNBINDABLE,
    WORKS,
    Bank,
    audit,
)
from tests.issuer.operator import Operator
from tests.support.until import until

ALL_THAT_WORK = [WORKS, "6200000200000003", "6200000300000002", "6200000400000001"]
OPENING_MINOR = 10_000_000


async def balances(database: asyncpg.Connection) -> dict[str, int]:
    rows = await database.fetch("select kind, sum(balance_minor)::bigint as total from issuer.accounts group by kind")
    return {row["kind"]: row["total"] for row in rows}


@pytest.mark.parametrize("number", ALL_THAT_WORK)
async def test_a_card_that_works_pays_and_is_paid(bank: Bank, books: asyncpg.Connection, number: str) -> None:
    token = await bank.bind(number)
    before = await balances(books)
    debit = await bank.pay("debit", token, 12_345)
    credit = await bank.pay("credit", token, 345)
    assert (debit.status_code, debit.json()["state"], debit.json()["reason"]) == (201, "succeeded", None)
    assert (credit.status_code, credit.json()["state"], credit.json()["reason"]) == (201, "succeeded", None)
    assert await balances(books) == {
        "card": before["card"] - 12_000,
        "settlement": before["settlement"] + 12_000,
        "capital": before["capital"],
    }


async def test_cards_that_work_carry_four_different_names(bank: Bank) -> None:
    names = set()
    for number in ALL_THAT_WORK:
        reference = (await bank.start_binding())["reference"]
        answer = await bank.request("POST", f"/v1/bindings/{reference}/simulate", {"card_number": number})
        names.add((answer.json()["bank_names"]["zh"], answer.json()["bank_names"]["en"]))
    assert len({zh for zh, _ in names}) == len({en for _, en in names}) == 4


async def test_a_number_that_is_not_in_the_table_works(bank: Bank) -> None:
    assert (await bank.debit(await bank.bind("6200000188888882"), 1)).json()["state"] == "succeeded"


async def test_any_card_declines_what_it_does_not_hold(own_bank: Bank) -> None:
    token = await own_bank.bind(WORKS)
    assert (await own_bank.debit(token, OPENING_MINOR)).json()["state"] == "succeeded"
    declined = (await own_bank.debit(token, 1)).json()
    assert (declined["state"], declined["reason"]) == ("declined", "insufficient-funds")


async def test_the_empty_card_declines_debits_and_takes_credits(bank: Bank) -> None:
    token = await bank.bind(INSUFFICIENT)
    declined = await bank.pay("debit", token, 1)
    assert declined.status_code == 201
    assert (declined.json()["state"], declined.json()["reason"]) == ("declined", "insufficient-funds")
    assert (await bank.pay("credit", token, 1)).json()["state"] == "succeeded"


@pytest.mark.parametrize("kind", ["debit", "credit"])
async def test_the_blocked_card_declines_everything(bank: Bank, books: asyncpg.Connection, kind: str) -> None:
    token = await bank.bind(BLOCKED)
    before = await balances(books)
    answer = (await bank.pay(kind, token, 1)).json()
    assert (answer["state"], answer["reason"]) == ("declined", "card-blocked")
    assert await balances(books) == before


async def test_the_limited_card_declines_above_its_limit_only(bank: Bank) -> None:
    token = await bank.bind(LIMITED)
    assert (await bank.pay("debit", token, 50_000)).json()["state"] == "succeeded"
    above = (await bank.pay("debit", token, 50_001)).json()
    assert (above["state"], above["reason"]) == ("declined", "limit-exceeded")
    assert (await bank.pay("credit", token, 50_001)).json()["state"] == "succeeded"


async def test_the_slow_card_answers_and_notifies_late_but_repeats_at_once(own_bank: Bank, operator: Operator) -> None:
    token, reference = await own_bank.bind(SLOW), uuid4()
    began = time.monotonic()
    answer = await own_bank.debit(token, 100, reference)
    assert answer.json()["state"] == "succeeded"
    assert time.monotonic() - began >= 0.3
    told = await until(lambda: operator.told_of(reference))
    assert told[0].at - began >= 0.3
    await own_bank.kill()
    own_bank.times = {"ISSUER_DELAY_MS": "60000"}
    await own_bank.start()
    assert (await own_bank.debit(token, 100, reference)).json() == answer.json()


async def test_the_silent_card_commits_and_never_answers_a_debit_or_its_repeat(
    own_bank: Bank, operator: Operator
) -> None:
    token, reference = await own_bank.bind(SILENT), uuid4()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            await own_bank.debit(token, 100, reference)
    assert time.monotonic() - began >= 1.2
    found = await own_bank.find_debit(reference)
    assert (found.status_code, found.json()["state"]) == (200, "succeeded")
    told = await until(lambda: operator.told_of(reference))
    assert told[0].at - began >= 0.6


async def test_the_silent_card_is_found_while_its_request_still_hangs(own_bank: Bank) -> None:
    token, reference = await own_bank.bind(SILENT), uuid4()
    with pytest.raises(httpx.ReadTimeout):
        await own_bank.client.post(
            f"{own_bank.url}/v1/debits",
            json={"reference": str(reference), "token": token, "amount_minor": 1, "currency": "CNY", "text": ""},
            headers={"Authorization": "Bearer a-key-that-only-these-tests-know"},
            timeout=0.2,
        )

    async def found() -> bool:
        return (await own_bank.find_debit(reference)).status_code == 200

    await until(found)


async def test_the_card_that_answers_twice_notifies_before_its_answer_and_once_more(
    make_bank: Callable[..., Bank], operator: Operator
) -> None:
    async with make_bank(ISSUER_DELAY_MS="2000") as bank:
        token, reference = await bank.bind(TWICE), uuid4()
        answer = await bank.debit(token, 100, reference)
        assert len(operator.told_of(reference)) == 1
        told = await until(lambda: operator.told_of(reference)[1:] and operator.told_of(reference))
        assert told[1].at - told[0].at >= 2
        assert told[0].body == told[1].body
        assert (told[0].facts["state"], told[0].facts["at"]) == (answer.json()["state"], answer.json()["at"])


async def test_the_card_that_answers_twice_answers_also_when_nobody_takes_its_notification(
    own_bank: Bank, operator: Operator
) -> None:
    token, reference = await own_bank.bind(TWICE), uuid4()
    operator.refusals = 1
    assert (await own_bank.debit(token, 100, reference)).json()["state"] == "succeeded"
    await until(lambda: len(operator.told_of(reference)) == 3)


@pytest.mark.parametrize("kind", ["debit", "credit"])
async def test_the_card_that_cuts_after_has_committed_and_answers_the_repeat(bank: Bank, kind: str) -> None:
    token, reference = await bank.bind(CUT_AFTER), uuid4()
    with pytest.raises(httpx.TransportError):
        await bank.pay(kind, token, 100, reference)
    found = await bank.request("GET", f"/v1/{kind}s/{reference}")
    repeat = await bank.pay(kind, token, 100, reference)
    assert found.json() == repeat.json()
    assert found.json()["state"] == "succeeded"
    assert (await audit(bank.database_url))[0] == 0


@pytest.mark.parametrize("kind", ["debit", "credit"])
async def test_the_card_that_cuts_before_was_never_seen_and_works_the_second_time(
    bank: Bank, books: asyncpg.Connection, listener: Operator, kind: str
) -> None:
    token = await bank.bind(CUT_BEFORE)
    for _ in range(2):
        reference = uuid4()
        with pytest.raises(httpx.TransportError):
            await bank.pay(kind, token, 100, reference)
        assert (await bank.request("GET", f"/v1/{kind}s/{reference}")).status_code == 404
        assert (await bank.pay(kind, token, 100, reference)).json()["state"] == "succeeded"
        await until(lambda reference=reference: listener.told_of(reference))
    assert await books.fetchval("select count(*) from issuer.payments where token = $1", token) == 2


async def test_the_unbindable_card_is_refused_by_either_door(bank: Bank) -> None:
    reference = (await bank.start_binding())["reference"]
    answer = await bank.request("POST", f"/v1/bindings/{reference}/simulate", {"card_number": UNBINDABLE})
    assert (answer.json()["state"], answer.json()["reason"]) == ("refused", "card-refused")
    page = await bank.open_page()
    response = await page.enter_card(UNBINDABLE)
    assert (response.status_code, response.headers["location"]) == (
        303,
        "http://localhost:1/wallet/cards/bound?binding=1",
    )
    binding = await bank.read_binding(page.reference)
    assert (binding["state"], binding["reason"], binding["token"]) == ("refused", "card-refused", None)
