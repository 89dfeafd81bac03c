"""The queries of sources, typed."""

from datetime import date
from uuid import UUID

from junzi.growth.sources_model import Source, SourceKind, Step
from junzi.kit import sql
from junzi.kit.database import Reader, Transaction

_q = sql.queries("junzi.growth")


async def insert(tx: Transaction, source: Source, *, by_id: UUID) -> bool:
    """False where its owner has one, or the code is somebody's."""
    return bool(
        await _q.insert_source(
            tx,
            id=source.id,
            code=source.code,
            kind=source.kind,
            name=source.name,
            owner_id=source.owner_id,
            by_id=by_id,
            at=source.created_at,
        )
    )


async def source(reader: Reader, id: UUID) -> Source | None:
    return sql.maybe(Source, await _q.source(reader, id=id))


async def source_of(reader: Reader, owner_id: UUID, kind: SourceKind) -> Source | None:
    return sql.maybe(Source, await _q.source_of(reader, owner_id=owner_id, kind=kind))


async def id_of(reader: Reader, code: str) -> UUID | None:
    """The source of a code; None for a code that is nobody's."""
    found: UUID | None = await _q.source_by_code(reader, code=code) if code else None
    return found


async def count(reader: Reader, kind: SourceKind) -> int:
    return int(await _q.count_sources(reader, kind=kind))


async def funnel(reader: Reader, first: date, last: date) -> list[Step]:
    return [sql.struct(Step, row) async for row in _q.funnel(reader, first=first, last=last)]


async def openings(reader: Reader, first: date, last: date) -> dict[date, tuple[int, int]]:
    """By business day, how many devices opened the app for the first time, and how many installed it."""
    return {row["date"]: (row["opened"], row["installed"]) async for row in _q.openings(reader, first=first, last=last)}
