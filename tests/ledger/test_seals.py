"""Seals over what was posted: made behind it, each over the one before, and the same to whoever computes them."""

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from junzi.kit import ids
from junzi.ledger import Account, Ledger, Transfer, TransferFlags, engine, open_ledger
from tests.support.until import until


@pytest.fixture
async def ledger(engine_url: str) -> AsyncIterator[Ledger]:
    ledger = await open_ledger(engine_url)
    yield ledger
    await ledger.close()


@pytest.fixture
async def reader(engine_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(engine_url)
    yield connection
    await connection.close()


async def pair(ledger: Ledger) -> tuple[UUID, UUID]:
    debit, credit = ids.new_id(), ids.new_id()
    await ledger.create_accounts([Account(id=id, ledger=156, code=1) for id in (debit, credit)])
    return debit, credit


def move(pair: tuple[UUID, UUID], **fields: object) -> Transfer:
    plain = Transfer(id=ids.new_id(), debit_account_id=pair[0], credit_account_id=pair[1], amount=7, ledger=156, code=1)
    return replace(plain, **fields)


async def test_a_seal_is_what_the_decision_says(ledger: Ledger, reader: Any) -> None:
    """Computed here from the written form alone."""
    accounts = await pair(ledger)
    hold = move(accounts, flags=TransferFlags.PENDING, timeout=60)
    await ledger.create_transfers(
        [move(accounts, user_data_128=UUID(int=9), user_data_64=2**63 - 1, user_data_32=5), hold]
    )
    assert await ledger.seal() == 2
    void = Transfer(id=ids.new_id(), pending_id=hold.id, flags=TransferFlags.VOID_PENDING_TRANSFER)
    await ledger.create_transfers([void, move(accounts, code=2**16 - 1)])
    assert await ledger.seal() == 2
    assert await ledger.seal() == 0

    previous, ended = bytes(32), 0
    seals = await reader.fetch("select * from ledger.seals order by number")
    for number, seal in enumerate(seals, start=1):
        rows = await reader.fetch(
            "select * from ledger.transfers where timestamp between $1 and $2 order by timestamp",
            ended + 1,
            seal["to_timestamp"],
        )
        content = struct.pack(">qqqq", number, ended + 1, seal["to_timestamp"], len(rows)) + b"".join(map(_bytes, rows))
        assert seal["previous_hash"] == previous
        assert seal["hash"] == hashlib.sha256(previous + content).digest()
        previous, ended = seal["hash"], seal["to_timestamp"]
    assert [seal["count"] for seal in seals] == [2, 2]


def _bytes(row: Any) -> bytes:
    def present(id: UUID | None) -> bytes:
        return b"\0" if id is None else b"\1" + id.bytes

    return b"".join(
        [
            row["id"].bytes,
            row["debit_account_id"].bytes,
            row["credit_account_id"].bytes,
            struct.pack(">q", row["amount"]),
            present(row["pending_id"]),
            present(row["user_data_128"]),
            struct.pack(">qqqq", row["user_data_64"], row["user_data_32"], row["timeout"], row["ledger"]),
            struct.pack(">iiq", row["code"], row["flags"], row["timestamp"]),
        ]
    )


async def test_what_is_posted_is_sealed_by_itself(
    engine_url: str, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SEAL_EVERY_S", 0.05)
    ledger = await open_ledger(engine_url)
    accounts = await pair(ledger)
    await ledger.create_transfers([move(accounts) for _ in range(10)])

    async def sealed() -> bool:
        return bool(await reader.fetchval("select sum(count) from ledger.seals") == 10)

    await until(sealed)
    await ledger.close()


async def test_seals_are_bounded_and_follow_each_other_while_money_moves(
    ledger: Ledger, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("junzi.ledger.behind._SEAL_AT_ONCE", 7)
    accounts = await pair(ledger)
    moves = [ledger.create_transfers([move(accounts) for _ in range(10)]) for _ in range(10)]
    await asyncio.gather(*moves, *[ledger.seal() for _ in range(5)])
    await ledger.seal()
    counts = [row["count"] for row in await reader.fetch("select count from ledger.seals order by number")]
    assert sum(counts) == 100
    assert max(counts) == 7
