"""What came after the account rows, added up for each account."""

import random

import numpy as np

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
    tail = Tail(bytes(19) + moves.tobytes() + bytes(2))
    for id in IDS:
        row = account_row(_bytes(id))
        brought_up = tail.brought_up(row, 119)
        assert brought_up is not None
        assert brought_up == (*row[:7], *(1000 + moved for moved in expected[id]), row[11])
        assert tail.brought_up(row, 159) is None
    assert sorted(tail.accounts) == sorted(map(_bytes, IDS))
    assert tail.brought_up(account_row(bytes(15) + b"\1"), 0) is None


def test_nothing_came_after() -> None:
    assert not Tail(bytes(19) + bytes(2))


def account_row(id: bytes) -> AccountRow:
    return (id, 156, 1, 0, None, 0, 0, 1000, 1000, 1000, 1000, 5)


def _bytes(id: tuple[int, int]) -> bytes:
    return id[0].to_bytes(8) + id[1].to_bytes(8)
