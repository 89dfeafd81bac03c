"""The checker finds what it is there to find: each kind of fault, put into a history that was well, is named."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.history.checker import History, Line, Record, Shown, faults

TALK = "talk"


def well() -> History:
    """Two people with two devices each, four messages, one of them sent twice."""
    log = [Line(1, "a1", "anna"), Line(2, "b1", "ben"), Line(3, "a2", "anna"), Line(4, "b2", "ben")]
    records = []
    for device in ("anna 1", "anna 2", "ben 1", "ben 2"):
        person = device.split()[0]
        record = Record(device, person)
        record.told = [((TALK, line.seq), line.id) for line in log] * 2
        record.kept = {TALK: {line.seq: line.id for line in log}}
        record.unread = {TALK: 1 if person == "anna" else 0}
        record.reads = {(TALK, "anna"): 3, (TALK, "ben"): 4}
        records.append(record)
    records[0].acknowledged = {(TALK, "a1"): 1, (TALK, "a2"): 3}
    records[3].acknowledged = {(TALK, "b1"): 2, (TALK, "b2"): 4}
    return History(records, {"anna": {TALK: Shown(log, 3, 1)}, "ben": {TALK: Shown(list(log), 4, 0)}})


def lose(history: History) -> None:
    """The last message is gone everywhere, as if its commit had never been."""
    for person in history.shown.values():
        del person[TALK].log[-1]
    for record in history.records:
        record.told = [one for one in record.told if one[1] != "b2"]
        del record.kept[TALK][4]


def lose_for_one(history: History) -> None:
    del history.shown["ben"][TALK].log[2]


def double(history: History) -> None:
    for conversations in history.shown.values():
        conversations[TALK].log.append(Line(5, "b1", "ben"))


def swap(history: History) -> None:
    log = history.shown["anna"][TALK].log
    log[1], log[2] = Line(2, "a2", "anna"), Line(3, "b1", "ben")


def renumber(history: History) -> None:
    for conversations in history.shown.values():
        log = conversations[TALK].log
        log[1], log[2] = Line(2, "a2", "anna"), Line(3, "b1", "ben")


def miss(history: History) -> None:
    del history.records[1].kept[TALK][4]


def tell_otherwise(history: History) -> None:
    history.records[2].told.append(((TALK, 4), "b3"))


def miscount(history: History) -> None:
    history.shown["anna"][TALK] = Shown(history.shown["anna"][TALK].log, 3, 2)


def miscount_on_one(history: History) -> None:
    history.records[0].unread[TALK] = 0


def read_back(history: History) -> None:
    history.records[3].reads[(TALK, "anna")] = 4


def test_a_history_that_is_well_has_no_faults() -> None:
    assert faults(well()) == []


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lose, "lost: message b2 was acknowledged as 4"),
        (lose_for_one, "lost: message a2 was acknowledged as 3 of talk, and ben doesn't have it"),
        (lose_for_one, "gap: ben"),
        (double, "doubled: message b1 stands 2 times"),
        (swap, "disagreement: number 2 of talk"),
        (renumber, "moved: message b1 was acknowledged as 2 of talk and stands at 3"),
        (miss, "missed: anna 2 doesn't have [4]"),
        (tell_otherwise, "disagreement: ben 1 was told b3 as 4"),
        (miscount, "unread: anna is shown 2 in talk, and 1 are"),
        (miscount_on_one, "unread: anna 1 shows 0 in talk, a fresh device 1"),
        (read_back, "reading went back: anna had read up to 4 of talk and stands at 3"),
    ],
)
def test_each_fault_is_named(spoil: Callable[[History], None], named: str) -> None:
    history = deepcopy(well())
    spoil(history)
    assert any(fault.startswith(named) for fault in faults(history)), faults(history)
