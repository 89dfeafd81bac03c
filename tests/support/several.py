"""Several `junzi serve` on one database, with NATS servers between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from junzi.client import Client
from tests.support.nats import NatsNode, nats_nodes
from tests.support.served import Served
from tests.support.town import found_town

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Several:
    """nodes: the NATS servers; servers: all of them know all nodes"""

    database_url: str
    nodes: list[NatsNode]
    servers: list[Served]

    async def person(self, server: Served, handle: str) -> Client:
        """Somebody who signed up at that server; to be closed."""
        client = Client(server.url, timeout_s=10, verify=False)
        await client.sign_up(handle, handle.title(), PASSWORD)
        return client


@asynccontextmanager
async def several_of(database_url: str, folder: Path, *, count: int = 3) -> AsyncIterator[Several]:
    await asyncio.to_thread(_make, folder)
    await found_town(database_url)
    with nats_nodes(count) as nodes:
        nats_url = ",".join(node.url for node in nodes)
        servers = [Served(database_url, folder, nats_url=nats_url) for _ in range(count)]
        try:
            await asyncio.gather(*(server.start() for server in servers))
            assert all(server.lives for server in servers), [server.said for server in servers]
            yield Several(database_url, nodes, servers)
        finally:
            for server in servers:
                server.thaw()
            await asyncio.gather(*(server.stop() for server in servers))


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)


def same_device(client: Client, server: Served) -> Client:
    """The same session before another server; to be closed."""
    other = Client(server.url, timeout_s=10, verify=False)
    other.token, other.me = client.token, client.me
    return other
