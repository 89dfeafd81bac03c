"""The auditor finds what is wrong in the books, whatever it is."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from junzi_issuer.audit import find_faults
from tests.issuer.bank import BLOCKED, WORKS, Bank, audit
from tests.issuer.operator import Operator
from tests.support.postgres import QUICK, database_name, shared_server

CORRUPTIONS = {
    "an entry's amount": "update issuer.entries set amount_minor = amount_minor + 1 where transfer_id = "
    "(select transfer_id from issuer.transfers where kind = 'debit') and amount_minor > 0",
    "a whole transfer's amount": "with changed as (update issuer.entries set amount_minor = amount_minor * 2 where transfer_id = "
    "(select transfer_id from issuer.transfers where kind = 'debit') returning account_id, amount_minor / 2 as more) "
    "update issuer.accounts a set balance_minor = balance_minor + more from changed c where a.account_id = c.account_id",
    "a balance": "update issuer.accounts set balance_minor = balance_minor + 1 where kind = 'card'",
    "two balances": "update issuer.accounts set balance_minor = balance_minor + case kind when 'card' then 5 else -5 end "
    "where kind in ('card', 'settlement')",
    "a lost entry": "delete from issuer.entries where transfer_id = "
    "(select transfer_id from issuer.transfers where kind = 'credit') and amount_minor < 0",
    "a payment's amount": "update issuer.payments set amount_minor = amount_minor + 1 where kind = 'credit'",
    "a declined payment made good": "update issuer.payments set state = 'succeeded', reason = null "
    "where state = 'declined'",
    "a good payment declined": "update issuer.payments set state = 'declined', reason = 'card-blocked' "
    "where kind = 'debit' and state = 'succeeded'",
    "another card's payment": "update issuer.payments set card_id = (select max(card_id) from issuer.cards) "
    "where kind = 'debit' and state = 'succeeded'",
    "a turned direction": "update issuer.entries set amount_minor = -amount_minor where transfer_id = "
    "(select transfer_id from issuer.transfers where kind = 'debit')",
    "a lost notification": "delete from issuer.notifications where kind = 'debit'",
}


@pytest.fixture(scope="module")
def sound_books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with some payments, to which nobody is connected."""
    server = shared_server(QUICK)
    url = server.make_database(template=None)
    asyncio.run(_live(Bank(url, Operator(port=1), tmp_path_factory.mktemp("books"))))
    yield database_name(url)
    server.drop_database(url)


@pytest.fixture
def books_url(sound_books: str) -> Iterator[str]:
    """A copy of them."""
    server = shared_server(QUICK)
    url = server.make_database(template=sound_books)
    yield url
    server.drop_database(url)


async def test_sound_books_pass(own_bank: Bank) -> None:
    assert await audit(own_bank.database_url) == (0, "The books are sound.\n")
    await _pay_some(own_bank)
    assert await audit(own_bank.database_url) == (0, "The books are sound.\n")


@pytest.mark.parametrize("name", CORRUPTIONS)
async def test_a_corruption_is_found(books_url: str, name: str) -> None:
    assert await find_faults(books_url) == {}
    connection = await asyncpg.connect(books_url)
    assert not (await connection.execute(CORRUPTIONS[name])).endswith(" 0")
    await connection.close()
    assert await find_faults(books_url)


async def test_an_opening_of_another_amount_is_found(own_bank: Bank, database: asyncpg.Connection) -> None:
    await _pay_some(own_bank)
    await database.execute(
        "update issuer.entries set amount_minor = amount_minor + sign(amount_minor)::bigint where transfer_id = "
        "(select min(transfer_id) from issuer.transfers where kind = 'opening')"
    )
    code, said = await audit(own_bank.database_url)
    assert code == 1
    assert "FAULT cards opened wrongly: 1\n" in said


async def test_a_database_without_books_is_refused(postgres_url: str) -> None:
    assert (await audit(postgres_url))[0] == 1
    assert (await audit("postgresql://nobody@127.0.0.1:1/none"))[0] == 1


async def _live(bank: Bank) -> None:
    async with bank:
        await _pay_some(bank)


async def _pay_some(bank: Bank) -> None:
    token, blocked = await bank.bind(WORKS), await bank.bind(BLOCKED)
    reference = uuid4()
    assert (await bank.debit(token, 900, reference)).json()["state"] == "succeeded"
    assert (await bank.pay("credit", token, 400, reference)).json()["state"] == "succeeded"
    assert (await bank.debit(blocked, 1)).json()["state"] == "declined"
