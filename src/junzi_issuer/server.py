"""Puts the issuer together and serves it until it is told to stop."""

import asyncio
import signal
import socket

import uvicorn
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException

from junzi_issuer.config import Settings
from junzi_issuer.courier import Courier
from junzi_issuer.database import Pool, migrate, open_pool
from junzi_issuer.http import CuttableProtocol, answer_failure, answer_http_exception, answer_problem
from junzi_issuer.issuer import Issuer
from junzi_issuer.keys import Keys
from junzi_issuer.machine import get_health, machine_router
from junzi_issuer.model import Problem
from junzi_issuer.pages import get_asset, get_page, post_page
from junzi_issuer.pauses import Pauses
from junzi_issuer.phone import Phone

STOP_TIMEOUT_S = 3


async def serve(database_url: str, settings: Settings, secrets: Keys, listener: socket.socket) -> None:
    """Brings the schema up, then answers on the listener until SIGINT or SIGTERM. Raises SchemaTooNew."""
    pool = await open_pool(database_url)
    try:
        await migrate(pool)
        await _serve(_assemble(pool, settings, secrets), listener)
    finally:
        pool.terminate()


def create_app(issuer: Issuer) -> Litestar:
    return Litestar(
        route_handlers=[machine_router(issuer), get_page, post_page, get_asset, get_health],
        dependencies={"issuer": Provide(lambda: issuer, sync_to_thread=False)},
        exception_handlers={
            Problem: answer_problem,
            HTTPException: answer_http_exception,
            Exception: answer_failure,
        },
        openapi_config=None,
        logging_config=None,
    )


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is known before anything is started; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


class _Server(uvicorn.Server):
    """Ends the pauses first, so that a request that waits on purpose does not hold up the stop."""

    def __init__(self, config: uvicorn.Config, issuer: Issuer) -> None:
        super().__init__(config)
        self._issuer = issuer

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._issuer.pauses.end()
        self._issuer.courier.stop()
        await super().shutdown(sockets)


def _assemble(pool: Pool, settings: Settings, secrets: Keys) -> Issuer:
    pauses = Pauses()
    courier = Courier(pool, settings, secrets, pauses)
    return Issuer(pool=pool, settings=settings, keys=secrets, phone=Phone(), courier=courier, pauses=pauses)


async def _serve(issuer: Issuer, listener: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(issuer),
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
    deliveries = asyncio.create_task(issuer.courier.run())
    try:
        await _Server(config, issuer).serve([listener])
    finally:
        deliveries.cancel()
        await asyncio.gather(deliveries, return_exceptions=True)


def stop_quietly() -> None:
    """Until and after the server has its own handlers, a signal ends the process with code 0."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
