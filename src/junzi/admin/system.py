"""What machines ask a server: is it alive, can it work, how is it doing."""

import asyncio
import hmac
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import junzi
from junzi.admin.model import NotReady
from junzi.kit import sql
from junzi.kit.config import Settings
from junzi.kit.database import Database
from junzi.kit.errors import NotAllowed
from junzi.ledger import Ledger
from junzi.messages import Messages

DATABASE_PATIENCE_S = 1.0

_q = sql.queries("junzi.admin")


class Health(msgspec.Struct, frozen=True):
    state: str
    version: str


@get("/healthz", summary="The process is alive", tags=["system"], sync_to_thread=False)
def healthz() -> Health:
    return Health("alive", junzi.__version__)


@get("/readyz", summary="The process can do its work: 200, or 503 with what is missing", tags=["system"])
async def readyz(database: Database, ledger: Ledger, messages: Messages) -> Health:
    works = {"database": await _answers(database), "ledger": ledger.up, "messages": messages.up}
    missing = [part for part, up in works.items() if not up]
    if missing:
        raise NotReady(f"Not working: {', '.join(missing)}.", missing=missing)
    return Health("ready", junzi.__version__)


@get("/metrics", summary="Measurements in the Prometheus text format", tags=["system"], sync_to_thread=False)
def metrics(request: Request[Any, Any, Any], settings: Settings) -> Response[bytes]:
    """For this machine, and for whoever has the token: how many people pay is the operator's to know."""
    asked = request.headers.get("authorization", "").removeprefix("Bearer ")
    has_token = settings.metrics_token != "" and hmac.compare_digest(asked.encode(), settings.metrics_token.encode())
    if not has_token and (request.client is None or request.client.host not in ("127.0.0.1", "::1")):
        raise NotAllowed("Ask from this machine, or with the token of JUNZI_METRICS_TOKEN.")
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


async def _answers(database: Database) -> bool:
    """Whether the database answers in time, a free connection of the pool included.

    A connection to a machine that froze cannot even be given back in time, so the question is left behind, not waited for.
    """
    question = asyncio.create_task(_ping(database))
    _unanswered.add(question)
    question.add_done_callback(_unanswered.discard)
    await asyncio.wait({question}, timeout=DATABASE_PATIENCE_S)
    if not question.done():
        question.cancel()
        return False
    return question.result()


async def _ping(database: Database) -> bool:
    try:
        async with database.read() as reader:
            await _q.ping(reader)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


# The event loop keeps no hold on its tasks.
_unanswered: set[asyncio.Task[bool]] = set()

ROUTES: list[Any] = [healthz, readyz, metrics]
