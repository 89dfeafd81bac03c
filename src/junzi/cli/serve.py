"""`junzi serve`: one process on a database that somebody else runs; and the serving that `junzi up` shares with it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import structlog
import uvicorn
import uvloop
from cyclopts import Parameter

from junzi.app import House, asgi, at_work, open_house
from junzi.cli.listening import addresses, listen
from junzi.cli.progress import console
from junzi.cli.refusal import CommandRefused
from junzi.gateway.socket import socket_class
from junzi.kit import garbage, lease, log, migrate
from junzi.kit.config import Settings, settings_from_environment
from junzi.kit.waits import waits

# Requests and sockets that are still open after this long when we are asked to stop are cut.
STOP_PATIENCE_S = 2
# A server that has not closed everything after this long ends without: a supervisor would kill it soon.
ENDS_WITHIN_S = 12.0
KEEP_ALIVE_S = 65
LEASE = "serve"
_log = structlog.get_logger("serve")


def serve(
    *,
    host: Annotated[str | None, Parameter(help="Address to listen on; JUNZI_HOST, or this machine alone.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on; JUNZI_PORT, or 8800.")] = None,
) -> None:
    """Serve a database that runs already (JUNZI_DATABASE_URL) and is up to date; a supervisor's command."""
    given = settings_from_environment()
    settings = msgspec.structs.replace(given, host=host or given.host, port=port if port is not None else given.port)
    log.set_up()
    with listen(settings.host, settings.port) as listener:
        run_until_stopped(lambda: _serve(settings, listener))


def run_until_stopped(run: Callable[[], Awaitable[None]]) -> None:
    """Runs on uvloop. Before there is a server, SIGINT and SIGTERM cancel what is going on; afterwards they stop it."""
    uvloop.run(_cancelled_by_signals(run))


@asynccontextmanager
async def right_to_serve(database_url: str, *, beside_others: bool = False) -> AsyncIterator[None]:
    """Holds the right to serve this database. Raises CommandRefused when another process has it.

    beside_others: share it with those that say the same, which meet over NATS
    """
    try:
        held = await lease.acquire(database_url, LEASE, shared=beside_others)
    except lease.LeaseTaken:
        raise CommandRefused(
            "Another Junzi serves this database already. Several serve it together when all of them have JUNZI_NATS_URL; "
            "otherwise stop the other one first, or give this one a database of its own."
        ) from None
    try:
        yield
    finally:
        await held.release()


class Secure(msgspec.Struct, frozen=True):
    """A second door, over https. certificate: file with the server's key and certificate"""

    listener: socket.socket
    certificate: Path


async def serve_until_stopped(
    house: House,
    listener: socket.socket,
    *,
    announce: Callable[[], None],
    secure: Secure | None = None,
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Serves until SIGINT or SIGTERM; open sockets are told and closed within seconds. A second Ctrl-C doesn't wait.

    announce: called once everything is served. on_stop: called when we are asked to stop
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        # Whoever asked us to stop while we started was not heard: on Python 3.11 `wait_for` may swallow that.
        raise asyncio.CancelledError
    application, socket_type = asgi(house), socket_class(house.gateway)
    doors = [(listener, None), *([(secure.listener, secure.certificate)] if secure else [])]
    servers = [_Server(_config(house, application, socket_type, certificate)) for _, certificate in doors]
    garbage.settle()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not any(server.should_exit for server in servers):
            console.print("Stopping …")
            on_stop()
        for server in servers:
            server.stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    serving = [asyncio.create_task(server.serve([door])) for server, (door, _) in zip(servers, doors, strict=True)]
    await asyncio.gather(*(server.opened.wait() for server in servers))
    if not any(server.should_exit for server in servers):
        announce()
    await asyncio.gather(*serving)


def _config(house: House, application: Any, socket_type: type, certificate: Path | None) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws=socket_type,
        # The house is opened and closed around the servers.
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Nobody else may tell us another address than the one they come from.
        proxy_headers=bool(house.settings.trusted_proxies),
        forwarded_allow_ips=house.settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_PATIENCE_S,
        ssl_certfile=certificate,
    )


async def _serve(settings: Settings, listener: socket.socket) -> None:
    await migrate.check(settings.database_url)
    where = ", ".join(addresses(settings.host, listener.getsockname()[1]))
    right = right_to_serve(settings.database_url, beside_others=bool(settings.nats_url))

    def limit() -> None:
        asyncio.get_running_loop().call_later(ENDS_WITHIN_S, _end_at_once)

    async with right, open_house(settings) as house, at_work(house):
        await serve_until_stopped(
            house,
            listener,
            announce=lambda: console.print(f"Junzi serves {where}"),
            on_stop=limit,
        )


def _end_at_once() -> None:
    """Something does not close: say what, and go. Whatever was answered is committed."""
    _log.error("not closed in time", within_s=ENDS_WITHIN_S, tasks=[waits(task) for task in asyncio.all_tasks()])
    sys.stderr.flush()
    os._exit(1)


async def _cancelled_by_signals(run: Callable[[], Awaitable[None]]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        await run()
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.opened = asyncio.Event()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            # Its own handling of signals would raise them again at the end, before PostgreSQL is stopped.
            await self._serve(sockets)
        finally:
            self.opened.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.opened.set()

    def stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
