"""Binding a card: bound, refused, cancelled, repeated, removed."""

from uuid import UUID

import httpx
import pytest

from tests.issuer.bank import UNBINDABLE, WORKS
from tests.support.market import Market, Time, at_once, key, refused_as
from tests.support.page import walk

ENDS_LIKE_WORKS = "6200000100180004"


async def test_a_card_confirmed_on_the_issuers_page_is_bound(market: Market) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    assert (started["state"], started["card"], started["reason"]) == ("started", None, None)
    assert started["page_url"].startswith(f"{market.served.url}/sandbox-bank/pages/")
    before = await person.post(f"/api/cards/bindings/{started['id']}/confirmation")
    assert before["state"] == "started"

    returned_to = await walk(market.bank, started["page_url"], card_number=WORKS)
    assert returned_to == f"{market.served.url}/wallet/cards/bound?binding={started['id']}"
    bound = await person.post(f"/api/cards/bindings/{started['id']}/confirmation")
    card = {"id": bound["card"]["id"], "bank_name": bound["card"]["bank_name"], "last4": "0004", "state": "active"}
    assert (bound["state"], bound["card"]) == ("bound", card)
    assert (await person.get("/api/cards"))["cards"] == [card]
    assert (await person.get("/api/wallet"))["cards"] == [card]
    assert await person.post(f"/api/cards/bindings/{started['id']}/confirmation") == bound


async def test_no_card_number_reaches_the_house(market: Market) -> None:
    person = await market.person("xiaoman")
    await market.bind(person)
    dump = await market.value("select string_agg(c::text, ' ') from (select * from bank.cards) c")
    dump += await market.value("select string_agg(b::text, ' ') from (select * from bank.bindings) b")
    assert "0004" in dump
    assert WORKS not in dump


async def test_a_card_that_the_bank_does_not_give_is_refused_with_its_reason(market: Market) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    await market.type_card(started["id"], UNBINDABLE)
    refused = await person.post(f"/api/cards/bindings/{started['id']}/confirmation")
    assert (refused["state"], refused["reason"], refused["card"]) == ("refused", "card-refused", None)
    assert (await person.get("/api/cards"))["cards"] == []


async def test_a_binding_cancelled_on_the_page_is_refused(market: Market) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    await walk(market.bank, started["page_url"], cancel=True)
    refused = await person.post(f"/api/cards/bindings/{started['id']}/confirmation")
    assert (refused["state"], refused["reason"]) == ("refused", "cancelled")


async def test_a_wrong_one_time_code_binds_nothing(market: Market) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    await walk(market.bank, started["page_url"], card_number=WORKS, wrong_codes=3)
    refused = await person.post(f"/api/cards/bindings/{started['id']}/confirmation")
    assert (refused["state"], refused["reason"]) == ("refused", "wrong-code")


async def test_the_same_card_again_keeps_its_id_and_is_told_once(market: Market) -> None:
    person = await market.person("xiaoman")
    first = await market.bind(person)
    token = await market.value("select token from bank.cards")
    again = await market.bind(person)
    assert again == first
    assert (await person.get("/api/cards"))["cards"] == [first]
    assert await market.value("select token from bank.cards") != token
    assert await market.value("select count(*) from kit.outbox where type = 'bank.card_bound'") == 1
    done = await market.top_up(person, 100, first["id"])
    assert done["state"] == "succeeded", "the new token is the one that pays"


async def test_two_cards_of_one_bank_that_end_alike_are_two_cards(market: Market) -> None:
    person = await market.person("xiaoman")
    first, second = await market.bind(person, WORKS), await market.bind(person, ENDS_LIKE_WORKS)
    assert first["last4"] == second["last4"] and first["bank_name"] == second["bank_name"]
    assert (await person.get("/api/cards"))["cards"] == [first, second]


async def test_a_binding_that_is_confirmed_many_times_at_once_makes_one_card(market: Market) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    await market.type_card(started["id"], WORKS)
    path = f"/api/cards/bindings/{started['id']}/confirmation"
    answers = await at_once(*[person.post(path) for _ in range(8)])
    assert answers == [answers[0]] * 8
    assert await market.value("select count(*) from bank.cards") == 1
    assert await market.value("select count(*) from kit.outbox where type = 'bank.card_bound'") == 1


async def test_a_repeated_start_is_the_same_binding(market: Market) -> None:
    person, other = await market.person("xiaoman"), await market.person("azhe")
    once = key()
    first = await person.post("/api/cards/bindings", idempotency_key=once)
    assert await person.post("/api/cards/bindings", idempotency_key=once) == first
    assert (await other.post("/api/cards/bindings", idempotency_key=once))["id"] != first["id"]
    assert await refused_as(person.post("/api/cards/bindings")) == "idempotency-key-missing"
    assert await market.value("select count(*) from bank.bindings") == 2


async def test_a_person_who_never_comes_back_from_the_page_finds_the_card_bound(market: Market, time: Time) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    assert await market.sweep("bank.bind") == 1
    assert (await person.get("/api/cards"))["cards"] == []
    await market.type_card(started["id"], WORKS)
    assert await market.sweep("bank.bind") == 0, "it is asked about now and then, not always"
    time.pass_by(seconds=21)
    assert await market.sweep("bank.bind") == 1
    assert [card["last4"] for card in (await person.get("/api/cards"))["cards"]] == ["0004"]


async def test_a_page_finished_while_the_house_was_away_for_long_is_found(market: Market, time: Time) -> None:
    person = await market.person("xiaoman")
    started = await person.post("/api/cards/bindings", idempotency_key=key())
    await market.type_card(started["id"], WORKS)
    time.pass_by(days=2)
    assert await market.sweep("bank.bind") == 1
    assert len((await person.get("/api/cards"))["cards"]) == 1


async def test_a_page_that_nobody_finished_is_not_asked_about_for_ever(
    market: Market, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await market.person("xiaoman")
    await person.post("/api/cards/bindings", idempotency_key=key())
    dead = httpx.AsyncClient(base_url="http://127.0.0.1:1", trust_env=False)
    monkeypatch.setattr(market.house.issuer, "_client", dead)
    assert await refused_as(person.post("/api/cards/bindings", idempotency_key=key())) == "bank-unreachable"
    monkeypatch.undo()
    await dead.aclose()
    time.pass_by(minutes=61)
    assert await market.sweep("bank.bind") == 2
    time.pass_by(minutes=61)
    assert await market.sweep("bank.bind") == 0
    assert await market.value("select array_agg(distinct state) from bank.bindings") == ["refused"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>maintenance</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(200, json={"state": "pending"}),
        httpx.Response(200, json={"state": 5}),
        httpx.Response(302, headers={"location": "/login"}),
        httpx.Response(404),
    ],
)
async def test_a_bank_that_says_what_nobody_understands_has_not_answered(
    market: Market, monkeypatch: pytest.MonkeyPatch, answer: httpx.Response
) -> None:
    person = await market.shopper("xiaoman")
    garbled = httpx.AsyncClient(base_url="http://bank", transport=httpx.MockTransport(lambda _: answer))
    monkeypatch.setattr(market.house.issuer, "_client", garbled)
    begun = await market.top_up(person, 100)
    assert begun["state"] == "processing"
    assert await refused_as(person.post("/api/cards/bindings", idempotency_key=key())) == "bank-unreachable"
    monkeypatch.undo()
    await garbled.aclose()
    assert (await person.get(f"/api/topups/{begun['id']}"))["state"] == "succeeded"
    await market.books_are_right()


async def test_a_removed_card_pays_nothing_and_may_come_back(market: Market) -> None:
    person = await market.shopper("xiaoman")
    card_id = person.me["card_id"]
    token = await market.value("select token from bank.cards")
    await person.request("DELETE", f"/api/cards/{card_id}")
    assert (await person.get("/api/cards"))["cards"] == []
    assert await refused_as(market.top_up(person, 100, card_id)) == "card-not-found"
    assert await refused_as(person.request("DELETE", f"/api/cards/{card_id}")) == "card-not-found"
    declined = await market.ask_bank(
        "POST",
        "/v1/debits",
        {"reference": key(), "token": token, "amount_minor": 1, "currency": "CNY", "text": "stolen"},
    )
    assert (declined["state"], declined["reason"]) == ("declined", "token-revoked")
    assert (await market.bind(person))["id"] != card_id


async def test_a_wallet_holds_ten_cards(market: Market) -> None:
    person = await market.person("xiaoman")
    for number in range(10):
        await market.bind(person, working_number(number))
    assert await refused_as(person.post("/api/cards/bindings", idempotency_key=key())) == "too-many-cards"


async def test_bindings_begun_before_the_tenth_card_do_not_make_an_eleventh(market: Market) -> None:
    person = await market.person("xiaoman")
    late = [await person.post("/api/cards/bindings", idempotency_key=key()) for _ in range(2)]
    for number in range(9):
        await market.bind(person, working_number(number))
    for number, binding in enumerate(late, 20):
        await market.type_card(binding["id"], working_number(number))
    paths = [f"/api/cards/bindings/{binding['id']}/confirmation" for binding in late]
    answers = await at_once(*[person.post(path) for path in paths])
    assert sorted((answer["state"], answer["reason"]) for answer in answers) == [
        ("bound", None),
        ("refused", "too-many-cards"),
    ]
    assert len((await person.get("/api/cards"))["cards"]) == 10


async def test_cards_and_bindings_are_their_owners_alone(market: Market) -> None:
    owner, other = await market.shopper("xiaoman"), await market.person("azhe")
    binding = await owner.post("/api/cards/bindings", idempotency_key=key())
    assert await refused_as(other.request("DELETE", f"/api/cards/{owner.me['card_id']}")) == "card-not-found"
    assert await refused_as(other.post(f"/api/cards/bindings/{binding['id']}/confirmation")) == "not-found"
    assert await refused_as(other.post(f"/api/cards/bindings/{UUID(int=7)}/confirmation")) == "not-found"
    assert await refused_as(market.top_up(other, 100, owner.me["card_id"])) == "card-not-found"
    assert len((await owner.get("/api/cards"))["cards"]) == 1


async def test_a_bank_that_does_not_answer_is_said_to_be_unreachable(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await market.shopper("xiaoman")
    begun = await person.post("/api/cards/bindings", idempotency_key=key())
    removal, once = f"/api/cards/{person.me['card_id']}", key()
    # Nobody listens at port 1 of this machine.
    dead = httpx.AsyncClient(base_url="http://127.0.0.1:1", trust_env=False)
    monkeypatch.setattr(market.house.issuer, "_client", dead)
    assert await refused_as(person.post("/api/cards/bindings", idempotency_key=once)) == "bank-unreachable"
    assert await refused_as(person.post(f"/api/cards/bindings/{begun['id']}/confirmation")) == "bank-unreachable"
    assert await refused_as(person.request("DELETE", removal)) == "bank-unreachable"
    monkeypatch.undo()
    await dead.aclose()
    assert len((await person.get("/api/cards"))["cards"]) == 1
    assert (await person.post("/api/cards/bindings", idempotency_key=once))["page_url"]
    assert (await person.post(f"/api/cards/bindings/{begun['id']}/confirmation"))["state"] == "started"
    await person.request("DELETE", removal)


def working_number(number: int) -> str:
    """A number that works at the sandbox issuer: its prefix, a bank, an account, and Luhn's check digit."""
    body = f"62000001{number:07d}"
    digits = [int(digit) for digit in reversed(body)]
    doubled = [digit * 2 - 9 * (digit > 4) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    return f"{body}{-sum(doubled) % 10}"
