"""What has to be known or done before requests can be decided: what ran out, what the books lack, which timestamps there are."""

from datetime import UTC, datetime, timedelta

from junzi.kit import clock
from junzi.kit.database import Database
from junzi.ledger import rules, store
from junzi.ledger.model import MOST_EVENTS
from junzi.ledger.requests import CreateTransfers, Request, TransferEvent
from junzi.ledger.rules import LINKED, SECOND, Missing
from junzi.ledger.session import Session

PIECE = 2048
"""Plain transfers that are decided without a turn for anybody else; a quarter as many others."""
RESERVE_S = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def due(side: Database, session: Session) -> list[bytes]:
    """The pending transfers that have run out. Looked up once everything before is committed."""
    at = max(session.last + 1, now())
    if session.next_expiry is None or session.next_expiry > at:
        return []
    await session.settled()
    async with side.read() as reader:
        found = await store.due_pendings(reader, at)
        full = len(found) == MOST_EVENTS
        session.next_expiry = at if full else await store.next_expiry(reader, after=at)
    return found


async def load_missing(side: Database, session: Session, requests: list[Request], due: list[bytes]) -> None:
    """Load what these requests and what ran out bear on."""
    nowhere = Missing(set(), set())
    while lacking := rules.missing(session.books, requests, due, nowhere):
        async with side.read() as reader:
            await store.load(reader, session.books, lacking)
        nowhere.accounts |= lacking.accounts
        nowhere.transfers |= lacking.transfers


async def reserve(side: Database, session: Session, timestamp: int) -> None:
    """Let timestamps up to this one, and those of some seconds after it, be given."""
    reserved = min(timestamp + RESERVE_S * SECOND, 2**63 - 1)
    async with side.transaction() as tx:
        await store.reserve(tx, reserved)
    session.reserved = reserved


def weight(request: Request) -> int:
    """How long it takes to decide, in plain transfers."""
    return len(request.events) * (1 if isinstance(request, CreateTransfers) and request.plain else 4)


def pieces(request: Request) -> list[Request]:
    """The request in parts that take no longer than `PIECE`, with every chain in one part."""
    if not isinstance(request, CreateTransfers) or weight(request) <= PIECE:
        return [request]
    events, parts, start = request.events, list[Request](), 0
    size = PIECE * len(events) // weight(request)
    while start < len(events):
        end = start + size
        while end < len(events) and _is_linked(events[end - 1]):
            end += 1
        parts.append(CreateTransfers(events[start:end], request.plain))
        start = end
    return parts


def _is_linked(event: TransferEvent) -> bool:
    return isinstance(event, tuple) and event[11] & LINKED != 0


def now() -> int:
    """Nanoseconds since 1970 by the house's clock."""
    return (clock.now() - _EPOCH) // _MICROSECOND * 1000
