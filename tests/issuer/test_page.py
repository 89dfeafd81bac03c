"""The person's door, walked through as a browser without script would."""

import re
from collections.abc import Callable

import asyncpg
import pytest

from tests.issuer.bank import RETURN_URL, WORKS, Bank, audit


async def test_a_person_binds_a_card_with_the_code_from_the_phone(bank: Bank) -> None:
    page = await bank.open_page()
    assert page.html.count("<h1") == 1
    await page.enter_card("6200 0001 0000 0004")
    response = await page.enter_code(page.message_code)
    assert (response.status_code, response.headers["location"]) == (303, RETURN_URL)
    binding = await bank.read_binding(page.reference)
    assert (binding["state"], binding["last4"], binding["reason"]) == ("confirmed", "0004", None)
    assert binding["bank_names"] == {"zh": "纸船银行", "en": "Paper Boat Bank"}
    assert (await bank.debit(binding["token"], 1)).json()["state"] == "succeeded"
    await page.load()
    assert f'href="{RETURN_URL}"' in page.html
    assert "The card is bound" in page.html


async def test_sending_the_last_form_again_leads_back_and_binds_once(bank: Bank, books: asyncpg.Connection) -> None:
    before = await books.fetchval("select count(*) from issuer.tokens")
    page = await bank.open_page()
    await page.enter_card(WORKS)
    code, form = page.message_code, page.html
    for _ in range(3):
        page.html = form
        response = await page.enter_code(code)
        assert response.headers["location"] == RETURN_URL
    assert await books.fetchval("select count(*) from issuer.tokens") == before + 1


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("", "Enter the 16 digits of the card."),
        ("6200 0001", "Enter the 16 digits of the card."),
        ("6200 0001 0000 000x", "Enter the 16 digits of the card."),
        ("6200 0001 0000 0005", "This number is not right. Check it and try again."),
    ],
)
async def test_a_mistyped_number_is_shown_again_with_what_is_wrong(bank: Bank, number: str, fault: str) -> None:
    page = await bank.open_page()
    response = await page.enter_card(number)
    assert response.status_code == 422
    assert page.faults == [fault]
    assert 'aria-invalid="true" aria-describedby="card_number_hint card_number_fault"' in page.html
    assert number.replace(" ", "") in page.html.replace(" ", "")
    await page.enter_card(WORKS)
    assert page.message_code


async def test_a_number_that_may_be_real_is_refused_and_not_sent_back(bank: Bank) -> None:
    page = await bank.open_page()
    response = await page.enter_card("4111 1111 1111 1111")
    assert response.status_code == 422
    assert page.faults == ["Only test cards beginning with 6200 00 are taken here. Never type a real card number."]
    assert "4111" not in page.html


@pytest.mark.parametrize("holder", ["", "   ", "x" * 61])
async def test_a_holder_is_asked_for(bank: Bank, holder: str) -> None:
    page = await bank.open_page()
    assert (await page.enter_card(WORKS, holder=holder)).status_code == 422
    assert page.faults == ["Enter the name of the holder, 60 characters at most."]


async def test_three_wrong_codes_refuse_the_binding(bank: Bank) -> None:
    page = await bank.open_page()
    await page.enter_card(WORKS)
    for left in (2, 1):
        assert (await page.enter_code(page.wrong_code)).status_code == 422
        assert page.faults == [f"That is not the code. Tries left: {left}."]
    response = await page.enter_code(page.wrong_code)
    assert (response.status_code, response.headers["location"]) == (303, RETURN_URL)
    binding = await bank.read_binding(page.reference)
    assert (binding["state"], binding["reason"], binding["token"]) == ("refused", "wrong-code", None)


async def test_a_new_code_does_not_give_new_tries_and_ends_the_old_code(bank: Bank) -> None:
    page = await bank.open_page()
    await page.enter_card(WORKS)
    old_code = page.message_code
    await page.enter_code(page.wrong_code)
    await page.submit("resend")
    while page.message_code == old_code:
        await page.submit("resend")
    assert (await page.enter_code(old_code)).status_code == 422
    assert page.faults == ["That is not the code. Tries left: 1."]
    assert (await page.enter_code(page.message_code)).headers["location"] == RETURN_URL


async def test_a_malformed_code_is_not_counted(bank: Bank) -> None:
    page = await bank.open_page()
    await page.enter_card(WORKS)
    for code in ("", "12345", "1234567", "abcdef", "１２３４５６"):
        assert (await page.enter_code(code)).status_code == 422
        assert page.faults == ["A code is six digits."]
    assert (await page.enter_code(page.message_code)).headers["location"] == RETURN_URL


async def test_codes_are_sent_five_times_at_most(bank: Bank) -> None:
    page = await bank.open_page()
    await page.enter_card(WORKS)
    for _ in range(4):
        assert (await page.submit("resend")).status_code == 200
    assert (await page.submit("resend")).status_code == 422
    assert page.faults == ["No more codes are sent. Use the latest one, or cancel and start over."]
    assert (await page.enter_code(page.message_code)).headers["location"] == RETURN_URL


async def test_an_expired_code_is_refused_and_leaves_the_phone(make_bank: Callable[..., Bank]) -> None:
    async with make_bank(ISSUER_CODE_LIFE_MS="1") as bank:
        page = await bank.open_page()
        await page.enter_card(WORKS)
        await page.load()
        assert page.faults == ["There is no valid code on this demo phone. Send a new one."]
        assert (await page.enter_code("123456")).status_code == 422
        assert "The code has expired. Send a new one." in page.faults
        assert (await bank.read_binding(page.reference))["state"] == "started"


async def test_a_page_left_open_too_long_is_refused(make_bank: Callable[..., Bank]) -> None:
    async with make_bank(ISSUER_PAGE_LIFE_MS="1") as bank:
        page = await bank.open_page()
        assert "The page was open too long" in page.html
        binding = await bank.read_binding(page.reference)
        assert (binding["state"], binding["reason"]) == ("refused", "expired")


@pytest.mark.parametrize("with_card", [False, True])
async def test_going_back_refuses_the_binding_as_cancelled(bank: Bank, with_card: bool) -> None:
    page = await bank.open_page()
    if with_card:
        await page.enter_card(WORKS)
    response = await page.submit("cancel")
    assert (response.status_code, response.headers["location"]) == (303, RETURN_URL)
    binding = await bank.read_binding(page.reference)
    assert (binding["state"], binding["reason"]) == ("refused", "cancelled")
    assert (await page.load()).status_code == 200
    assert "You cancelled the binding." in page.html


async def test_a_form_without_the_pages_own_token_does_nothing(bank: Bank) -> None:
    page, other = await bank.open_page(), await bank.open_page()
    for token in ("", "wrong", other.csrf_token):
        response = await page.submit("cancel", csrf_token=token)
        assert response.status_code == 403
    assert (await bank.read_binding(page.reference))["state"] == "started"


async def test_a_form_the_page_does_not_have_is_refused(bank: Bank) -> None:
    page = await bank.open_page()
    assert (await page.submit("elsewhere")).status_code == 422
    await page.submit("code", code="123456")
    await page.submit("resend")
    assert (await bank.read_binding(page.reference))["state"] == "started"


async def test_an_oversized_form_is_refused(bank: Bank) -> None:
    page = await bank.open_page()
    assert (await page.enter_card(WORKS, holder="x" * 20_000)).status_code == 413


@pytest.mark.parametrize("page_id", ["unknown", "%00", "x" * 500, "汉"])
async def test_a_page_that_is_not_there_says_so_in_html(bank: Bank, page_id: str) -> None:
    for method in ("GET", "POST"):
        response = await bank.client.request(method, f"{bank.url}/pages/{page_id}", data={"step": "card"})
        assert response.status_code == 404
        assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "zh-CN,zh;q=0.9", "zh-CN"),
        ("", "en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("", "fr-FR,en;q=0.5,zh;q=0.7", "zh-CN"),
        ("", "fr", "zh-CN"),
        ("", "", "zh-CN"),
        ("", "en;q=x,zh;q=0.1", "zh-CN"),
        ("?lang=en", "zh", "en"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=fr", "en", "en"),
    ],
)
async def test_the_page_speaks_the_language_asked_for(bank: Bank, query: str, accepted: str, language: str) -> None:
    page = await bank.open_page()
    page.language = accepted
    await page.load(query)
    assert f'<html lang="{language}">' in page.html


async def test_the_language_chosen_stays_through_the_forms(bank: Bank) -> None:
    page = await bank.open_page()
    await page.load("?lang=zh")
    assert 'action="?lang=zh"' in page.html
    assert 'href="?lang=en"' in page.html


async def test_every_address_on_the_page_is_relative(bank: Bank) -> None:
    page = await bank.open_page()
    htmls = [page.html]
    await page.enter_card(WORKS)
    htmls.append(page.html)
    for html in htmls:
        addresses = re.findall(r'(?:href|src|action)="([^"]*)"', html)
        assert addresses
        assert all(address.startswith(("?", "../static/")) for address in addresses), addresses
        for address in addresses:
            if address.startswith("../"):
                response = await bank.client.get(f"{bank.url}{page.path.rpartition('/')[0]}/{address}")
                assert response.status_code == 200, address
                assert "max-age" in response.headers["cache-control"]


async def test_the_page_is_kept_by_nobody_and_framed_by_nobody(bank: Bank) -> None:
    page = await bank.open_page()
    assert page.response is not None
    headers = page.response.headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "form-action 'self' http://localhost:1" in headers["content-security-policy"]
    assert "'unsafe" not in headers["content-security-policy"]


async def test_what_the_operator_sends_cannot_become_markup(bank: Bank) -> None:
    hint = '"><script>alert(1)</script>$t_bank'
    page = await bank.open_page(holder_hint=hint, return_url="http://localhost:1/?a=1&b='\"<x>")
    assert "<script>alert" not in page.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;$t_bank" in page.html
    await page.submit("cancel")
    await page.load()
    assert "<x>" not in page.html


async def test_a_test_card_can_be_filled_in_without_script(bank: Bank) -> None:
    page = await bank.open_page()
    links = re.findall(r'href="(\?lang=en&amp;fill=\d+)"[^>]*data-fill="(\d{16})"', page.html)
    assert len(links) == 13
    for link, number in links:
        await page.load(link.replace("&amp;", "&"))
        field = re.findall(r'name="card_number" value="([^"]*)"', page.html)[0]
        assert field.replace(" ", "") == number
    for fill in ("99", "-1", "x", "٣"):
        assert (await page.load(f"?fill={fill}")).status_code == 200


async def test_numbers_and_codes_are_kept_as_hashes_only(bank: Bank, books: asyncpg.Connection) -> None:
    page = await bank.open_page()
    await page.enter_card(WORKS, holder="Nobody Else")
    code = page.message_code
    row = await books.fetchrow("select * from issuer.bindings where reference = $1", page.reference)
    assert row is not None
    assert len(row["code_hash"]) == 32
    dump = str(row) + str(await books.fetch("select * from issuer.cards"))
    assert code not in dump
    assert WORKS not in dump
    assert "Nobody Else" not in dump
    await page.enter_code(code)
    code_hash = "select code_hash from issuer.bindings where reference = $1"
    assert await books.fetchval(code_hash, page.reference) is None
    assert (await audit(bank.database_url))[0] == 0


async def test_after_a_restart_a_new_code_finishes_the_page(own_bank: Bank) -> None:
    page = await own_bank.open_page()
    await page.enter_card(WORKS)
    await own_bank.kill()
    await own_bank.start()
    await page.load()
    assert page.faults == ["There is no valid code on this demo phone. Send a new one."]
    await page.submit("resend")
    assert (await page.enter_code(page.message_code)).headers["location"] == RETURN_URL
