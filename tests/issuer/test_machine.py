"""The operator's door: who may come in, what is refused, and what a repeat gives."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import asyncpg
import pytest

from tests.issuer.bank import PUBLIC_URL, RETURN_URL, WORKS, Bank, payment

ROUTES = [
    ("POST", "/v1/bindings"),
    ("GET", f"/v1/bindings/{uuid4()}"),
    ("POST", f"/v1/bindings/{uuid4()}/simulate"),
    ("POST", "/v1/debits"),
    ("GET", f"/v1/debits/{uuid4()}"),
    ("POST", "/v1/credits"),
    ("GET", f"/v1/credits/{uuid4()}"),
    ("DELETE", "/v1/tokens/card_x"),
]


async def test_every_route_is_closed_without_the_key(bank: Bank) -> None:
    for method, path in ROUTES:
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Basic a-key-that-only-these-tests-know"},
        ):
            response = await bank.client.request(method, f"{bank.url}{path}", headers=headers)
            assert response.status_code == 401, (method, path)
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["type"] == "/problems/not-authorised"


async def test_what_was_never_seen_is_not_found(bank: Bank) -> None:
    for method, path in (route for route in ROUTES if route[0] != "POST"):
        response = await bank.request(method, path)
        assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found"), path
    response = await bank.request("POST", f"/v1/bindings/{uuid4()}/simulate", {"card_number": WORKS})
    assert response.status_code == 404


async def test_a_binding_starts_once_for_a_reference(bank: Bank) -> None:
    reference = str(uuid4())
    first = await bank.start_binding(reference=reference)
    assert first["state"] == "started"
    assert first["page_url"].startswith(f"{PUBLIC_URL}/pages/")
    assert await bank.start_binding(reference=reference) == first
    for other in ({"return_url": "http://localhost:2/"}, {"holder_hint": "x"}, {"public_url": "http://other/bank"}):
        body = {"reference": reference, "return_url": RETURN_URL, "holder_hint": "林小满"} | other
        response = await bank.request("POST", "/v1/bindings", body)
        assert (response.status_code, response.json()["type"]) == (409, "/problems/reference-reused")


async def test_pages_cannot_be_guessed_and_differ(bank: Bank) -> None:
    pages = {(await bank.start_binding())["page_url"].rpartition("/")[2] for _ in range(5)}
    assert len(pages) == 5
    assert all(len(page) >= 32 for page in pages)


async def test_a_binding_may_name_another_public_address(bank: Bank) -> None:
    binding = await bank.start_binding(public_url="https://pay.example/sandbox-bank/")
    assert binding["page_url"].startswith("https://pay.example/sandbox-bank/pages/")


async def test_a_public_address_with_a_path_leads_the_page_address(make_bank: Callable[..., Bank]) -> None:
    async with make_bank(public_url="http://localhost:8800/sandbox-bank") as bank:
        binding = await bank.start_binding()
        assert binding["page_url"].startswith("http://localhost:8800/sandbox-bank/pages/")


@pytest.mark.parametrize(
    "url", ["", "/wallet", "javascript:alert(1)", "http://", "http://a;b/", "http://u@h/", "http://h/\n"]
)
async def test_a_binding_returns_only_to_web_addresses(bank: Bank, url: str) -> None:
    for fields in ({"return_url": url}, {"return_url": RETURN_URL, "public_url": url}):
        if fields.get("public_url") == "":
            continue
        response = await bank.request("POST", "/v1/bindings", {"reference": str(uuid4()), **fields})
        assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-request")


async def test_simulating_binds_once_and_only_one_card(bank: Bank) -> None:
    reference = (await bank.start_binding())["reference"]
    path = f"/v1/bindings/{reference}/simulate"
    first = await bank.request("POST", path, {"card_number": "6200 0001 0000 0004"})
    assert first.status_code == 200
    answer = first.json()
    assert (answer["state"], answer["last4"], answer["bank_name"]) == ("confirmed", "0004", "纸船银行")
    assert (await bank.request("POST", path, {"card_number": WORKS})).json() == answer
    assert await bank.read_binding(reference) == answer
    other = await bank.request("POST", path, {"card_number": "6200000200000003"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/binding-ended")


@pytest.mark.parametrize("number", ["", "62000001", "6200000100000005", "4111111111111111", "620000010000000４"])
async def test_simulating_takes_only_cards_of_the_sandbox(bank: Bank, number: str) -> None:
    reference = (await bank.start_binding())["reference"]
    response = await bank.request("POST", f"/v1/bindings/{reference}/simulate", {"card_number": number})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "card_number"
    assert (await bank.read_binding(reference))["state"] == "started"


async def test_a_card_may_be_bound_by_several_persons(bank: Bank, books: asyncpg.Connection) -> None:
    tokens = {await bank.bind(WORKS) for _ in range(3)}
    assert len(tokens) == 3
    assert await books.fetchval("select count(distinct card_id) from issuer.tokens where token = any($1)", tokens) == 1
    for token in tokens:
        assert (await bank.debit(token, 1)).json()["state"] == "succeeded"


@pytest.mark.parametrize("kind", ["debit", "credit"])
async def test_a_repeat_gives_the_same_answer_for_ever(bank: Bank, books: asyncpg.Connection, kind: str) -> None:
    token, reference = await bank.bind(WORKS), uuid4()
    count = "select count(*) from issuer.transfers where kind = $1"
    before = await books.fetchval(count, kind)
    first = await bank.pay(kind, token, 500, reference)
    answers = await asyncio.gather(*(bank.pay(kind, token, 500, reference) for _ in range(8)))
    assert all((answer.status_code, answer.json()) == (201, first.json()) for answer in answers)
    assert (await bank.request("GET", f"/v1/{kind}s/{reference}")).json() == first.json()
    assert await books.fetchval(count, kind) == before + 1


async def test_requests_that_race_with_one_reference_move_money_once(bank: Bank, books: asyncpg.Connection) -> None:
    token, reference = await bank.bind(WORKS), uuid4()
    settled = "select balance_minor from issuer.accounts where kind = 'settlement'"
    before = await books.fetchval(settled)
    answers = await asyncio.gather(*(bank.debit(token, 500, reference) for _ in range(16)))
    assert len({answer.text for answer in answers}) == 1
    assert await books.fetchval(settled) == before + 500


async def test_other_fields_under_a_reference_are_a_conflict(bank: Bank) -> None:
    token, other_token, reference = await bank.bind(WORKS), await bank.bind(WORKS), uuid4()
    await bank.debit(token, 500, reference)
    for body in (
        payment(token, 501, reference),
        payment(other_token, 500, reference),
        payment(token, 500, reference, text="other"),
    ):
        response = await bank.request("POST", "/v1/debits", body)
        assert (response.status_code, response.json()["type"]) == (409, "/problems/reference-reused")


async def test_a_debit_and_a_credit_may_share_a_reference(bank: Bank) -> None:
    token, reference = await bank.bind(WORKS), uuid4()
    await bank.pay("debit", token, 500, reference)
    assert (await bank.request("GET", f"/v1/credits/{reference}")).status_code == 404
    assert (await bank.pay("credit", token, 200, reference)).json()["state"] == "succeeded"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", 0),
        ("amount_minor", -1),
        ("amount_minor", 10**12 + 1),
        ("amount_minor", 10**30),
        ("amount_minor", 1.5),
        ("amount_minor", "1"),
        ("amount_minor", True),
        ("currency", "cny"),
        ("currency", None),
        ("reference", "not-a-uuid"),
        ("token", ""),
        ("text", "x" * 129),
    ],
)
async def test_a_field_out_of_its_bounds_is_named(bank: Bank, field: str, value: object) -> None:
    body = payment("card_x", 1, uuid4()) | {field: value}
    response = await bank.request("POST", "/v1/debits", body)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-request")
    assert response.json()["errors"][0]["field"] == field


async def test_a_missing_field_and_a_broken_body_are_refused(bank: Bank) -> None:
    assert (await bank.request("POST", "/v1/debits", {"token": "card_x"})).status_code == 400
    headers = {"Authorization": "Bearer a-key-that-only-these-tests-know", "Content-Type": "application/json"}
    for content in (b"", b"{", b"[]", b"\xff", b'"x"'):
        response = await bank.client.post(f"{bank.url}/v1/debits", content=content, headers=headers)
        assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-request"), content


async def test_an_oversized_body_is_refused(bank: Bank) -> None:
    response = await bank.request("POST", "/v1/debits", payment("card_x", 1, uuid4(), text="x" * 50_000))
    assert response.status_code == 413


async def test_an_unknown_token_and_a_foreign_currency_leave_no_trace(bank: Bank) -> None:
    reference = uuid4()
    unknown = await bank.debit("card_nobody", 1, reference)
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/token-unknown")
    token = await bank.bind(WORKS)
    foreign = await bank.request("POST", "/v1/debits", payment(token, 1, reference, currency="EUR"))
    assert (foreign.status_code, foreign.json()["type"]) == (422, "/problems/currency-unknown")
    assert (await bank.find_debit(reference)).status_code == 404


@pytest.mark.parametrize("text", ["zero \0 byte", "汉字 😀", ""])
async def test_any_statement_text_is_taken_or_refused_in_words(bank: Bank, text: str) -> None:
    response = await bank.request("POST", "/v1/debits", payment(await bank.bind(WORKS), 1, uuid4(), text=text))
    assert response.status_code == (400 if "\0" in text else 201), response.text


async def test_a_revoked_token_declines_but_answers_old_references(bank: Bank) -> None:
    token, reference = await bank.bind(WORKS), uuid4()
    before = await bank.debit(token, 5, reference)
    for _ in range(2):
        assert (await bank.request("DELETE", f"/v1/tokens/{token}")).status_code == 204
    declined = (await bank.debit(token, 5)).json()
    assert (declined["state"], declined["reason"]) == ("declined", "token-revoked")
    assert (await bank.debit(token, 5, reference)).json() == before.json()


async def test_an_address_that_is_not_there_is_a_problem_too(bank: Bank) -> None:
    for path in ("/", "/v1", "/v1/debits/not-a-uuid", "/static/../cli.py", "/static/none.css"):
        response = await bank.request("GET", path)
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "application/problem+json"
    assert (await bank.request("PUT", "/v1/debits")).status_code == 405
