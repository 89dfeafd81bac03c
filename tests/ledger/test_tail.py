"""What came after the account rows, added up for each account."""

import random

import asyncpg
import numpy as np

from junzi.kit import ids
from junzi.ledger import Account, Transfer, open_ledger, store
from junzi.ledger.rows import AccountRow
from junzi.ledger.tail import MOVE, Tail

# Two ids that the quick way of sorting takes for one, and one more.
IDS = [(0, 0x9E3779B97F4A7C15), (1, 0), (7, 7)]


def test_each_account_is_brought_up_from_where_its_row_is() -> None:
    chance = random.Random(1)
    moves = np.zeros(60, MOVE)
    expected = {id: [0, 0, 0, 0] for id in IDS}
    for place in range(len(moves)):
        debit, credit = chance.sample(IDS, 2)
        pending, posted = chance.randrange(-5, 5), chance.randrange(9)
        moves[place] = (5, 8, 100 + place, 16, debit, 16, credit, 8, pending, 8, posted)
        if place >= 20:
            for id, side in ((debit, 0), (credit, 2)):
                expected[id][side] += pending
                expected[id][side + 1] += posted
    tail = Tail(moves.tobytes())
    for id in IDS:
        row = account_row(_bytes(id))
        brought_up = tail.brought_up(row, 119)
        assert brought_up is not None
        assert brought_up == (*row[:7], *(1000 + moved for moved in expected[id]), row[11])
        assert tail.brought_up(row, 159) is None
    assert sorted(tail.accounts) == sorted(map(_bytes, IDS))
    assert tail.brought_up(account_row(bytes(15) + b"\1"), 0) is None


def test_nothing_came_after() -> None:
    assert not Tail(b"")
    assert Tail(b"").last_time == 0


def account_row(id: bytes) -> AccountRow:
    return (id, 156, 1, 0, None, 0, 0, 1000, 1000, 1000, 1000, 5)


def _bytes(id: tuple[int, int]) -> bytes:
    return id[0].to_bytes(8) + id[1].to_bytes(8)


async def test_what_was_read_while_the_last_writer_still_wrote_counts_once(engine_url: str) -> None:
    ledger = await open_ledger(engine_url)
    pair = [Account(id=ids.new_id(), ledger=156, code=1) for _ in range(2)]
    await ledger.create_accounts(pair)
    reader = await asyncpg.connect(engine_url)

    async def move(amount: int) -> None:
        transfer = Transfer(
            id=ids.new_id(),
            debit_account_id=pair[0].id,
            credit_account_id=pair[1].id,
            amount=amount,
            ledger=156,
            code=1,
        )
        assert (await ledger.create_transfers([transfer]))[0].stands

    # Rows are written behind all this, before or after any of it.
    for amount in range(1, 6):
        await move(amount)
    foreseen = await store.foresee(reader)
    await move(100)
    rows = await store.account_rows(reader, [pair[0].id.bytes], await store.tail(reader, foreseen))
    assert rows[pair[0].id.bytes][8] == 115
    await ledger.close()
    await reader.close()
