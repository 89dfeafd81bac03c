"""A whole Junzi in the test's own process: real PostgreSQL, a real port, real sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import asyncpg
import uvicorn
from argon2 import PasswordHasher

from junzi.app import House, asgi, at_work, open_house
from junzi.client import Client
from junzi.gateway.socket import socket_class
from junzi.kit.config import Settings
from junzi.people import hashing
from tests.support.town import found_town
from tests.support.until import LONGEST_S, until

PASSWORD = "correct horse battery"
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Running:
    """A served house; `person` signs somebody up on a device of their own."""

    def __init__(self, url: str, house: House, server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
        self.url = url
        self.house = house
        self.server = server
        self.serving = serving
        self._clients: list[Client] = []

    def device(self) -> Client:
        """A device on which nobody is signed in."""
        # Nothing here speaks TLS, and reading every authority's certificate takes longer than many a test.
        self._clients.append(Client(self.url, timeout_s=LONGEST_S, verify=False))
        return self._clients[-1]

    async def person(self, handle: str, name: str | None = None) -> Client:
        client = self.device()
        await client.sign_up(handle, name or handle.title(), PASSWORD)
        return client

    async def second_device(self, client: Client) -> Client:
        other = self.device()
        await other.sign_in(client.me["handle"], PASSWORD)
        return other

    async def same_device(self, client: Client) -> Client:
        """The same session again: what it knows it has to ask for."""
        other = self.device()
        other.token, other.me = client.token, client.me
        return other

    async def friends(self, one: Client, other: Client, greeting: str = "hello") -> str:
        """Let two become friends over the wire; returns their conversation's id once it is there."""
        request = await one.post("/api/contacts/requests", {"person_id": other.me["id"], "greeting": greeting})
        await other.post(f"/api/contacts/requests/{request['id']}/acceptance")
        return (await self.conversation(one, kind="direct", peer_id=other.me["id"]))["id"]

    async def conversation(self, client: Client, *, kind: str, **wanted: Any) -> dict[str, Any]:
        """A conversation of that kind with a message in it, waited for."""

        async def found() -> dict[str, Any] | None:
            for one in (await client.get("/api/conversations"))["conversations"]:
                facts = {"service": one["service"], "peer_id": one["peer"] and one["peer"]["id"]}
                if one["kind"] == kind and one["last"] and all(facts[name] == wanted[name] for name in wanted):
                    return one
            return None

        return await until(found)

    async def count(self, query: str, *arguments: object) -> int:
        async with self.house.database.read() as reader:
            return int(await reader.fetchval(query, *arguments))

    async def has_told(self) -> bool:
        """Whether every stored event has been delivered."""
        return await self.count("select count(*) from kit.outbox where delivered_at is null") == 0

    async def stop(self) -> None:
        """As a signal would: the sockets are told, and what runs may end."""
        self.server.should_exit = True
        await self.serving

    async def close(self) -> None:
        """The end of a test. Nobody is served any more, so there is nothing to be patient for."""
        for client in self._clients:
            await client.close()
        if self.serving.done():
            return
        self.serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.serving
        for listening in self.server.servers:
            listening.close()
        state = self.server.server_state
        told: set[object] = set()

        def is_left() -> bool:
            # A connection that was on its way when the listener closed comes in after the others were told.
            for connection in [one for one in state.connections if one not in told]:
                told.add(connection)
                connection.shutdown()
            return not state.connections and not state.tasks

        await until(is_left)


@asynccontextmanager
async def running(
    database_url: str, data: Path, *, port: int = 0, works: bool = True, **settings: Any
) -> AsyncIterator[Running]:
    """Serve until the block ends.

    works: whether events are delivered and flows finished in the background; if not, the test says when
    """
    await found_town(database_url)
    async with AsyncExitStack() as stack:
        # Passwords and PINs are hashed as ever, only cheaply: what a hash has to cost is the matter of its own test.
        stack.enter_context(mock.patch.object(hashing, "_hasher", CHEAP_HASHER))
        # No brief in the midst of a test that happens to run in the morning.
        wanted = Settings(database_url=database_url, data=data, **{"brief_hour": 24, **settings})
        house = await stack.enter_async_context(open_house(wanted))
        if works:
            await stack.enter_async_context(at_work(house))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", port)))
        server = uvicorn.Server(
            uvicorn.Config(
                asgi(house),
                ws=socket_class(house.gateway),
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
                # A client that was busy elsewhere for some seconds finds its connection as it left it.
                timeout_keep_alive=60,
            )
        )
        # Its own `serve` would take over the signals of the test run.
        serving = asyncio.create_task(server._serve(sockets=[listener]))
        await until(lambda: server.started)
        port = listener.getsockname()[1]
        served = Running(f"http://127.0.0.1:{port}", house, server, serving)
        stack.push_async_callback(served.close)
        yield served


async def rows(database_url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()
