"""Every check of the auditor finds the one value that was corrupted for it, and nothing where all is well."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from junzi.audit import CHECKS, audit, last_seal, report
from junzi.kit import clock
from junzi.kit.bus import Bus
from junzi.ledger import Account, AccountFlags, Transfer, TransferFlags, open_ledger
from junzi.messages import NewMessage, OpenConversation, open_messages

BANK, PURSE, SHOP, TILL, KEEPER, GONE, BACK = (UUID(int=number) for number in range(1, 8))
PLAIN, HELD, POST, RELEASED, VOID, WAITING, RAN_OUT, REFUSED = (UUID(int=number) for number in range(11, 19))
IN, KEPT, KEPT_SHORT, KEPT_POST, BALANCED, BALANCED_BACK, BEFORE, CLOSING, CLOSING_SHORT, AFTER = (
    UUID(int=number) for number in range(41, 51)
)
ANNA, BEN = UUID(int=21), UUID(int=22)
TALK, QUIET = UUID(int=31), UUID(int=32)


@pytest.fixture
async def busy_url(engine_url: str) -> str:
    """A database in which a little of everything has happened."""
    simulated = clock.SimulatedClock(datetime(2030, 1, 1, tzinfo=UTC))
    clock.use(simulated)
    try:
        await _move_money(engine_url, simulated)
        await _talk(engine_url)
    finally:
        clock.use(None)
    return engine_url


async def _move_money(url: str, simulated: clock.SimulatedClock) -> None:
    flags, kinds = AccountFlags, TransferFlags
    ledger = await open_ledger(url)
    await ledger.create_accounts(
        [
            Account(id=BANK, ledger=156, code=1),
            Account(id=PURSE, ledger=156, code=1, flags=flags.DEBITS_MUST_NOT_EXCEED_CREDITS),
            Account(id=SHOP, ledger=156, code=1, flags=flags.CREDITS_MUST_NOT_EXCEED_DEBITS),
            Account(id=TILL, ledger=840, code=1),
            Account(id=KEEPER, ledger=156, code=1, flags=flags.HISTORY),
            Account(id=GONE, ledger=156, code=1),
            Account(id=BACK, ledger=156, code=1),
        ]
    )

    def move(id: UUID, debit: UUID, credit: UUID, amount: int, **fields: int) -> Transfer:
        return Transfer(
            id=id, debit_account_id=debit, credit_account_id=credit, amount=amount, ledger=156, code=1, **fields
        )  # type: ignore[arg-type]

    def resolve(id: UUID, pending: UUID, amount: int, flags: TransferFlags) -> Transfer:
        return Transfer(id=id, pending_id=pending, amount=amount, flags=flags)

    await ledger.create_transfers(
        [
            move(PLAIN, BANK, PURSE, 100),
            move(HELD, PURSE, BANK, 40, flags=kinds.PENDING),
            resolve(POST, HELD, 30, kinds.POST_PENDING_TRANSFER),
            move(RELEASED, PURSE, BANK, 20, flags=kinds.PENDING),
            resolve(VOID, RELEASED, 0, kinds.VOID_PENDING_TRANSFER),
            move(WAITING, PURSE, BANK, 10, flags=kinds.PENDING),
            move(RAN_OUT, PURSE, BANK, 5, flags=kinds.PENDING, timeout=60),
            move(REFUSED, PURSE, BANK, 1000),
            move(UUID(int=19), SHOP, BANK, 7),
            move(IN, BANK, KEEPER, 50),
            move(KEPT, KEEPER, BANK, 20, flags=kinds.PENDING),
            move(KEPT_SHORT, KEEPER, BANK, 5, flags=kinds.PENDING, timeout=60),
            resolve(KEPT_POST, KEPT, 15, kinds.POST_PENDING_TRANSFER),
            move(BALANCED, KEEPER, BANK, 1000, flags=kinds.BALANCING_DEBIT),
            move(BALANCED_BACK, BANK, GONE, 1000, flags=kinds.BALANCING_CREDIT),
            move(BEFORE, GONE, BACK, 3),
            move(CLOSING, GONE, BACK, 0, flags=kinds.PENDING | kinds.CLOSING_DEBIT),
            move(CLOSING_SHORT, BANK, BACK, 0, flags=kinds.PENDING | kinds.CLOSING_CREDIT, timeout=60),
        ]
    )
    simulated.advance(timedelta(seconds=61))
    assert await ledger.expire_pending() == 3
    assert await ledger.seal() == 17
    # Nobody's account is closed any more but GONE; and what expired is no part of what KEEPER remembers of this one.
    await ledger.create_transfers([move(AFTER, BANK, BACK, 1), move(UUID(int=59), BANK, KEEPER, 1)])
    assert await ledger.seal() == 2
    assert await ledger.enter() == 19
    await ledger.close()


async def _talk(url: str) -> None:
    messages = await open_messages(url, Bus())
    for id in (TALK, QUIET):
        await messages.open_conversation(OpenConversation(id=id, kind="direct", facts={}, members=[ANNA, BEN]))
    for number, sender in enumerate([ANNA, BEN, None, ANNA]):
        await messages.append(
            NewMessage(
                conversation_id=TALK, sender_id=sender, client_id=str(number), kind="text", payload={}, fallback=""
            )
        )
    await messages.mark_read(TALK, BEN, 3)
    await messages.close()


def _id(number: int) -> str:
    return f"'{UUID(int=number)}'"


_PURSE, _SHOP, _TILL, _BANK = _id(2), _id(3), _id(4), _id(1)
_PLAIN, _HELD, _POST, _RELEASED, _VOID, _WAITING, _RAN_OUT, _REFUSED = (_id(number) for number in range(11, 19))
_KEEPER, _GONE, _BACK = _id(5), _id(6), _id(7)
_IN, _KEPT, _KEPT_SHORT, _KEPT_POST, _BALANCED, _BALANCED_BACK, _BEFORE, _CLOSING, _CLOSING_SHORT, _AFTER = (
    _id(number) for number in range(41, 51)
)
_TIME_OF = "(select timestamp from ledger.transfers where id = {})"
_ANNA, _TALK, _QUIET, _NEW = _id(21), _id(31), _id(32), _id(999)
_COPY_TRANSFER = (
    "insert into ledger.transfers select {id}, debit_account_id, credit_account_id, {amount}, pending_id, user_data_128, "
    "user_data_64, user_data_32, timeout, ledger, code, flags, {timestamp} from ledger.transfers where id = "
)

# One row a corruption: the finding it must lead to, and the one value (or row) that is wrong.
CORRUPTIONS: Sequence[tuple[str, str]] = [
    ("account_id_unique", f"alter table ledger.accounts drop constraint accounts_pkey; insert into ledger.accounts "
                          f"select * from ledger.accounts where id = {_TILL}"),
    ("account_balance", f"update ledger.accounts set debits_pending = debits_pending + 1 where id = {_PURSE}"),
    ("account_balance", f"update ledger.accounts set debits_posted = debits_posted - 1 where id = {_PURSE}"),
    ("account_balance", f"update ledger.accounts set credits_pending = credits_pending - 1 where id = {_BANK}"),
    ("account_balance", f"update ledger.accounts set credits_posted = credits_posted + 1 where id = {_PURSE}"),
    ("account_balance", f"update ledger.transfers set amount = amount + 1 where id = {_PLAIN}"),
    ("account_balance", f"delete from ledger.transfers where id = {_PLAIN}"),
    ("account_applied", f"update ledger.accounts set applied = 0 where id = {_PURSE}"),
    ("account_applied", f"update ledger.accounts set applied = {2**62} where id = {_PURSE}"),
    ("account_entries", f"delete from ledger.entries where account_id = {_PURSE} and is_debit"),
    ("account_entries", f"update ledger.entries set is_debit = not is_debit where account_id = {_SHOP}"),
    ("account_entries", f"insert into ledger.entries values ({_TILL}, true, 5)"),
    ("account_limit", f"update ledger.accounts set flags = 2 where id = {_SHOP}"),
    ("account_limit", f"update ledger.accounts set flags = 4 where id = {_PURSE}"),
    ("account_closed", f"update ledger.accounts set flags = 0 where id = {_GONE}"),
    ("account_closed", f"update ledger.accounts set flags = 32 where id = {_BACK}"),
    ("account_closed", f"update ledger.transfers set flags = 2 where id = {_CLOSING}"),
    ("account_closed", f"update ledger.pendings set status = 3 where transfer_id = {_CLOSING}"),
    ("account_closed", f"update ledger.pendings set status = 1 where transfer_id = {_CLOSING_SHORT}"),
    ("account_closed_meanwhile", f"update ledger.transfers set debit_account_id = {_GONE} where id = {_AFTER}"),
    ("account_closed_meanwhile", f"update ledger.transfers set timestamp = {_TIME_OF.format(_BEFORE)} - 1 where id = {_CLOSING}"),
    ("account_closed_meanwhile", "update ledger.pendings set resolved_at = resolved_at + 9 where resolved_at > 0"),
    ("account_history", f"update ledger.balances set debits_pending = 1 where timestamp = {_TIME_OF.format(_IN)}"),
    ("account_history", f"update ledger.balances set debits_posted = 1 where timestamp = {_TIME_OF.format(_IN)}"),
    ("account_history", f"update ledger.balances set credits_pending = 1 where timestamp = {_TIME_OF.format(_IN)}"),
    ("account_history", f"update ledger.balances set credits_posted = 1 where timestamp = {_TIME_OF.format(_IN)}"),
    ("account_history", f"update ledger.balances set account_id = {_PURSE} where timestamp = {_TIME_OF.format(_KEPT)}"),
    ("account_history", f"update ledger.balances set timestamp = timestamp + 99 where timestamp = {_TIME_OF.format(_KEPT)}"),
    ("account_history", f"delete from ledger.balances where timestamp = {_TIME_OF.format(_KEPT_POST)}"),
    ("account_history", f"update ledger.transfers set amount = 14 where id = {_KEPT_POST}"),
    ("account_history", f"update ledger.pendings set status = 1 where transfer_id = {_KEPT_SHORT}"),
    ("account_history", f"update ledger.accounts set flags = 8 where id = {_BANK}"),
    ("account_history", f"update ledger.accounts set flags = 0 where id = {_KEEPER}"),
    ("transfer_flags", f"update ledger.transfers set flags = 64 where id = {_CLOSING}"),
    ("transfer_flags", f"update ledger.transfers set flags = 6 where id = {_HELD}"),
    ("transfer_flags", f"update ledger.transfers set flags = 20 where id = {_POST}"),
    ("transfer_flags", f"update ledger.transfers set flags = 512 where id = {_PLAIN}"),
    ("balancing_amount", f"update ledger.transfers set amount = amount + 1 where id = {_BALANCED}"),
    ("balancing_amount", f"update ledger.transfers set flags = 32 where id = {_BEFORE}"),
    ("balancing_amount", f"update ledger.transfers set amount = amount + 1 where id = {_BALANCED_BACK}"),
    ("ledger_total", f"update ledger.accounts set ledger = 392 where id = {_PURSE}"),
    ("ledger_total", f"update ledger.accounts set credits_pending = credits_pending + 1 where id = {_BANK}"),
    ("transfer_id_unique", "alter table ledger.transfers drop constraint transfers_pkey; "
                           + _COPY_TRANSFER.format(id=_PLAIN, amount=0, timestamp=1) + _PLAIN),
    ("transfer_accounts", f"update ledger.transfers set debit_account_id = {_NEW} where id = {_PLAIN}"),
    ("transfer_accounts", f"update ledger.transfers set credit_account_id = {_TILL} where id = {_PLAIN}"),
    ("transfer_accounts", f"update ledger.transfers set credit_account_id = debit_account_id where id = {_PLAIN}"),
    ("transfer_accounts", f"update ledger.accounts set ledger = 392 where id = {_PURSE}"),
    ("transfer_amount", "alter table ledger.transfers drop constraint transfers_amount_check; "
                        f"update ledger.transfers set amount = -1 where id = {_PLAIN}"),
    ("transfer_both_stands_and_failed", f"update ledger.failed_transfers set id = {_PLAIN} where id = {_REFUSED}"),
    ("pending_reference", f"update ledger.transfers set pending_id = null where id = {_POST}"),
    ("pending_reference", f"update ledger.transfers set pending_id = {_PLAIN} where id = {_POST}"),
    ("pending_reference", f"update ledger.transfers set pending_id = {_NEW} where id = {_VOID}"),
    ("pending_reference", f"update ledger.transfers set pending_id = {_WAITING} where id = {_PLAIN}"),
    ("pending_reference", f"update ledger.transfers set code = 2 where id = {_POST}"),
    ("pending_resolved_twice", _COPY_TRANSFER.format(id=_NEW, amount="amount", timestamp=1) + _VOID),
    ("pending_resolved_amount", f"update ledger.transfers set amount = 41 where id = {_POST}"),
    ("pending_resolved_amount", f"update ledger.transfers set amount = 19 where id = {_VOID}"),
    ("pending_status", f"update ledger.pendings set status = 3 where transfer_id = {_HELD}"),
    ("pending_status", f"update ledger.pendings set status = 2 where transfer_id = {_RELEASED}"),
    ("pending_status", f"update ledger.pendings set status = 1 where transfer_id = {_HELD}"),
    ("pending_status", f"update ledger.pendings set status = 4 where transfer_id = {_WAITING}"),
    ("pending_status", f"delete from ledger.pendings where transfer_id = {_WAITING}"),
    ("pending_status", f"update ledger.pendings set transfer_id = {_PLAIN} where transfer_id = {_WAITING}"),
    ("pending_times", f"update ledger.pendings set expires_at = expires_at + 1 where transfer_id = {_RAN_OUT}"),
    ("pending_times", f"update ledger.pendings set expires_at = 5 where transfer_id = {_WAITING}"),
    ("pending_times", f"update ledger.pendings set resolved_at = expires_at - 1 where transfer_id = {_RAN_OUT}"),
    ("pending_times", f"update ledger.pendings set resolved_at = resolved_at + 1 where transfer_id = {_HELD}"),
    ("pending_times", f"update ledger.pendings set resolved_at = 5 where transfer_id = {_WAITING}"),
    ("timestamp_unique", "update ledger.transfers set timestamp = (select timestamp from ledger.transfers "
                         f"where id = {_PLAIN}) where id = {_WAITING}"),
    ("timestamp_unique", "update ledger.accounts set timestamp = (select timestamp from ledger.accounts "
                         f"where id = {_BANK}) where id = {_TILL}"),
    ("timestamp_order", f"update ledger.transfers set timestamp = 5 where id = {_PLAIN}"),
    ("timestamp_order", "update ledger.transfers set timestamp = (select timestamp from ledger.transfers "
                        f"where id = {_HELD}) - 1 where id = {_POST}"),
    ("timestamp_beyond_clock", "update ledger.clock set timestamp = timestamp - 1"),
    ("timestamp_beyond_clock", f"update ledger.accounts set timestamp = {2**62} where id = {_TILL}"),
    ("seal_chain", "update ledger.seals set number = 5 where number = 2"),
    ("seal_chain", "delete from ledger.seals where number = 1"),
    ("seal_chain", "update ledger.seals set from_timestamp = from_timestamp + 1 where number = 2"),
    ("seal_chain", "update ledger.seals set from_timestamp = 2 where number = 1"),
    ("seal_chain", "update ledger.seals set to_timestamp = to_timestamp + 1 where number = 1"),
    ("seal_chain", "update ledger.seals set to_timestamp = from_timestamp - 1 where number = 2"),
    ("seal_chain", "update ledger.seals set previous_hash = sha256('') where number = 1"),
    ("seal_chain", "update ledger.seals set previous_hash = sha256('') where number = 2"),
    ("seal_chain", "update ledger.seals set hash = sha256('') where number = 1"),
    ("seal_transfers", "update ledger.seals set hash = sha256('') where number = 2"),
    ("seal_transfers", "update ledger.seals set count = count + 1 where number = 2"),
    ("seal_transfers", "update ledger.seals set to_timestamp = to_timestamp + 1 where number = 2"),
    *[
        ("seal_transfers", f"update ledger.transfers set {rewritten} where id = {_BEFORE}")
        for rewritten in (
            f"id = {_NEW}", f"debit_account_id = {_BANK}", f"credit_account_id = {_BANK}", "amount = amount + 1",
            f"pending_id = {_KEPT}", f"pending_id = {_id(0)}", f"user_data_128 = {_NEW}", f"user_data_128 = {_id(0)}",
            "user_data_64 = 1", "user_data_32 = 1", "timeout = 1", "ledger = 157", "code = 2", "flags = 1",
            "timestamp = timestamp + 99",
        )
    ],
    ("seal_transfers", f"delete from ledger.transfers where id = {_BEFORE}"),
    ("seal_transfers", "delete from ledger.transfers where timestamp = (select max(timestamp) from ledger.transfers)"),
    ("seal_transfers", "delete from ledger.transfers where timestamp = (select min(timestamp) from ledger.transfers)"),
    ("seal_transfers", _COPY_TRANSFER.format(id=_NEW, amount=0, timestamp="timestamp") + _BEFORE),
    ("seal_transfers", _COPY_TRANSFER.format(id=_NEW, amount=0, timestamp=1) + _BEFORE),
    ("seal_transfers", _COPY_TRANSFER.format(id=_NEW, amount=0, timestamp="(select to_timestamp + 1 from ledger.seals "
                                             "where number = 1)") + _BEFORE),
    ("message_sequence", "delete from messages.log where seq = 2"),
    ("message_sequence", "delete from messages.log where seq = 1"),
    ("message_sequence", "alter table messages.log drop constraint log_pkey; update messages.log set seq = 3 where seq = 2"),
    ("message_client_id_unique", "drop index messages.log_client; update messages.log set client_id = '0' where seq = 4"),
    ("conversation_head", f"update messages.conversations set head_seq = 5 where id = {_TALK}"),
    ("conversation_head", f"update messages.conversations set head_seq = 1 where id = {_QUIET}"),
    ("conversation_head", "delete from messages.log where seq = 4"),
    ("conversation_member_count", f"update messages.conversations set member_count = 3 where id = {_TALK}"),
    ("conversation_member_count", f"delete from messages.members where conversation_id = {_QUIET} and member_id = {_ANNA}"),
    ("conversation_missing", f"delete from messages.conversations where id = {_TALK}"),
    ("member_read", f"update messages.members set read_seq = 5 where conversation_id = {_TALK} and member_id = {_ANNA}"),
    ("member_read", f"update messages.members set read_seq = 3 where conversation_id = {_TALK} and member_id = {_ANNA}"),
    ("member_read", f"update messages.members set joined_seq = 1 where conversation_id = {_QUIET} and member_id = {_ANNA}"),
    ("change_beyond_clock", "update messages.clock set changed = changed - 1"),
    ("change_beyond_clock", f"update messages.members set changed = {2**62} where conversation_id = {_QUIET}"),
]  # fmt: skip


async def test_nothing_is_found_where_all_is_well(busy_url: str) -> None:
    assert await audit(busy_url) == []
    assert report([]) == f"{len(CHECKS)} checks, nothing found: the books and the logs agree with their history."


async def test_beside_people_who_are_served_it_rests_as_long_as_it_works_and_finds_the_same(
    busy_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(busy_url)
    await connection.execute("update messages.clock set changed = changed - 1")
    await connection.close()
    rests = list[float]()

    async def rest(duration_s: float) -> None:
        rests.append(duration_s)

    # The package's `audit` is the function, which hides the module of that name.
    monkeypatch.setattr(sys.modules["junzi.audit.audit"], "_rest", rest)
    began = time.monotonic()
    found = await audit(busy_url, gently=True)
    took_s = time.monotonic() - began
    assert [finding.name for finding in found] == ["change_beyond_clock"]
    assert len(rests) == len(CHECKS) and 0 < sum(rests) < took_s
    assert await audit(busy_url) == found


async def test_an_empty_database_is_well(engine_url: str) -> None:
    assert await audit(engine_url) == []


@pytest.mark.parametrize(("name", "corruption"), CORRUPTIONS)
async def test_a_corrupted_value_is_found(busy_url: str, name: str, corruption: str) -> None:
    connection = await asyncpg.connect(busy_url)
    await connection.execute(corruption)
    await connection.close()
    findings = await audit(busy_url)
    found = [finding for finding in findings if finding.name == name]
    assert found, [finding.name for finding in findings]
    assert all(finding.said != finding.derived for finding in found)
    assert f"{name}: {found[0].subject} says {found[0].said}, should be {found[0].derived}" in report(findings)


async def test_history_made_anew_with_all_its_seals_misses_the_hash_that_was_noted(busy_url: str) -> None:
    noted = await last_seal(busy_url)
    assert noted is not None
    assert await audit(busy_url, noted=noted.hash) == []
    connection = await asyncpg.connect(busy_url)
    # As much as anybody can do who may write everything: the chain is right again, and no query can see what it was.
    await connection.execute(
        f"update ledger.transfers set user_data_64 = 5 where id = {_BEFORE}; delete from ledger.seals"
    )
    await connection.close()
    ledger = await open_ledger(busy_url)
    assert await ledger.seal() == 19
    await ledger.close()
    assert await audit(busy_url) == []
    assert [finding.name for finding in await audit(busy_url, noted=noted.hash)] == ["seal_noted"]


async def test_findings_are_bounded(engine_url: str) -> None:
    ledger = await open_ledger(engine_url)
    await ledger.create_accounts([Account(id=UUID(int=number), ledger=1, code=1) for number in range(1, 200)])
    await ledger.close()
    connection = await asyncpg.connect(engine_url)
    await connection.execute("update ledger.accounts set debits_posted = 1")
    await connection.close()
    findings = await audit(engine_url)
    assert [finding.name for finding in findings].count("account_balance") == 100


async def test_the_auditor_changes_nothing_and_waits_for_nobody(busy_url: str) -> None:
    """It works beside a transaction that holds every row, and sees what was there before."""
    connection = await asyncpg.connect(busy_url)
    await connection.execute(
        "begin; update ledger.accounts set debits_posted = 0; update messages.log set seq = seq + 10"
    )
    assert await audit(busy_url) == []
    await connection.execute("rollback")
    await connection.close()
