"""The simulated people of the demo town pay by the story's rule: what saves more, then the other, then habit."""

import random
from datetime import date, timedelta

import pytest

from junzi.cli.demo_rival import PUSHES, Rivals, Wallet, choose
from junzi.cli.demo_street import wallets_at

OURS, THEIRS = Wallet.OURS, Wallet.THEIRS
PRESENT = date(2026, 11, 29)
BOTH = ("Blue Wallet", "远帆支付")


@pytest.mark.parametrize(
    ("ours", "theirs", "habit", "chosen"),
    [
        (500, 300, THEIRS, OURS),
        (300, 500, OURS, THEIRS),
        (0, 300, OURS, THEIRS),
        (300, 0, THEIRS, OURS),
        (0, 0, THEIRS, THEIRS),
        (0, 0, OURS, OURS),
        (500, 500, THEIRS, THEIRS),
        (0, None, THEIRS, OURS),
        (None, 0, OURS, THEIRS),
        (None, None, OURS, None),
    ],
)
def test_what_saves_more_is_chosen_then_habit_among_what_is_taken(
    ours: int | None, theirs: int | None, habit: Wallet, chosen: Wallet | None
) -> None:
    assert choose(ours=ours, theirs=theirs, habit=habit) is chosen


def test_every_push_begins_once_in_the_fortnight_and_saves_while_it_lasts() -> None:
    rivals = Rivals(random.Random(1), PRESENT)
    begun, saved = [], {}
    for ago in range(14, -1, -1):
        today = PRESENT - timedelta(days=ago)
        begun += rivals.begin_day(today, ["S-08", "M-03"])
        saved[ago] = rivals.saves(2_500, BOTH)
        assert rivals.scans.total() == 40 and set(rivals.scans) <= {"S-08", "M-03"}
    assert begun == list(PUSHES)
    assert [ago for ago in saved if saved[ago]] == [11, 10, 9, 7, 6, 3, 2, 1]
    assert (saved[11], saved[7], saved[3]) == (600, 300, 800)
    assert rivals.saves(10, BOTH) == 0


def test_a_push_counts_only_where_that_wallets_own_code_hangs() -> None:
    rivals = Rivals(random.Random(1), PRESENT)
    rivals.begin_day(PRESENT - timedelta(days=7), ["S-08"])
    assert rivals.saves(2_500, ["远帆支付"]) == rivals.saves(2_500, BOTH) == 300
    assert rivals.saves(2_500, ["Blue Wallet"]) == 0
    assert rivals.saves(2_500, []) is None
    assert {one.rival for one in PUSHES} == wallets_at("S-14") == set(BOTH)
    assert (wallets_at("S-12"), wallets_at("M-07")) == ({"Blue Wallet"}, frozenset())
