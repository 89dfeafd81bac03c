"""One holder at a time: a PostgreSQL advisory lock on a connection of its own."""

import hashlib
from typing import Any

import asyncpg


class LeaseTaken(Exception):
    """Somebody else holds the lease."""


class Lease:
    """Held from `acquire` until `release`, or until the connection ends, with the process if need be."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def release(self) -> None:
        await self._connection.close(timeout=2)


async def acquire(url: str, name: str, *, shared: bool = False) -> Lease:
    """Take the lease of that name on this database. Raises `LeaseTaken` when another process has it.

    shared: beside others who share it, and never beside one who does not
    """
    number = int.from_bytes(hashlib.blake2b(f"junzi {name}".encode(), digest_size=8).digest(), "big", signed=True)
    connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": f"junzi lease {name}"})
    lock = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    if not await connection.fetchval(f"select {lock}($1)", number):
        await connection.close()
        raise LeaseTaken(name)
    return Lease(connection)
