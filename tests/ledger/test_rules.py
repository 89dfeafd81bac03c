"""The rules alone, one row a case; `test_engine.py` runs the same rows through PostgreSQL."""

import pytest

from junzi.ledger.model import (
    MOST_EVENTS,
    Account,
    AccountFlags,
    CreateAccountStatus,
    CreateTransferResult,
    CreateTransferStatus,
    InvalidEvent,
    TransferFlags,
    chain_outcome,
)
from junzi.ledger.rules import SECOND
from tests.ledger import cases, more_cases, timed_cases
from tests.ledger.cases import DEBIT_LIMITED, KEEPER, OTHER, PLAIN, TransferCase, account, move, resolve
from tests.ledger.pure import PureLedger

_A, _T = CreateAccountStatus, CreateTransferStatus


@pytest.fixture
def ledger() -> PureLedger:
    ledger = PureLedger()
    assert all(result.stands for result in ledger.create_accounts(cases.WORLD))
    return ledger


@pytest.mark.parametrize("case", cases.ACCOUNT_CASES, ids=lambda case: case.name)
def test_an_account(ledger: PureLedger, case: cases.AccountCase) -> None:
    ledger.create_accounts(cases.STANDING_ACCOUNTS)
    assert [result.status for result in ledger.create_accounts([case.event])] == [case.status]


@pytest.mark.parametrize("case", more_cases.EVERY_TRANSFER_CASE, ids=lambda case: case.name)
def test_transfers(ledger: PureLedger, case: TransferCase) -> None:
    for request in case.before:
        assert [result.status for result in ledger.create_transfers(request)] == [_T.CREATED] * len(request)
    assert [result.status for result in ledger.create_transfers(case.events)] == list(case.statuses)
    for id, balances in case.balances.items():
        found = ledger.accounts[id]
        assert (found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted) == balances


def test_only_what_order_decides_is_walked_through(ledger: PureLedger) -> None:
    """A thousand plain transfers: three to an account that keeps its history, and one that no order makes possible."""
    ledger.create_transfers([move(999, 1000, credit_account_id=DEBIT_LIMITED)])
    transfers = [move(number, 1) for number in range(1000, 2000)]
    expected = [_T.CREATED] * 1000
    for place in (10, 500, 990):
        transfers[place] = move(1000 + place, 1, credit_account_id=KEEPER)
    transfers[700] = move(1700, 10_000, debit_account_id=DEBIT_LIMITED)
    expected[700] = _T.EXCEEDS_CREDITS
    assert [result.status for result in ledger.create_transfers(transfers)] == expected
    assert ledger.count_in_blocks == 996
    assert len(ledger.remembered) == 3
    # Two that an account can pay one of.
    for place in range(1000):
        transfers[place] = move(3000 + place, 1)
    for place in (700, 800):
        transfers[place] = move(3000 + place, 600, debit_account_id=DEBIT_LIMITED)
    expected[700], expected[800] = _T.CREATED, _T.EXCEEDS_CREDITS
    assert [result.status for result in ledger.create_transfers(transfers)] == expected
    assert ledger.count_in_blocks == 996 + 998
    # All of them again.
    expected = [_T.ID_ALREADY_FAILED if status is _T.EXCEEDS_CREDITS else _T.EXISTS for status in expected]
    assert [result.status for result in ledger.create_transfers(transfers)] == expected
    ledger.check()


@pytest.mark.parametrize("case", timed_cases.TIMED_CASES, ids=lambda case: case.name)
def test_what_takes_time(case: timed_cases.TimedCase) -> None:
    start = case.start or SECOND
    ledger = PureLedger(now=start)
    ledger.create_accounts(cases.WORLD)
    for turn in case.rounds:
        ledger.now += int(turn.after_s * SECOND)
        events = [timed_cases.from_start(start, event) for event in turn.events]
        results = (
            ledger.create_accounts(events) if isinstance(events[0], Account) else ledger.create_transfers(events)  # type: ignore[arg-type]
        )
        assert [result.status for result in results] == list(turn.statuses)
    for id, balances in case.balances.items():
        found = ledger.accounts[id]
        assert (found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted) == balances


def test_every_status_has_a_case() -> None:
    # A list, because a status of one kind equals the one of the other kind that has its number.
    timed = [status for case in timed_cases.TIMED_CASES for turn in case.rounds for status in turn.statuses]
    in_transfers = {status for case in more_cases.EVERY_TRANSFER_CASE for status in case.statuses}
    assert in_transfers | {status for status in timed if isinstance(status, _T)} == set(_T)
    in_accounts = {case.status for case in cases.ACCOUNT_CASES} | {status for status in timed if isinstance(status, _A)}
    # An open chain has a test of its own below, and an account of the model has no field that is reserved.
    assert in_accounts | {_A.LINKED_EVENT_CHAIN_OPEN, _A.RESERVED_FIELD} == set(_A)


def test_linked_accounts_stand_or_fall_together(ledger: PureLedger) -> None:
    linked = AccountFlags.LINKED
    first, second = account(cases.numbered(1, PLAIN), flags=linked), account(cases.numbered(1, OTHER), code=0)
    statuses = [result.status for result in ledger.create_accounts([first, second])]
    assert statuses == [_A.LINKED_EVENT_FAILED, _A.CODE_MUST_NOT_BE_ZERO]
    assert first.id not in ledger.accounts
    assert [result.status for result in ledger.create_accounts([first])] == [_A.LINKED_EVENT_CHAIN_OPEN]
    twice = [account(first.id, flags=linked)] * 2
    statuses = [result.status for result in ledger.create_accounts([*twice, second])]
    assert statuses == [_A.LINKED_EVENT_FAILED, _A.EXISTS, _A.LINKED_EVENT_FAILED]


def test_a_result_carries_the_timestamp_of_what_stands(ledger: PureLedger) -> None:
    created, again = ledger.create_transfers([move(1), move(1)])
    assert created.timestamp == again.timestamp == ledger.transfers[move(1).id].timestamp
    assert ledger.create_accounts([account(PLAIN)])[0].timestamp == ledger.accounts[PLAIN].timestamp


def test_a_pending_transfer_runs_out_at_its_second(ledger: PureLedger) -> None:
    created = ledger.create_transfers([move(1, flags=TransferFlags.PENDING, timeout=10)])[0]
    ledger.now = created.timestamp + 10 * SECOND - 1
    assert ledger.expire_pending() == 0
    assert ledger.accounts[PLAIN].debits_pending == 100
    ledger.now += 1
    assert ledger.expire_pending() == 1
    assert (ledger.accounts[PLAIN].debits_pending, ledger.accounts[OTHER].credits_pending) == (0, 0)
    results = ledger.create_transfers([resolve(2, 1, TransferFlags.POST_PENDING_TRANSFER)])
    assert [result.status for result in results] == [_T.PENDING_TRANSFER_EXPIRED]


def test_a_pending_transfer_that_runs_out_within_a_batch_cannot_be_posted(ledger: PureLedger) -> None:
    created = ledger.create_transfers([move(1, flags=TransferFlags.PENDING, timeout=10)])[0]
    ledger.now = created.timestamp + 10 * SECOND - 1
    results = ledger.create_transfers([move(2), resolve(3, 1, TransferFlags.POST_PENDING_TRANSFER)])
    assert [result.status for result in results] == [_T.CREATED, _T.PENDING_TRANSFER_EXPIRED]


@pytest.mark.parametrize(
    "transfer",
    [
        move(1, -1),
        move(1, 2**128),
        move(1, code=2**16),
        move(1, code=-1),
        move(1, ledger=2**32),
        move(1, timeout=2**32),
        move(1, user_data_64=2**63),
        move(1, user_data_32=2**32),
        move(1, flags=TransferFlags(1 << 16)),
        move(1, timestamp=2**64),
        move(1, timestamp=-1),
    ],
)
def test_what_the_types_cannot_hold_is_a_defect(ledger: PureLedger, transfer: object) -> None:
    with pytest.raises(InvalidEvent):
        ledger.create_transfers([transfer])  # type: ignore[list-item]


@pytest.mark.parametrize("fields", [{"code": 2**16}, {"ledger": -1}, {"user_data_64": -1}, {"user_data_32": 2**32}])
def test_what_an_account_cannot_hold_is_a_defect(ledger: PureLedger, fields: dict[str, int]) -> None:
    with pytest.raises(InvalidEvent):
        ledger.create_accounts([account(PLAIN, **fields)])


def test_a_request_is_bounded(ledger: PureLedger) -> None:
    with pytest.raises(InvalidEvent):
        ledger.create_transfers([move(1)] * (MOST_EVENTS + 1))
    with pytest.raises(InvalidEvent):
        ledger.create_accounts([Account(id=PLAIN, ledger=1, code=1)] * (MOST_EVENTS + 1))


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([_T.CREATED, _T.CREATED], _T.CREATED),
        ([_T.EXISTS, _T.LINKED_EVENT_FAILED], _T.EXISTS),
        ([_T.LINKED_EVENT_FAILED, _T.EXCEEDS_CREDITS, _T.LINKED_EVENT_FAILED], _T.EXCEEDS_CREDITS),
        ([_T.LINKED_EVENT_FAILED, _T.ID_ALREADY_FAILED], _T.ID_ALREADY_FAILED),
        ([_T.LINKED_EVENT_FAILED, _T.EXISTS], _T.LINKED_EVENT_FAILED),
        ([_T.LINKED_EVENT_FAILED, _T.LINKED_EVENT_CHAIN_OPEN], _T.LINKED_EVENT_CHAIN_OPEN),
    ],
)
def test_the_outcome_of_a_chain(statuses: list[CreateTransferStatus], outcome: CreateTransferStatus) -> None:
    assert chain_outcome([CreateTransferResult(status, 1) for status in statuses]) is outcome
