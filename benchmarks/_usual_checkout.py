"""The usual way to take payments, beside which ours is measured: the same three requests, each one transaction, accounts locked
in the order of their ids, everything that is told written in the payment's own transaction. Same server and framework. It checks
no PIN, counts no figures and gives no reasons for coupons; that a card or a process may fail half way is not its matter.

Started as a process: `python -m benchmarks._usual_checkout DATABASE_URL PORT`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import uvicorn
import uvloop
from litestar import Litestar, Request, post

POOL = 20

SCHEMA = """
create schema usual;
create table usual.sessions (token text primary key, person_id uuid not null);
create table usual.codes (code text primary key, shop_id uuid not null);
create table usual.accounts (id uuid primary key, balance_minor bigint not null check (balance_minor >= 0));
create table usual.coupons (id uuid primary key, person_id uuid not null, budget_id uuid not null, amount_minor bigint not null,
    state text not null);
create index on usual.coupons (person_id, state);
create table usual.orders (id uuid primary key, shop_id uuid not null, payer_id uuid not null, amount_minor bigint not null,
    state text not null);
create table usual.keys (person_id uuid, key text, intent_id uuid not null, primary key (person_id, key));
create table usual.payments (id uuid primary key, order_id uuid not null, paid_minor bigint not null,
    coupon_minor bigint not null);
create table usual.transfers (id uuid primary key, debit_id uuid not null, credit_id uuid not null, amount_minor bigint not null);
create table usual.bills (person_id uuid, id uuid, amount_minor bigint not null, primary key (person_id, id));
create table usual.takings (shop_id uuid, id uuid, amount_minor bigint not null, primary key (shop_id, id));
create table usual.conversations (id uuid primary key, head_seq bigint not null);
create table usual.messages (conversation_id uuid, seq bigint, payload jsonb not null, primary key (conversation_id, seq));
"""


class Code(msgspec.Struct):
    text: str


class NewOrder(msgspec.Struct):
    code: str
    amount_minor: int


class NewPayment(msgspec.Struct):
    coupon_ids: list[UUID]


def main() -> None:
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2])))


async def _serve(url: str, port: int) -> None:
    async with asyncpg.create_pool(url, min_size=POOL, max_size=POOL) as pool:

        @asynccontextmanager
        async def signed_in(request: Request[Any, Any, Any]) -> AsyncIterator[tuple[asyncpg.Connection, UUID]]:
            async with pool.acquire() as connection, connection.transaction():
                token = request.cookies["junzi_session"]
                yield (
                    connection,
                    await connection.fetchval("select person_id from usual.sessions where token = $1", token),
                )

        @post("/api/scans", status_code=200)
        async def scan(request: Request[Any, Any, Any], data: Code) -> dict[str, Any]:
            async with signed_in(request) as (connection, _):
                shop_id = await connection.fetchval("select shop_id from usual.codes where code = $1", data.text)
            return {"code": data.text, "shop": {"id": shop_id}}

        @post("/api/orders")
        async def order(request: Request[Any, Any, Any], data: NewOrder) -> dict[str, Any]:
            order_id = uuid4()
            async with signed_in(request) as (connection, person_id):
                shop_id = await connection.fetchval("select shop_id from usual.codes where code = $1", data.code)
                await _claim(connection, request, person_id, order_id)
                await connection.execute(
                    "insert into usual.orders values ($1, $2, $3, $4, 'open')",
                    *(order_id, shop_id, person_id, data.amount_minor),
                )
                best = await connection.fetchval(
                    "select id from usual.coupons where person_id = $1 and state = 'available'"
                    " order by amount_minor desc, id limit 1",
                    person_id,
                )
                await connection.fetchval("select balance_minor from usual.accounts where id = $1", person_id)
            return {"id": order_id, "best_coupon_ids": [] if best is None else [best]}

        @post("/api/orders/{order_id:uuid}/payments")
        async def pay(request: Request[Any, Any, Any], order_id: UUID, data: NewPayment) -> dict[str, Any]:
            async with signed_in(request) as (connection, person_id):
                await _pay(connection, request, person_id, order_id, data)
            return {"state": "paid"}

        app = Litestar([scan, order, pay])
        config = uvicorn.Config(app, port=port, loop="uvloop", http="httptools", lifespan="off", log_config=None)
        await uvicorn.Server(config).serve()


async def _pay(
    connection: asyncpg.Connection, request: Request[Any, Any, Any], person_id: UUID, order_id: UUID, data: NewPayment
) -> None:
    payment_id = uuid4()
    await _claim(connection, request, person_id, payment_id)
    order = await connection.fetchrow("select * from usual.orders where id = $1 for update", order_id)
    assert order["state"] == "open" and order["payer_id"] == person_id
    coupon = None
    if data.coupon_ids:
        coupon = await connection.fetchrow("select * from usual.coupons where id = $1 for update", data.coupon_ids[0])
        assert coupon["state"] == "available" and coupon["person_id"] == person_id
    off = min(coupon["amount_minor"], order["amount_minor"]) if coupon else 0
    moves = [(person_id, order["shop_id"], order["amount_minor"] - off)]
    if coupon:
        moves.append((coupon["budget_id"], order["shop_id"], off))
        await connection.execute("update usual.coupons set state = 'redeemed' where id = $1", coupon["id"])
    accounts = sorted({account for debit, credit, _ in moves for account in (debit, credit)})
    await connection.fetch("select id from usual.accounts where id = any($1::uuid[]) order by id for update", accounts)
    for debit, credit, amount_minor in moves:
        await connection.execute(
            "insert into usual.transfers values ($1, $2, $3, $4)", uuid4(), debit, credit, amount_minor
        )
        await connection.execute(
            "update usual.accounts set balance_minor = balance_minor - $2 where id = $1", debit, amount_minor
        )
        await connection.execute(
            "update usual.accounts set balance_minor = balance_minor + $2 where id = $1", credit, amount_minor
        )
    paid_minor = order["amount_minor"] - off
    await connection.execute(
        "insert into usual.payments values ($1, $2, $3, $4)", payment_id, order_id, paid_minor, off
    )
    await connection.execute("update usual.orders set state = 'paid' where id = $1", order_id)
    await connection.execute("insert into usual.bills values ($1, $2, $3)", person_id, payment_id, -paid_minor)
    await connection.execute(
        "insert into usual.takings values ($1, $2, $3)", order["shop_id"], payment_id, order["amount_minor"]
    )
    for conversation_id in sorted((person_id, order["shop_id"])):
        seq = await connection.fetchval(
            "insert into usual.conversations values ($1, 1)"
            " on conflict (id) do update set head_seq = conversations.head_seq + 1 returning head_seq",
            conversation_id,
        )
        payload = msgspec.json.encode({"payment_id": payment_id, "amount_minor": order["amount_minor"]}).decode()
        await connection.execute("insert into usual.messages values ($1, $2, $3)", conversation_id, seq, payload)


async def _claim(
    connection: asyncpg.Connection, request: Request[Any, Any, Any], person_id: UUID, intent_id: UUID
) -> None:
    key = request.headers["idempotency-key"]
    await connection.execute("insert into usual.keys values ($1, $2, $3)", person_id, key, intent_id)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main()
