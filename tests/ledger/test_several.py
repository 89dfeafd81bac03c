"""Several ledgers on one database: one posts, the others hand in to it, and one of them takes its place."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from junzi.kit import ids
from junzi.kit.nats_bus import open_nats_bus
from junzi.ledger import Account, Ledger, Transfer, open_ledger
from junzi.ledger.model import CreateAccountStatus, CreateTransferStatus, InvalidEvent
from tests.support.nats import nats_nodes

BOOK = 1


@pytest_asyncio.fixture
async def ledgers(engine_url: str) -> AsyncIterator[list[Ledger]]:
    """The writer, and one that stands by."""
    async with AsyncExitStack() as stack:
        (node,) = stack.enter_context(nats_nodes(1))
        found = []
        for _ in range(2):
            bus = await open_nats_bus(node.url, engine_url)
            stack.push_async_callback(bus.close)
            ledger = await open_ledger(engine_url, bus)
            stack.push_async_callback(ledger.close)
            found.append(ledger)
        yield found


async def test_whoever_stands_by_posts_and_tells_balances(ledgers: list[Ledger]) -> None:
    writer, second = ledgers
    one, other = Account(id=ids.new_id(), ledger=BOOK, code=1), Account(id=ids.new_id(), ledger=BOOK, code=1)
    opened = await second.create_accounts([one, other])
    assert [result.status for result in opened] == [CreateAccountStatus.CREATED] * 2
    transfer = Transfer(
        id=ids.new_id(), debit_account_id=one.id, credit_account_id=other.id, amount=2**40, ledger=BOOK, code=1
    )
    (done,) = await second.create_transfers([transfer])
    assert done.status is CreateTransferStatus.CREATED
    (again,) = await writer.create_transfers([transfer])
    assert again.status is CreateTransferStatus.EXISTS
    missing = ids.new_id()
    for ledger in ledgers:
        found = await ledger.lookup_accounts([other.id, missing, one.id])
        assert [(account.id, account.debits_posted, account.credits_posted) for account in found] == [
            (other.id, 0, 2**40),
            (one.id, 2**40, 0),
        ]
    assert await second.lookup_accounts([other.id]) == await writer.lookup_accounts([other.id])
    assert await second.expire_pending() == 0


async def test_what_no_book_can_hold_is_refused_the_same_way(ledgers: list[Ledger]) -> None:
    ours = [Account(id=ids.new_id(), ledger=BOOK, code=1) for _ in range(2)]
    await ledgers[0].create_accounts(ours)
    large = Transfer(
        id=ids.new_id(),
        debit_account_id=ours[0].id,
        credit_account_id=ours[1].id,
        amount=2**100,
        ledger=BOOK,
        code=1,
    )
    outcomes = []
    for ledger in ledgers:
        try:
            (result,) = await ledger.create_transfers([large])
            outcomes.append(result.status.name)
        except InvalidEvent as refusal:
            outcomes.append(str(refusal))
    assert outcomes[0] == outcomes[1]


async def test_one_that_stands_by_takes_the_place_of_a_writer_that_closes(ledgers: list[Ledger]) -> None:
    writer, second = ledgers
    ours = [Account(id=ids.new_id(), ledger=BOOK, code=1) for _ in range(2)]
    await writer.create_accounts(ours)
    for ledger in (writer, second):
        transfer = Transfer(
            id=ids.new_id(), debit_account_id=ours[0].id, credit_account_id=ours[1].id, amount=5, ledger=BOOK, code=1
        )
        (done,) = await ledger.create_transfers([transfer])
        assert done.status is CreateTransferStatus.CREATED
        await writer.close()
    (account,) = await second.lookup_accounts([ours[1].id])
    assert account.credits_posted == 10
