"""The usual way to move money in PostgreSQL, in turn with ours in the same run: a transaction a transfer, 32 connections.

Twice: with five statements between BEGIN and COMMIT, as it is mostly written, and as one call of a function in the database.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg

CONNECTIONS = 32

SCHEMA = """
create schema usual;
create table usual.accounts (id uuid primary key, balance bigint not null, may_owe boolean not null);
create table usual.transfers (id uuid primary key, debit uuid not null, credit uuid not null, amount bigint not null);
create function usual.transfer(t uuid, d uuid, c uuid, n bigint) returns boolean language plpgsql as $$
declare held bigint; owes boolean;
begin
    insert into usual.transfers values (t, d, c, n) on conflict do nothing;
    if not found then return true; end if;
    perform 1 from usual.accounts where id in (d, c) order by id for update;
    select balance, may_owe into held, owes from usual.accounts where id = d;
    if held < n and not owes then
        delete from usual.transfers where id = t;
        return false;
    end if;
    update usual.accounts set balance = balance - n where id = d;
    update usual.accounts set balance = balance + n where id = c;
    return true;
end $$;
"""

Moves = Iterator[tuple[UUID, UUID, UUID, int]]
"""Id, debit account, credit account and amount of each."""


async def found(url: str, accounts: list[tuple[UUID, int, bool]]) -> None:
    """Make the tables. accounts: id, balance, whether it may owe."""
    connection = await asyncpg.connect(url)
    await connection.execute(SCHEMA)
    await connection.copy_records_to_table("accounts", schema_name="usual", records=accounts)
    await connection.execute("vacuum analyze usual.accounts")
    await connection.close()


async def rate(url: str, moves: Moves, seconds: float, *, as_function: bool) -> float:
    """Transfers a second of 32 connections that do one after the other."""
    pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
    done = 0
    until = time.perf_counter() + seconds

    async def in_turn() -> None:
        nonlocal done
        async with pool.acquire() as connection:
            for move in moves:
                await (_call(connection, *move) if as_function else _statements(connection, *move))
                done += 1
                if time.perf_counter() > until:
                    return

    began = time.perf_counter()
    await asyncio.gather(*[in_turn() for _ in range(CONNECTIONS)])
    took = time.perf_counter() - began
    await pool.close()
    return done / took


async def check(url: str, total: int) -> None:
    """Money is neither made nor lost. Raises where it is."""
    connection = await asyncpg.connect(url)
    found = await connection.fetchval("select sum(balance) from usual.accounts")
    await connection.close()
    if found != total:
        raise AssertionError(f"the usual way holds {found}, not {total}")


async def _call(connection: Any, id: UUID, debit: UUID, credit: UUID, amount: int) -> None:
    await connection.fetchval("select usual.transfer($1, $2, $3, $4)", id, debit, credit, amount)


async def _statements(connection: Any, id: UUID, debit: UUID, credit: UUID, amount: int) -> None:
    transaction = connection.transaction()
    await transaction.start()
    inserted = await connection.fetchval(
        "insert into usual.transfers values ($1, $2, $3, $4) on conflict do nothing returning 1",
        id,
        debit,
        credit,
        amount,
    )
    rows = await connection.fetch(
        "select id, balance, may_owe from usual.accounts where id = any($1::uuid[]) order by id for update",
        [debit, credit],
    )
    held = {row["id"]: row for row in rows}[debit]
    if not inserted or (held["balance"] < amount and not held["may_owe"]):
        await transaction.rollback()
        return
    await connection.execute("update usual.accounts set balance = balance - $2 where id = $1", debit, amount)
    await connection.execute("update usual.accounts set balance = balance + $2 where id = $1", credit, amount)
    await transaction.commit()
